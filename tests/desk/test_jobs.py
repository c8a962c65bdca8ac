"""Work in the background: what waits is done once, whoever dies; what comes again comes again; stop stops."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

import pytest

from lintas.desk import jobs, life, runs
from lintas.desk.office import Office
from lintas.model.errors import DeniedError, NotFoundError
from lintas.model.job import JOB_KINDS
from lintas.model.officer import Officer
from lintas.store import jobs as kept
from lintas.store import runs as stored
from tests.desk.background import dies, held, in_another_process, job, later, until
from tests.desk.cast import ALICE, BOB, CHARLIE
from tests.desk.conftest import Clock
from tests.desk.customers import LISTED, create, screened, wanted
from tests.desk.entries import load

N = 25


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "PIECE", 5)
    monkeypatch.setattr(life, "LOOK_S", 0.01)
    monkeypatch.setattr(life, "BEAT_S", 0.02)


@pytest.fixture
def node(timed: Office) -> Office:
    """A node with a list, that lives by the test's clock."""
    load(timed, LISTED)
    return timed


def test_supervisors_are_shown_jobs_of_no_run_and_of_those_they_reach(node: Office) -> None:
    create(node)
    jobs.start_retention(node, ALICE)
    numbers = {one.kind: one.number for one in jobs.latest(node, CHARLIE)}
    rina = Officer("rina", frozenset({"supervisor"}))
    away = replace(rina, id="sari", agency="elsewhere")
    assert {one.kind for one in jobs.latest(node, rina)} == {"screen", "retention"}
    assert {one.kind for one in jobs.latest(node, away)} == {"retention"}
    assert jobs.get(node, rina, numbers["screen"]).kind == jobs.get(node, CHARLIE, numbers["screen"]).kind == "screen"
    with pytest.raises(NotFoundError) as hidden:
        jobs.get(node, away, numbers["screen"])
    assert hidden.value.code == "unknown_job"


def status(office: Office, number: int) -> str:
    return runs.get(office, BOB, number).status


def is_ended(office: Office, number: int) -> bool:
    with office.database.read() as connection:
        return stored.get(connection, number).finished_at is not None


class TestWorker:
    def test_it_screens_what_waits_and_what_comes(self, office: Office) -> None:
        load(office, LISTED)
        first = create(office)
        with jobs.worker(office):
            until(lambda: is_ended(office, first.number))
            second = create(office, 7)
            until(lambda: is_ended(office, second.number))
        assert (status(office, first.number), status(office, second.number)) == ("done", "done")

    def test_it_outlives_a_run_that_breaks_off(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        load(office, LISTED)
        true_match, broken = runs._match, create(office)

        def match(*args: Any) -> Any:
            monkeypatch.setattr(runs, "_match", true_match)
            raise ZeroDivisionError

        monkeypatch.setattr(runs, "_match", match)
        with jobs.worker(office):
            until(lambda: is_ended(office, broken.number))
            following = create(office)
            until(lambda: is_ended(office, following.number))
        assert (status(office, broken.number), status(office, following.number)) == ("failed", "done")
        assert [(one.status, one.error and one.error["code"]) for one in held(office, "screen")] == [
            ("failed", "unforeseen"),
            ("done", None),
        ]

    def test_who_waits_for_a_run_that_nobody_screens_screens_it(self, office: Office) -> None:
        load(office, LISTED)
        run = create(office)
        assert runs.wait(office, ALICE, run.number).status == "done"

    def test_one_that_ends_leaves_its_run_to_the_next_at_once(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        load(office, LISTED)
        run, true_match, is_at_it, ended = create(office, N), runs._match, threading.Event(), threading.Event()

        def match(*args: Any) -> Any:
            is_at_it.set()
            assert ended.wait(30)
            return true_match(*args)

        monkeypatch.setattr(runs, "_match", match)
        worker = threading.Thread(target=lambda: jobs.work(office, ended=ended))
        worker.start()
        assert is_at_it.wait(30)
        ended.set()
        worker.join(30)
        (left,) = held(office, "screen")
        assert (status(office, run.number), left.status, left.n_tries) == ("queued", "queued", 0)
        assert screened(office, run.number) == wanted(N)[:5]
        assert jobs.work(later(office, seconds=3)) is not None
        assert screened(office, run.number) == wanted(N)

    def test_every_kind_has_a_lane_and_a_worker_begins_what_comes_by_the_clock_once(self, node: Office) -> None:
        assert sorted(chain(*jobs.LANES)) == sorted(JOB_KINDS) == sorted(jobs._KINDS)
        with jobs.worker(node), jobs.worker(node):
            until(lambda: held(node, "retention")[0].status == "done")
        assert [(one.status, one.every_h) for one in held(node, "retention")] == [("done", 24), ("queued", 24)]
        assert (node.node / life.ALIVE).exists()

    def test_a_run_that_an_older_version_left_without_a_job_is_screened(self, node: Office) -> None:
        run = create(node)
        with node.database.write() as connection:
            connection.exec_driver_sql("DELETE FROM jobs")
        with jobs.worker(node):
            until(lambda: is_ended(node, run.number))
        assert status(node, run.number) == "done"


class TestQueue:
    def test_a_run_and_its_job_are_there_together(self, node: Office) -> None:
        run = create(node)
        (made,) = held(node)
        assert (made.kind, made.run, made.arguments, made.created_by) == ("screen", run.number, {"run": 1}, "bob")
        ended = jobs.work(node)
        assert ended is not None
        assert (ended.status, ended.n_done, ended.n_total, ended.result) == (
            "done",
            N,
            N,
            {"n_done": N, "n_matches": 3},
        )
        assert jobs.work(node) is None

    def test_a_run_that_was_screened_by_command_leaves_nothing_to_do(self, node: Office) -> None:
        run = create(node)
        runs.work(node, run.number)
        assert [one.status for one in held(node)] == ["done"]
        assert jobs.work(node) is None

    def test_while_a_command_screens_a_run_a_worker_keeps_its_hands_off_and_asks_again_later(
        self, node: Office, clock: Clock
    ) -> None:
        run, seen = create(node, N), list[Any]()

        def told(n: int, total: int | None) -> None:
            if n == 10:
                seen.append(jobs.work(node))

        runs.work(node, run.number, told)
        (left,) = seen
        assert (left.status, left.n_tries, left.due_at > clock.at) == ("queued", 0, True)
        assert [one.status for one in held(node)] == ["done"]
        assert screened(node, run.number) == wanted(N)

    def test_what_is_due_first_is_done_first_and_what_is_not_due_waits(self, node: Office, clock: Clock) -> None:
        with node.database.write() as connection:
            tomorrow = kept.add(connection, "retention", by="alice", at=clock.at, due_at=later(node, days=1).now())
            second = kept.add(connection, "retention", by="alice", at=clock.at)
            first = kept.add(connection, "retention", by="alice", at=clock.at, due_at=later(node, hours=-1).now())
        done = [ended.number for _ in range(3) if (ended := jobs.work(node)) is not None]
        assert done == [first, second]
        clock.move(days=1)
        ended = jobs.work(node)
        assert ended is not None
        assert ended.number == tomorrow

    def test_what_comes_again_comes_again_after_a_failure_too(
        self, node: Office, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def breaks(*_: object) -> None:
            raise ZeroDivisionError

        with node.database.write() as connection:
            kept.repeat(connection, "retention", {}, every_h=24, by="node", at=clock.at)
            assert not kept.repeat(connection, "retention", {}, every_h=24, by="node", at=clock.at)
        with monkeypatch.context() as broken:
            broken.setattr("lintas.desk.retention.run", breaks)
            jobs.work(node)
        assert [(one.status, one.every_h) for one in held(node)] == [("failed", 24), ("queued", 24)]
        assert held(node)[1].due_at == later(node, hours=24).now()
        clock.move(hours=24)
        jobs.work(node)
        assert [one.status for one in held(node)] == ["failed", "done", "queued"]

    def test_several_processes_share_the_jobs_and_none_is_done_twice(self, office: Office) -> None:
        load(office, LISTED)
        numbers = [create(office, 6).number for _ in range(9)]

        def work(opened: Office) -> None:
            while any(one.status in ("queued", "running") for one in held(opened)):
                jobs.work(opened)

        assert in_another_process(office, work, n=3) == [0, 0, 0]
        assert [(one.status, one.n_tries) for one in held(office)] == [("done", 1)] * 9
        assert all(screened(office, number) == wanted(6) for number in numbers)


class TestDeath:
    def test_a_screening_whose_worker_was_killed_is_finished_by_another(self, node: Office, clock: Clock) -> None:
        run = create(node, N)
        dies(node, at=10)
        assert (held(node)[0].status, status(node, run.number)) == ("running", "running")
        assert screened(node, run.number) == wanted(N)[:10]
        assert jobs.work(node) is None, "its worker may still be alive"
        clock.move(seconds=61)
        ended = jobs.work(node)
        assert ended is not None
        assert (ended.status, ended.n_tries, ended.n_done) == ("done", 2, N)
        assert screened(node, run.number) == wanted(N)

    def test_a_job_whose_worker_died_three_times_fails_and_its_run_with_it(self, node: Office, clock: Clock) -> None:
        run = create(node, N)
        for _ in range(3):
            dies(node, at=5)
            clock.move(seconds=61)
        ended = jobs.work(node)
        assert ended is not None
        assert (ended.status, ended.error and ended.error["code"]) == ("failed", "worker_died")
        failed = runs.get(node, BOB, run.number)
        assert (failed.status, failed.error and failed.error["code"]) == ("failed", "worker_died")
        assert jobs.work(node) is None

    def test_a_worker_that_is_silent_for_long_but_lives_keeps_its_job(
        self, node: Office, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        create(node, N)
        true_match, is_at_it, goes_on = runs._match, threading.Event(), threading.Event()

        def match(*args: Any) -> Any:
            is_at_it.set()
            assert goes_on.wait(60)
            return true_match(*args)

        monkeypatch.setattr(runs, "_match", match)
        worker = threading.Thread(target=jobs.work, args=(node,))
        worker.start()
        assert is_at_it.wait(30)
        clock.move(seconds=300)
        until(lambda: held(node)[0].touched_at == clock.at)
        assert jobs.work(node) is None
        goes_on.set()
        worker.join(60)
        assert [(one.status, one.n_tries) for one in held(node)] == [("done", 1)]

    def test_who_waited_for_the_database_takes_nobody_for_dead(self, node: Office, clock: Clock) -> None:
        create(node, N)
        dies(node, at=10)
        clock.move(seconds=61)
        times = iter([clock.at, later(node, seconds=2).now(), later(node, seconds=2).now()])
        assert jobs.work(replace(node, now=lambda: next(times))) is None
        assert jobs.work(node) is not None


class TestStop:
    @pytest.fixture
    def halfway(self, node: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
        """The number of a job that is being worked on, in a thread that goes on when it was stopped."""
        run, true_match, is_at_it = create(node, N), runs._match, threading.Event()

        def match(*args: Any) -> Any:
            is_at_it.set()
            until(lambda: status(node, run.number) == "stopped")
            return true_match(*args)

        monkeypatch.setattr(runs, "_match", match)
        worker = threading.Thread(target=jobs.work, args=(node,))
        worker.start()
        assert is_at_it.wait(30)
        yield held(node)[0].number
        worker.join(60)
        assert (held(node)[0].status, status(node, run.number)) == ("stopped", "stopped")
        assert screened(node, run.number) == []

    def test_one_that_runs(self, node: Office, halfway: int) -> None:
        assert jobs.stop(node, CHARLIE, halfway).status == "stopped"

    def test_one_whose_run_is_stopped(self, node: Office, halfway: int) -> None:
        runs.stop(node, BOB, 1)

    def test_one_that_waits(self, node: Office) -> None:
        run = create(node)
        assert jobs.stop(node, CHARLIE, held(node)[0].number).status == "stopped"
        assert (status(node, run.number), jobs.work(node)) == ("stopped", None)

    def test_one_whose_run_was_stopped_while_it_waited(self, node: Office) -> None:
        runs.stop(node, BOB, create(node).number)
        assert [one.status for one in held(node)] == ["stopped"]

    def test_one_that_ended_stays_as_it_ended(self, node: Office) -> None:
        create(node)
        jobs.work(node)
        assert jobs.stop(node, CHARLIE, 1).status == "done"
        assert status(node, 1) == "done"

    def test_of_what_comes_again_this_one_time(self, node: Office, clock: Clock) -> None:
        with node.database.write() as connection:
            kept.repeat(connection, "retention", {}, every_h=24, by="node", at=clock.at)
        jobs.stop(node, CHARLIE, held(node)[0].number)
        assert [(one.status, one.due_at) for one in held(node)] == [
            ("stopped", clock.at),
            ("queued", later(node, hours=24).now()),
        ]

    def test_one_that_is_not_there(self, node: Office) -> None:
        with pytest.raises(NotFoundError):
            jobs.stop(node, CHARLIE, 99)

    def test_by_nobody_who_may_not(self, node: Office) -> None:
        create(node)
        with pytest.raises(DeniedError):
            jobs.stop(node, BOB, 1)
        assert job(node, 1).status == "queued"
