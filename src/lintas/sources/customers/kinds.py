"""Recognise a customer file by what is in it, never by its name; refuse what is another thing, saying which.

A name that says another thing than the content is refused too: somebody was misled, or is to be.
"""

import re
from pathlib import Path

from lintas.model.errors import FileError
from lintas.sources.customers.archive import SAVE_AS, check_workbook
from lintas.sources.customers.lines import text_file

HEAD = 8192  # bytes that are looked at

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
# What a name may end in; one that ends in nothing, or in no letters, says nothing.
ENDINGS = {
    "csv": ("csv", "tsv", "tab", "psv", "txt", "dat", "asc"),
    "xlsx": ("xlsx",),
    "ftm": ("json", "jsonl", "ndjson", "ftm", "txt"),
}
_ENDING = re.compile(r"\.([a-z][a-z0-9]{1,7})$")
_WORDS = {"csv": "a table of text", "xlsx": "a workbook", "ftm": "lines of FollowTheMoney"}
_JSON_ARRAY = re.compile(r"^\[\s*(\{|\[|\]|$)")


def kind_of(path: Path, name: str) -> str:
    """`csv`, `xlsx` or `ftm`. Raises FileError for anything else, TooLargeError for a workbook that is a bomb."""
    head = head_of(path, name)
    if not head.strip():
        raise _refusal(name, "empty: it has no bytes", "Was the copy finished?", "empty_file")
    if head.startswith(_OLE):
        raise _refusal(name, _what_ole(path), SAVE_AS)
    if head.startswith(_ZIP):
        check_workbook(path, name)
        return "xlsx"
    for mark, what in _FOREIGN:
        if head.startswith(mark):
            raise _refusal(name, what, SAVE_AS)
    return _kind_of_text(path, name, head)


def check_name(name: str, kind: str) -> None:
    """Raises FileError for a name that ends as files of another kind do."""
    found = _ENDING.search(name.strip().lower())
    if found and found[1] not in ENDINGS[kind]:
        endings = ", ".join(f".{ending}" for ending in ENDINGS[kind])
        raise FileError(
            f"The file is {_WORDS[kind]}, and its name ends in .{found[1]}",
            where=name,
            do=f"If it is what you mean to hand in, let its name end in one of: {endings}.",
            code="name_of_another_kind",
        )


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
        raise _refusal(name, "a web page or XML, whatever its name says", SAVE_AS)
    if _JSON_ARRAY.match(start[:200]):
        raise _refusal(name, "one JSON array", "Write one entity a line, without brackets around and commas between.")
    return "csv"
