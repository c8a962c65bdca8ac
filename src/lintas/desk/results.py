"""Results of a screening as a file: JSON lines whole, CSV and XLSX for people, none of them able to run anything."""

import csv
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import repeat
from pathlib import Path

import orjson
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from lintas.model.customer import Customer
from lintas.model.errors import InputError, UnavailableError
from lintas.model.match import Match
from lintas.model.run import Decided, Outcome

MAX_SHEET_ROWS = 1_048_576  # of one sheet, its header counted ("Excel specifications and limits", Microsoft Support)
MAX_CELL = 32_767  # UTF-16 units of one cell (the same)
CUT_MARK = " [cut; whole in JSONL]"
COLUMNS = (
    "row",
    "customer_id",
    "customer_name",
    "problems",
    "unread",
    "matched_id",
    "matched_name",
    "schema",
    "lists",
    "score",
    "is_match",
    "speaks_for",
    "speaks_against",
    "list_versions",
    "scorer_version",
    "verdict",
    "verdict_reason",
    "decided_by",
    "decided_at",
    "outcome",
    "fictional",
)

Cell = str | int | float
Line = tuple[Cell, ...]

# What spreadsheet programs take for the begin of a formula (OWASP, "CSV Injection"); full-width forms fold to them.
_FORMULA = frozenset("=+-@\u2212")
_CONTROL = frozenset("\t\r\n")
# Excel in a state that writes 1,5 splits CSV at semicolons, quoted or not: no cell may begin there either.
_INNER_START = re.compile(r"([;\t\r\n][\s\"']*)(?=[=+\-@\u2212\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b])")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


@dataclass(frozen=True)
class ResultRow:
    """A customer and the matches that were found for it; none for most. `decided`: how each stands, in their order."""

    customer: Customer
    matches: tuple[Match, ...]
    decided: tuple[Decided, ...] = ()

    @property
    def judged(self) -> Iterator[tuple[Match, Decided]]:
        """Each match with how it stands."""
        return zip(self.matches, self.decided or repeat(Decided()), strict=False)


def write_results(kind: str, path: Path, rows: Iterable[ResultRow], *, fictional: bool) -> None:
    """Write `rows` to `path` as `jsonl`, `csv` or `xlsx`; every customer is there, with a match or without.

    The file appears when it is whole: it is written beside `path` first. Raises InputError for another kind,
    UnavailableError when the file cannot be written.
    """
    write = _WRITERS.get(kind)
    if write is None:
        raise InputError(
            f"{kind!r} is no kind of results", do=f"Use one of: {', '.join(_WRITERS)}.", code="unknown_export"
        )
    with whole(path) as part:
        write(part, rows, fictional)


def neutral(text: str) -> str:
    """`text` so that no spreadsheet program runs it: an apostrophe before what could begin a formula."""
    inner = _INNER_START.sub(r"\1'", text)
    return f"'{inner}" if begins_formula(text) else inner


def begins_formula(text: str) -> bool:
    """Whether a spreadsheet program could take `text` for a formula: = + - @ or a wide form, or a TAB, CR or LF."""
    if text[:1] in _CONTROL:
        return bool(text)
    start = next((c for c in text if not c.isspace() and unicodedata.category(c) != "Cf"), "")
    return unicodedata.normalize("NFKC", start)[:1] in _FORMULA


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A file beside `path` that takes its place when the block ends well, and is removed when it does not."""
    part: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name[:80]}.", delete=False) as stream:
            part = Path(stream.name)
        yield part
        part.replace(path)
    except OSError as error:
        raise UnavailableError(
            f"The file cannot be written: {error.strerror or error}",
            where=path.name,
            do="Check that the folder is there, may be written to and has room.",
            code="not_written",
        ) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def _write_jsonl(path: Path, rows: Iterable[ResultRow], fictional: bool) -> None:
    with path.open("wb") as stream:
        for row in rows:
            stream.write(orjson.dumps(_document(row, fictional)) + b"\n")


def _document(row: ResultRow, fictional: bool) -> Mapping[str, object]:
    customer = row.customer
    return {
        "row": customer.row,
        "customer_id": customer.id,
        "customer": customer.entity.as_dict(),
        "statements": [asdict(statement) for statement in customer.entity.statements],
        "problems": customer.problems,
        "unread": customer.unread,
        "matches": [asdict(match) | asdict(decided) for match, decided in row.judged],
        "fictional": fictional,
    }


def _write_csv(path: Path, rows: Iterable[ResultRow], fictional: bool) -> None:
    # The mark tells Excel that the file is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for line in _lines(rows, fictional):
            writer.writerow([_fit(neutral(_clean(cell))) if isinstance(cell, str) else cell for cell in line])


def _write_xlsx(path: Path, rows: Iterable[ResultRow], fictional: bool) -> None:
    book = Workbook(write_only=True)
    try:
        _fill(book, _lines(rows, fictional), "FICTIONAL DATA" if fictional else "Results")
        book.save(path)
    except BaseException:
        _discard(book)
        raise


def _fill(book: Workbook, lines: Iterable[Line], title: str) -> None:
    sheet = _sheet(book, title)
    n_rows = 1
    for line in lines:
        if n_rows == MAX_SHEET_ROWS:
            sheet = _sheet(book, f"{title} {len(book.worksheets) + 1}")
            n_rows = 1
        sheet.append([_xlsx_cell(sheet, cell) for cell in line])
        n_rows += 1


def _discard(book: Workbook) -> None:
    """openpyxl keeps every sheet in a temporary file until it is saved: customers' data, not to be left about."""
    for sheet in book.worksheets:
        with suppress(Exception):  # whatever state the sheet is in, the error that led here is the one to show
            sheet.close()
        with suppress(Exception):
            sheet._writer.cleanup()  # type: ignore[attr-defined]  # it is there, the stubs leave it out


def _sheet(book: Workbook, title: str) -> WriteOnlyWorksheet:
    sheet: WriteOnlyWorksheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append(COLUMNS)
    return sheet


def _xlsx_cell(sheet: WriteOnlyWorksheet, value: Cell) -> object:
    if not isinstance(value, str):
        return value
    if not value:
        return None
    text = _fit(_clean(value))
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # openpyxl would make a formula of = and an error of #N/A
    if begins_formula(text):
        cell.quotePrefix = True  # and it stays text when somebody edits the cell
    return cell


def _lines(rows: Iterable[ResultRow], fictional: bool) -> Iterator[Line]:
    """One line a match; one for a customer without any."""
    for row in rows:
        customer = row.customer
        who: Line = (
            customer.row,
            customer.id,
            customer.entity.caption,
            "; ".join(customer.problems),
            "; ".join(f"{column}: {value}" for column, value in customer.unread),
        )
        for match, decided in row.judged:
            yield (*who, *_of_match(match), *_of_decided(decided), _yes(fictional or match.is_fictional))
        if not row.matches:
            yield (*who, *("" for _ in COLUMNS[len(who) : -1]), _yes(fictional))


def _of_match(match: Match) -> Line:
    return (
        match.entity_id,
        match.caption,
        match.schema,
        "; ".join(match.lists),
        round(match.score, 4),
        _yes(match.is_match),
        _reasons(match, lambda contribution: contribution > 0),
        _reasons(match, lambda contribution: contribution < 0),
        "; ".join(f"{name}: {sha256}" for name, sha256 in match.list_versions),
        match.scorer_version,
    )


def _of_decided(decided: Decided) -> Line:
    last = decided.decision
    made = ("", "", "", "") if last is None else (last.verdict or "", last.reason, last.officer, _at(last.at))
    return (*made, "; ".join(_outcome(one) for one in decided.outcomes))


def _at(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _outcome(one: Outcome) -> str:
    """What was done in one line: `freeze 2026-03-01T09:00:00+00:00 by rina, approved by sari, reference 12: why`."""
    approved = f", approved by {one.approved_by}" if one.approved_by else ""
    reference = f", reference {one.reference}" if one.reference else ""
    return f"{one.kind} {_at(one.at)} by {one.officer}{approved}{reference}: {one.reason}"


def _reasons(match: Match, is_wanted: Callable[[float], bool]) -> str:
    return "; ".join(f"{r.words} {r.contribution:+.2f}" for r in match.reasons if is_wanted(r.contribution))


def _yes(value: bool) -> str:
    return "true" if value else "false"


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)


def _fit(text: str) -> str:
    """`text` within one cell of Excel."""
    if len(text) <= MAX_CELL // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * MAX_CELL:
        return text
    return units[: 2 * (MAX_CELL - len(CUT_MARK))].decode("utf-16-le", "ignore") + CUT_MARK


_WRITERS: Mapping[str, Callable[[Path, Iterable[ResultRow], bool], None]] = {
    "jsonl": _write_jsonl,
    "csv": _write_csv,
    "xlsx": _write_xlsx,
}
