"""The wheel of Lintas: the same sources give the same bytes, and all that the node needs is in it."""

import os
import shutil
import zipfile
from pathlib import Path

import pytest
from scripts import bundle, bundle_wheels

EPOCH = 1_700_000_000  # seconds since 1970
NEEDED = ("pyproject.toml", "README.md", "LICENSE", "NOTICE", ".gitignore")
NOT_SOURCE = shutil.ignore_patterns("node_modules", "__pycache__", "*.egg-info")


def copy(target: Path, mtime_s: int, mode: int) -> Path:
    """The sources in another place, with other times and modes."""
    target.mkdir()
    for name in (name for name in NEEDED if (bundle.ROOT / name).exists()):
        shutil.copy(bundle.ROOT / name, target)
    shutil.copytree(bundle.ROOT / "src/lintas", target / "src/lintas", ignore=NOT_SOURCE)
    for path in [*target.rglob("*")]:
        os.utime(path, (mtime_s, mtime_s))
        if path.is_file():
            path.chmod(mode)
    return target


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    found = list[Path]()
    for name, mtime_s, mode in (("one", 1_000_000_000, 0o600), ("another", 1_500_000_000, 0o664)):
        place = tmp_path_factory.mktemp(name)
        (place / "out").mkdir()
        found.append(bundle.build(copy(place / "sources", mtime_s, mode), place / "out", EPOCH))
    return found


def test_the_same_sources_in_another_place_give_the_same_wheel(built: list[Path]) -> None:
    one, another = (bundle_wheels.read(path) for path in built)
    assert one.sha256 == another.sha256
    assert one.path != another.path


def test_the_wheel_holds_what_a_node_needs_and_nothing_of_the_workshop(built: list[Path]) -> None:
    with zipfile.ZipFile(built[0]) as wheel:
        names = set(wheel.namelist())
    sources = {
        str(path.relative_to(bundle.ROOT / "src"))
        for pattern in ("*.py", "*.html", "*.toml", "*.po", "sample.*")
        for path in (bundle.ROOT / "src/lintas").rglob(pattern)
        if "node_modules" not in path.parts
    }
    assert sources <= names
    assert [name for name in names if "node_modules" in name or "__pycache__" in name or "/tests/" in name] == []
    if (bundle.ROOT / bundle.STATIC).exists():
        assert "lintas/web/static/.vite/manifest.json" in names
    assert {name.rpartition("/")[2] for name in names if ".dist-info/licenses/" in name} == {"LICENSE", "NOTICE"}
