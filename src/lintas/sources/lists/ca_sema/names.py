"""Names and aliases of the Canadian list: several in one field, in several languages, with many separators."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LANGUAGES = {
    "arabic": "ara",
    "belarusian": "bel",
    "belarussian": "bel",
    "english": "eng",
    "farsi": "fas",
    "french": "fra",
    "persian": "fas",
    "russian": "rus",
    "ukrainian": "ukr",
}
# Legal forms that follow a name after a comma and are no name of their own: "Радиоавтоматика, ООО".
_LEGAL_FORMS = frozenset(
    "АО ОАО ООО ПАО ЗАО САО ФГУП AO OAO OOO PAO ZAO JSC PJSC OJSC CJSC LLC LTD LIMITED INC CO PLC SC TOV TOO SA".split()
)
_LEGAL_START = r"(?:JSC|PJSC|OJSC|CJSC|LLC|OAO|ZAO|OOO|Joint\s+Stock|Public\s+Joint|Open\s+Joint|AO|ОАО|АО|ООО)\b"
_LABEL = re.compile(rf"\b({'|'.join(LANGUAGES)})\s*:\s*", re.IGNORECASE)
_ALSO_KNOWN = re.compile(r"\s*\(\s*also\s+known\s+as\s+(.+?)\)?\s*$", re.DOTALL)
_ACRONYM = re.compile(r"^(.*\S)\s*\(([A-Z][A-Za-z.&-]{1,10})\)$", re.DOTALL)
_SCRIPT_CHANGE = re.compile(r"(?<=[A-Za-z])\s+(?=[\u0590-\u06ff])|(?<=[\u0590-\u06ff])\s+(?=[A-Za-z])")
_FIRM_MARKS = re.compile(r"\s*[;\n]\s*")
_PERSON_LIST = re.compile(r"\s*[,،]\s*(?:(?:or|and|или)\s+)?|\s+and\s+")
_PERSON_VARIANTS = re.compile(r"\s+or\s+|\s*/\s*")
# A comma before a small letter is part of a name: "... науки и молодежи", "... armies, navies and air forces".
_ORGANISATION_LIST = re.compile(r"\s*[,،]\s*(?:(?:or|and)\s+)?(?=[^a-zа-яё\s])|\s+or\s+|\s+/\s*|\s*/\s+")
_ORGANISATION_AND = re.compile(rf"\s+and\s+(?={_LEGAL_START})")
_AFTER_LAST_QUOTE = re.compile(r"\s*(?:[,;/]|$|(?:or|and)\s)")
# "Limited liability company" alone, as two entries have it, would match every company. Latin letters that look
# like Cyrillic ones stand in it too.
_ONLY_A_FORM = re.compile(
    r"(?:(?:публичное|открытое|закрытое)\s+)?(?:акционерное\s+общество|общество\s+с\s+ограниченной\s+ответственностью)"
    r"(?:\s*\([^()]*\))?",
    re.IGNORECASE,
)
_LOOKALIKES = str.maketrans("aceopxACEOPX", "асеорхАСЕОРХ")
LONGEST_FIELD = 5000  # characters; the longest field of aliases so far has about 1,000. A longer one stays in one piece


@dataclass(frozen=True)
class Name:
    """One name. `is_weak` for a single word or an acronym, which many others share."""

    value: str
    lang: str | None = None
    is_weak: bool = False

    @property
    def is_form(self) -> bool:
        """Whether this is a legal form and no name."""
        return _ONLY_A_FORM.fullmatch(self.value.translate(_LOOKALIKES)) is not None


def unwrap(text: str) -> str:
    """`text` without the line breaks of the page it was copied from: `Gavrilov-\\nYam` is one word."""
    return " ".join(re.sub(r"-\s*\n\s*", "-", text).split()).replace('""', '"')


def person_aliases(published: str) -> list[Name]:
    """The aliases of a person in one published field."""
    found: list[Name] = []
    for text, lang in _by_language(published):
        for firm in _FIRM_MARKS.split(text):
            for piece in _person_list(firm):
                variants = _split(piece, _PERSON_VARIANTS)
                # "Ilia Vasilyevich or Vasilievich": halves of a name are not names.
                names = variants if all(" " in variant for variant in variants) else [piece]
                # A label holds for the first: "Russian: <Russian name> / <Belarusian name>".
                languages = (lang, *[None] * (len(names) - 1))
                pairs = zip(map(_trim, names), languages, strict=True)
                found += [Name(name, language, _is_one_word(name)) for name, language in pairs if name]
    return found


def _person_list(text: str) -> list[str]:
    pieces = _split(text, _PERSON_LIST)
    is_inverted = len(pieces) == 2 and " " not in pieces[0].strip() and "," in text and " " in pieces[1].strip()
    # "Баранов, Олег Анатольевич" is one name; "Alexander, or Alexandr ..." and "Sergei, Serhii SHERBAKOV" are two.
    return [text] if is_inverted and not _is_latin(pieces[0]) else pieces


def organisation_aliases(published: str) -> list[Name]:
    """The aliases of an organisation in one published field."""
    found: list[Name] = []
    for text, lang in _by_language(published):
        for firm in _FIRM_MARKS.split(text):
            for part in _split(firm, _ORGANISATION_AND):
                names = _rejoin_legal_forms(_split(part, _ORGANISATION_LIST))
                found += [Name(name, lang, _is_acronym(name)) for name in map(_trim, names) if name]
    return found


def organisation_names(published: str) -> tuple[list[Name], list[Name]]:
    """Names and aliases in the published name of an organisation.

    `Iranian Navy/Force navale iranienne` is one name in English and one in French;
    `X (also known as Y)` is a name and an alias; `Iranian Space Research (ISR)` a name and an acronym.
    """
    text, aliases = unwrap(published).rstrip("; "), list[Name]()
    if len(text) > LONGEST_FIELD:
        return [Name(text)], []
    if also := _ALSO_KNOWN.search(text):
        aliases += organisation_aliases(also[1])
        text = text[: also.start()]
    halves = _split(text, re.compile(r"\s*/\s*"))
    if len(halves) != 2 or min(map(len, halves)) < 4:  # "M/V", "Hmaw Bi/Pyi/Ywama"
        halves = [text]
    names: list[Name] = []
    for half, lang in zip(halves, ("eng", "fra") if len(halves) == 2 else (None,), strict=True):
        name, acronym = split_acronym(half)
        names.append(Name(name, lang))
        aliases += [Name(acronym, lang, is_weak=True)] if acronym else []
    return names, aliases


def split_acronym(name: str) -> tuple[str, str | None]:
    """A name and the acronym in brackets behind it: its letters stand in the name in the same order.

    Other words in brackets (`Alfa-Bank ZAO (Belarus)`) are part of the name.
    """
    found = _ACRONYM.match(name)
    if found is None or sum(letter.isupper() for letter in found[2]) < 2:
        return name, None
    letters = iter(found[1].upper())
    is_acronym = all(letter in letters for letter in found[2].upper() if letter.isalpha())
    return (found[1], found[2]) if is_acronym else (name, None)


def bracket_variants(text: str) -> list[str]:
    """`DIKIY (DIKY)` as both spellings; anything else as it is."""
    found = re.fullmatch(r"([^()]+?)\s*\(([^()]+)\)", unwrap(text))
    return [found[1], found[2]] if found else [unwrap(text)]


def _by_language(published: str) -> Iterator[tuple[str, str | None]]:
    """The parts of a field by the language that a label (`Arabic: ...`) gives for what follows it."""
    if len(published) > LONGEST_FIELD:
        yield unwrap(published), None
        return
    parts = _LABEL.split(_SCRIPT_CHANGE.sub("\n", unwrap(published)))
    yield parts[0], None
    for label, text in zip(parts[1::2], parts[2::2], strict=True):
        yield text, LANGUAGES[label.lower()]


def _split(text: str, separator: re.Pattern[str]) -> list[str]:
    """`text` at the separators that stand outside brackets and quotation marks."""
    depths = _depths(text)
    pieces, start = [], 0
    for found in separator.finditer(text):
        if depths[found.start()] == 0 and found.start() >= start:
            pieces.append(text[start : found.start()])
            start = found.end()
    return [piece for piece in (*pieces, text[start:]) if piece.strip()] or [text]


def _depths(text: str) -> list[int]:
    """How many brackets and quotation marks are open at each character.

    Brackets without a partner do not count. One mark may close several: `"Plant "Hope", OAO`.
    """
    is_balanced = text.count("(") == text.count(")")
    brackets, quotes, depths = 0, 0, []
    for index, character in enumerate(text):
        before, after = text[index - 1 : index] or " ", text[index + 1 :][:5]
        is_opening = character == "«" or (character in '"“”„' and before in " («“\"'")
        quotes += is_opening
        brackets += is_balanced and character == "("
        depths.append(brackets + quotes)
        if not is_opening and character in '"“”»':
            quotes = 0 if _AFTER_LAST_QUOTE.match(after) else max(0, quotes - 1)
        brackets -= is_balanced and character == ")" and brackets > 0
    return depths


def _rejoin_legal_forms(pieces: Sequence[str]) -> list[str]:
    joined: list[str] = []
    for piece in pieces:
        is_form_before = bool(joined) and _is_legal_form(joined[-1])  # "ОАО, БЭТО"
        if joined and (is_form_before or _is_legal_form(piece)):
            joined[-1] = f"{joined[-1]}, {piece.strip()}"
        else:
            joined.append(piece)
    return joined


def _is_legal_form(text: str) -> bool:
    return text.upper().strip(". ") in _LEGAL_FORMS


def _is_latin(text: str) -> bool:
    return all(ord(character) < 0x0250 for character in text)


def _trim(name: str) -> str:
    """A name without stray separators, a bracket that lost its partner, or "AKA" after it."""
    name = name.strip(" ,;:/\u00a0").rstrip(" (").lstrip(" )").removesuffix(" AKA").removeprefix("also ")
    if name.count("(") != name.count(")"):
        name = name.removeprefix("(").removesuffix(")").strip()
    return name[1:-1] if re.fullmatch("“[^“”]+”", name) else name


def _is_one_word(name: str) -> bool:
    # Burmese, Chinese, Thai... write a full name without a space.
    return " " not in name and all(ord(character) < 0x0700 for character in name)


def _is_acronym(name: str) -> bool:
    return " " not in name and len(name) <= 6 and name.isupper()
