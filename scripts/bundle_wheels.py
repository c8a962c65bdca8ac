"""The wheels of a bundle: the locked ones for this platform, fetched by hash, and those that only exist as source."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

# Published as source alone: built here, from the locked source, with the libraries that it needs inside.
BUILT = ("pyicu", "weakrefmethod")


@dataclass(frozen=True)
class Wheel:
    """A wheel file and what it says of itself. `inside`: its own bills of materials (PEP 770)."""

    path: Path
    name: str
    version: str
    sha256: str
    metadata: Message
    inside: tuple[Mapping[str, Any], ...]


def read(path: Path) -> Wheel:
    """Read one wheel."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        described = next(name for name in names if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
        metadata = BytesParser().parsebytes(archive.read(described))
        inside = [json.loads(archive.read(name)) for name in names if re.search(r"\.dist-info/sboms/.+\.json$", name)]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    name = canonicalize_name(str(metadata["Name"]))
    boms = tuple(bom for bom in inside if bom.get("bomFormat") == "CycloneDX")
    return Wheel(path, name, str(metadata["Version"]), digest, metadata, boms)


def read_all(folder: Path) -> list[Wheel]:
    """The wheels of a folder, by name."""
    return sorted((read(path) for path in folder.glob("*.whl")), key=lambda wheel: wheel.name)


def entries(lock: str) -> list[str]:
    """The entries of a lock file: a requirement with the hashes that it may have."""
    return re.findall(r"^\S.*(?:\n[ \t].*)*", lock, flags=re.MULTILINE)


def beyond(lock: str, held: str) -> str:
    """What one lock file asks beyond another. Raises ValueError when they pin a package to different versions."""
    ours, theirs = _pins(lock), _pins(held)
    if apart := sorted(name for name in ours.keys() & theirs.keys() if ours[name] != theirs[name]):
        raise ValueError(f"the lock files differ on {', '.join(apart)}; run: make lock")
    return "\n".join(entry for entry in entries(lock) if entry not in set(entries(held))) + "\n"


def _pins(lock: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entry in entries(lock):
        name, _, rest = entry.partition("==")
        found.setdefault(name, set()).add(rest.split()[0])
    return found


def fetch(lock: str, folder: Path, epoch: int) -> None:
    """Put the wheels of a lock file into `folder`, each with a hash that the lock has.

    `epoch`: seconds since 1970 for files that are built. Raises subprocess.CalledProcessError, ValueError.
    """
    folder.mkdir()
    built = [entry for entry in entries(lock) if entry.partition("==")[0] in BUILT]
    rest = [entry for entry in entries(lock) if entry not in built]
    _wheels(rest, folder, epoch, "--only-binary=:all:")
    with tempfile.TemporaryDirectory() as place:
        _wheels(built, Path(place), epoch, "--no-binary=:all:", "--no-build-isolation", "--no-cache-dir")
        for path in sorted(Path(place).glob("*.whl")):
            if path.stem.endswith("-any"):  # Python alone
                shutil.copy(path, folder)
                continue
            repair = (sys.executable, "-m", "auditwheel", "repair", "-w", folder, path)
            subprocess.run(repair, check=True, env=_environment(epoch), stderr=subprocess.DEVNULL)
    if foreign := unlocked(read_all(folder), lock):
        raise ValueError(f"not in the lock file: {', '.join(foreign)}")


def _wheels(wanted: list[str], folder: Path, epoch: int, *options: str) -> None:
    """Have pip fetch or build. It runs even when nothing is wanted, and then does nothing."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("\n".join(wanted))
        listed.flush()
        command = (sys.executable, "-m", "pip", "wheel", "--quiet", "--require-hashes", "--no-deps", *options)
        subprocess.run((*command, "-r", listed.name, "-w", folder), check=True, env=_environment(epoch))


def _environment(epoch: int) -> dict[str, str]:
    """So that the same source gives the same bytes: with -g0 no file names the folder that it was built in."""
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "SOURCE_DATE_EPOCH": str(epoch), "CXXFLAGS": "-g0", "PATH": tools}


def unlocked(wheels: list[Wheel], lock: str) -> list[str]:
    """Names of files whose hash the lock file does not have, and that are not built here."""
    hashes = set(re.findall(r"sha256:([0-9a-f]{64})", lock))
    return [wheel.path.name for wheel in wheels if wheel.sha256 not in hashes and wheel.name not in BUILT]


def pinned(wheels: list[Wheel]) -> str:
    """A requirements file that allows these very files and no others."""
    return "".join(f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n" for wheel in wheels)
