"""What changed in a text, word by word, so that an officer need not compare two paragraphs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from lintas.model.listing import FieldChange

CONTEXT = 6  # words that stay on either side of a change
MOST_WORDS = 1500  # longer texts are shown whole, side by side


@dataclass(frozen=True)
class Piece:
    """Words that stayed, came or went. `kind`: same, added, gone."""

    kind: str
    words: str


@dataclass(frozen=True)
class FieldDifference:
    """What happened to one property: the pieces of one text, or values that came and went."""

    prop: str
    pieces: tuple[Piece, ...]


def differences(fields: Sequence[FieldChange]) -> list[FieldDifference]:
    """Changes by property. One value for one value is one text with its changed words marked."""
    found = list[FieldDifference]()
    for prop in dict.fromkeys(field.prop for field in fields):
        gone = [field.value for field in fields if field.prop == prop and not field.is_added]
        added = [field.value for field in fields if field.prop == prop and field.is_added]
        if len(gone) == len(added) == 1 and _is_long(gone[0]) and _is_long(added[0]):
            found.append(FieldDifference(prop, tuple(_pieces(gone[0].split(), added[0].split()))))
        else:
            found += [FieldDifference(prop, (Piece("gone", value),)) for value in gone]
            found += [FieldDifference(prop, (Piece("added", value),)) for value in added]
    return found


def _is_long(text: str) -> bool:
    return 8 <= len(text.split()) <= MOST_WORDS


def _pieces(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for number, (kind, a, b, c, d) in enumerate(steps):
        if kind == "equal":
            yield Piece("same", _shortened(old[a:b], number == 0, number == len(steps) - 1))
            continue
        if a < b:
            yield Piece("gone", " ".join(old[a:b]))
        if c < d:
            yield Piece("added", " ".join(new[c:d]))


def _shortened(words: Sequence[str], is_first: bool, is_last: bool) -> str:
    head = 0 if is_first else CONTEXT
    tail = 0 if is_last else CONTEXT
    if len(words) <= head + tail + 2:
        return " ".join(words)
    return " ".join((*words[:head], "\N{HORIZONTAL ELLIPSIS}", *words[len(words) - tail :]))
