"""The whole way to a machine without network: `make bundle`, install, screen, test. Long: it fetches every wheel."""

import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripts import bundle

from tests.paths import namespace

pytestmark = pytest.mark.long
# Where the loaded libraries stand: ICU comes with the bundle, and is not one that this machine happens to have.
ICU = "import icu; print(*sorted({line.split()[-1] for line in open('/proc/self/maps') if 'libicu' in line}))"
SELECTION = [f"tests/{name}" for name in ("model", "screening", "shelves", "store", "cli", "paths/test_wheel.py")]


@pytest.fixture(scope="module")
def unpacked() -> Iterator[Path]:
    """A bundle as it is carried over; LINTAS_BUNDLE names one that is there already."""
    if not (given := os.environ.get("LINTAS_BUNDLE")):
        if not (bundle.ROOT / ".git").exists():
            pytest.skip("a bundle is made in a git checkout only")
        subprocess.run(["make", "bundle"], cwd=bundle.ROOT, check=True)
        given = str(next((bundle.ROOT / "dist").glob(f"lintas-*-{bundle.platform()}.tar.gz")))
    with tempfile.TemporaryDirectory() as place, tarfile.open(given) as archive:
        Path(place).chmod(0o755)  # PostgreSQL, which the tests start, is another account when root runs them
        archive.extractall(place, filter="data")
        yield next(Path(place).iterdir())


@pytest.fixture(scope="module")
def installed(unpacked: Path) -> Path:
    target = unpacked.parent / "installed"
    said = namespace.run(unpacked / "install.sh", target, "--with-tests", folder=unpacked)
    assert "every file is as it was packed" in said
    return target


def test_without_any_interface_it_is_installed_and_screens(installed: Path, tmp_path: Path) -> None:
    said = namespace.run(installed / "bin/lintas", "--node", tmp_path / "node", "demo", "--no-serve", folder=tmp_path)
    assert "25 customers" in said


def test_what_is_installed_needs_no_icu_of_the_machine(installed: Path, tmp_path: Path) -> None:
    loaded = namespace.run(installed / "bin/python", "-c", ICU, folder=tmp_path).split()
    assert len(loaded) >= 3
    assert all(path.startswith(str(installed)) for path in loaded)


def test_the_tests_run_with_no_interface_but_loopback(installed: Path, unpacked: Path) -> None:
    words = (installed / "bin/python", "-m", "pytest", "-p", "no:cacheprovider", *SELECTION)
    said = namespace.run(*words, folder=unpacked, has_loopback=True)
    assert " passed" in said
