"""The sheets of a workbook: openpyxl says what a cell means, the parts are streamed by our own hands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openpyxl.cell.text import Text
from openpyxl.packaging.manifest import Manifest
from openpyxl.reader.excel import _find_workbook_part  # type: ignore[attr-defined]  # it is there
from openpyxl.reader.workbook import WorkbookParser
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.worksheet._reader import DATA_TAG, ROW_TAG, WorkSheetParser
from openpyxl.xml.constants import ARC_CONTENT_TYPES, SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import fromstring

from lintas.sources.customers.package import Package, too_large
from lintas.sources.customers.table import MAX_COLUMNS

MAX_ROWS = 1_048_576  # of one sheet, as Excel has it
MAX_TEXTS = 256 << 20  # characters of the table of shared texts, the one part that is held however large it is
TEXT_COSTS = 64  # characters that a text counts for beyond its own: what Python needs to hold it
# The stubs of openpyxl know its workbooks, and not how it reads them.
_Manifest: Any = Manifest
_Text: Any = Text
_Rows: Any = WorkSheetParser
_TEXT_TAG, _TEXTS_TAG = f"{{{SHEET_MAIN_NS}}}si", f"{{{SHEET_MAIN_NS}}}sst"

Row = tuple[int, Mapping[int, Any]]  # as the sheet counts it; values by column, from 0


@dataclass(frozen=True)
class Page:
    """A sheet by its title, and the part that holds its rows."""

    title: str
    is_visible: bool
    part: str


class Book:
    """An open workbook. Whatever openpyxl and lxml raise at a damaged one comes out as it is."""

    def __init__(self, package: Package) -> None:
        self._package = package
        manifest = _Manifest.from_tree(fromstring(package.read(ARC_CONTENT_TYPES)))
        parser = WorkbookParser(package, _find_workbook_part(manifest).PartName[1:], keep_links=False)
        parser.parse()
        self._meaning: Any = parser.wb
        apply_stylesheet(package, self._meaning)
        texts = manifest.find(SHARED_STRINGS)
        self._texts = list(_texts(package, texts.PartName[1:])) if texts is not None else []
        held = package.NameToInfo
        found = {
            rel.target: Page(str(sheet.name), sheet.state == "visible", rel.target)
            for sheet, rel in parser.find_sheets()
            if rel.target in held and "chartsheet" not in rel.Type
        }
        self.pages = tuple(found.values())  # a part that several sheets name is read once

    def rows(self, page: Page) -> Iterator[Row]:
        """Rows of a sheet as they stand in it. Raises TooLargeError over the size of a sheet of Excel."""
        meaning = self._meaning
        parser = _Rows(
            None,
            self._texts,
            data_only=True,
            epoch=meaning.epoch,
            date_formats=meaning._date_formats,
            timedelta_formats=meaning._timedelta_formats,
        )
        for element in self._package.elements(page.part, ROW_TAG, within=DATA_TAG):
            number, cells = parser.parse_row(element)
            parser.row_dimensions.clear()
            values = {cell["column"] - 1: cell["value"] for cell in cells}
            if number > MAX_ROWS or any(column >= MAX_COLUMNS for column in values):
                size = f"{MAX_ROWS:,} rows and {MAX_COLUMNS:,} columns"
                raise too_large(f"its sheet {page.title[:80]!r} goes beyond {size}", self._package.name)
            if number < 1 or len(values) < len(cells):
                raise ValueError(f"row {number} is none, or has two cells in one place")
            yield number, values


def _texts(package: Package, part: str) -> Iterator[str]:
    n = 0
    for element in package.elements(part, _TEXT_TAG, within=_TEXTS_TAG):
        text = _Text.from_tree(element).content.replace("x005F_", "")  # as openpyxl does
        n += len(text) + TEXT_COSTS
        if n > MAX_TEXTS:
            raise too_large(f"its table of texts is longer than {MAX_TEXTS:,} characters", package.name)
        yield text
