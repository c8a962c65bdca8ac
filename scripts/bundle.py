"""`make bundle`: one archive from which a machine without any network installs and tests.

It holds the repository as git has it, every wheel for this platform, a bill of materials, sums, and `install.sh`.
"""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import tomllib
from pathlib import Path

from scripts import bundle_sbom, bundle_wheels

ROOT = Path(__file__).resolve().parents[1]
STATIC = "src/lintas/web/static"  # built, never committed
NPM_LOCK = "src/lintas/web/assets/package-lock.json"
SUMS = "SHA256SUMS"


def main() -> int:
    """Make dist/lintas-VERSION-PLATFORM.tar.gz, its bill of materials and its sum."""
    if not (ROOT / ".git").exists():
        sys.exit("make bundle: only from a git checkout, so that what is in the archive is what a commit has")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    name = f"lintas-{version}-{platform()}"
    epoch = int(_git("log", "-1", "--format=%ct"))
    dist = ROOT / "dist"
    dist.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, name)
        fill(folder, epoch)
        shutil.copy(folder / "sbom.cdx.json", dist / f"{name}.cdx.json")
        archive = pack(folder, dist / f"{name}.tar.gz", epoch)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    (dist / f"{archive.name}.sha256").write_text(f"{digest}  {archive.name}\n", encoding="utf-8")
    print(f"{archive.relative_to(ROOT)}  {archive.stat().st_size / 1e6:.0f} MB\nsha256 {digest}")
    return 0


def platform() -> str:
    """The Python and the machine that the wheels are for, such as cp311-linux_x86_64."""
    return f"cp{sys.version_info.major}{sys.version_info.minor}-{sysconfig.get_platform().replace('-', '_')}"


def fill(folder: Path, epoch: int) -> None:
    """Everything that goes into the archive. `epoch`: seconds since 1970 for files that are built."""
    tracked = _git("ls-files", "-z").split("\0")
    for name in (name for name in tracked if name and (ROOT / name).is_file()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    locks = [(folder / name).read_text(encoding="utf-8") for name in ("requirements.lock", "requirements-dev.lock")]
    bundle_wheels.fetch(locks[0], folder / "wheels", epoch)
    bundle_wheels.fetch(bundle_wheels.beyond(locks[1], locks[0]), folder / "wheels-dev", epoch)
    for twice in {path.name for path in (folder / "wheels").iterdir()}:  # a marker is wider in one lock file
        (folder / "wheels-dev" / twice).unlink(missing_ok=True)
    shutil.copytree(ROOT / STATIC, folder / STATIC)
    build(folder, folder / "wheels", epoch)
    shutil.rmtree(folder / STATIC)

    run, dev = (bundle_wheels.read_all(folder / name) for name in ("wheels", "wheels-dev"))
    _write(folder / "requirements.txt", bundle_wheels.pinned(run))
    _write(folder / "requirements-dev.txt", bundle_wheels.pinned(dev))
    check(folder)
    npm = json.loads((folder / NPM_LOCK).read_text(encoding="utf-8"))
    _write(folder / "sbom.cdx.json", bundle_sbom.bill(run, dev, npm, commit=_commit(), epoch=epoch))
    licences(run, folder / "licences")
    shutil.copy(folder / "packaging/install.sh", folder / "install.sh")
    _write(folder / "PLATFORM", f"{platform()}\n")
    _write(folder / SUMS, sums(folder))


def build(source: Path, target: Path, epoch: int) -> Path:
    """The wheel of Lintas from a folder of sources. The same sources and epoch give the same bytes."""
    before = set(target.glob("*.whl"))
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
    command = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", target)
    subprocess.run(command, cwd=source, check=True, env=environment, stdout=subprocess.DEVNULL)
    return (set(target.glob("*.whl")) - before).pop()


def check(folder: Path) -> None:
    """Have pip plan the installation. Raises ValueError when something that is needed is not there."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--ignore-installed", "--no-index"]
    command += ["--find-links=wheels", "--find-links=wheels-dev", "--require-hashes"]
    command += ["-r", "requirements.txt", "-r", "requirements-dev.txt"]
    planned = subprocess.run(command, cwd=folder, check=False, stderr=subprocess.PIPE, text=True)
    if planned.returncode:
        raise ValueError(f"the lock files lack something; run: make lock\n{planned.stderr}")


def licences(wheels: list[bundle_wheels.Wheel], target: Path) -> None:
    """The licences of system libraries that were put into wheels built here."""
    target.mkdir()
    for wheel in (wheel for wheel in wheels if wheel.name in bundle_wheels.BUILT):
        for part in (part for bom in wheel.inside for part in bom["components"]):
            text = Path("/usr/share/doc", part["name"], "copyright")
            if text.is_file():
                shutil.copy(text, target / f"{part['name']}.txt")


def sums(folder: Path) -> str:
    """SHA-256 of every file below a folder, as sha256sum writes and checks them."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n" for path in files)


def pack(folder: Path, archive: Path, epoch: int) -> Path:
    """The folder as a .tar.gz; equal folders give equal bytes. `epoch`: time of all files, seconds since 1970."""

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = epoch
        entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
        return entry

    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        tar.add(folder, folder.name, filter=plain)  # in the order of their names
    return archive


def _git(*words: str) -> str:
    return subprocess.run(("git", *words), cwd=ROOT, check=True, capture_output=True, text=True).stdout


def _commit() -> str:
    changed = "+changes" if _git("status", "--porcelain", "--untracked-files=no") else ""
    return _git("rev-parse", "HEAD").strip() + changed


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
