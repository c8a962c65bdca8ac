"""JSON lines, one at a time and never more than a limit of one in memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from json import JSONDecodeError
from pathlib import Path
from typing import Any

from lintas.model.errors import FileError
from lintas.model.json_text import read_json

# Bytes. The longest line known is of an entity with some thousand links, about 1 MB.
LONGEST_LINE = 10_000_000
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Line:
    """One line as JSON, and where it stands, for people."""

    data: Any
    place: str


def read_lines(source: Path) -> Iterator[Line]:
    """The lines of `source` that are not blank. Raises FileError, naming the line, for one too long or no JSON."""
    with source.open("rb") as stream:
        number = 0
        while raw := stream.readline(LONGEST_LINE + 1):
            number += 1
            place = f"{source.name}, line {number}"
            if len(raw) > LONGEST_LINE:
                raise FileError(
                    f"The line is longer than {LONGEST_LINE // 1_000_000} MB",
                    where=place,
                    do="A list has one entity a line; write each on a line of its own. Nothing was loaded.",
                    code="too_large",
                )
            if text := raw.removeprefix(_BYTE_ORDER_MARK if number == 1 else b"").strip():
                yield Line(_json(text, place), place)


def _json(text: bytes, place: str) -> Any:
    try:
        return read_json(text)
    except ValueError as error:
        column = f", column {error.colno}" if isinstance(error, JSONDecodeError) else ""
        raise FileError(
            f"The line is not JSON in UTF-8: {str(error).partition(': line ')[0]}",
            where=f"{place}{column}",
            do="It was cut or damaged, or is not one JSON object a line; fetch it again. Nothing was loaded.",
            code="not_json",
        ) from error
