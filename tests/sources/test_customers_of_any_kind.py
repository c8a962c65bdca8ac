"""Everything that people ever typed, and much of it: rows or a clear error, and no row lost."""

import csv
import io
import json
import re
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from lintas.model.errors import LintasError
from lintas.model.text import clean_text
from lintas.sources.customers.read import CustomerFile, open_customers

Open = Callable[..., CustomerFile]


NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
PLAIN = {
    "customer id": "C-1",
    "type": "person",
    "name": "Budi",
    "first name": "Budi",
    "dob": "1970",
    "gender": "L",
    "nationality": "ID",
    "nik": "3171",
    "imo": "9319466",
    "mmsi": "525999001",
    "wallet": "0x8589427373D6D84E98730D7795D8f6f8731FDA16",
    "iban": "GB82WEST12345698765432",
    "phone": "+6561234567",
    "email": "a@example.org",
    "website": "https://example.org",
    "colour": "red",
}


@pytest.fixture(scope="session")
def naughty(shared: Path) -> list[str]:
    strings = json.loads((shared / "data/badinputs/blns.json").read_text(encoding="utf-8"))
    assert len(strings) == 515
    return list(strings)


def rows_with(naughty: Iterable[str], column: str) -> Iterable[list[str]]:
    return ([text if header == column else plain for header, plain in PLAIN.items()] for text in naughty)


@pytest.mark.parametrize("column", PLAIN)
def test_no_naughty_string_in_a_csv_raises_or_loses_a_row(opened: Open, naughty: list[str], column: str) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(PLAIN)
    writer.writerows(rows_with(naughty, column))
    file = opened(stream.getvalue())
    found = list(file.rows())
    assert len(found) == file.n_rows == len(naughty)
    assert all(customer.entity.digest for customer in found)


@pytest.mark.parametrize("column", PLAIN)
def test_no_naughty_string_in_a_workbook_raises_or_loses_a_row(opened: Open, naughty: list[str], column: str) -> None:
    possible = [NOT_XML.sub("", text) for text in naughty]  # the rest cannot stand in a workbook
    book = Workbook(write_only=True)
    page = book.create_sheet()
    page.append(list(PLAIN))
    for line in rows_with(possible, column):
        page.append([f"'{cell}" if cell.startswith("=") else cell for cell in line])
    stream = io.BytesIO()
    book.save(stream)
    file = opened(stream.getvalue())
    assert len(list(file.rows())) == file.n_rows == len(naughty)


@pytest.mark.parametrize("place", ["id", "schema", "name", "birthDate", "country", "imoNumber", "cryptoAddress", "key"])
def test_no_naughty_string_in_an_entity_raises_or_loses_a_row(opened: Open, naughty: list[str], place: str) -> None:
    lines = []
    for text in naughty:
        properties = {"name": ["Budi"], **({} if place in ("id", "schema", "key") else {place: [text]})}
        entity = {"id": "p-1", "schema": "Person", "properties": properties}
        lines.append(
            {**entity, text: "x"} if place == "key" else {**entity, **({place: text} if place in entity else {})}
        )
    file = opened("\n".join(json.dumps(line) for line in lines))
    assert len(list(file.rows())) == file.n_rows == len(naughty)


def outcome(path: Path) -> str:
    """Rows that are as many as counted, or a clear error."""
    try:
        file = open_customers(path, path.name)
        return "rows" if len(list(file.rows())) == file.n_rows else "rows lost"
    except LintasError as error:
        return "error" if error.do else "nothing to do"


def test_every_file_of_the_json_test_suite_is_rows_or_a_clear_error(shared: Path) -> None:
    paths = sorted((shared / "data/badinputs/JSONTestSuite/test_parsing").iterdir())
    assert len(paths) == 318
    assert {outcome(path) for path in paths} <= {"rows", "error"}


def same(text: str) -> str:
    """Cleaning twice may go a step further than once; what is compared is its end."""
    for _ in range(4):
        text = clean_text(text)
    return text


HEADERS = ["name", "nama", "alias", "first name", "dob", "gender", "nationality", "nik", "imo", "wallet", "iban", "id"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(st.data())
def test_every_cell_of_any_table_is_found_in_entity_unread_or_problems(opened: Open, data: st.DataObject) -> None:
    others = st.sampled_from(HEADERS) | st.text("abc XYZ019", max_size=8)
    header = ["name", *data.draw(st.lists(others, min_size=1, max_size=6))]
    row = st.lists(st.text(max_size=12) | st.text("0123456789-/", max_size=10), min_size=1, max_size=len(header) + 2)
    table = data.draw(st.lists(row, max_size=6))
    stream = io.StringIO()
    csv.writer(stream).writerows([header, *table])
    expected = [cells for cells in table if any(cell.strip() for cell in cells)]
    found = list(opened(stream.getvalue()).rows())
    assert len(found) == len(expected)
    for cells, customer in zip(expected, found, strict=True):
        statements = [s for entity in (customer.entity, *customer.holds) for s in entity.statements]
        kept = {same(s.original or s.value) for s in statements}
        kept |= {same(s.value) for s in statements} | {same(v) for _, v in customer.unread}
        kept |= {same(customer.id)}
        for cell in filter(str.strip, cells):
            assert same(cell) in kept or (not clean_text(cell) and "U+" in " ".join(customer.problems))


@pytest.mark.long
def test_two_hundred_thousand_rows_are_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("w", encoding="utf-8") as stream:
        stream.write("id,name,dob,nationality\n")
        stream.writelines(f"C{n},Budi Contoh {n},1970-01-{n % 28 + 1:02d},ID\n" for n in range(200_000))
    file = open_customers(path, "large.csv")
    assert file.n_rows == 200_000
    tracemalloc.start()
    assert sum(1 for _ in file.rows()) == 200_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40_000_000
