"""The publisher's legacy format: SDN.CSV, ALT.CSV, ADD.CSV and SDN_COMMENTS.CSV, joined by number.

Facts of the format: https://ofac.treasury.gov, "dat_spec.txt". No header; "-0-" is null; the last byte may
be an end-of-file mark. None of the files dates itself.
"""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from lintas.model.errors import FileError
from lintas.model.listing import Leftover, ParseNotes
from lintas.sources.lists.us_ofac_sdn.record import Address, Alias, Kind, Record, Ship
from lintas.sources.lists.us_ofac_sdn.remarks import REMARK_LIMIT, segments

END_OF_FILE = b"\x1a"
NULLS = frozenset({"-0-", ""})
# Number of columns tells the files apart; names do not, because they are renamed on their way.
KINDS = {12: "sdn", 6: "address", 5: "alias", 2: "comment"}
TYPES: dict[str | None, Kind] = {
    None: "entity",
    "individual": "individual",
    "vessel": "vessel",
    "aircraft": "aircraft",
    "entity": "entity",
}
ALIAS_TYPES = frozenset({"aka", "fka", "nka"})
_PROGRAMS = re.compile(r"\]?\s*\[|\]")  # SDGT] [IFSR

Row = list[str | None]


@dataclass(frozen=True, slots=True)
class _Line:
    """A row with the line of the file on which it begins."""

    row: Row
    where: str


@dataclass
class _Tables:
    """The files by kind; what belongs to one entry is taken out when that entry is read."""

    sdn: list[_Line] = field(default_factory=list)
    by_number: dict[str, dict[str, list[_Line]]] = field(
        default_factory=lambda: {kind: {} for kind in ("alias", "address", "comment")}
    )


def records(paths: list[Path], notes: ParseNotes) -> list[Record]:
    """All entries of the files given. What belongs to no entry goes to `notes.leftovers`.

    Raises FileError for a file that is none of the four, is given twice, or was cut or damaged.
    """
    tables = _tables(paths)
    seen: dict[str, _Line] = {}
    found: list[Record] = []
    for line in tables.sdn:
        uid = str(line.row[0])
        if uid in seen:
            _require_identical(seen[uid], line)
            continue
        seen[uid] = line
        found.append(_record(line, tables, notes))
    _report_leftovers(tables, notes)
    return found


def _tables(paths: list[Path]) -> _Tables:
    tables, first = _Tables(), dict[str, Path]()
    for path in paths:
        kind, lines = _read(path)
        if kind in first:
            raise FileError(
                f"Two files of the same kind ({kind}) were given",
                where=f"{first[kind].name} and {path.name}",
                do="Give each of sdn.csv, alt.csv, add.csv and sdn_comments.csv once.",
                code="same_file_twice",
            )
        first[kind] = path
        if kind == "sdn":
            tables.sdn = lines
        else:
            tables.by_number[kind] = _grouped(lines)
    if "sdn" not in first:
        raise FileError(
            "No file with the entries themselves was given",
            where=", ".join(path.name for path in paths),
            do="Give sdn.csv too; aliases, addresses and comments cannot stand alone.",
            code="main_file_missing",
        )
    return tables


def _grouped(lines: list[_Line]) -> dict[str, list[_Line]]:
    found: defaultdict[str, list[_Line]] = defaultdict(list)
    for line in lines:
        found[str(line.row[0])].append(line)
    return dict(found)


def _record(line: _Line, tables: _Tables, notes: ParseNotes) -> Record:
    uid, name, sdn_type, program, title, *ship, remark = line.row
    kind = TYPES.get(sdn_type)
    if kind is None:
        raise _bad(f"{sdn_type!r} is no type of entry", line.where, "unknown_type")
    if name is None:
        raise _bad("The entry has no name", line.where, "element_missing")
    rest = [str(comment.row[1] or "") for comment in tables.by_number["comment"].pop(str(uid), [])]
    record = Record(str(uid), name, kind, tuple(_programs(program)), title, _ship(ship))
    _read_remark(record, (remark or "") + "".join(rest), len(remark or "") >= REMARK_LIMIT and not rest, notes)
    for alias in tables.by_number["alias"].pop(record.uid, []):
        _read_alias(record, alias)
    for address in tables.by_number["address"].pop(record.uid, []):
        record.addresses.append(_address(*address.row[2:]))
    notes.counts[kind] += 1
    return record


def _read_remark(record: Record, remark: str, is_cut: bool, notes: ParseNotes) -> None:
    if not remark:
        return
    record.notes.append(remark)
    record.statements = segments(remark)
    if is_cut:
        # Half a wallet or passport number would be a false one, so the last statement is shown but not used.
        notes.leftovers.append(Leftover("cut remark", record.uid, record.statements.pop()))


def _programs(text: str | None) -> Iterator[str]:
    return (program.strip() for program in _PROGRAMS.split(text or "") if program.strip())


def _ship(columns: Row) -> Ship | None:
    return Ship(*columns) if any(columns) else None


def _read_alias(record: Record, line: _Line) -> None:
    _, _, alias_type, name, remark = line.row
    if alias_type not in ALIAS_TYPES:
        raise _bad(f"{alias_type!r} is no type of alias", line.where, "unknown_type")
    if name is None:
        raise _bad("The alias has no name", line.where, "element_missing")
    record.aliases.append(Alias(name, is_former=alias_type == "fka"))
    if remark is not None:
        record.notes.append(f"Remark on the alias {name}: {remark}")


def _address(street: str | None, city: str | None, country: str | None, remark: str | None) -> Address:
    return Address(", ".join(part for part in (street, city, country) if part), country, remark)


def _report_leftovers(tables: _Tables, notes: ParseNotes) -> None:
    for kind, by_number in tables.by_number.items():
        for number, lines in by_number.items():
            notes.leftovers += (Leftover(kind, number, json.dumps(line.row, ensure_ascii=False)) for line in lines)


def _read(path: Path) -> tuple[str, list[_Line]]:
    """The kind of a file and its rows, all of the same width, each null as None."""
    text = _text(path)
    lines: list[_Line] = []
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    begins, width = 1, 0
    try:
        for row in reader:
            where = f"{path.name}, line {begins}"
            if row:  # an empty line says nothing
                _require_row(row, width, where, reader.line_num - begins)
                width = len(row)
                lines.append(_Line([None if column.strip() in NULLS else column for column in row], where))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise _cut(f"A quotation mark is opened and not closed ({error})", f"{path.name}, line {begins}") from error
    if not lines:
        raise FileError("The file is empty", where=path.name, do="Fetch it from the publisher again.", code="empty")
    _require_whole_end(text, lines[-1].where)
    return KINDS[width], lines


def _text(path: Path) -> str:
    raw = path.read_bytes()
    if raw.rstrip(b"\r\n").endswith(END_OF_FILE):
        raw = raw.rstrip(b"\r\n").removesuffix(END_OF_FILE)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileError(
            f"Byte {raw[error.start]:#04x} is no UTF-8 text",
            where=f"{path.name}, line {line}",
            do="The file was damaged on its way or re-saved in another encoding; fetch it from the publisher again.",
            code="bad_encoding",
        ) from error


def _require_row(row: list[str], width: int, where: str, n_breaks: int) -> None:
    if not width and (len(row) not in KINDS or not row[0].strip().isdigit()):
        raise FileError(
            "This is no file of OFAC's legacy format: its first row is not a number and 11, 5, 4 or 1 more columns",
            where=where,
            do="Give sdn.csv with alt.csv and add.csv, or sdn.xml; load another list under its own name.",
            code="foreign_file",
        )
    if width and len(row) != width:
        raise _cut(f"The row has {len(row)} columns, not {width}", where)
    if n_breaks:
        raise _cut("A quotation mark is opened and closed only on a later line", where)
    if not row[0].strip().isdigit():
        raise _cut(f"The row begins with {row[0][:20]!r}, not with a number", where)


def _require_whole_end(text: str, where: str) -> None:
    """The last row must be whole: ended by a line break, or by a null or a full stop, as the publisher ends rows."""
    if not text.endswith(("\n", "\r")) and not text.rstrip(" ").endswith(("-0-", ".", '."')):
        raise _cut("The last row has neither a line end nor a whole last value", where)


def _require_identical(first: _Line, second: _Line) -> None:
    if first.row != second.row:
        raise FileError(
            f"Number {first.row[0]} stands twice, with different content",
            where=f"{first.where} and {second.where.rpartition(', ')[2]}",
            do="Two versions were joined into one file; fetch it from the publisher again. Nothing was changed.",
            code="duplicate_id",
        )


def _cut(what: str, where: str) -> FileError:
    return FileError(
        what,
        where=where,
        do="The file was cut or damaged on its way; fetch it from the publisher again. Nothing was changed.",
        code="truncated",
    )


def _bad(what: str, where: str, code: str) -> FileError:
    return FileError(
        what, where=where, do="The publisher's format changed, or the file was damaged; nothing was changed.", code=code
    )
