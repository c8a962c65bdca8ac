"""CSV with commas, semicolons, tabs or pipes. Sniffed from the header and the first rows; quotes are respected."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from lintas.model.errors import FileError, TooLargeError
from lintas.model.text import clean_text
from lintas.sources.customers.lines import TextFile
from lintas.sources.customers.table import MAX_COLUMNS, RawRow, Table, is_empty, raw_row

DELIMITERS = (",", ";", "\t", "|")
ONE_COLUMN = "\uffff"  # stands in no text: a list of names, one a line, keeps the commas within them
MAX_CELL = 131_072  # characters; four times what a cell of Excel holds, and what the csv module begins with
MAX_RECORD = 8_000_000  # characters of one row over all its lines
SAMPLE_LINES = 30
SAMPLE_CHARACTERS = 200_000
_HINT = re.compile(r'^"?sep=(.)"?\s*$')  # a first line that Excel reads as the delimiter and does not show
_END = "\x00end\x00"

csv.field_size_limit(MAX_CELL)  # said here, so that no library that we use can say otherwise before us


def open_table(source: TextFile, is_known: Callable[[str], bool]) -> Table:
    """Read the header and count the rows, in one pass over the file that also finds whatever is wrong with it.

    `is_known` says of a header cell whether somebody would read its column. Raises FileError for a quote that is
    never closed or a file without a header, TooLargeError for rows and cells over the limits.
    """
    sample = _sample(source)
    hint = _HINT.match(sample[0]) if sample else None
    delimiter = hint[1] if hint else _sniff(sample, is_known)
    skipped = 1 if hint else 0
    header: list[str] = []
    header_row = n_rows = 0
    for number, cells in _records(source, delimiter, skipped):
        if is_empty(cells):
            continue
        if header_row:
            n_rows += 1
        else:
            header, header_row = [clean_text(cell) for cell in cells], number
    _check_header(header, source.name)
    while not header[-1]:
        header.pop()

    def rows() -> Iterator[RawRow]:
        for number, cells in _records(source, delimiter, skipped):
            if number > header_row and not is_empty(cells):
                yield raw_row(number, dict(enumerate(cells)), len(header), is_short_a_problem=True, n=len(cells))

    return Table("csv", tuple(header), rows, n_rows)


def _check_header(header: Sequence[str], name: str) -> None:
    if not any(header):
        raise FileError("The file has no header", where=name, do="Name the columns in its first row.", code="no_header")
    if len(header) > MAX_COLUMNS:
        raise TooLargeError(
            f"The file has {len(header):,} columns, more than {MAX_COLUMNS:,}",
            where=name,
            do="Leave out what does not describe a customer.",
            code="too_many_columns",
        )


def _sample(source: TextFile) -> list[str]:
    lines: list[str] = []
    n_characters = 0
    for line in islice(source.lines(), SAMPLE_LINES):
        lines.append(line)
        n_characters += len(line)
        if n_characters > SAMPLE_CHARACTERS:
            break
    return lines


def _sniff(sample: Sequence[str], is_known: Callable[[str], bool]) -> str:
    """The delimiter that makes most known columns, then most rows as long as the header, then most columns."""

    def score(delimiter: str) -> tuple[int, int, int]:
        try:
            rows = [row for row in csv.reader(sample, delimiter=delimiter, skipinitialspace=True) if not is_empty(row)]
        except csv.Error:
            return (0, 0, 0)
        header = rows[0] if rows else []
        if len(header) < 2:
            return (0, 0, 0)
        n_known = sum(is_known(clean_text(cell)) for cell in header[:MAX_COLUMNS])
        return (n_known, sum(len(row) == len(header) for row in rows), len(header))

    best = max(DELIMITERS, key=score)
    return best if score(best)[2] else ONE_COLUMN


class _Feed:
    """Lines for the csv module, with a mark after the last: only a quote that is still open swallows the mark."""

    def __init__(self, source: TextFile) -> None:
        self._source = source
        self._lines = source.lines()
        self.n_characters = 0
        self.at_end = False

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.n_characters += len(line)
            if self.n_characters > MAX_RECORD:
                raise TooLargeError(
                    f"A row is longer than {MAX_RECORD:,} characters",
                    where=self._source.name,
                    do="Is a quotation mark opened and never closed? Nothing was read.",
                    code="row_too_long",
                )
            yield line
        self.at_end = True
        yield _END


def _records(source: TextFile, delimiter: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Rows as the csv module reads them, with their numbers; without the first `skipped`, which nobody counts."""
    feed = _Feed(source)
    number = -skipped
    try:
        for cells in csv.reader(feed, delimiter=delimiter, skipinitialspace=True):
            if feed.at_end and cells and cells[-1].endswith(_END):
                if cells != [_END]:
                    raise _open_quote(source.name, number + 1)
                return
            number += 1
            feed.n_characters = 0
            if number > 0:
                yield number, cells
    except csv.Error as error:
        raise FileError(
            f"A cell cannot be read: {error}",
            where=f"{source.name}, row {number + 1}",
            do="Is a quotation mark opened and never closed? Nothing was read.",
            code="unreadable_cell",
        ) from error


def _open_quote(name: str, number: int) -> FileError:
    return FileError(
        "A quotation mark is opened and never closed, so that the rest of the file would be one cell",
        where=f"{name}, row {number}",
        do="Close it, or write it twice where it belongs to the text; or the file was cut: fetch it again.",
        code="open_quote",
    )
