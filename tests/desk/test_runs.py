"""A customer file against the lists: every customer once, whoever dies on the way."""

import os
import signal
import threading
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from lintas.desk import runs
from lintas.desk.office import Office, Settings, open_office
from lintas.model.errors import ConflictError, DeniedError, FileError, InputError, NotFoundError
from lintas.screening import matcher
from tests.desk.cast import ALICE, BOB, MALLORY
from tests.desk.conftest import Clock
from tests.desk.customers import LISTED, create, done, names, screened, wanted, write
from tests.desk.entries import load, person, rows
from tests.forking import forked

N = 25


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "PIECE", 5)


@pytest.fixture
def held(timed: Office) -> Office:
    """A node with a list, that lives by the test's clock."""
    load(timed, LISTED)
    return timed


class TestToItsEnd:
    @pytest.fixture
    def held(self, sqlite_timed: Office) -> Office:
        load(sqlite_timed, LISTED)
        return sqlite_timed

    def test_every_customer_is_screened_once_in_the_order_of_the_file(self, held: Office) -> None:
        run = done(held, N)
        assert (run.status, run.n_rows, run.n_done, run.n_matches, run.n_waiting) == ("done", N, N, 3, 3)
        assert screened(held, run.number) == wanted(N)
        assert run.finished_at == held.now()

    def test_a_run_says_with_what_it_was_screened(self, held: Office) -> None:
        run = done(held)
        assert run.scorer_version == matcher.VERSION
        assert run.list_versions.keys() == {"ftm"}
        assert run.created_by == "bob"
        assert {use["column"]: use["prop"] for use in run.columns} == {"Customer ID": "id", "Full Name": "name"}

    def test_the_rows_that_are_done_are_told_on_the_way(self, held: Office) -> None:
        told = list[tuple[int, int | None]]()
        runs.work(held, create(held, 12).number, lambda n, total: told.append((n, total)))
        assert told == [(5, 12), (10, 12), (12, 12)]

    def test_runs_are_taken_in_the_order_they_came_and_then_there_is_nothing_to_do(self, held: Office) -> None:
        numbers = [create(held, 3).number, create(held, 4).number]
        assert [runs.work(held), runs.work(held), runs.work(held)] == [*numbers, None]
        assert [run.number for run in runs.latest(held, ALICE)] == numbers[::-1]

    def test_a_run_with_problems_names_the_customers_that_have_them(self, held: Office) -> None:
        path = held.scratch / "customers.csv"
        path.write_text("Full Name,Date of Birth\nAda Exempli,1970-02-31\nBen Sample,1970\n")
        run = runs.create(held, BOB, path)
        runs.work(held)
        (customer,) = runs.problems(held, ALICE, run.number)
        assert (customer.row, "1970-02-31" in customer.problems[0]) == (2, True)
        assert runs.get(held, BOB, run.number).n_problems == 1

    def test_a_higher_threshold_finds_fewer(self, held: Office) -> None:
        path = write(held.scratch / "customers.csv", ["Ada Exempli", "Ada Exempl"])
        for threshold, n in ((0.5, 2), (0.9, 1)):
            run = runs.create(held, BOB, path, threshold=threshold)
            runs.work(held)
            assert runs.get(held, BOB, run.number).n_matches == n

    def test_a_file_may_be_screened_again_with_its_columns_read_otherwise(self, held: Office) -> None:
        path = held.scratch / "c.csv"
        path.write_text("Full Name,Mother\nEko Misal,Ada Exempli\n")
        first = runs.create(held, BOB, path, name="upload.csv", threshold=0.5, mapping={"Mother": "ignore"})
        path.unlink()
        second = runs.again(held, BOB, first.number, {"Full Name": "ignore", "Mother": "name"}, 0.6)
        while runs.work(held):
            pass
        assert [runs.get(held, BOB, run.number).n_matches for run in (first, second)] == [0, 1]
        assert (second.file, second.threshold) == (first.file, 0.6)

    def test_a_file_may_have_any_name(self, held: Office) -> None:
        for name in ("../../etc/passwd", "a\x00b\udcff.csv", "ลูกค้า.csv", "x" * 5000, "<b>.csv"):
            run = runs.create(held, BOB, write(held.scratch / "customers.csv", names(3)), name=name)
            runs.work(held, run.number)
            ended = runs.get(held, BOB, run.number)
            assert (ended.status, ended.file["name"].encode().decode()) == ("done", ended.file["name"])

    def test_results_are_fictional_when_a_list_is_or_the_officer_says_so(self, held: Office) -> None:
        path = write(held.scratch / "customers.csv", names(3))
        assert not runs.create(held, BOB, path).is_fictional
        assert runs.create(held, BOB, path, fictional=True).is_fictional


class TestRefused:
    def test_a_threshold_that_is_none(self, held: Office) -> None:
        for threshold in (0, -1, 1.01, float("nan"), float("inf")):
            with pytest.raises(InputError) as caught:
                runs.create(held, BOB, write(held.scratch / "customers.csv", names(3)), threshold=threshold)
            assert caught.value.code in ("bad_threshold", "bad_value")

    @pytest.mark.parametrize(
        "content", [b"", b"\x00\x01\x02", b"PK\x03\x04 no workbook", b"Colour,Size\nred,4\n", b"%PDF-1.7"]
    )
    def test_of_a_file_that_cannot_be_screened_nothing_is_kept(
        self, sqlite_office: Office, content: bytes, tmp_path: Path
    ) -> None:
        load(sqlite_office, LISTED)
        path, before = tmp_path / "customers.csv", rows(sqlite_office)
        path.write_bytes(content)
        kept = sorted(sqlite_office.raw.rglob("*"))
        with pytest.raises(InputError):
            runs.create(sqlite_office, BOB, path)
        assert (sorted(sqlite_office.raw.rglob("*")), rows(sqlite_office)) == (kept, before)

    def test_a_file_that_is_not_there(self, held: Office, tmp_path: Path) -> None:
        for path in (tmp_path / "none.csv", tmp_path):
            with pytest.raises(FileError):
                runs.create(held, BOB, path)

    def test_without_lists_nobody_is_screened_and_no_customer_is_kept(self, office: Office) -> None:
        with pytest.raises(ConflictError) as caught:
            create(office)
        assert caught.value.code == "no_list"
        assert list(office.raw.iterdir()) == []

    def test_a_run_that_is_not_there(self, held: Office) -> None:
        asked: list[Callable[[int], Any]] = [
            lambda number: runs.get(held, BOB, number),
            lambda number: runs.stop(held, BOB, number),
            lambda number: runs.review(held, BOB, number),
            lambda number: runs.show_match(held, BOB, number, 1),
            lambda number: runs.export(held, BOB, number, "csv", held.scratch / "out.csv"),
        ]
        for ask, number in product(asked, (0, 999, -1, 10**30)):
            with pytest.raises((NotFoundError, InputError)) as caught:
                ask(number)
            assert caught.value.code in ("unknown_run", "unknown_match", "bad_value")


class TestDeath:
    def work_and_die(self, office: Office, moment: str) -> None:
        opened = open_office(self.settings, now=office.now)

        n_inserts = 0

        def executed(_c: object, _cursor: object, statement: str, *_: object) -> None:
            nonlocal n_inserts
            n_inserts += statement.startswith("INSERT INTO matches") and moment == "in the middle of a piece"
            if n_inserts == 2:
                os.kill(os.getpid(), signal.SIGKILL)

        def progress(n: int, total: int | None) -> None:
            if n == {"between two pieces": 10, "after the last piece": N}.get(moment):
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(opened.database.engine, "before_cursor_execute", executed)
        runs.work(opened, progress=progress)

    @pytest.mark.parametrize(
        ("moment", "n_kept"),
        [("between two pieces", 10), ("in the middle of a piece", 10), ("after the last piece", N)],
    )
    def test_a_run_whose_worker_was_killed_is_finished_by_another_with_nobody_twice_or_missing(
        self, held: Office, clock: Clock, moment: str, n_kept: int
    ) -> None:
        run = create(held, N)
        self.settings = Settings(held.node, held.database.engine.url.render_as_string(hide_password=False))
        held.close()
        child = forked(self.work_and_die, held, moment)
        child.join(60)
        assert child.exitcode == -signal.SIGKILL
        left = runs.get(held, BOB, run.number)
        assert (left.status, left.n_done) == ("running", n_kept)
        assert screened(held, run.number) == wanted(N)[:n_kept]

        assert runs.work(held) is None, "its worker may still be alive"
        clock.move(seconds=61)
        assert runs.work(held) == run.number
        ended = runs.get(held, BOB, run.number)
        assert (ended.status, ended.n_done, ended.n_matches) == ("done", N, 3)
        assert screened(held, run.number) == wanted(N)

    def test_a_worker_that_was_only_slow_gives_way_to_the_one_that_took_over(self, held: Office, clock: Clock) -> None:
        run = create(held, N)
        takes_over = list[int | None]()

        def sleeps(n: int, total: int | None) -> None:
            if n == 10 and not takes_over:
                clock.move(seconds=61)
                takes_over.append(runs.work(held))

        assert runs.work(held, run.number, sleeps) == run.number
        assert takes_over == [run.number]
        ended = runs.get(held, BOB, run.number)
        assert (ended.status, ended.n_done, ended.n_matches, ended.error) == ("done", N, 3, None)
        assert screened(held, run.number) == wanted(N)

    def test_a_slow_worker_adds_nothing_of_old_lists_to_a_run_that_began_again(
        self, held: Office, clock: Clock
    ) -> None:
        run = create(held, N)

        def leaves_at_10(n: int, total: int | None) -> None:
            if n == 10:
                raise KeyboardInterrupt

        def sleeps(n: int, total: int | None) -> None:
            if n == 10:
                load(held, [*LISTED, person(77)])
                clock.move(seconds=61)
                with pytest.raises(KeyboardInterrupt):
                    runs.work(held, run.number, leaves_at_10)

        runs.work(held, run.number, sleeps)
        assert runs.get(held, BOB, run.number).n_done == 10
        clock.move(seconds=61)
        runs.work(held, run.number)
        versions = {match.list_versions for row in runs.result_rows(held, run.number) for match in row.matches}
        assert versions == {tuple(runs.get(held, BOB, run.number).list_versions.items())}
        assert screened(held, run.number) == wanted(N)

    def test_two_that_screen_one_run_at_the_same_time_do_not_disturb_each_other(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        load(office, LISTED)
        run = create(office, N)
        monkeypatch.setattr(runs, "STALE", runs.STALE * -1)  # each thinks that the other is dead
        threads = [threading.Thread(target=runs.work, args=(office, run.number)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        while runs.work(office, run.number):
            pass
        assert runs.get(office, BOB, run.number).status == "done"
        assert screened(office, run.number) == wanted(N)

    def test_many_workers_share_the_runs_that_wait(self, office: Office) -> None:
        load(office, LISTED)
        numbers = [create(office, 6).number for _ in range(6)]
        taken = list[int]()

        def work() -> None:
            while (number := runs.work(office)) is not None:
                taken.append(number)

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(taken) == numbers
        assert all(screened(office, number) == wanted(6) for number in numbers)


class TestBreaks:
    def stopped_at_10(self, office: Office) -> int:
        """A run whose worker went away after 10 rows."""
        number = create(office, N).number

        class Gone(BaseException):
            pass

        def leave(n: int, total: int | None) -> None:
            if n == 10:
                raise Gone

        with pytest.raises(Gone):
            runs.work(office, number, leave)
        return number

    def test_when_the_lists_changed_in_between_it_begins_again(self, held: Office, clock: Clock) -> None:
        number = self.stopped_at_10(held)
        load(held, [*LISTED, person(77, names(N)[0])])
        clock.move(seconds=61)
        runs.work(held)
        run = runs.get(held, BOB, number)
        found = screened(held, number)
        assert (run.status, run.n_done, run.n_matches > 3) == ("done", N, True)
        assert found[0] == ("K00000", [names(N)[0]])
        assert [who for who, _ in found] == [who for who, _ in wanted(N)]
        versions = {match.list_versions for row in runs.result_rows(held, number) for match in row.matches}
        assert versions == {tuple(run.list_versions.items())}

    def test_when_the_scorer_changed_in_between_it_begins_again(
        self, held: Office, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = self.stopped_at_10(held)
        monkeypatch.setattr(matcher, "VERSION", "another")
        clock.move(seconds=61)
        told = list[int]()
        runs.work(held, number, lambda n, total: told.append(n))
        assert told[0] == 5
        assert {m.scorer_version for row in runs.result_rows(held, number) for m in row.matches} == {"another"}
        assert screened(held, number) == wanted(N)

    def test_no_decision_is_thrown_away_when_the_lists_changed(self, held: Office, clock: Clock) -> None:
        number = self.stopped_at_10(held)
        (found,) = runs.matches(held, BOB, number)
        runs.decide(held, BOB, number, [found.number], "different", "born 30 years later")
        load(held, [*LISTED, person(77)])
        clock.move(seconds=61)
        runs.work(held)
        run = runs.get(held, BOB, number)
        assert (run.status, run.n_done, run.error and run.error["code"]) == ("failed", 10, "lists_changed")
        assert [one.reason for one in runs.show_match(held, BOB, number, found.number).history] == [
            "born 30 years later"
        ]

    def test_a_run_that_waits_can_be_stopped_and_is_not_screened(self, held: Office) -> None:
        run = create(held)
        stopped = runs.stop(held, BOB, run.number)
        assert (stopped.status, stopped.finished_at) == ("stopped", held.now())
        assert runs.work(held) is None
        assert runs.work(held, run.number) is None
        assert screened(held, run.number) == []

    def test_what_a_run_found_before_it_was_stopped_stays(self, held: Office, clock: Clock) -> None:
        run = create(held, N)

        def stops_at_10(n: int, total: int | None) -> None:
            if n == 10:
                runs.stop(held, BOB, run.number)

        runs.work(held, run.number, stops_at_10)
        stopped = runs.get(held, BOB, run.number)
        assert (stopped.status, stopped.n_done) == ("stopped", 10)
        assert screened(held, run.number) == wanted(N)[:10]
        clock.move(hours=1)
        assert runs.work(held) is None

    def test_a_run_that_was_stopped_does_not_fail_afterwards(self, held: Office) -> None:
        run = create(held, N)

        def stops_and_fails(n: int, total: int | None) -> None:
            runs.stop(held, BOB, run.number)
            raise InputError("The disk is full", do="Make room.")

        runs.work(held, run.number, stops_and_fails)
        stopped = runs.get(held, BOB, run.number)
        assert (stopped.status, stopped.error) == ("stopped", None)

    def test_who_may_not_see_a_run_does_not_set_it_going(self, held: Office) -> None:
        run = create(held)
        with pytest.raises(DeniedError):
            runs.wait(held, MALLORY, run.number)
        assert runs.get(held, BOB, run.number).status == "queued"

    def test_a_run_that_is_done_stays_done_when_it_is_stopped(self, held: Office) -> None:
        assert runs.stop(held, BOB, done(held).number).status == "done"

    def test_a_run_whose_file_is_gone_fails_and_says_why(self, held: Office) -> None:
        run = create(held)
        for path in held.raw.rglob(run.file["sha256"]):
            path.unlink()
        runs.work(held)
        failed = runs.get(held, BOB, run.number)
        assert (failed.status, failed.finished_at) == ("failed", held.now())
        assert failed.error is not None
        assert set(failed.error) == {"code", "what", "where", "do"}
        assert failed.error["where"] == "customers.csv"

    def test_a_run_that_breaks_off_unforeseen_fails_and_says_so(
        self, held: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = create(held)
        monkeypatch.setattr(runs, "_match", _raise)
        with pytest.raises(ZeroDivisionError):
            runs.work(held)
        failed = runs.get(held, BOB, run.number)
        assert (failed.status, failed.error and failed.error["code"]) == ("failed", "unforeseen")


def _raise(*_: object) -> None:
    raise ZeroDivisionError
