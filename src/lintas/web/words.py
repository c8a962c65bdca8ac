"""The words of the pages in the officer's language. Catalogues are read as translators write them, at the start."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"
DEFAULT = "en"
DOMAINS = ("lintas", "ontology")  # the pages' own words; what FollowTheMoney calls its schemata, properties and codes
ROOMS = "rooms"  # sentences from under the pages, with {0}, {1} for the values in them
LONGEST = 1000  # characters of a sentence that is looked for
MOST_WAYS = 100  # to read one sentence that are looked at
OWN = 15  # letters of a sentence inside another: a value of data is not taken for one
_VALUE = re.compile(r"\{\d\}")


def catalogues(folder: Path = LOCALE) -> Mapping[str, NullTranslations]:
    """Translations by language; English needs none. A message that is fuzzy or empty stays English."""
    found: dict[str, NullTranslations] = {DEFAULT: NullTranslations()}
    for place in sorted(folder.glob("*/LC_MESSAGES")):
        held = NullTranslations()
        for path in (place / f"{domain}.po" for domain in reversed(DOMAINS)):
            if path.exists():
                held = _read(path, held)
        found[place.parent.name] = held
    return found


class Rooms:
    """What the rooms under the pages say of errors and of rows, in another language, with its values put back in."""

    def __init__(self, messages: Mapping[str, str] = MappingProxyType({})) -> None:
        self._whole = {words: said for words, said in messages.items() if not _VALUE.search(words)}
        parted = [(_VALUE.split(words), said) for words, said in messages.items() if words not in self._whole]
        # What says most itself comes first: "There is no run {0}" before "There is no {0}".
        weighed = [(sum(map(len, pieces)), pieces, said) for pieces, said in parted]
        self._parted = sorted(weighed, key=lambda one: -one[0])

    def said(self, text: str, own: int = 0) -> str:
        """A sentence that is known, translated; any other as it is. `own`: letters that it must have of its own."""
        if text in self._whole:
            return self._whole[text]
        for n_own, pieces, said in self._parted if len(text) <= LONGEST else ():
            if n_own < own:
                break
            if values := self._values(pieces, text):
                return _VALUE.sub(lambda place, held=values: self.said(held[int(place[0][1])], OWN), said)  # type: ignore[misc]
        return text

    def _values(self, pieces: Sequence[str], text: str) -> list[str]:
        """What stands between the pieces of a sentence, in the way that finds most known ones; else nothing."""
        first, *rest = pieces
        if not (text.startswith(first) and text.endswith(rest[-1]) and all(piece in text for piece in rest)):
            return []
        ways = islice(_ways(rest, text[len(first) :]), MOST_WAYS)
        return max(ways, key=lambda way: sum(value in self._whole for value in way), default=[])


def rooms(language: str, folder: Path = LOCALE) -> Rooms:
    """What the rooms say, in a language; in English as it is."""
    path = folder / language / "LC_MESSAGES" / f"{ROOMS}.po"
    if not path.exists():
        return Rooms()
    with path.open("rb") as stream:
        return Rooms({str(one.id): str(one.string) for one in read_po(stream) if one.id and one.string})


def _ways(pieces: Sequence[str], text: str) -> Iterator[list[str]]:
    """The ways to read a text as a value before each piece, the last of which ends it."""
    piece, *rest = pieces
    if not rest:
        if text.endswith(piece):
            yield [text[: len(text) - len(piece)]]
        return
    at = text.find(piece)
    while at >= 0:
        yield from ([text[:at], *others] for others in _ways(rest, text[at + len(piece) :]))
        at = text.find(piece, at + 1)


def _read(path: Path, fallback: NullTranslations) -> GNUTranslations:
    with path.open("rb") as stream:
        catalogue = read_po(stream)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    translations = GNUTranslations(compiled)
    translations.add_fallback(fallback)
    return translations


def preferred(chosen: str, header: str, known: Iterable[str]) -> str:
    """What an officer chose; else the first language of an Accept-Language header that is known; else English."""
    languages = {name.lower(): name for name in known}
    if chosen.lower() in languages:
        return languages[chosen.lower()]
    wanted = list[tuple[float, str]]()
    for part in header[:200].split(","):
        name, _, rest = part.partition(";")
        weight = rest.strip().removeprefix("q=")
        is_number = weight.replace(".", "", 1).isdigit()
        wanted.append((float(weight) if is_number else 1.0, name.strip().split("-")[0].lower()))
    wanted.sort(key=lambda item: -item[0])
    return next((languages[name] for _, name in wanted if name in languages), DEFAULT)


def N_(words: str) -> str:  # noqa: N802  # the name that gettext and its tools know
    """Mark words for translation where they are written; they are translated where they are shown."""
    return words
