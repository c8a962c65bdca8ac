"""The archive for a machine without network: what goes in is what was locked, and what was changed is not installed."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from scripts import bundle, bundle_wheels

from tests.paths import wheels

LOCK = (bundle.ROOT / "requirements.lock").read_text(encoding="utf-8")
DEV_LOCK = (bundle.ROOT / "requirements-dev.lock").read_text(encoding="utf-8")


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """A bundle with one small wheel in the place of Lintas, and one that it needs."""
    folder = tmp_path / "bundle"
    wheels.make(folder / "wheels", "lintas", needs=("needed==2.0",))
    wheels.make(folder / "wheels", "needed", "2.0")
    wheels.make(folder / "wheels-dev", "tested")
    for name in ("wheels", "wheels-dev"):
        listed = bundle_wheels.pinned(bundle_wheels.read_all(folder / name))
        (folder / f"requirements{name.removeprefix('wheels')}.txt").write_text(listed)
    shutil.copy(bundle.ROOT / "packaging/install.sh", folder)
    (folder / "PLATFORM").write_text(f"{bundle.platform()}\n")
    return summed(folder)


def summed(folder: Path) -> Path:
    (folder / bundle.SUMS).write_text(bundle.sums(folder))
    return folder


def install(unpacked: Path, *words: object) -> tuple[int, str]:
    """Run install.sh; status and what it said."""
    done = subprocess.run([unpacked / "install.sh", *map(str, words)], check=False, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_an_unchanged_bundle_is_installed_and_its_command_runs(unpacked: Path, tmp_path: Path) -> None:
    status, said = install(unpacked, tmp_path / "node", "--with-tests")
    assert status == 0, said
    ran = subprocess.run([tmp_path / "node/bin/lintas"], check=True, capture_output=True, text=True, env={})
    assert ran.stdout == "lintas 1.0\n"
    assert (tmp_path / "node/bin/tested").exists()


def change_a_byte(folder: Path) -> str:
    wheel = next((folder / "wheels").glob("needed*"))
    wheel.write_bytes(wheel.read_bytes()[:-1] + b"!")
    return "wheels/needed-2.0-py3-none-any.whl: FAILED"


def change_the_requirements(folder: Path) -> str:
    (folder / "requirements.txt").write_text("lintas\n")
    return "requirements.txt: FAILED"


def drop_a_file(folder: Path) -> str:
    next((folder / "wheels").glob("needed*")).unlink()
    return "wheels/needed-2.0-py3-none-any.whl: FAILED"


def drop_the_sums(folder: Path) -> str:
    (folder / bundle.SUMS).unlink()
    return "SHA256SUMS is missing"


def garble_the_sums(folder: Path) -> str:
    (folder / bundle.SUMS).write_text(bundle.sums(folder) + "no sum\n")
    return "improperly formatted"


def be_of_another_machine(folder: Path) -> str:
    (folder / "PLATFORM").write_text("cp39-plan9_mips\n")
    summed(folder)
    return "made for cp39-plan9_mips"


@pytest.mark.parametrize(
    "break_it",
    [change_a_byte, change_the_requirements, drop_a_file, drop_the_sums, garble_the_sums, be_of_another_machine],
)
def test_a_bundle_that_is_not_as_it_was_packed_installs_nothing(
    unpacked: Path, tmp_path: Path, break_it: Callable[[Path], str]
) -> None:
    expected = break_it(unpacked)
    status, said = install(unpacked, tmp_path / "node")
    assert status == 1
    assert expected in said
    assert not (tmp_path / "node").exists()


def test_a_wheel_that_was_changed_together_with_its_sum_is_not_installed(unpacked: Path, tmp_path: Path) -> None:
    wheels.make(unpacked / "wheels", "needed", "2.0", licence="0BSD")
    status, said = install(summed(unpacked), tmp_path / "node")
    assert status != 0
    assert "DO NOT MATCH THE HASHES" in said
    assert not (tmp_path / "node/bin/lintas").exists()


def test_a_folder_with_something_in_it_is_left_alone(unpacked: Path, tmp_path: Path) -> None:
    status, said = install(unpacked, tmp_path)
    assert (status, "is not empty" in said) == (1, True)
    assert not (tmp_path / "bin").exists()


def test_the_lock_files_of_this_repository_agree_and_name_every_hash() -> None:
    held, rest = bundle_wheels.entries(LOCK), bundle_wheels.entries(bundle_wheels.beyond(DEV_LOCK, LOCK))
    assert len(held) > 40
    assert {entry.partition("==")[0] for entry in held} >= {"fastapi", "followthemoney", "pyicu"}
    assert all("==" in entry and "--hash=sha256:" in entry for entry in [*held, *rest])
    assert "pytest" in {entry.partition("==")[0] for entry in rest}
    assert not set(held) & set(rest)


def test_lock_files_that_differ_on_a_version_are_refused() -> None:
    with pytest.raises(ValueError, match="differ on one; run: make lock"):
        bundle_wheels.beyond("one==2 \\\n    --hash=sha256:aa\ntwo==1\n", "one==1 \\\n    --hash=sha256:bb\n")


def test_a_bundle_that_lacks_what_lintas_needs_is_not_packed(unpacked: Path) -> None:
    bundle.check(unpacked)
    listed = [line for line in (unpacked / "requirements.txt").read_text().splitlines() if "needed" not in line]
    (unpacked / "requirements.txt").write_text("\n".join(listed))
    with pytest.raises(ValueError, match="run: make lock"):
        bundle.check(unpacked)


def test_a_wheel_that_was_not_locked_is_found(tmp_path: Path) -> None:
    locked, foreign = wheels.make(tmp_path, "locked"), wheels.make(tmp_path, "foreign")
    wheels.make(tmp_path, "pyicu")
    lock = f"locked==1.0 --hash=sha256:{bundle_wheels.read(locked).sha256}\n"
    assert bundle_wheels.unlocked(bundle_wheels.read_all(tmp_path), lock) == [foreign.name]


def test_equal_folders_give_equal_archives(unpacked: Path, tmp_path: Path) -> None:
    first = bundle.pack(unpacked, tmp_path / "first.tar.gz", 1_700_000_000)
    for path in unpacked.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(path.stat().st_mode | 0o066)
    second = bundle.pack(unpacked, tmp_path / "second.tar.gz", 1_700_000_000)
    assert first.read_bytes() == second.read_bytes()
