"""Ask the shelf of lists: which there are, what their publishers promise, how they are read."""

import tomllib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import cast

from lintas.model import shelf
from lintas.model.entity import Entity
from lintas.model.listing import ListSource, ParseNotes

SHELF = "lintas.sources.lists"

Parse = Callable[[Sequence[Path], ParseNotes], Iterator[Entity]]


def sources() -> tuple[ListSource, ...]:
    """All lists on the shelf, by name."""
    return tuple(source(name) for name in shelf.names(SHELF))


@cache
def source(name: str) -> ListSource:
    """One list. Raises NotFoundError when the shelf has none of that name."""
    facts = tomllib.loads((shelf.folder(SHELF, name) / "source.toml").read_text(encoding="utf-8"))
    return ListSource(
        name=name,
        title=facts["title"],
        publisher=facts["publisher"],
        homepage=facts["homepage"],
        licence=facts["licence"],
        formats=tuple(facts["formats"]),
        urls=tuple(facts["urls"]),
        hosts=tuple(facts["hosts"]),
        every_h=facts["every_h"],
        min_entries=facts["min_entries"],
        max_shrink=facts["max_shrink"],
        tried_on=facts["tried_on"],
    )


def parser(name: str) -> Parse:
    """The `parse` of one list: `parse(files, notes)` yields its entities or raises FileError."""
    return cast(Parse, shelf.take(SHELF, name, "parse").parse)


def samples(name: str) -> tuple[Path, ...]:
    """The fictional sample files of one list, in the publisher's format."""
    folder = Path(str(shelf.folder(SHELF, name)))
    return tuple(sorted(folder.glob("sample*")))
