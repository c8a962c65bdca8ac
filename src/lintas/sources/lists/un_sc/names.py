"""Names as the UN list writes them: several in one field, native script in brackets, remarks in between."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

# Remarks that stand inside ALIAS_NAME: "..., born in Kandahar on 01 Jan.1967", "(... number 6910275240086 ...)".
_BORN = re.compile(r",?\s+born\s+(?:in|on|\d).*$", re.DOTALL)
_NUMBERED_REMARK = re.compile(r"\s*\([^()]*\d{4,}[^()]*\)")
_MARKS = re.compile(
    r"\(\s*(?:original script|previously listed as|birth name|combat name)\s*\)"
    r"|(?:original script|in arabic(?: script)?)\s*:",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[;؛()]|\s[a-z]\)\s")
LONGEST_FIELD = 2000  # characters; the longest field of names so far has 347. A longer one is kept in one piece
_ACRONYM = re.compile(r"^(.*\S)\s*(?:\(|\s/\s)([A-Z][A-Za-z.\s-]{1,10})\)?$", re.DOTALL)


def has_latin(text: str) -> bool:
    """Whether `text` has a letter of the Latin script."""
    return any(_is_latin(character) for character in text)


def has_native(text: str) -> bool:
    """Whether `text` has a letter of another script than Latin."""
    return any(character.isalpha() and not _is_latin(character) for character in text)


def has_remark(text: str) -> bool:
    """Whether a field of names also holds a remark, which `split_names` leaves out."""
    return len(text) <= LONGEST_FIELD and bool(_BORN.search(text) or _NUMBERED_REMARK.search(text))


def split_names(text: str) -> list[str]:
    """The names in one published field; the field itself, when it is one name.

    A field is taken apart when it lists names with semicolons or gives one name in two scripts.
    Words in brackets after a Latin name otherwise stay, as they may tell one branch from another.
    """
    if len(text) > LONGEST_FIELD:
        return [text]
    bare = _MARKS.sub("", _NUMBERED_REMARK.sub("", _BORN.sub("", text)))
    is_list = ";" in bare or "؛" in bare or (has_latin(bare) and has_native(bare))
    pieces = _SEPARATORS.split(bare) if is_list else [bare]
    return [name for piece in pieces if (name := piece.strip(" ,;\n\t"))]


def native_names(text: str) -> list[str]:
    """The names of a field that holds native script; a language named in Latin letters beside it is no name."""
    names = split_names(text)
    return [name for name in names if has_native(name)] or names


def names_and_acronyms(text: str) -> tuple[list[str], list[str]]:
    """The names in the name of an organisation, and the acronyms that stand beside them."""
    names: list[str] = []
    acronyms: list[str] = []
    for piece in split_names(text):
        if names and split_acronym(f"{names[-1]} ({piece})")[1] is not None:
            acronyms.append(piece)
            continue
        name, acronym = split_acronym(piece)
        names.append(name)
        acronyms += [acronym] if acronym else []
    return names, acronyms


def split_acronym(name: str) -> tuple[str, str | None]:
    """`ABDALLAH AZZAM BRIGADES (AAB)` as the name and its acronym; None when the brackets hold something else.

    An acronym's letters stand in the name in the same order. `(PAKISTAN)` is a branch, and the name keeps it.
    """
    found = _ACRONYM.match(name) if len(name) <= LONGEST_FIELD else None
    if found is None:
        return name, None
    full, short = found[1], "".join(found[2].split())
    letters: Iterator[str] = iter(full.upper())
    is_acronym = all(letter in letters for letter in short.upper() if letter.isalpha())
    return (full, short) if is_acronym and sum(c.isupper() for c in short) > 1 else (name, None)


@lru_cache(maxsize=4096)
def _is_latin(character: str) -> bool:
    return character.isalpha() and unicodedata.name(character, "").startswith(("LATIN", "FULLWIDTH LATIN", "MODIFIER"))
