"""XLSX: the first visible sheet that has a header, cached values only, row by row."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from openpyxl.utils.escape import unescape

from lintas.model.errors import FileError, LintasError
from lintas.model.text import clean_text
from lintas.sources.customers.package import Package
from lintas.sources.customers.sheets import Book, Page
from lintas.sources.customers.table import RawRow, Table, raw_row

SEARCHED_ROWS = 200  # of every sheet, for its header
COUNTED_BYTES = 2_000_000  # of the packed file; the rows of a larger one are not counted beforehand
EXCEL_DIGITS = 15  # Excel keeps no more of a number ("Excel specifications and limits", Microsoft Support)


@dataclass(frozen=True)
class _Sheet:
    """A sheet with something in it. `before`: how many of its rows come before the first customer."""

    page: Page
    header: tuple[str, ...]
    before: int


def open_table(path: Path, name: str) -> Table:
    """Find the sheet and its header. Raises FileError for a workbook that is damaged or has neither."""
    sheet, notes = _find(path, name)

    def rows() -> Iterator[RawRow]:
        with _opened(path, name) as book:
            for number, values in islice(book.rows(sheet.page), sheet.before, None):
                cells = {column: text for column, value in sorted(values.items()) if (text := cell_text(value))}
                row = raw_row(number, cells, len(sheet.header), is_short_a_problem=False)
                if row.cells or row.unread:
                    rounded = _rounded(values, cells, sheet.header)
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


def _rounded(values: Mapping[int, Any], cells: Mapping[int, str], header: Sequence[str]) -> Iterator[str]:
    for column, text in cells.items():
        value = values[column]
        if column < len(header) and isinstance(value, int | float) and abs(value) >= 10**EXCEL_DIGITS:
            yield (
                f"{header[column]}: {text[:40]} was typed as a number, of which a workbook keeps {EXCEL_DIGITS} "
                "digits; the last digits may be lost"
            )


def _find(path: Path, name: str) -> tuple[_Sheet, tuple[str, ...]]:
    """The sheet that is read, and what is said of the other ones that are filled."""
    with _opened(path, name) as book:
        filled = [found for page in book.pages if (found := _header(book, page)) is not None]
    sheet = next((found for found in filled if found.page.is_visible), None)
    if sheet is None:
        raise FileError(
            "No visible sheet of the workbook has a header",
            where=name,
            do="Name the columns in the first row of its first sheet.",
            code="no_header",
        )
    others = ", ".join(repr(found.page.title) for found in filled if found is not sheet)
    return sheet, (f"only the sheet {sheet.page.title!r} is read, not {others}",) if others else ()


def _header(book: Book, page: Page) -> _Sheet | None:
    for n_before, (_, values) in enumerate(islice(book.rows(page), SEARCHED_ROWS), start=1):
        texts = {column: text for column, value in values.items() if (text := clean_text(cell_text(value)))}
        if texts:
            return _Sheet(page, tuple(texts.get(column, "") for column in range(max(texts) + 1)), n_before)
    return None


@contextmanager
def _opened(path: Path, name: str) -> Iterator[Book]:
    """The workbook while it is read. openpyxl raises whatever it stumbles on in a damaged one."""
    try:
        with Package(path, name) as package:
            yield Book(package)
    except LintasError:
        raise
    except Exception as error:  # KeyError, ValueError, ParseError, zlib.error, BadZipFile and others
        raise FileError(
            f"The workbook is damaged or is not written as the standard says ({type(error).__name__}: {error})",
            where=name,
            do="Open it in a spreadsheet program, save it anew as .xlsx or as CSV UTF-8, and hand it in again.",
            code="damaged_workbook",
        ) from error
