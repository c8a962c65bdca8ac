"""Backup, restore and upgrade as an officer types them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lintas.desk.office import Settings
from lintas.sources import catalogue
from tests.cli.test_commands import run
from tests.store.old_node import make

Run = Callable[..., tuple[int, str, str]]
__all__ = ["run"]


@pytest.fixture
def key(run: Run, tmp_path: Path) -> Path:
    """The key file of a custodian of the node, as the command printed it."""
    status, out, err = run("custodian", "new", "The safe")
    assert status == 0
    assert "Keep this on paper" in err
    (tmp_path / "custodian.key").write_text(out)
    return tmp_path / "custodian.key"


def test_a_node_goes_into_a_file_and_comes_out_of_it(run: Run, key: Path, tmp_path: Path) -> None:
    assert run("lists", "load", "un_sc", *catalogue.samples("un_sc"), "--fictional")[0] == 0
    _, before, _ = run("lists", "status")
    status, out, _ = run("backup", tmp_path / "node.age")
    assert status == 0
    assert "sha256" in out
    status, out, _ = run("--node", tmp_path / "new", "restore", tmp_path / "node.age", "--identity", key)
    assert status == 0
    assert "The log is whole" in out
    assert run("--node", tmp_path / "new", "lists", "status")[1] == before
    status, _, err = run("--node", tmp_path / "new", "restore", tmp_path / "node.age", "--identity", key)
    assert status == 73
    assert "not_empty" in err


def test_without_a_custodian_it_is_said_how_to_get_one(run: Run, tmp_path: Path) -> None:
    status, _, err = run("backup", tmp_path / "node.age")
    assert status == 65
    assert "no_custodian" in err
    assert "lintas custodian new" in err


def test_custodians_come_and_go(run: Run, key: Path) -> None:
    _, printed, _ = run("custodian", "key")
    public = printed.splitlines()[0].removeprefix("# public key: ")
    assert run("custodian", "add", "Head of IT", public)[0] == 0
    assert [line.split("  ")[1] for line in run("custodian", "list")[1].splitlines()] == ["The safe", "Head of IT"]
    assert run("custodian", "remove", "The safe")[0] == 0
    assert run("custodian", "list")[1] == f"{public}  Head of IT\n"


def test_a_wrong_key_is_said_and_leaves_nothing(run: Run, key: Path, tmp_path: Path) -> None:
    run("backup", tmp_path / "node.age")
    (tmp_path / "other.key").write_text(run("custodian", "key")[1])
    new = tmp_path / "new"
    status, _, err = run("--node", new, "restore", tmp_path / "node.age", "--identity", tmp_path / "other.key")
    assert status == 65
    assert "wrong_identity" in err
    assert not new.exists()


def test_an_older_node_is_upgraded_by_command_and_can_go_back(run: Run, tmp_path: Path) -> None:
    make(Settings(tmp_path / "node"))
    status, _, err = run("lists", "status")
    assert status == 73
    assert "lintas upgrade" in err
    assert run("upgrade")[0] == 65
    _, printed, _ = run("custodian", "key")
    (tmp_path / "key").write_text(printed)
    public = printed.splitlines()[0].removeprefix("# public key: ")
    status, out, _ = run("upgrade", "--custodian", public, "--backup", tmp_path / "before.age")
    assert status == 0
    assert "--no-upgrade" in out
    assert run("lists", "status")[0] == 0
    status, out, _ = run("upgrade")
    assert (status, "nothing to upgrade" in out) == (0, True)
    back = ("--node", tmp_path / "back")
    assert run(*back, "restore", tmp_path / "before.age", "--identity", tmp_path / "key", "--no-upgrade")[0] == 0
    assert run(*back, "lists", "status")[0] == 73
