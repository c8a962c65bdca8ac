"""The check of one file: its name, then what is in it, against a closed list of kinds."""

from collections.abc import Callable, Mapping

from lintas.sources.files import archive, names, pdf, pictures, texts
from lintas.sources.files.held import HeldBackError

_OFFICE = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
# What is let through, by the extension of its name; the type is what a browser is told.
TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "txt": "text/plain",
    "csv": "text/csv",
    "json": "application/json",
    "xml": "application/xml",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "docx": f"{_OFFICE}wordprocessingml.document",
    "ods": f"{_ODF}spreadsheet",
    "odt": f"{_ODF}text",
    "zip": "application/zip",
}
ZIPPED = ("xlsx", "docx", "ods", "odt", "zip")
_PDF, _PDF_WITHIN = b"%PDF-", 1024  # bytes in which readers look for the mark (ISO 32000-1, annex H.3, note 13)
_ZIP_ENDS, _ZIP_WITHIN = b"PK\x05\x06", 65_557  # the end of a directory, with the longest comment (APPNOTE, 4.3.16)
_BY_BYTES: Mapping[str, Callable[[bytes], None]] = {
    "pdf": pdf.check,
    "png": pictures.check_png,
    "jpg": pictures.check_jpeg,
    "jpeg": pictures.check_jpeg,
    "json": texts.check_json,
    "xml": texts.check_xml_bytes,
}


def check(name: str, data: bytes) -> str:
    """The media type of a file that is let through. Raises HeldBackError."""
    try:
        return _type(name, data, TYPES)
    except HeldBackError as error:
        raise HeldBackError(error.code, name) from error


def _type(name: str, data: bytes, allowed: Mapping[str, str]) -> str:
    names.check(name)
    if not data:
        raise HeldBackError("empty")
    kind, said = _kind(data), names.extension(name)
    if said not in allowed:
        raise HeldBackError("unknown_kind")
    _check_mark(kind, said)
    _check_one_kind(kind, data)
    if kind == "zip":
        archive.check(name, data, _inner)
        return TYPES[said]
    if kind == "text":
        texts.check_text(data)
    if said in _BY_BYTES:
        _BY_BYTES[said](data)
    return TYPES[said]


def _inner(name: str, data: bytes) -> None:
    """A file in an archive: of the same kinds, and no archive itself. A file of nothing says nothing."""
    names.check(name)
    if data:
        _type(name, data, {one: TYPES[one] for one in TYPES if one not in ZIPPED})


def _kind(data: bytes) -> str:
    """By the first bytes: pdf, png, jpeg, zip; else text, which is looked at as such."""
    if data.startswith(_PDF):
        return "pdf"
    if data.startswith(pictures.PNG):
        return "png"
    if data.startswith(pictures.JPEG):
        return "jpeg"
    return "zip" if data.startswith(archive.ZIP) else "text"


def _check_mark(kind: str, said: str) -> None:
    """What is in a file is what its name says."""
    wanted = "zip" if said in ZIPPED else "jpeg" if said == "jpg" else said
    if kind == "text" and wanted not in ("pdf", "png", "jpeg", "zip"):
        return
    if kind != wanted:
        raise HeldBackError("wrong_kind")


def _check_one_kind(kind: str, data: bytes) -> None:
    """No second mark where readers of another kind look for theirs."""
    is_pdf = kind not in ("pdf", "zip") and _PDF in data[:_PDF_WITHIN]  # in an archive it is a part as it is
    is_zip = kind != "zip" and _ZIP_ENDS in data[-_ZIP_WITHIN:]
    if is_pdf or is_zip:
        raise HeldBackError("polyglot")
