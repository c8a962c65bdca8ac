"""`lintas audit` as scripts and examiners rely on it: output, exit status, and files that hold without the node."""

import csv
import re
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lintas.cli import audit
from lintas.cli.main import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `lintas` on a node of this test; status, output, errors."""
    monkeypatch.setenv("LINTAS_NODE", str(tmp_path / "node"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("LINTAS_DATABASE_URL", raising=False)

    def command(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lintas", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        status = ended.value.code
        return status if isinstance(status, int) else 0, out, err

    return command


@pytest.fixture
def worked(run: Run) -> Run:
    """The same after some work: rows 1 to 5."""
    for _ in range(4):
        assert run("lists", "status")[0] == 0
    return run


def words_of(out: str) -> str:
    """The words between "words" and "key"."""
    found = re.search(r"\n +words +(.+?)\n +key ", out, re.DOTALL)
    assert found is not None, out
    return " ".join(found[1].split())


def test_a_log_that_nobody_touched_is_whole_and_says_its_head_in_words(worked: Run) -> None:
    status, out, _ = worked("audit", "verify")
    assert status == 0
    assert out.startswith("The log is whole: 6 rows.")
    assert len(words_of(out).split()) == 24
    assert re.search(r"key +[0-9a-f]{64}", out)


def test_a_row_that_was_changed_is_named_and_the_status_is_that_of_a_bad_file(worked: Run, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "node" / "log.sqlite") as connection:
        connection.execute("UPDATE log SET officer = 'mallory' WHERE number = 3")
    connection.close()
    status, out, err = worked("audit", "verify")
    assert (status, out) == (65, "")
    assert "row 3" in err
    assert err.split()[-1] == "log_broken"


def test_a_log_that_was_cut_off_is_found_however_much_is_written_after(worked: Run, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "node" / "log.sqlite") as connection:
        for table in ("log", "log_subjects"):
            connection.execute(f"DELETE FROM {table} WHERE number > 3")
    connection.close()
    for _ in range(5):
        worked("lists", "status")
    status, _, err = worked("audit", "verify")
    assert status == 65
    assert "log_broken" in err


def test_a_head_on_a_stick_or_on_paper_is_held_against_the_log(worked: Run, tmp_path: Path) -> None:
    stick = tmp_path / "head.json"
    status, out, _ = worked("audit", "head", "--out", stick)
    paper = words_of(out)
    assert status == 0
    assert "row    6" in out
    worked("lists", "status")
    assert worked("audit", "verify", "--head", stick, "--words", paper)[0] == 0
    status, _, err = worked("audit", "verify", "--words", " ".join(["zoo"] * 24))
    assert (status, err.split()[-1]) == (65, "bad_words")
    stick.write_bytes(stick.read_bytes().replace(b'"number":6', b'"number":5'))
    status, _, err = worked("audit", "verify", "--head", stick)
    assert (status, err.split()[-1]) == (65, "log_broken")
    assert worked("audit", "head", "--out", tmp_path / "none" / "head.json")[0] == 69


def test_a_head_that_is_gone_is_said(worked: Run, tmp_path: Path) -> None:
    (tmp_path / "node" / "keys" / "log-head.json").unlink()
    for command in (("audit", "head"), ("audit", "verify")):
        status, _, err = worked(*command)
        assert (status, err.split()[-1]) == (65, "log_broken")


def test_rows_are_found_by_who_what_and_when(worked: Run) -> None:
    status, out, _ = worked("audit", "find", "--verb", "lists.read", "--limit", 2)
    assert status == 0
    assert out.count("lists.read") == 2
    assert "2 of 4 rows" in out
    assert "log.read" in worked("audit", "find", "--officer", "owner")[1]
    assert "owner" not in worked("audit", "find", "--until", "2020-01-01")[1]
    status, _, err = worked("audit", "find", "--since", "tomorrow")
    assert (status, err.split()[-1]) == (65, "bad_time")


def test_what_an_officer_wrote_cannot_play_with_the_terminal(worked: Run) -> None:
    worked("audit", "find", "--officer", "\x1b]0;title\x07[bold]x")
    _, out, _ = worked("audit", "find", "--verb", "log.read")
    assert "\x1b" not in out
    assert "[bold]x" in out


def test_an_export_of_everything_holds_without_the_node(
    worked: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, stick = tmp_path / "log.jsonl", tmp_path / "head.json"
    _, out, _ = worked("audit", "head", "--out", stick)
    key = re.search(r"key +([0-9a-f]{64})", out)
    assert "7 rows are in" in worked("audit", "export", target)[1].replace("\n", " ")
    monkeypatch.delenv("LINTAS_NODE")
    status, found, _ = worked("audit", "verify", "--export", target, "--head", stick, "--words", words_of(out))
    assert status == 0
    assert found.startswith("The export is whole: 7 rows")
    assert key is not None
    assert key[1] in found
    target.write_bytes(target.read_bytes().replace(b'"officer":"owner"', b'"officer":"rina"', 1))
    status, _, err = worked("audit", "verify", "--export", target)
    assert status == 65
    assert "row 1" in err


def test_an_export_has_the_filters_of_a_search(worked: Run, tmp_path: Path) -> None:
    target = tmp_path / "log.csv"
    assert worked("audit", "export", target, "--verb", "lists.read", "--outcome", "asked")[0] == 0
    with target.open(encoding="utf-8", newline="") as stream:
        assert [row["verb"] for row in csv.DictReader(stream)] == ["lists.read"] * 4
    status, _, err = worked("audit", "export", tmp_path / "log.pdf")
    assert (status, err.split()[-1]) == (65, "unknown_export")


def test_a_message_that_is_none_is_not_proved(worked: Run, tmp_path: Path) -> None:
    status, out, err = worked("audit", "prove", "none", "--out", tmp_path / "proof.json")
    assert (status, out, err.split()[-1]) == (66, "", "unknown_message")
    assert not (tmp_path / "proof.json").exists()
    status, _, err = worked("audit", "authority", "https://tsa.example", "--certificates", tmp_path / "none.pem")
    assert (status, err.split()[-1]) == (65, "bad_stamp_authority")


def test_who_may_not_read_the_log_is_refused(worked: Run) -> None:
    worked("officers", "add", "rina", "--role", "analyst")
    for words in (("find",), ("verify",), ("head",), ("export", "x.csv")):
        status, _, err = worked("--as", "rina", "audit", *words)
        assert (status, err.split()[-1]) == (77, "denied")


def test_the_help_of_every_command_shows_an_example(run: Run) -> None:
    for command in audit.app.registered_commands:
        name = command.name or getattr(command.callback, "__name__", "")
        status, out, _ = run("audit", name, "--help")
        assert status == 0
        assert f"audit {name}" in out.split("Example:")[1], name
