"""Results as a file made in the background: whole or not there, for whoever reaches the run, for a week."""

import csv
import threading
from pathlib import Path
from typing import Any

import pytest

from lintas.desk import exports, jobs, life, packs, result_files, retention, runs, trail
from lintas.desk.office import Office
from lintas.model.errors import ConflictError, InputError, NotFoundError
from lintas.model.log import Wanted
from tests.desk.background import dies, held, later, until
from tests.desk.cast import ALICE, BOB, CHARLIE
from tests.desk.conftest import Clock
from tests.desk.customers import LISTED, create, done
from tests.desk.entries import load
from tests.desk.waiting import RINA, four_eyes_for

N = 25


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life, "LOOK_S", 0.01)


@pytest.fixture
def node(timed: Office) -> Office:
    """A node with a run that is done, run 1."""
    load(timed, LISTED)
    done(timed, N)
    return timed


def files(office: Office) -> list[str]:
    folder = exports.folder(office)
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def n_customers(path: Path) -> int:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return len({line["customer_id"] for line in csv.DictReader(stream)})


@pytest.mark.parametrize("kind", result_files.KINDS)
def test_an_export_is_asked_for_made_and_fetched(node: Office, kind: str) -> None:
    asked = exports.ask(node, BOB, 1, kind)
    with pytest.raises(ConflictError) as caught:
        exports.get(node, BOB, 1, asked.number)
    assert caught.value.code == "no_export"
    ended = jobs.work(node, ["export"])
    assert ended is not None
    n_rows = N * (3 if kind == "zip" else 1)
    assert (ended.number, ended.status, ended.n_done, ended.n_total) == (asked.number, "done", n_rows, n_rows)
    made = exports.get(node, BOB, 1, asked.number)
    assert (made.name, made.size_bytes) == (f"lintas-run-1.{kind}", made.path.stat().st_size)
    assert (made.path.stat().st_mode & 0o777, made.path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    runs.export(node, BOB, 1, kind, node.scratch / "now")
    if kind == "zip":
        assert packs.verify(made.path).n_files == 4
    elif kind != "xlsx":  # which holds when it was made
        assert made.path.read_bytes() == (node.scratch / "now").read_bytes()
    assert [one.number for one in exports.of_run(node, BOB, 1)] == [asked.number]


def test_a_worker_that_is_killed_leaves_no_part_of_a_file_and_another_makes_it(node: Office, clock: Clock) -> None:
    asked = exports.ask(node, BOB, 1, "csv")
    dies(node, at=10)
    assert (files(node), held(node, "export")[0].status) == ([], "running")
    clock.move(seconds=61)
    ended = jobs.work(node, ["export"])
    assert ended is not None
    assert (ended.number, ended.status, ended.n_tries) == (asked.number, "done", 2)
    assert files(node) == [f"{asked.number}.csv"]
    assert n_customers(exports.get(node, BOB, 1, asked.number).path) == N


def test_an_export_that_is_stopped_leaves_no_file(node: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, is_at_it, true_rows = exports.ask(node, BOB, 1, "csv"), threading.Event(), runs.result_rows

    def rows(*args: Any) -> Any:
        for row in true_rows(*args):
            is_at_it.set()
            until(lambda: held(node, "export")[0].status == "stopped")
            threading.Event().wait(0.1)  # until the worker has looked
            yield row

    monkeypatch.setattr(runs, "result_rows", rows)
    worker = threading.Thread(target=jobs.work, args=(node, ["export"]))
    worker.start()
    assert is_at_it.wait(30)
    jobs.stop(node, CHARLIE, asked.number)
    worker.join(60)
    assert (files(node), held(node, "export")[0].status) == ([], "stopped")


def test_files_are_kept_for_a_week(node: Office, clock: Clock) -> None:
    asked = exports.ask(node, BOB, 1, "csv")
    jobs.work(node, ["export"])
    clock.move(days=6, hours=23)
    assert retention.run(node, CHARLIE).n_exports == 0
    clock.move(hours=2)
    assert retention.run(node, CHARLIE).n_exports == 1
    assert files(node) == []
    with pytest.raises(ConflictError):
        exports.get(node, BOB, 1, asked.number)


def test_an_export_is_for_whoever_reaches_the_run(node: Office) -> None:
    asked = exports.ask(node, BOB, 1, "csv")
    jobs.work(node, ["export"])
    assert exports.get(node, ALICE, 1, asked.number).path.exists()
    for call in (
        lambda: exports.get(node, RINA, 1, asked.number),
        lambda: exports.of_run(node, RINA, 1),
        lambda: exports.ask(node, RINA, 1, "csv"),
    ):
        with pytest.raises(NotFoundError):
            call()


def test_no_export_is_fetched_by_way_of_another_run(node: Office) -> None:
    exports.ask(node, BOB, 1, "csv")
    jobs.work(node, ["export"])
    mine = done(node, 3)
    with pytest.raises(ConflictError):
        exports.get(node, BOB, mine.number, held(node, "export")[0].number)


def test_what_cannot_be_exported_is_refused_when_it_is_asked_for(node: Office) -> None:
    with pytest.raises(InputError) as unknown:
        exports.ask(node, BOB, 1, "pdf")
    with pytest.raises(ConflictError) as early:
        exports.ask(node, BOB, create(node).number, "csv")
    assert (unknown.value.code, early.value.code) == ("unknown_export", "run_unfinished")
    assert held(node, "export") == []


def test_of_a_run_that_is_erased_while_it_is_exported_no_file_stays(
    node: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    four_eyes_for(node)
    exports.ask(node, BOB, 1, "csv")
    true_rows = runs.result_rows

    def rows(*args: Any) -> Any:
        yield from true_rows(*args)
        retention.erase(node, ALICE, 1, "sent by mistake")

    monkeypatch.setattr(runs, "result_rows", rows)
    ended = jobs.work(node, ["export"])
    assert ended is not None
    assert (ended.status, ended.error and ended.error["code"], files(node)) == ("failed", "run_erased", [])


def test_what_was_made_is_in_the_log_with_its_hash(node: Office) -> None:
    exports.ask(node, BOB, 1, "csv")
    ended = jobs.work(later(node, seconds=1), ["export"])
    assert ended is not None
    assert ended.result is not None
    newest, *others = trail.find(node, ALICE, Wanted(verb="runs.export", subject="run:1")).rows
    assert [row.officer for row in (newest, *others)] == ["node", "bob", "bob"]
    assert newest.details["sha256"] == ended.result["sha256"]
