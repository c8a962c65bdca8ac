"""Workbooks made to do harm: judged before they are unpacked, streamed within bounds, and nothing is ever extracted."""

import io
import stat
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lintas.model.errors import FileError, LintasError, TooLargeError
from lintas.sources.customers import package
from lintas.sources.customers.archive import MAX_PARTS
from lintas.sources.customers.read import CustomerFile, open_customers
from tests.sources.workbooks import raw_workbook, texts, with_part

Open = Callable[..., CustomerFile]

NAMES = f"<row>{texts('name')}</row>"
BUDI = f"{NAMES}<row>{texts('Budi')}</row>"
SPREAD = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
DOCTYPES = {
    "bare": "<!DOCTYPE worksheet>",
    "internal": "<!DOCTYPE worksheet [<!ELEMENT worksheet ANY>]>",
    "external": '<!DOCTYPE worksheet SYSTEM "file:///etc/passwd">',
    "public": '<!DOCTYPE worksheet PUBLIC "-//X//Y" "http://127.0.0.1:9/x.dtd">',
    "billion laughs": LAUGHS,
    "quadratic": f'<!DOCTYPE x [<!ENTITY i "{"x" * 50_000}">]>',
    "parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p.dtd"> %p;]>',
    "entity of a file": '<!DOCTYPE x [<!ENTITY i SYSTEM "file:///etc/passwd">]>',
}
PARTS = ("[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml")


def refused(opened: Open, content: bytes, code: str) -> LintasError:
    with pytest.raises(LintasError) as caught:
        list(opened(content).rows())
    assert caught.value.code == code, caught.value
    return caught.value


# Document types


@pytest.mark.parametrize("doctype", DOCTYPES)
@pytest.mark.parametrize("part", PARTS)
def test_a_document_type_in_any_part_that_is_read_is_refused(opened: Open, part: str, doctype: str) -> None:
    whole = raw_workbook(BUDI)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        markup = archive.read(part).decode()
    refused(opened, with_part(whole, part, (DOCTYPES[doctype] + markup).encode()), "document_type")
    refused(opened, with_part(whole, part, (DOCTYPES[doctype] + markup).encode("utf-16")), "document_type")


def test_an_entity_of_a_file_never_becomes_a_cell(opened: Open) -> None:
    sheet = f'<worksheet xmlns="{SPREAD}"><sheetData>{BUDI.replace("Budi", "&i;")}</sheetData></worksheet>'
    content = with_part(raw_workbook(BUDI), PARTS[-1], (DOCTYPES["entity of a file"] + sheet).encode())
    assert "root:" not in str(refused(opened, content, "document_type"))
    bare = with_part(raw_workbook(BUDI), PARTS[-1], sheet.encode())
    refused(opened, bare, "damaged_workbook")


# The archive


@pytest.mark.parametrize(
    "path", ["../outside.xml", "/etc/outside", "xl/../../outside", "..\\outside", "xl\\..\\..\\outside"]
)
def test_a_part_named_as_if_it_stood_outside_is_refused_and_written_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    here = tmp_path / "one" / "two" / "three"
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    file = here / "customers.xlsx"
    file.write_bytes(raw_workbook(BUDI, **{path: b"x"}))
    with pytest.raises(FileError, match="outside") as caught:
        list(open_customers(file, "customers.xlsx").rows())
    assert caught.value.code == "damaged_workbook"
    assert [found for found in tmp_path.rglob("*") if not found.is_dir()] == [file]
    assert not Path("/etc/outside").exists()


def test_a_part_that_is_a_link_is_refused(opened: Open) -> None:
    stream = io.BytesIO(raw_workbook(BUDI))
    with zipfile.ZipFile(stream, "a") as archive:
        link = zipfile.ZipInfo("xl/media/link")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert "link" in refused(opened, stream.getvalue(), "damaged_workbook").what


@pytest.mark.parametrize("again", [PARTS[-1], PARTS[-1].upper(), "XL/Workbook.xml"])
def test_a_part_that_is_there_twice_is_refused(opened: Open, again: str) -> None:
    stream = io.BytesIO(raw_workbook(BUDI))
    with zipfile.ZipFile(stream, "a") as archive:
        if again in archive.namelist():
            with pytest.warns(UserWarning, match="Duplicate"):
                archive.writestr(again, "<worksheet/>")
        else:
            archive.writestr(again, "<worksheet/>")
    assert "twice" in refused(opened, stream.getvalue(), "damaged_workbook").what


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_part_packed_by_a_method_that_unpacks_without_bound_is_refused(opened: Open, method: int) -> None:
    stream = io.BytesIO(raw_workbook(BUDI))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/media/zeros.bin", bytes(50_000), method)
    refused(opened, stream.getvalue(), "damaged_workbook")


def test_a_part_under_a_password_is_refused(opened: Open) -> None:
    content = bytearray(raw_workbook(BUDI))
    content[content.rfind(b"PK\x01\x02") + 8] |= 1
    assert "password" in refused(opened, bytes(content), "foreign_file").what


def test_too_many_parts_are_refused(opened: Open) -> None:
    many = {f"xl/media/{number}": b"" for number in range(MAX_PARTS)}
    assert "parts" in refused(opened, raw_workbook(BUDI, **many), "workbook_too_large").what


def test_more_bytes_than_a_workbook_has_are_refused_by_what_is_declared(opened: Open) -> None:
    content = bytearray(raw_workbook(BUDI, **{"xl/media/x": bytes(range(256)) * 40}))
    place = content.rfind(b"PK\x01\x02") + 20
    content[place : place + 8] = (2 << 30).to_bytes(4, "little") + (2 << 30).to_bytes(4, "little")
    assert "unpacked" in refused(opened, bytes(content), "workbook_too_large").what


def test_a_part_that_holds_more_than_it_declares_is_not_read_beyond(opened: Open) -> None:
    content = bytearray(with_part(raw_workbook(BUDI), PARTS[-1], raw_sheet("<row/>" * 1000)))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        true_size = archive.getinfo(PARTS[-1]).file_size
    content = bytearray(bytes(content).replace(true_size.to_bytes(4, "little"), (2000).to_bytes(4, "little")))
    refused(opened, bytes(content), "damaged_workbook")


def test_an_archive_within_the_archive_is_never_opened(opened: Open) -> None:
    inner = raw_workbook("", **{"xl/media/zeros.bin": bytes(50_000_000)})
    file = opened(raw_workbook(BUDI, **{"xl/embeddings/bomb.xlsx": inner, "xl/embeddings/bomb.zip": b"PK\x03\x04"}))
    assert [customer.entity.caption for customer in file.rows()] == ["Budi"]


@pytest.mark.parametrize("cut", [1, 22, 100])
def test_a_cut_archive_is_refused(opened: Open, cut: int) -> None:
    refused(opened, raw_workbook(BUDI)[:-cut], "damaged_workbook")


# What is streamed stays within bounds


def raw_sheet(rows: str) -> bytes:
    return f'<worksheet xmlns="{SPREAD}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def many(text: str, n: int) -> str:
    """Text that no archive shrinks a hundred times: each has a number of its own."""
    return "".join(text.replace("#", f"{number * 7919**5 % 10**16:016}") for number in range(n))


STRANGERS = ['<x a="#"/>', "<x><x/><x/><x>#</x></x>", "<!--#-->", "<?x #?>", "<row><c/><c/>#</row>"]


@pytest.mark.parametrize("stranger", STRANGERS)
def test_memory_is_not_filled_by_what_stands_between_the_rows(tmp_path: Path, stranger: str) -> None:
    rows = "".join(BUDI + many(stranger, 3000) for _ in range(100))
    (tmp_path / "x.xlsx").write_bytes(with_part(raw_workbook(""), PARTS[-1], raw_sheet(rows)))
    peak_kb()
    before = peak_kb()
    file = open_customers(tmp_path / "x.xlsx", "x.xlsx")
    assert sum(customer.entity.caption == "Budi" for customer in file.rows()) == 100
    assert peak_kb() - before < 25_000


@pytest.mark.parametrize("stranger", STRANGERS[:2])
def test_what_goes_on_without_a_row_is_given_up(opened: Open, monkeypatch: pytest.MonkeyPatch, stranger: str) -> None:
    monkeypatch.setattr(package, "MAX_BETWEEN", 100_000)
    long = raw_sheet(BUDI + many(stranger, 20_000))
    assert (
        "without a new row" in refused(opened, with_part(raw_workbook(""), PARTS[-1], long), "workbook_too_large").what
    )
    row = raw_workbook(f"{NAMES}<row>{many('<c><v>#</v></c>', 20_000)}</row>")
    assert "without a new row" in refused(opened, row, "workbook_too_large").what


def test_what_follows_the_rows_is_not_read_at_all(opened: Open) -> None:
    sheet = raw_sheet(BUDI).replace(b"</worksheet>", b"<mergeCells><and then it is damaged")
    assert opened(with_part(raw_workbook(""), PARTS[-1], sheet)).n_rows == 1


def peak_kb() -> int:
    """Memory of this process at its highest, kB; set back to what it holds now."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


@pytest.mark.parametrize(("cell", "n_cells"), [("XFD2", 16_384), ("ALL2", 1000)])
def test_one_cell_far_to_the_right_costs_no_more_than_one_cell(opened: Open, cell: str, n_cells: int) -> None:
    (customer,) = opened(raw_workbook(f'{NAMES}<row>{texts("Budi")}<c r="{cell}"><v>7</v></c></row>')).rows()
    assert customer.unread == ((f"column {n_cells}", "7"),)
    tracemalloc.start()
    rows = "".join(f'<row><c r="{cell}"><v>{number}</v></c></row>' for number in range(500))
    list(opened(raw_workbook(NAMES + rows)).rows())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000


@pytest.mark.parametrize("cell", ["XFE2", "ZZZ2"])
def test_a_cell_beyond_the_last_column_of_excel_is_refused(opened: Open, cell: str) -> None:
    refused(opened, raw_workbook(f'{NAMES}<row><c r="{cell}"><v>7</v></c></row>'), "workbook_too_large")


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="-1"><c><v>1</v></c></row>',
        '<row><c r="A2"><v>1</v></c><c r="A2"><v>2</v></c></row>',
        "<row><c><v>" + "9" * 5000 + "</v></c></row>",
        '<row><c t="s"><v>5</v></c></row>',
        '<row><c t="d"><v>no day</v></c></row>',
        '<row r="1.5"/>',
    ],
)
def test_what_no_sheet_says_is_damage_and_never_a_guess(opened: Open, rows: str) -> None:
    with pytest.raises(FileError):
        list(opened(raw_workbook(NAMES + rows)).rows())


def test_a_sheet_named_a_thousand_times_is_read_once(opened: Open) -> None:
    whole = raw_workbook(BUDI)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        book = archive.read(PARTS[1]).decode()
    sheet = book[book.index("<sheet ") : book.index("</sheets>")]
    assert opened(with_part(whole, PARTS[1], book.replace(sheet, sheet * 1000).encode())).n_rows == 1


def test_a_large_part_that_would_be_held_whole_is_refused(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MAX_HELD", 200)
    with pytest.raises(TooLargeError, match="bytes"):
        opened(raw_workbook(BUDI))


# CSV


@pytest.mark.parametrize(("n", "is_read"), [(131_072, True), (131_073, False)])
def test_a_cell_is_read_up_to_the_limit(opened: Open, n: int, is_read: bool) -> None:
    content = f"name,notes\nBudi,{'x' * n}\n"
    if is_read:
        (customer,) = opened(content).rows()
        assert "longer than" in customer.problems[0]
    else:
        refused(opened, content.encode(), "unreadable_cell")


# FollowTheMoney lines


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "-Infinity", "[" * 100_000, '{"a": 1, "a": 2}', '{"a": {"b": 1, "b": 1}}', "01", "+1"]
)
def test_json_that_readers_disagree_on_is_no_entity(opened: Open, value: str) -> None:
    good = '{"id": "p-1", "schema": "Person", "properties": {"name": ["A"]}}'
    first, second = opened(f'{good}\n{{"id": "p-2", "schema": "Person", "properties": {{"notes": {value}}}}}\n').rows()
    assert first.problems == ()
    assert second.problems[0].startswith("the line is no entity")
    assert second.unread[0][0] == "line"
