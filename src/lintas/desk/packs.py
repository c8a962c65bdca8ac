"""Packs that a node hands out: made here, and checked by whoever gets one, without a node."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import orjson

from lintas.model.errors import FileError
from lintas.model.json_text import read_json

MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 16 * 1024**2
MAX_RATIO = 250  # unpacked to packed; results of one customer a million times over stay under it
SMALL_BYTES = 1024**3  # unpacked; a pack that is no larger may shrink as it likes
LOCAL_HEADER, CENTRAL_HEADER, ENDS = (
    30,
    46,
    (22, 98),
)  # bytes; APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16 (with 64 bits: 4.3.14-15)
READ_BYTES = 1024 * 1024
# All that zipfile and the decompressors behind it raise at bytes that are none of theirs.
_DAMAGE = (
    OSError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    KeyError,
    TypeError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)


@dataclass(frozen=True)
class PackReport:
    """What a whole pack says of itself."""

    kind: str
    made_at: str
    n_files: int


def write(target: Path, parts: Mapping[str, Path], facts: Mapping[str, Any]) -> None:
    """Write a pack: a ZIP of files, and a manifest with `facts` and the SHA-256 of each."""
    digests = dict[str, str]()
    for name, path in parts.items():
        with path.open("rb") as stream:
            digests[name] = _digest(stream)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr(MANIFEST, orjson.dumps({**facts, "sha256": digests}, option=orjson.OPT_INDENT_2))
        for name, path in parts.items():
            pack.write(path, name)


def verify(path: Path) -> PackReport:
    """Check every byte of a pack against its manifest.

    Raises FileError naming the first file that is changed, missing or was added.
    """
    try:
        with zipfile.ZipFile(path) as pack:
            manifest = _manifest(pack)
            _check(pack, manifest["sha256"], path)
    except _DAMAGE as error:
        raise FileError(
            "This is no pack of a node, or it was damaged",
            where=f"{path}: {error}",
            do="Ask for it again, and compare the SHA-256 of the whole file with its sender.",
            code="bad_pack",
        ) from error
    return PackReport(manifest["kind"], manifest["made_at"], len(manifest["sha256"]))


def _manifest(pack: zipfile.ZipFile) -> dict[str, Any]:
    if pack.getinfo(MANIFEST).file_size > MAX_MANIFEST_BYTES:
        raise ValueError("the manifest is too large")
    manifest: dict[str, Any] = read_json(pack.read(MANIFEST))
    words = [manifest[key] for key in ("kind", "made_at")]
    if not all(isinstance(word, str) and word.isprintable() for word in words):
        raise ValueError("the manifest does not say what it is of")
    if not isinstance(manifest["sha256"], dict):
        raise ValueError("the manifest is not complete")
    return manifest


def _check(pack: zipfile.ZipFile, wanted: dict[str, str], path: Path) -> None:
    names = [info.filename for info in pack.infolist()]
    if names.count(MANIFEST) != 1:
        _refuse("stands twice in the pack", MANIFEST, path)
    unpacked, packed = sum(info.file_size for info in pack.infolist()), path.stat().st_size
    if unpacked > max(SMALL_BYTES, MAX_RATIO * packed):
        raise ValueError(f"{packed} bytes would unpack to {unpacked}")
    _check_layout(pack, path)
    for name in sorted({*names, *wanted} - {MANIFEST}):
        if name not in wanted:
            _refuse("was added to the pack", name, path)
        if names.count(name) != 1:
            _refuse("is missing or stands twice in the pack", name, path)
        with pack.open(name) as stream:
            digest = _digest(stream)
        if digest != wanted[name]:
            _refuse("is not what the manifest says", name, path)


def _digest(stream: IO[bytes]) -> str:
    digest = sha256()
    while block := stream.read(READ_BYTES):
        digest.update(block)
    return digest.hexdigest()


def _check_layout(pack: zipfile.ZipFile, path: Path) -> None:
    """Nothing may stand before, between or after the members, where another program could find it."""
    at = 0
    with path.open("rb") as raw:
        for info in sorted(pack.infolist(), key=lambda info: info.header_offset):
            raw.seek(info.header_offset + LOCAL_HEADER - 4)
            n_name, n_extra = struct.unpack("<HH", raw.read(4))
            if info.header_offset != at:
                raise ValueError(f"something stands before {info.filename!r}")
            at += LOCAL_HEADER + n_name + n_extra + info.compress_size
    central = sum(
        CENTRAL_HEADER + len(info.orig_filename.encode()) + len(info.extra) + len(info.comment)
        for info in pack.infolist()
    )
    if at != pack.start_dir or path.stat().st_size - at - central not in ENDS:
        raise ValueError("something stands beside its members")


def _refuse(what: str, name: str, path: Path) -> None:
    raise FileError(
        f"{name!r} {what}",
        where=str(path),
        do="Do not rely on this pack; ask its sender for it again.",
        code="pack_changed",
    )
