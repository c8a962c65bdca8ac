"""XLSX through openpyxl: the first visible sheet that has a header, cached values only, row by row."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import cast

from openpyxl import Workbook, load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet.worksheet import Worksheet

from lintas.model.errors import FileError, LintasError, TooLargeError
from lintas.model.text import clean_text
from lintas.sources.customers.table import RawRow, Table, is_empty, raw_row

MAX_ROWS = 1_048_576  # of one sheet, as Excel has it
SEARCHED_ROWS = 200  # of every sheet, for its header
COUNTED_BYTES = 2_000_000  # of the packed file; the rows of a larger one are not counted beforehand
EXCEL_DIGITS = 15  # Excel keeps no more of a number ("Excel specifications and limits", Microsoft Support)


@dataclass(frozen=True)
class _Sheet:
    """A sheet with something in it."""

    index: int
    title: str
    is_visible: bool
    header: tuple[str, ...]
    header_row: int


def open_table(path: Path, name: str) -> Table:
    """Find the sheet and its header. Raises FileError for a workbook that is damaged or has neither."""
    sheet, notes = _find(path, name)

    def rows() -> Iterator[RawRow]:
        with _book(path, name) as book:
            for number, cells, rounded in _rows(book, sheet, name):
                row = raw_row(number, cells, len(sheet.header), is_short_a_problem=False)
                yield RawRow(row.row, row.cells, (*row.problems, *rounded), row.unread)

    n_rows = sum(1 for _ in rows()) if path.stat().st_size <= COUNTED_BYTES else None
    return Table("xlsx", sheet.header, rows, n_rows, notes)


def cell_text(value: object) -> str:
    """A cell as text: dates as ISO 8601, numbers with all digits and no exponent, nothing as empty text."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return format(value, ".0f") if value.is_integer() else format(Decimal(repr(value)), "f")
    # Excel writes characters that XML has no place for as _x000D_.
    return unescape(value) if isinstance(value, str) and "_x" in value else str(value)


def _rows(book: Workbook, sheet: _Sheet, name: str) -> Iterator[tuple[int, list[str], list[str]]]:
    """Number, cells and what may be lost of every filled row beneath the header."""
    for number, values in _values(book.worksheets[sheet.index], name):
        cells = [cell_text(value) for value in values]
        if number > sheet.header_row and not is_empty(cells):
            yield number, cells, list(_rounded(values, cells, sheet.header))


def _rounded(values: Sequence[object], cells: Sequence[str], header: Sequence[str]) -> Iterator[str]:
    for column, value, text in zip(header, values, cells, strict=False):
        if isinstance(value, int | float) and abs(value) >= 10**EXCEL_DIGITS:
            yield (
                f"{column}: {text[:40]} was typed as a number, of which a workbook keeps {EXCEL_DIGITS} digits; "
                "the last digits may be lost"
            )


def _find(path: Path, name: str) -> tuple[_Sheet, tuple[str, ...]]:
    """The sheet that is read, and what is said of the other ones that are filled."""
    with _book(path, name) as book:
        pages = enumerate(book.worksheets)
        filled = [found for index, page in pages if (found := _header(index, page, name)) is not None]
    sheet = next((found for found in filled if found.is_visible), None)
    if sheet is None:
        raise FileError(
            "No visible sheet of the workbook has a header",
            where=name,
            do="Name the columns in the first row of its first sheet.",
            code="no_header",
        )
    others = ", ".join(repr(found.title) for found in filled if found is not sheet)
    return sheet, (f"only the sheet {sheet.title!r} is read, not {others}",) if others else ()


def _header(index: int, page: Worksheet, name: str) -> _Sheet | None:
    for number, values in islice(_values(page, name), SEARCHED_ROWS):
        header = [clean_text(cell_text(value)) for value in values]
        while header and not header[-1]:
            header.pop()
        if header:
            return _Sheet(index, page.title, page.sheet_state == "visible", tuple(header), number)
    return None


def _values(page: Worksheet, name: str) -> Iterator[tuple[int, Sequence[object]]]:
    # Some programs write a size of the sheet that is too small, and rows would be left out.
    cast(ReadOnlyWorksheet, page).reset_dimensions()
    for number, values in enumerate(page.iter_rows(values_only=True), start=1):
        if number > MAX_ROWS:
            raise TooLargeError(
                f"The sheet has more than {MAX_ROWS:,} rows",
                where=f"{name}, sheet {page.title!r}",
                do="No spreadsheet program writes so many; save it as CSV UTF-8 and hand that in.",
                code="too_many_rows",
            )
        yield number, values


@contextmanager
def _book(path: Path, name: str) -> Iterator[Workbook]:
    """The workbook while it is read. openpyxl raises whatever it stumbles on in a damaged one."""
    try:
        with path.open("rb") as stream:
            yield load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    except LintasError:
        raise
    except Exception as error:  # KeyError, ValueError, ParseError, zlib.error, BadZipFile and others
        raise FileError(
            f"The workbook is damaged or is not written as the standard says ({type(error).__name__}: {error})",
            where=name,
            do="Open it in a spreadsheet program, save it anew as .xlsx or as CSV UTF-8, and hand it in again.",
            code="damaged_workbook",
        ) from error
