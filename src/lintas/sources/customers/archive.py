"""The zip archive that a workbook is: judged by its directory alone, before anything in it is unpacked.

Nothing is ever written under a name of the archive, and an archive within it is never opened.
"""

import stat
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from lintas.model.errors import FileError, TooLargeError

MAX_UNPACKED = 1 << 30  # bytes of all parts of a workbook; a full sheet of ten columns has about 700 MB
MAX_PARTS = 10_000
MAX_RATIO = 100  # unpacked to packed, as Apache POI's ZipSecureFile has it (MIN_INFLATE_RATIO 0.01)
SMALL_PART = 100 << 10  # bytes; smaller parts may shrink as they like (the same, GRACE_ENTRY_SIZE)
SAVE_AS = "Save it as a workbook (.xlsx) without password and macros, or as CSV UTF-8, and hand it in again."
SAVE_ANEW = "Open it in the program that wrote it, save it anew and hand it in again."


def check_workbook(path: Path, name: str) -> None:
    """Raises FileError for what is no workbook or none that is whole, TooLargeError for one that is a bomb."""
    try:
        with ZipFile(path) as archive:
            parts = archive.infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise FileError(
            f"The workbook is damaged: {error}", where=name, do=SAVE_ANEW, code="damaged_workbook"
        ) from error
    if what := _what_else(parts):
        raise FileError(f"The file is {what}", where=name, do=SAVE_AS, code="foreign_file")
    if what := what_odd(parts):
        raise FileError(f"The workbook is damaged: {what}", where=name, do=SAVE_ANEW, code="damaged_workbook")
    if what := what_large(parts):
        raise TooLargeError(
            f"The workbook is too large to be read safely: {what}",
            where=name,
            do="Save it as CSV UTF-8, which is read line by line, and hand that in.",
            code="workbook_too_large",
        )


def _what_else(parts: Sequence[ZipInfo]) -> str | None:
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


def what_odd(parts: Sequence[ZipInfo]) -> str | None:
    """What no program that writes workbooks does, and what two readers would read in two ways (ECMA-376-2, 6.2, 7)."""
    names = {part.filename.casefold() for part in parts}
    if len(names) < len(parts):
        return "one of its parts is there twice"
    for part in parts:
        shown, path = repr(part.filename[:80]), PurePosixPath(part.filename.replace("\\", "/"))
        if stat.S_ISLNK(part.external_attr >> 16):
            return f"its part {shown} is a link to another file"
        if ".." in path.parts or path.is_absolute():
            return f"its part {shown} is named as if it stood outside"
        if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            return f"its part {shown} is packed in a way that workbooks are not"
    return None


def what_large(parts: Sequence[ZipInfo], most_parts: int = MAX_PARTS, most_bytes: int = MAX_UNPACKED) -> str | None:
    """Unpacking stops at the size that a part declares, so what is declared can be relied on."""
    if len(parts) > most_parts:
        return f"it has {len(parts):,} parts, more than {most_parts:,}"
    if (total := sum(part.file_size for part in parts)) > most_bytes:
        return f"unpacked it has {total:,} bytes, more than {most_bytes:,}"
    for part in parts:
        if part.file_size > SMALL_PART and part.file_size > MAX_RATIO * part.compress_size:
            return f"its part {part.filename[:80]!r} grows more than {MAX_RATIO} times when unpacked"
    return None
