"""Lines of a text file: of a known encoding, never longer than a limit, never guessed."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lintas.model.errors import FileError, TooLargeError

MAX_LINE = 1_000_000  # characters
SAVE_AS_UTF8 = "Save it as UTF-8 (in Excel: Save As, CSV UTF-8) and hand it in again."
_CHUNK = 65_536  # bytes
_MARKS = (
    (codecs.BOM_UTF32_LE, None),
    (codecs.BOM_UTF32_BE, None),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class TextFile:
    """A text file of UTF-8, or of UTF-16 with a byte order mark. `name` is what the officer calls it."""

    path: Path
    name: str
    encoding: str

    def lines(self) -> Iterator[str]:
        """Lines with their ends, without the byte order mark.

        Raises FileError naming line and byte of what is not in the encoding, TooLargeError for a line over
        MAX_LINE, of which no more than that is read.
        """
        number = 0
        try:
            with self.path.open(encoding=self.encoding, newline="") as stream:
                while line := stream.readline(MAX_LINE + 1):
                    number += 1
                    if len(line) > MAX_LINE:
                        raise _too_long(self.name, number)
                    yield line.removeprefix("\ufeff") if number == 1 else line
        except UnicodeDecodeError as error:
            raise self._not_decodable() from error

    def _not_decodable(self) -> FileError:
        line, place, byte = _first_bad(self.path, self.encoding)
        return FileError(
            f"The file is not {self.encoding[:6].rstrip('-').upper()}: no such text has byte 0x{byte:02X} here",
            where=f"{self.name}, line {line}, byte {place} of the line",
            do=SAVE_AS_UTF8,
            code="not_utf8",
        )


def text_file(path: Path, name: str, head: bytes) -> TextFile:
    """How the text file that begins with `head` is encoded. Raises FileError when it can be neither kind."""
    encoding: str | None = "utf-8"
    for mark, its in _MARKS:
        if head.startswith(mark):
            encoding = its
            break
    # Letters of Latin script in UTF-16 have a zero in every second byte; no text in UTF-8 has so many.
    if encoding == "utf-8" and head.count(0) * 4 >= len(head):
        encoding = None
    if encoding is None:
        raise FileError(
            "The file is no text in UTF-8 or marked UTF-16: it is full of zero bytes",
            where=f"{name}, line 1, byte {head.find(0) + 1} of the line",
            do=SAVE_AS_UTF8,
            code="not_utf8",
        )
    return TextFile(path, name, encoding)


def _too_long(name: str, number: int) -> TooLargeError:
    return TooLargeError(
        f"A line is longer than {MAX_LINE:,} characters",
        where=f"{name}, line {number}",
        do="Is this a text file with one customer a line? Nothing was read.",
        code="line_too_long",
    )


def _first_bad(path: Path, encoding: str) -> tuple[int, int, int]:
    """Line (from 1), byte within it (from 1) and value of the first byte that cannot be decoded."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, before = 1, 0
    with path.open("rb") as stream:
        while True:
            chunk = stream.read(_CHUNK)
            try:
                text, bad = decoder.decode(chunk, final=not chunk), None
            except UnicodeDecodeError as error:
                text, bad = error.object[: error.start].decode(encoding), error.object[error.start]
            _, newline, tail = text.rpartition("\n")
            line += text.count("\n")
            before = len(tail.encode(encoding)) + (0 if newline else before)
            if bad is not None:
                return line, before + 1, bad
            if not chunk:  # pragma: no cover  # the file changed since the error
                return line, before, 0
