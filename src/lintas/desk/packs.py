"""Check a pack that a node handed out. Needs no node."""

import zipfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from lintas.model.errors import FileError

MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 16 * 1024**2
READ_BYTES = 1024 * 1024


@dataclass(frozen=True)
class PackReport:
    """What a whole pack says of itself."""

    kind: str
    made_at: str
    n_files: int


def verify(path: Path) -> PackReport:
    """Check every byte of a pack against its manifest.

    Raises FileError naming the first file that is changed, missing or was added.
    """
    try:
        with zipfile.ZipFile(path) as pack:
            manifest = _manifest(pack)
            _check(pack, manifest["sha256"], path)
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError, NotImplementedError, RuntimeError) as error:
        raise FileError(
            "This is no pack of a node, or it was damaged",
            where=f"{path}: {error}",
            do="Ask for it again, and compare the SHA-256 of the whole file with its sender.",
            code="bad_pack",
        ) from error
    return PackReport(str(manifest["kind"]), str(manifest["made_at"]), len(manifest["sha256"]))


def _manifest(pack: zipfile.ZipFile) -> dict[str, Any]:
    if pack.getinfo(MANIFEST).file_size > MAX_MANIFEST_BYTES:
        raise ValueError("the manifest is too large")
    manifest: dict[str, Any] = orjson.loads(pack.read(MANIFEST))
    if not all(key in manifest for key in ("kind", "made_at")) or not isinstance(manifest["sha256"], dict):
        raise ValueError("the manifest is not complete")
    return manifest


def _check(pack: zipfile.ZipFile, wanted: dict[str, str], path: Path) -> None:
    names = [info.filename for info in pack.infolist()]
    for name in sorted({*names, *wanted} - {MANIFEST}):
        if name not in wanted:
            _refuse("was added to the pack", name, path)
        if names.count(name) != 1:
            _refuse("is missing or stands twice in the pack", name, path)
        digest = sha256()
        with pack.open(name) as stream:
            while block := stream.read(READ_BYTES):
                digest.update(block)
        if digest.hexdigest() != wanted[name]:
            _refuse("is not what the manifest says", name, path)


def _refuse(what: str, name: str, path: Path) -> None:
    raise FileError(
        f"{name!r} {what}",
        where=str(path),
        do="Do not rely on this pack; ask its sender for it again.",
        code="pack_changed",
    )
