"""Results as files: nobody is missing, nothing runs, nothing is half written."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet._writer import ALL_TEMP_FILES

from lintas.desk import results
from lintas.desk.results import CUT_MARK, ResultRow, begins_formula, neutral, write_results
from lintas.model.customer import Customer
from lintas.model.entity import Draft
from lintas.model.errors import InputError, UnavailableError
from lintas.model.match import Match, Reason, TokenPair

Read = Callable[[Path], list[dict[str, object]]]


def customer(row: int = 2, name: str = "Budi Santoso", **more: object) -> Customer:
    draft = Draft("Person", f"row-{row}")
    draft.add("name", name)
    draft.add("birthDate", "31 Feb 1970")
    whole = {"problems": ("birthDate: no date",), "unread": (("Saldo", "100"), ("Cabang", "Medan"))}
    return Customer(row, f"C-{row}", draft.build(), **{**whole, **more})  # type: ignore[arg-type]


def match(entity_id: str = "un-1", **more: object) -> Match:
    name = Reason(
        "name", "the names agree", "Budi", "Boedi", 0.9, 0.8, 0.72, (TokenPair("budi", "boedi", "spelling", 0.9),)
    )
    born = Reason("birth_date", "the years of birth differ", "1970", "1950", 0.0, -0.2, -0.2)
    whole = {
        "schema": "Person",
        "caption": "BOEDI SANTOSO",
        "lists": ("un_sc", "ofac_sdn"),
        "score": 0.52,
        "is_match": False,
        "reasons": (name, born),
        "list_versions": (("un_sc", "ab" * 32), ("ofac_sdn", "cd" * 32)),
        "scorer_version": "scorer-1",
        "is_fictional": False,
    }
    return Match(entity_id, **{**whole, **more})  # type: ignore[arg-type]


ROWS = (ResultRow(customer(2), (match("un-1"), match("un-2"))), ResultRow(customer(3, "Siti"), ()))


def from_csv(path: Path) -> list[dict[str, object]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [dict(line) for line in csv.DictReader(stream)]


def opened(path: Path) -> Workbook:
    return load_workbook(io.BytesIO(path.read_bytes()))


def from_xlsx(path: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for sheet in opened(path).worksheets:
        header, *lines = sheet.iter_rows(values_only=True)
        found += [{str(k): "" if v is None else v for k, v in zip(header, line, strict=True)} for line in lines]
    return found


TABLES = [pytest.param("csv", from_csv, id="csv"), pytest.param("xlsx", from_xlsx, id="xlsx")]


@pytest.mark.parametrize(("kind", "read"), TABLES)
def test_a_table_has_a_line_for_every_match_and_one_for_a_customer_without(
    tmp_path: Path, kind: str, read: Read
) -> None:
    write_results(kind, tmp_path / "r", ROWS, fictional=False)
    lines = read(tmp_path / "r")
    assert [(line["customer_id"], line["matched_id"]) for line in lines] == [
        ("C-2", "un-1"),
        ("C-2", "un-2"),
        ("C-3", ""),
    ]
    assert {key: str(value) for key, value in lines[0].items()} == {
        "row": "2",
        "customer_id": "C-2",
        "customer_name": "Budi Santoso",
        "problems": "birthDate: no date",
        "unread": "Saldo: 100; Cabang: Medan",
        "matched_id": "un-1",
        "matched_name": "BOEDI SANTOSO",
        "schema": "Person",
        "lists": "un_sc; ofac_sdn",
        "score": "0.52",
        "is_match": "false",
        "speaks_for": "the names agree +0.72",
        "speaks_against": "the years of birth differ -0.20",
        "list_versions": f"un_sc: {'ab' * 32}; ofac_sdn: {'cd' * 32}",
        "scorer_version": "scorer-1",
        "verdict": "",
        "verdict_reason": "",
        "decided_by": "",
        "decided_at": "",
        "outcome": "",
        "fictional": "false",
    }


def test_numbers_in_a_workbook_are_numbers(tmp_path: Path) -> None:
    write_results("xlsx", tmp_path / "r", ROWS, fictional=False)
    assert [from_xlsx(tmp_path / "r")[0][key] for key in ("row", "score")] == [2, 0.52]


def test_json_lines_hold_every_customer_and_its_matches_whole(tmp_path: Path) -> None:
    write_results("jsonl", tmp_path / "r", ROWS, fictional=True)
    first, second = map(json.loads, (tmp_path / "r").read_text(encoding="utf-8").splitlines())
    assert first["customer"]["properties"] == {"name": ["Budi Santoso"]}
    assert first["statements"][1] | {"value": "31 Feb 1970", "is_clean": False} == first["statements"][1]
    assert first["matches"][0]["reasons"][0]["tokens"] == [
        {"query": "budi", "listed": "boedi", "relation": "spelling", "score": 0.9}
    ]
    assert [reason["contribution"] for reason in first["matches"][0]["reasons"]] == [0.72, -0.2]
    assert first["matches"][0]["list_versions"] == [["un_sc", "ab" * 32], ["ofac_sdn", "cd" * 32]]
    assert first["unread"] == [["Saldo", "100"], ["Cabang", "Medan"]]
    assert (second["customer_id"], second["matches"], second["fictional"]) == ("C-3", [], True)


DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\u00a0=1",
    "\u200b=1",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff201",
    "\u22121",
    "=cmd|' /C calc'!A0",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_cell_begins_a_formula(tmp_path: Path, text: str) -> None:
    row = ResultRow(customer(unread=(), problems=(text,)), (match(text, caption=text, lists=(text,)),))
    write_results("csv", tmp_path / "r.csv", [row], fictional=False)
    line = from_csv(tmp_path / "r.csv")[0]
    cells = {str(line[key]) for key in ("problems", "matched_id", "matched_name", "lists")}
    assert cells == {neutral(text)}
    assert neutral(text).startswith("'")
    write_results("xlsx", tmp_path / "r.xlsx", [row], fictional=False)
    sheet = opened(tmp_path / "r.xlsx").worksheets[0]
    filled = [cell for cell in list(sheet.iter_rows())[1] if cell.value is not None]
    assert all(cell.data_type in ("s", "n") for cell in filled)
    assert sum(cell.quotePrefix for cell in filled) == 4
    with zipfile.ZipFile(tmp_path / "r.xlsx") as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_no_cell_begins_a_formula_where_excel_splits_at_semicolons() -> None:
    assert neutral("a;=1+1") == "a;'=1+1"
    assert neutral('a; "=1+1"') == 'a; "\'=1+1"'
    assert neutral("Saldo: 100; -5") == "Saldo: 100; '-5"
    assert neutral("Tan; Ah; Kow - 5 + 6") == "Tan; Ah; Kow - 5 + 6"


@given(st.text())
def test_a_neutral_text_never_begins_a_formula_and_loses_nothing(text: str) -> None:
    assert not begins_formula(neutral(text))
    assert neutral(text).replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize(("kind", "read"), TABLES)
def test_characters_that_no_workbook_can_hold_are_left_out(tmp_path: Path, kind: str, read: Read) -> None:
    rows = [ResultRow(customer(problems=("a\x00b\x0bc\uffffd\ud800e",)), ())]
    write_results(kind, tmp_path / "r", rows, fictional=False)
    assert read(tmp_path / "r")[0]["problems"] == "abcde"


@pytest.mark.parametrize(("kind", "read"), TABLES)
@pytest.mark.parametrize("text", ["x" * 40_000, "😀" * 20_000, "=" * 40_000])
def test_a_cell_over_excels_limit_is_cut_with_a_mark(tmp_path: Path, kind: str, read: Read, text: str) -> None:
    write_results(kind, tmp_path / "r", [ResultRow(customer(problems=(text,)), ())], fictional=False)
    cell = str(read(tmp_path / "r")[0]["problems"])
    assert cell.endswith(CUT_MARK)
    assert 32_700 < len(cell.encode("utf-16-le")) // 2 <= 32_767
    write_results("jsonl", tmp_path / "r", [ResultRow(customer(problems=(text,)), ())], fictional=False)
    assert json.loads((tmp_path / "r").read_bytes())["problems"] == [text]


@pytest.mark.parametrize(("kind", "read"), TABLES)
def test_fictional_results_say_so_in_every_line(tmp_path: Path, kind: str, read: Read) -> None:
    write_results(kind, tmp_path / "r", ROWS, fictional=True)
    assert {line["fictional"] for line in read(tmp_path / "r")} == {"true"}
    if kind == "xlsx":
        assert opened(tmp_path / "r").sheetnames == ["FICTIONAL DATA"]


def test_a_match_with_a_fictional_list_is_marked_in_a_real_run(tmp_path: Path) -> None:
    write_results("csv", tmp_path / "r", [ResultRow(customer(), (match(is_fictional=True),))], fictional=False)
    assert from_csv(tmp_path / "r")[0]["fictional"] == "true"


def test_a_csv_says_to_excel_that_it_is_utf8(tmp_path: Path) -> None:
    write_results("csv", tmp_path / "r", [ResultRow(customer(name="สมชาย"), ())], fictional=False)
    assert (tmp_path / "r").read_bytes().startswith(b"\xef\xbb\xbfrow,customer_id")
    assert from_csv(tmp_path / "r")[0]["customer_name"] == "สมชาย"


def test_more_rows_than_a_sheet_has_go_on_on_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "MAX_SHEET_ROWS", 4)
    write_results("xlsx", tmp_path / "r", [ResultRow(customer(n), ()) for n in range(2, 9)], fictional=False)
    assert opened(tmp_path / "r").sheetnames == ["Results", "Results 2", "Results 3"]
    assert [line["row"] for line in from_xlsx(tmp_path / "r")] == list(range(2, 9))


@pytest.mark.parametrize("kind", ["jsonl", "csv", "xlsx"])
def test_results_that_fail_half_way_leave_what_was_there(tmp_path: Path, kind: str) -> None:
    def failing() -> Iterator[ResultRow]:
        yield ROWS[0]
        raise InputError("the rows end here", do="Nothing.")

    (tmp_path / "r").write_text("before")
    with pytest.raises(InputError):
        write_results(kind, tmp_path / "r", failing(), fictional=False)
    assert [path.name for path in tmp_path.iterdir()] == ["r"]
    assert (tmp_path / "r").read_text() == "before"
    assert not any(Path(left).exists() for left in ALL_TEMP_FILES)


@pytest.mark.parametrize("kind", ["jsonl", "csv", "xlsx"])
def test_results_without_customers_are_a_file_that_can_be_read(tmp_path: Path, kind: str) -> None:
    write_results(kind, tmp_path / "r", [], fictional=False)
    assert (tmp_path / "r").exists()
    assert kind != "csv" or from_csv(tmp_path / "r") == []


def test_another_kind_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="pdf"):
        write_results("pdf", tmp_path / "r", [], fictional=False)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="cannot be written"):
        write_results("csv", tmp_path / "nowhere" / "r", [], fictional=False)
