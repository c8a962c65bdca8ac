"""The parts of a workbook as XML: without document types, and nothing held that could be large."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile, ZipInfo

from lxml import etree

from lintas.model.errors import FileError, TooLargeError

MAX_HELD = 16 << 20  # bytes of a part that is held whole: styles, the names of sheets; the largest known have 10 MB
MAX_BETWEEN = 4 << 20  # bytes from one row or text to the next; a row of 16,384 numbers has about 1 MB
_AS_CSV = "Save it as CSV UTF-8, which is read line by line, and hand that in."
_SAFELY: Mapping[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


class Package(ZipFile):
    """A workbook's archive. `name` is what the officer calls it."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(path)
        self.name = name

    def read(self, name: str | ZipInfo, pwd: bytes | None = None) -> bytes:
        """A part whole. Raises TooLargeError for one over MAX_HELD, FileError for one with a document type."""
        part = name if isinstance(name, ZipInfo) else self.getinfo(name)
        if part.file_size > MAX_HELD:
            raise too_large(f"its part {part.filename[:80]!r} has {part.file_size:,} bytes", self.name)
        self._refuse_document_type(part)
        return super().read(part, pwd)

    def elements(self, part: str, tag: str, within: str) -> Iterator[etree._Element]:
        """Elements `tag` of a part up to the end of the element `within`, each emptied after use.

        Raises TooLargeError for more than MAX_BETWEEN from one to the next, FileError for a document type,
        and whatever lxml raises for what is no XML.
        """
        self._refuse_document_type(part)
        with self.open(part) as stream:
            bounded = _Bounded(stream, self.name)
            for _, element in etree.iterparse(bounded, events=("end",), tag=(tag, within), **_SAFELY):
                if element.tag == within:
                    return
                yield element
                bounded.n_bytes = 0
                element.clear()
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]

    def _refuse_document_type(self, part: str | ZipInfo) -> None:
        with self.open(part) as stream:
            _, root = next(etree.iterparse(_Bounded(stream, self.name), events=("start",), **_SAFELY))
        if root.getroottree().docinfo.internalDTD is not None:
            raise FileError(
                "The workbook declares a document type, which no spreadsheet program does",
                where=self.name,
                do="Document types are refused because they can carry attacks; ask where the file comes from.",
                code="document_type",
            )


class _Bounded:
    """A stream that may be read so far and no further until `n_bytes` is set back."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream = stream
        self._name = name
        self.n_bytes = 0

    def read(self, size: int) -> bytes:
        """The next bytes. Raises TooLargeError."""
        block = self._stream.read(size)
        self.n_bytes += len(block)
        if self.n_bytes > MAX_BETWEEN:
            raise too_large(f"one part of it goes on for {MAX_BETWEEN >> 20} MB without a new row or text", self._name)
        return block


def too_large(what: str, name: str) -> TooLargeError:
    """The error for a workbook that is over a limit."""
    what = f"The workbook is too large to be read safely: {what}"
    return TooLargeError(what, where=name, do=_AS_CSV, code="workbook_too_large")
