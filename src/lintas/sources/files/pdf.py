"""PDF, looked through as bytes: names of what acts by itself, in the open and in streams packed with Flate.

Not seen: what is packed otherwise (LZW, ASCII85 before Flate), and what an attack hides in fonts or pictures.
"""

import re
import zlib

from lintas.sources.files.held import HeldBackError

MAX_UNPACKED = 64 << 20  # bytes of all streams; ours, eight times the largest parcel
MAX_READ = 256 << 20  # bytes that are tried: a stream may lie in another one; ours
_BLOCK = 64 << 10
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_ENDS = 1024  # bytes from the end in which the mark of the end stands (ISO 32000-1, annex H.3, note 18)


def _named(*names: str) -> re.Pattern[bytes]:
    """Names, each letter as it is or as #xx (ISO 32000-1, 7.3.5), and nothing behind them that goes on."""
    ways = ["".join(f"(?:{one}|#{ord(one):02x}|#{ord(one):02X})" for one in name) for name in names]
    return re.compile(f"/(?:{'|'.join(ways)})(?![A-Za-z])".encode())


# ISO 32000-1, tables 198 (actions), 44 and 45 (embedded files), 8.6.7 (forms); RichMedia: Adobe's extension level 3.
_FAULTS = (
    ("encrypted", _named("Encrypt")),
    ("active", _named("JavaScript", "Launch", "SubmitForm", "ImportData", "RichMedia", "XFA", "Movie", "Rendition")),
    ("embedded", _named("EmbeddedFile", "EmbeddedFiles", "Filespec", "GoToE", "Collection")),
)


def check(data: bytes) -> None:
    """Raises HeldBackError."""
    if b"%%EOF" not in data[-_ENDS:] or b"startxref" not in data:
        raise HeldBackError("damaged")
    _look(data)
    left, read = MAX_UNPACKED, 0
    for found in _STREAM.finditer(data):
        stream, n_read = _unpacked(memoryview(data)[found.end() :], left)
        left, read = left - len(stream), read + n_read
        if left < 0 or read > MAX_READ:
            raise HeldBackError("too_large")
        _look(stream)


def _unpacked(packed: memoryview, most: int) -> tuple[bytearray, int]:
    """What a stream unpacks to, as far as it does, up to a byte more than `most`; how many bytes were looked at."""
    stream, at, unpacking = bytearray(), 0, zlib.decompressobj()
    while at < len(packed) and not unpacking.eof and len(stream) <= most:
        try:
            stream += unpacking.decompress(packed[at : at + _BLOCK], most - len(stream) + 1)
        except zlib.error:
            break
        at += _BLOCK
    return stream, at


def _look(data: bytes | bytearray) -> None:
    for code, names in _FAULTS:
        if names.search(data):
            raise HeldBackError(code)
