"""Files that agencies send one another: what is let through, and what each hostile one is held back for."""

import struct
import zlib
from contextlib import suppress
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.sources.files import names
from lintas.sources.files.checking import TYPES, check
from lintas.sources.files.held import REASONS, HeldBackError

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0" + bytes(20) + b"\xff\xd9"


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


PNG = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def zipped(parts: dict[str, bytes], packing: int = ZIP_DEFLATED) -> bytes:
    target = BytesIO()
    with ZipFile(target, "w", packing) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return target.getvalue()


def workbook(**more: bytes) -> bytes:
    target = BytesIO()
    book = openpyxl.Workbook()
    book.create_sheet("accounts").append(["name", "account"])
    book.save(target)
    with ZipFile(target, "a") as archive:
        for name, data in more.items():
            archive.writestr(name, data)
    return target.getvalue()


def document(rels: bytes = b"<Relationships/>", **more: bytes) -> bytes:
    parts = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>", "word/_rels/d.xml.rels": rels}
    return zipped({**parts, **more})


def open_document(says: bytes) -> bytes:
    return zipped({"mimetype": says, "content.xml": b"<content/>"})


def with_stream(data: bytes) -> bytes:
    return PDF.replace(
        b"trailer", b"2 0 obj<</Length 9>>stream\n" + zlib.compress(data) + b"\nendstream endobj\ntrailer"
    )


def hidden(flag: int) -> bytes:
    """An archive whose parts say to be encrypted."""
    data = bytearray(zipped({"a.txt": b"text"}))
    at = data.index(b"PK\x01\x02")
    data[6], data[at + 8] = flag, flag
    return bytes(data)


def linked() -> bytes:
    target, part = BytesIO(), ZipInfo("a.txt")
    part.external_attr = 0o120777 << 16
    with ZipFile(target, "w") as archive:
        archive.writestr(part, "/etc/passwd")
    return target.getvalue()


ODF = b"application/vnd.oasis.opendocument."
REMOTE = b'<R><R TargetMode="External" Type="x/attachedTemplate" Target="https://evil.example/t.dotm"/></R>'
LINK = b'<R><R TargetMode="External" Type="x/hyperlink" Target="https://example.org"/></R>'
DTD = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
LET_THROUGH = {
    "report.pdf": PDF,
    "flate.pdf": with_stream(b"BT (Hantu Trading) Tj ET"),
    "pixel.png": PNG,
    "photo.jpg": JPEG + bytes(7),
    "PHOTO.JPEG": JPEG,
    "note.txt": "ស្ថានភាព".encode(),
    "wide.csv": "name;account\nគណនី;1".encode("utf-16"),
    "marked.csv": b"\xef\xbb\xbfname,account\r\nHantu,1\r\n",
    "facts.json": b'{"account": "1"}',
    "facts.xml": b'<?xml version="1.0"?><facts><one/></facts>',
    "book.xlsx": workbook(),
    "letter.docx": document(LINK),
    "letter.odt": open_document(ODF + b"text"),
    "sheet.ods": open_document(ODF + b"spreadsheet"),
    "all.zip": zipped({"in/report.pdf": PDF, "in/note.txt": b"text", "in/nothing.txt": b""}, ZIP_STORED),
    "របាយការណ៍\u200bចុងក្រោយ.pdf": PDF,
    "تقرير عن الشركة.pdf": PDF,
}
HELD_BACK = [
    ("a.pdf", b"", "empty"),
    ("a.pdf", PDF[:-30], "damaged"),
    ("a.pdf", b"MZ" + PDF, "wrong_kind"),
    ("a.txt", b"MZ\x90\0", "unknown_kind"),
    ("a.txt", "naïve".encode("latin-1"), "unknown_kind"),
    ("a.png", JPEG, "wrong_kind"),
    ("a.txt", PDF, "wrong_kind"),
    ("a.exe", b"text", "unknown_kind"),
    ("a.html", b"<html>", "unknown_kind"),
    ("a.svg", b"<svg/>", "unknown_kind"),
    ("a.xlsm", workbook(), "unknown_kind"),
    ("a.png", PNG[:-5], "damaged"),
    ("a.png", PNG.replace(b"IDAT", b"IDAX"), "damaged"),
    ("a.png", PNG + b"more", "polyglot"),
    ("a.jpg", JPEG[:-1], "damaged"),
    ("a.jpg", JPEG + zipped({"a.txt": b"x"}), "polyglot"),
    ("a.jpg", JPEG[:4] + PDF + JPEG, "polyglot"),
    ("a.pdf", PDF + zipped({"a.txt": b"x"}), "polyglot"),
    ("a.pdf", PDF.replace(b"/Type", b"/OpenAction<</S/JavaScript>>/Type"), "active"),
    ("a.pdf", PDF.replace(b"/Type", b"/OpenAction<</S/J#61vaScr#69pt>>/Type"), "active"),
    ("a.pdf", with_stream(b"3 0 <</S/Launch>>"), "active"),
    ("a.pdf", PDF.replace(b"/Type", b"/Names<</EmbeddedFiles 3 0 R>>/Type"), "embedded"),
    ("a.pdf", PDF.replace(b"/Root", b"/Encrypt 3 0 R/Root"), "encrypted"),
    ("a.pdf", with_stream(bytes(65 << 20)), "too_large"),
    ("a.json", b'{"a":', "damaged"),
    ("a.json", b"[" * 100_000, "damaged"),
    ("a.xml", b"<a>", "damaged"),
    ("a.xml", DTD, "document_type"),
    ("a.xml", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "active"),
    ("a.xlsx", zipped({"a.txt": b"x"}), "wrong_kind"),
    ("a.docx", workbook(), "wrong_kind"),
    ("a.ods", open_document(ODF + b"text"), "wrong_kind"),
    ("a.xlsx", workbook()[:-40], "damaged"),
    ("a.xlsx", workbook(**{"xl/vbaProject.bin": b"x"}), "active"),
    ("a.xlsx", workbook(**{"xl/other.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}), "embedded"),
    ("a.xlsx", workbook(**{"xl/embeddings/a.xlsx": workbook()}), "nested"),
    ("a.xlsx", workbook(**{"xl/more.xml": DTD}), "document_type"),
    ("a.docx", document(REMOTE), "remote"),
    ("a.zip", zipped({"in.zip": zipped({"a.txt": b"x"})}), "nested"),
    ("a.zip", zipped({"in.xlsx": workbook()}), "nested"),
    ("a.zip", zipped({"in.txt": b"\x1f\x8b more"}), "nested"),
    ("a.zip", zipped({"../a.txt": b"x"}), "odd_archive"),
    ("a.zip", zipped({"/etc/a.txt": b"x"}), "odd_archive"),
    ("a.zip", zipped({"in/..\\a.txt": b"x"}), "odd_archive"),
    ("a.zip", zipped({"in/con.txt": b"x"}), "unsafe_name"),
    ("a.zip", zipped({"in/\u202etxt.pdf": PDF}), "unsafe_name"),
    ("a.zip", zipped({"in/a.js": b"alert(1)"}), "unknown_kind"),
    ("a.zip", zipped({"a.txt": b""}), "empty"),
    ("a.zip", zipped({f"{n}.txt": b"x" for n in range(1001)}), "too_large"),
    ("a.zip", zipped({"a.txt": b"a" * (2 << 20)}), "too_large"),
    ("a.zip", hidden(1), "encrypted"),
    ("a.zip", linked(), "odd_archive"),
]
UNSAFE = [
    "../a.pdf",
    "a/b.pdf",
    "a\\b.pdf",
    "C:a.pdf",
    "a\n.pdf",
    "a\0.pdf",
    "fdp.\u202etxt",
    "\u2067a.pdf",
    "a\ufeff.pdf",
    ".pdf",
    ".hidden.",
    "a.pdf.",
    " a.pdf",
    "-rf.pdf",
    "NUL.pdf",
    "com1.tar.pdf",
    "pdf",
    "",
    "ក" * 70 + ".pdf",
    "a\ud800.pdf",
]


@pytest.mark.parametrize("name", LET_THROUGH)
def test_what_officers_send_is_let_through_with_its_type(name: str) -> None:
    assert check(name, LET_THROUGH[name]) == TYPES[name.rpartition(".")[2].lower()]


@pytest.mark.parametrize(("name", "data", "code"), HELD_BACK, ids=[f"{n}-{one[2]}" for n, one in enumerate(HELD_BACK)])
def test_a_hostile_file_is_held_back_with_its_reason(name: str, data: bytes, code: str) -> None:
    with pytest.raises(HeldBackError) as error:
        check(name, data)
    assert error.value.code == code


def test_every_reason_but_that_of_the_wire_is_shown_by_a_file() -> None:
    assert {code for _, _, code in HELD_BACK} == set(REASONS) - {"altered"}


@pytest.mark.parametrize("name", UNSAFE)
def test_a_name_that_deceives_is_unsafe(name: str) -> None:
    with pytest.raises(HeldBackError) as error:
        check(name, PDF)
    assert error.value.code == "unsafe_name"


@given(st.text(max_size=40))
def test_a_name_is_safe_or_refused_and_a_safe_one_is_one_line_in_one_folder(name: str) -> None:
    try:
        names.check(name)
    except HeldBackError:
        return
    assert name.isprintable() or set(name) & set("\u200b\u200c\u200d") or any(one.isspace() for one in name)
    assert len(f"{name}".splitlines()) == 1
    assert not set(name) & set("/\\:\0")
    assert name not in (".", "..")


@given(st.sampled_from(sorted(LET_THROUGH)), st.data())
def test_what_was_cut_or_changed_on_its_way_is_judged_and_breaks_nothing(name: str, data: st.DataObject) -> None:
    whole = LET_THROUGH[name]
    at = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.binary(max_size=4))
    for hurt in (whole[:at], whole[:at] + other + whole[at + len(other) :]):
        with suppress(HeldBackError):  # anything else breaks the test
            assert check(name, hurt) in TYPES.values()
