"""Remarks: free text in which most of the list's facts stand, separated by semicolons."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from lintas.sources.lists.us_ofac_sdn.labels import ALL
from lintas.sources.lists.us_ofac_sdn.record import Fact

# The column holds no more characters; what is over stands in sdn_comments.csv (dat_spec.txt of the publisher).
REMARK_LIMIT = 1000

_SEMICOLON = re.compile(r";\s*")
_ALTERNATIVE = re.compile(r"^alt\.\s+", re.IGNORECASE)
_AFTER_LABEL = re.compile(r"^\s*:?\s*(?:- )?\s*")


def segments(remark: str) -> list[str]:
    """The statements of a remark. A semicolon within brackets does not separate; the final full stop is dropped."""
    parts = [part for part in _SEMICOLON.split(remark.strip().removesuffix(".")) if part.strip()]
    if "(" not in remark:
        return parts
    joined: list[str] = []
    open_from: int | None = None
    for part in parts:
        if open_from is None and part.count("(") > part.count(")"):
            open_from = len(joined)
        joined.append(part)
        if open_from is not None:
            candidate = "; ".join(joined[open_from:])
            if candidate.count("(") == candidate.count(")"):
                joined[open_from:] = [candidate]
                open_from = None
    return joined


def facts(statements: Iterable[str]) -> Iterator[Fact]:
    """The labelled ones among the statements. The others are free text and live on in the notes only."""
    return (fact for statement in statements if (fact := read_fact(statement)) is not None)


def read_fact(segment: str) -> Fact | None:
    """One statement as label and value; None when it begins with no label that we know."""
    text = segment.strip()
    bare = _ALTERNATIVE.sub("", text, count=1)
    for label in _LABELS.get(_first_word(bare), ()):
        rest = bare.removeprefix(label)
        if bare.startswith(label) and (not rest or rest[0] in " :" or label[-1] in ":,"):
            value = _AFTER_LABEL.sub("", rest, count=1).strip()
            return Fact(label, value, text) if value else None
    return None


def _first_word(text: str) -> str:
    return text.split(" ", 1)[0].rstrip(":,")


def _by_first_word() -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for label in ALL:
        found[_first_word(label)].append(label)
    # Longest first: "Passport Booklet" before "Passport".
    return {word: tuple(sorted(labels, key=len, reverse=True)) for word, labels in found.items()}


_LABELS = _by_first_word()
