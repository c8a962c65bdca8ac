"""Formulas that a customer file or a list carries: none lives in a table that leaves the node, none is lost in JSON."""

import csv
import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from openpyxl import load_workbook

from lintas.desk import runs
from lintas.desk.office import Office
from lintas.desk.results import COLUMNS, ResultRow, begins_formula, write_results
from lintas.model.run import Decided, Decision, Outcome
from lintas.model.text import clean_text
from tests.desk.cast import BOB
from tests.desk.customers import LISTED
from tests.desk.entries import load
from tests.desk.test_results import customer, match

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\u2212", "\ufe66", "\ufe62", "\ufe63", "\ufe6b")
BEFORE = ("\t", "\r", "\n", "\r\n", " ", "\u00a0", "\u200b", "\ufeff", "\x00", "\u202e", "\x0b")
KNOWN = (
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://127.0.0.1/?x="&A1,"open")',
    '=WEBSERVICE("http://127.0.0.1/")',
    '=IMPORTXML("http://127.0.0.1/","//a")',
    '=IMAGE("http://127.0.0.1/x.png")',
    '=DDE("cmd";"/C calc";"x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "=1+1;=2+2",
    'a";=1+1',
    "a;=1+1",
    "a\t=1+1",
    "a\n=1+1",
    "a\r=1+1",
    "a;\t\"'=1+1",
    "'=1+1",
    '"=1+1"',
    "{=1+1}",
    "=SUM(1,2)",
    "+1+1",
    "-1-1",
    "%0A=1+1",
)
SIGNED = (*(f"{sign}1+1" for sign in SIGNS), *(f" {sign}x" for sign in SIGNS[:4]))
HIDDEN = (*(f"{gap}={n}" for n, gap in enumerate(BEFORE)), *(f"{gap}@x" for gap in BEFORE))
PAYLOADS = tuple(dict.fromkeys((*KNOWN, *SIGNED, *HIDDEN)))
# A program whose state writes 1,5 splits at semicolons, whatever is quoted; a TAB or a line end splits elsewhere.
INNER = re.compile(r"[;\t\r\n][\s\"]*[" + re.escape("".join(SIGNS)) + "]")


def dead_csv(content: bytes) -> int:
    """Every cell, none of them able to run; how many."""
    cells = [cell for line in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) for cell in line if cell]
    assert [cell for cell in cells if cell[0] in "\t\r\n" or cell.lstrip()[:1] in SIGNS or INNER.search(cell)] == []
    return len(cells)


def dead_xlsx(content: bytes) -> int:
    """The same of a workbook, as openpyxl reads it and as it is written."""
    sheets = load_workbook(io.BytesIO(content)).worksheets
    cells = [cell for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert [c.value for c in cells if c.data_type == "s" and begins_formula(str(c.value)) and not c.quotePrefix] == []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any(
            re.search(rb"<f[ >/]|ddeLink|externalReference", archive.read(part)) for part in archive.namelist()
        )
    return len(cells)


def test_there_are_sixty_of_them() -> None:
    assert len(PAYLOADS) >= 60


@pytest.mark.parametrize("text", PAYLOADS)
def test_no_formula_lives_in_any_column_and_none_is_lost_in_json(tmp_path: Path, text: str) -> None:
    who = replace(customer(problems=(text, f"x {text}"), unread=((text, text),)), id=text)
    found = match(
        text, caption=text, schema=text, lists=(text, text), list_versions=((text, text),), scorer_version=text
    )
    found = replace(found, reasons=(replace(found.reasons[0], words=text), replace(found.reasons[1], words=text)))
    done = Outcome(1, 1, 1, text, text, text, text, text, AT, None)
    row = ResultRow(who, (found,), (Decided(Decision(text, text, text, AT), (done,)),))
    for kind, check in (("csv", dead_csv), ("xlsx", dead_xlsx)):
        write_results(kind, tmp_path / kind, [row], fictional=False)
        assert check((tmp_path / kind).read_bytes()) == 2 * len(COLUMNS)
    write_results("jsonl", tmp_path / "jsonl", [row], fictional=False)
    held = orjson.loads((tmp_path / "jsonl").read_bytes())
    assert (held["customer_id"], held["problems"], held["unread"]) == (text, [text, f"x {text}"], [[text, text]])
    matched = held["matches"][0]
    assert (matched["caption"], matched["reasons"][0]["words"], matched["decision"]["reason"]) == (text, text, text)


def test_no_formula_of_a_customer_file_lives_in_what_a_run_hands_out(sqlite_office: Office, tmp_path: Path) -> None:
    load(sqlite_office, LISTED)
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(
        [("id", "name", "=kolom"), *((text, f"{text} Ada Exempli", text) for text in PAYLOADS)]
    )
    (tmp_path / "customers.csv").write_text(stream.getvalue(), encoding="utf-8", newline="")
    run = runs.create(sqlite_office, BOB, tmp_path / "customers.csv", threshold=0.4)
    runs.work(sqlite_office, run.number)
    runs.export(sqlite_office, BOB, run.number, "zip", tmp_path / "pack.zip")
    with zipfile.ZipFile(tmp_path / "pack.zip") as pack:
        assert dead_csv(pack.read("results.csv")) > len(PAYLOADS) * 4
        assert dead_xlsx(pack.read("results.xlsx")) > len(PAYLOADS) * 4
        lines = {line["row"]: line for line in map(orjson.loads, pack.read("results.jsonl").splitlines())}
        assert pack.read("customers") == (tmp_path / "customers.csv").read_bytes()
    assert sum(bool(line["matches"]) for line in lines.values()) > len(PAYLOADS) / 2
    for row, text in enumerate(PAYLOADS, start=2):
        assert lines[row]["unread"] == [["=kolom", clean_text(text)]]
        assert lines[row]["customer_id"] == clean_text(text)
