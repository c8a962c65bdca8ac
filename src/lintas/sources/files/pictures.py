"""PNG and JPEG: from their first mark to their last, and nothing behind it."""

import struct
import zlib

from lintas.sources.files.held import HeldBackError

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_HEAD = struct.Struct(">I4s")  # length and name of a chunk (PNG, third edition, 5.3)
_JPEG_ENDS = b"\xff\xd9"  # ITU-T T.81, table B.1


def check_png(data: bytes) -> None:
    """Raises HeldBackError."""
    at, name = len(PNG), b""
    while name != b"IEND":
        if at + _HEAD.size > len(data):
            raise HeldBackError("damaged")
        length, name = _HEAD.unpack_from(data, at)
        ends = at + _HEAD.size + length
        if data[ends : ends + 4] != struct.pack(">I", zlib.crc32(memoryview(data)[at + 4 : ends])):
            raise HeldBackError("damaged")
        at = ends + 4
    if at != len(data):
        raise HeldBackError("polyglot")


def check_jpeg(data: bytes) -> None:
    """Raises HeldBackError. Cameras fill up with zeros; a second picture behind the first ends as the first does."""
    if not data.rstrip(b"\0").endswith(_JPEG_ENDS):
        raise HeldBackError("damaged")
