"""Customer files of every make: CSV, workbooks and entities are read, everything else is refused saying why."""

import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from lintas.model.customer import Customer
from lintas.model.errors import FileError, LintasError, TooLargeError
from lintas.sources.customers.read import CustomerFile, open_customers
from tests.sources.workbooks import raw_workbook, texts, workbook

Open = Callable[..., CustomerFile]


def only(file: CustomerFile) -> Customer:
    (customer,) = file.rows()
    return customer


# Delimiters, quotes, encodings


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_delimiter_is_sniffed_and_quotes_are_respected(opened: Open, delimiter: str) -> None:
    line = delimiter.join(['"Tan, Ah; Kow\t|"', "1970"])
    customer = only(opened(f"name{delimiter}dob\n{line}\n"))
    assert customer.entity.get("name") == ["Tan, Ah; Kow |"]
    assert customer.entity.get("birthDate") == ["1970"]


def test_a_list_of_names_keeps_its_commas(opened: Open) -> None:
    assert only(opened("name\nTan, Ah Kow\n")).entity.get("name") == ["Tan, Ah Kow"]


def test_excels_own_delimiter_hint_is_followed_and_not_counted(opened: Open) -> None:
    customer = only(opened("sep=;\r\nname;dob\r\nBudi;1970\r\n"))
    assert (customer.row, customer.entity.get("birthDate")) == (2, ["1970"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_utf8_and_marked_utf16_are_read(opened: Open, encoding: str) -> None:
    assert only(opened("ชื่อ,วันเกิด\nสมชาย,2517\n".encode(encoding))).entity.get("name") == ["สมชาย"]


def test_another_encoding_is_refused_naming_line_and_byte(opened: Open) -> None:
    with pytest.raises(FileError) as caught:
        opened("name,dob\nBudi,1970\nJosé,1971\n".encode("latin-1"))
    assert caught.value.where == "customers.csv, line 3, byte 4 of the line"
    assert "0xE9" in caught.value.what
    assert "UTF-8" in caught.value.do


def test_a_bad_byte_far_into_a_file_is_found(opened: Open) -> None:
    content = b"name\n" + b"Budi\n" * 60_000 + b"Jos\xe9\n"
    with pytest.raises(FileError) as caught:
        opened(content)
    assert caught.value.where == "customers.csv, line 60002, byte 4 of the line"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32"])
def test_unmarked_utf16_and_utf32_are_refused_not_guessed(opened: Open, encoding: str) -> None:
    with pytest.raises(FileError, match="zero bytes"):
        opened("name,dob\nBudi,1970\n".encode(encoding))


def test_a_line_of_100_megabytes_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as stream:
        stream.write(b"name,dob\n")
        for _ in range(100):
            stream.write(b"x" * 1_000_000)
    tracemalloc.start()
    with pytest.raises(TooLargeError, match="line 2"):
        open_customers(path, "long.csv")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16_000_000


def test_a_quote_that_never_closes_is_refused_and_swallows_no_rows(opened: Open) -> None:
    with pytest.raises(FileError, match="row 3"):
        opened('name,dob\nBudi,1970\n"Siti,1971\nTan,1972\n')


def test_a_row_of_more_than_eight_million_characters_is_refused(opened: Open) -> None:
    lines = "x" * 900_000 + "\n"
    with pytest.raises(LintasError, match="quotation mark"):
        opened(f'name,dob\n"{lines * 10}",1970\n')


# Other files


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x1f\x8b\x08rest", "gzip"),
        (b"<html><table><tr><td>name</td></tr></table></html>", "web page"),
        (b'[{"id": "1"}]', "JSON array"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), ".xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"PK\x03\x04 and nothing more", "damaged"),
    ],
)
def test_another_kind_of_file_is_refused_saying_which(opened: Open, content: bytes, what: str) -> None:
    with pytest.raises(FileError) as caught:
        opened(content)
    assert what in str(caught.value)


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}, ".ods"),
        ({"xl/vbaProject.bin": b"x"}, "macros"),
        ({"xl/workbook.bin": b"x"}, ".xlsb"),
    ],
)
def test_another_kind_of_workbook_is_refused_saying_which(opened: Open, parts: dict[str, bytes], what: str) -> None:
    with pytest.raises(FileError) as caught:
        opened(raw_workbook("", **parts))
    assert what in caught.value.what


def test_a_workbook_that_is_a_bomb_is_refused_before_it_is_unpacked(opened: Open) -> None:
    with pytest.raises(TooLargeError, match="100 times"):
        opened(raw_workbook("", **{"xl/media/zeros.bin": bytes(20_000_000)}))


def test_a_sheet_that_claims_a_row_far_beyond_excels_last_is_refused(opened: Open) -> None:
    with pytest.raises(TooLargeError, match="rows"):
        list(opened(raw_workbook(f'<row>{texts("name")}</row><row r="9999999999">{texts("Budi")}</row>')).rows())


def test_a_damaged_workbook_is_refused_wherever_it_is_damaged(opened: Open) -> None:
    whole = workbook(("name", "dob"), *(("Budi", 1970) for _ in range(50)))
    for place in range(0, len(whole), 97):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        try:
            list(opened(bytes(damaged)).rows())
        except LintasError:
            continue


def test_a_file_that_is_not_there_is_a_file_error(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be opened"):
        open_customers(tmp_path / "nowhere.csv", "nowhere.csv")
    with pytest.raises(FileError, match="cannot be opened"):
        open_customers(tmp_path, "folder")


# Workbooks


def test_a_workbook_gives_dates_and_numbers_as_a_person_reads_them(opened: Open) -> None:
    content = workbook(
        ("name", "dob", "id no", "tax no", "reg no", "notes"),
        ("Budi", datetime.fromisoformat("1970-05-06"), 12345.0, 123450000000, "0042", 1.5),
        ("Siti", date(1971, 6, 7), 1.2345e11, 3171234567890123, "x", True),
    )
    first, second = opened(content).rows()
    assert first.entity.get("birthDate") == ["1970-05-06"]
    assert first.entity.get("idNumber") == ["12345"]
    assert first.entity.get("taxNumber") == ["123450000000"]
    assert first.entity.get("registrationNumber") == ["0042"]
    assert first.entity.get("notes") == ["1.5"]
    assert first.problems == ()
    assert second.entity.get("idNumber") == ["123450000000"]
    assert second.entity.get("taxNumber") == ["3171234567890123"]
    assert "15 digits" in second.problems[0]


def test_formulas_give_their_cached_values(opened: Open) -> None:
    sheet = f'<row>{texts("name,x")}</row><row><c t="str"><f>A9</f><v>Budi</v></c><c><f>1+1</f><v>2</v></c></row>'
    customer = only(opened(raw_workbook(sheet)))
    assert (customer.entity.get("name"), customer.unread) == (["Budi"], (("x", "2"),))


def test_a_workbook_counts_rows_and_names_the_sheets_that_it_does_not_read(opened: Open) -> None:
    file = opened(workbook((), ("name",), (), ("Budi",), ("Siti", None, "x"), second=[("name",), ("Tan",)]))
    first, second = file.rows()
    assert (file.kind, file.n_rows, first.row, second.row) == ("xlsx", 2, 4, 5)
    assert file.notes == ("only the sheet 'Sheet' is read, not 'Other'",)
    assert second.unread == (("column 3", "x"),)


def test_a_size_that_a_workbook_states_too_small_hides_no_row(opened: Open) -> None:
    whole = workbook(("name",), ("Budi",), ("Siti",))
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(stream, "w") as new:
        for part in old.namelist():
            new.writestr(part, old.read(part).replace(b'<dimension ref="A1:A3"', b'<dimension ref="A1:A2"'))
    assert [customer.entity.caption for customer in opened(stream.getvalue()).rows()] == ["Budi", "Siti"]


def test_an_empty_workbook_is_refused(opened: Open) -> None:
    with pytest.raises(FileError, match="header"):
        opened(workbook())


# FollowTheMoney lines


def test_entities_are_read_with_several_values_and_their_own_ids(opened: Open) -> None:
    line = {"id": "p-1", "schema": "Person", "properties": {"name": ["A", "B"], "birthDate": ["1970"]}, "caption": "A"}
    file = opened("\n" + json.dumps(line) + "\n")
    customer = only(file)
    assert (customer.row, customer.id, customer.entity.id, customer.entity.schema) == (2, "p-1", "p-1", "Person")
    assert customer.entity.get("name") == ["A", "B"]
    assert customer.unread == (("caption", "A"),)
    assert (file.kind, file.n_rows) == ("ftm", 1)


@pytest.mark.parametrize("line", ['{"id": "x"', "[1]", '{"a": 1}', '{"id": "a", "id": "b"}', "[" * 100_000])
def test_a_line_that_is_no_entity_is_kept_unread_and_said(opened: Open, line: str) -> None:
    good = '{"id": "p-1", "schema": "Person", "properties": {"name": ["A"]}}'
    first, second = opened(f"{good}\n{line}\n").rows()
    assert first.problems == ()
    assert second.problems[0].startswith("the line is no entity")
    assert second.unread == (("line", line),)


def test_numbers_in_json_keep_their_digits_and_halves_of_letters_harm_nobody(opened: Open) -> None:
    line = r'{"id": 7, "schema": "Person", "properties": {"name": ["A\ud800"], "idNumber": 12345678901234567890123}}'
    customer = only(opened(line))
    assert customer.id == "7"
    assert customer.entity.get("idNumber") == ["12345678901234567890123"]
    assert customer.entity.get("name") == ["A\ufffd"]


def test_an_entity_that_lists_are_not_asked_for_is_kept_and_said(opened: Open) -> None:
    good = '{"id": "p-1", "schema": "Person", "properties": {"name": ["A"]}}'
    link = '{"id": "o-1", "schema": "Ownership", "properties": {"owner": ["p-1"]}}'
    _, second = opened(f"{good}\n{link}\n").rows()
    assert second.entity.get("owner") == ["p-1"]
    assert any("Ownership" in problem for problem in second.problems)
