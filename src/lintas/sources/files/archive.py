"""Zip archives and the documents that are ones: judged by their directory first, then part by part, in memory."""

import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from lxml import etree

from lintas.sources.customers import archive
from lintas.sources.files import names, texts
from lintas.sources.files.held import HeldBackError

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
MAX_PARTS, MAX_UNPACKED = 1_000, 64 << 20  # parts, and bytes of all of them; ours, eight times the largest parcel
MAX_RELATIONSHIPS = 1 << 20  # bytes of a part that says where others are; ours
# What begins as an archive does: zip, RAR, 7-Zip, gzip, bzip2, xz, Zstandard, cabinet; tar has its mark at 257.
_ARCHIVES = (*ZIP, b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"(\xb5/\xfd", b"MSCF")
# OLE containers (objects, macros) and programs.
_OBJECTS = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"MZ", b"\x7fELF")
_MACROS = ("vbaproject.bin", "vbadata.xml", "basic/", "scripts/", "activex/", "script-lb.xml")
_ODF = "application/vnd.oasis.opendocument."
# The part that a document must have, by the extension of its name (ECMA-376-1, 11.3.10 and 12.3.23).
_MAIN: Mapping[str, str] = {"xlsx": "xl/workbook.xml", "docx": "word/document.xml"}
# What an OpenDocument file says of itself (OpenDocument 1.3, part 2, 3.3).
_SAYS: Mapping[str, str] = {"ods": f"{_ODF}spreadsheet", "odt": f"{_ODF}text"}
_DAMAGED = (BadZipFile, OSError, ValueError, NotImplementedError, EOFError, RuntimeError, zlib.error)


def check(name: str, data: bytes, inner: Callable[[str, bytes], object]) -> None:
    """A zip archive or document by its name. `inner` judges a file in a plain archive. Raises HeldBackError."""
    kind = names.extension(name)
    try:
        with ZipFile(BytesIO(data)) as opened:
            parts = opened.infolist()
            _check_directory(parts)
            for part in parts:
                held = b"" if part.is_dir() else opened.read(part)
                _check_part(held)
                if kind == "zip" and not part.is_dir():
                    inner(part.filename.rpartition("/")[2], held)
                elif kind != "zip":
                    _check_of_document(part, held)
            if kind != "zip" and not _is_document(opened, kind):
                raise HeldBackError("wrong_kind")
    except _DAMAGED as error:
        raise HeldBackError("damaged") from error


def is_archive(data: bytes) -> bool:
    """Whether something begins as an archive of any known kind does."""
    return data.startswith(_ARCHIVES) or data[257:262] == b"ustar"


def _check_directory(parts: list[ZipInfo]) -> None:
    if any(part.flag_bits & 1 for part in parts):
        raise HeldBackError("encrypted")
    if archive.what_odd(parts):
        raise HeldBackError("odd_archive")
    if archive.what_large(parts, MAX_PARTS, MAX_UNPACKED):
        raise HeldBackError("too_large")
    if not any(part.file_size for part in parts):
        raise HeldBackError("empty")


def _check_part(held: bytes) -> None:
    if is_archive(held):
        raise HeldBackError("nested")
    if held.startswith(_OBJECTS):
        raise HeldBackError("embedded")


def _check_of_document(part: ZipInfo, held: bytes) -> None:
    path = part.filename.lower()
    if any(f"/{one}" in f"/{path}" for one in _MACROS):
        raise HeldBackError("active")
    if path.endswith((".xml", ".rels")) and held:
        texts.check_xml_bytes(held)
    if path.endswith(".rels") and _fetches(held):
        raise HeldBackError("remote")


def _fetches(relationships: bytes) -> bool:
    """Whether a part is taken from elsewhere; links that a reader clicks are not."""
    if len(relationships) > MAX_RELATIONSHIPS:
        raise HeldBackError("too_large")
    for one in etree.fromstring(relationships, etree.XMLParser(resolve_entities=False, no_network=True)):
        if one.get("TargetMode") == "External" and not (one.get("Type") or "").endswith("/hyperlink"):
            return True
    return False


def _is_document(opened: ZipFile, kind: str) -> bool:
    held = set(opened.namelist())
    if kind in _SAYS:
        return "mimetype" in held and "content.xml" in held and opened.read("mimetype") == _SAYS[kind].encode()
    return {"[Content_Types].xml", _MAIN[kind]} <= held
