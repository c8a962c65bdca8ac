"""Recognise a customer file by what is in it, never by its name; refuse what is another thing, saying which."""

import re
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from lintas.model.errors import FileError, TooLargeError
from lintas.sources.customers.lines import text_file

HEAD = 8192  # bytes that are looked at
MAX_UNPACKED = 1 << 30  # bytes of all parts of a workbook; a full sheet of ten columns has about 700 MB
MAX_STRINGS = 256 << 20  # bytes of the table of shared texts, the one part that is held in memory
MAX_PARTS = 10_000
MAX_RATIO = 100  # unpacked to packed, as Apache POI's ZipSecureFile has it (MIN_INFLATE_RATIO 0.01)
SMALL_PART = 100 << 10  # bytes; smaller parts may shrink as they like (the same, GRACE_ENTRY_SIZE)

_SAVE_AS = "Save it as a workbook (.xlsx) without password and macros, or as CSV UTF-8, and hand it in again."
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"PAR1", "a Parquet table"),
    (b"SQLite format 3", "an SQLite database"),
    (b"{\\rtf", "a document in Rich Text Format"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_JSON_ARRAY = re.compile(r"^\[\s*(\{|\[|\]|$)")


def kind_of(path: Path, name: str) -> str:
    """`csv`, `xlsx` or `ftm`. Raises FileError for anything else, TooLargeError for a workbook that is a bomb."""
    head = head_of(path, name)
    if not head.strip():
        raise _refusal(name, "empty", "Was the copy finished?", "empty_file")
    if head.startswith(_OLE):
        raise _refusal(name, _what_ole(path), _SAVE_AS)
    if head.startswith(_ZIP):
        _check_workbook(path, name)
        return "xlsx"
    for mark, what in _FOREIGN:
        if head.startswith(mark):
            raise _refusal(name, what, _SAVE_AS)
    return _kind_of_text(path, name, head)


def head_of(path: Path, name: str) -> bytes:
    """The first HEAD bytes. Raises FileError when there is no such file or it may not be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(HEAD)
    except OSError as error:
        raise FileError(
            f"The file cannot be opened: {error.strerror or error}",
            where=name,
            do="Check that it is there and may be read.",
            code="unreadable_file",
        ) from error


def _refusal(name: str, what: str, do: str, code: str = "foreign_file") -> FileError:
    return FileError(f"The file is {what}", where=name, do=do, code=code)


def _what_ole(path: Path) -> str:
    with path.open("rb") as stream:
        last = b""
        while chunk := stream.read(1 << 20):
            if _ENCRYPTED in last + chunk:
                return "an Office document protected with a password"
            last = chunk[-len(_ENCRYPTED) :]
    return "an Excel workbook of the old kind (.xls) or another Office document of before 2007"


def _kind_of_text(path: Path, name: str, head: bytes) -> str:
    source = text_file(path, name, head)
    cut = len(head) - len(head) % 2  # a whole number of UTF-16 letters
    start = head[:cut].decode(source.encoding, "ignore").lstrip("\ufeff").lstrip()
    if start.startswith("{"):
        return "ftm"
    if start.startswith("<"):
        raise _refusal(name, "a web page or XML, whatever its name says", _SAVE_AS)
    if _JSON_ARRAY.match(start[:200]):
        raise _refusal(name, "one JSON array", "Write one entity a line, without brackets around and commas between.")
    return "csv"


def _check_workbook(path: Path, name: str) -> None:
    try:
        with ZipFile(path) as archive:
            parts = archive.infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise FileError(
            f"The workbook is damaged: {error}",
            where=name,
            do="Open it in the program that wrote it, save it anew and hand it in again.",
            code="damaged_workbook",
        ) from error
    if what := _what_zip(parts):
        raise _refusal(name, what, _SAVE_AS)
    _refuse_bombs(parts, name)


def _what_zip(parts: list[ZipInfo]) -> str | None:
    """What a zip archive is, when it is no workbook that is read here."""
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        return "protected with a password"
    if "mimetype" in names or "content.xml" in names:
        return "an OpenDocument file (.ods)"
    if "[Content_Types].xml" not in names or not any(part.startswith("xl/") for part in names):
        return "a zip archive and no workbook"
    if any(part.lower().endswith("vbaproject.bin") for part in names):
        return "a workbook with macros (.xlsm)"
    return "a binary workbook (.xlsb)" if "xl/workbook.bin" in names else None


def _refuse_bombs(parts: list[ZipInfo], name: str) -> None:
    """Unpacking stops at the size that a part declares, so what is declared can be relied on."""
    reason = ""
    if len(parts) > MAX_PARTS:
        reason = f"it has {len(parts):,} parts, more than {MAX_PARTS:,}"
    elif (total := sum(part.file_size for part in parts)) > MAX_UNPACKED:
        reason = f"unpacked it has {total:,} bytes, more than {MAX_UNPACKED:,}"
    for part in parts:
        if part.file_size > SMALL_PART and part.file_size > MAX_RATIO * part.compress_size:
            reason = f"its part {part.filename[:80]!r} grows more than {MAX_RATIO} times when unpacked"
        if part.filename.lower().endswith("sharedstrings.xml") and part.file_size > MAX_STRINGS:
            reason = f"its table of texts has {part.file_size:,} bytes, more than {MAX_STRINGS:,}"
    if reason:
        raise TooLargeError(
            f"The workbook is too large to be read safely: {reason}",
            where=name,
            do="Save it as CSV UTF-8, which is read line by line, and hand that in.",
            code="workbook_too_large",
        )
