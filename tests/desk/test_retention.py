"""Customers are kept as long as the agency says and no longer; what is under legal hold stays; nothing is half gone."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event, select

from lintas.desk import exports, intake, jobs, retention, runs, settings, trail
from lintas.desk.office import Office
from lintas.model.errors import ConflictError, DeniedError, InputError, LintasError, NotFoundError
from lintas.model.listing import RawFile
from lintas.model.log import Wanted
from lintas.model.run import Run
from lintas.store import cases, erasing
from lintas.store.tables import customers, decisions, matches
from tests.desk.background import held, in_another_process
from tests.desk.cast import ALICE, BOB, CHARLIE, enlist
from tests.desk.conftest import Clock
from tests.desk.customers import LISTED, create, done, names, write
from tests.desk.entries import load, rows
from tests.desk.waiting import KIM, RINA, SARI, TONO, VERA, four_eyes_for, numbers

N = 25
WHY = "sent by mistake"


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "PIECE", 2)


@pytest.fixture
def node(timed: Office) -> Office:
    """A node with a run of Bob's that is done, run 1; nobody is asked for a second officer."""
    load(timed, LISTED)
    enlist(timed, BOB, SARI, TONO, RINA, VERA, KIM)
    done(timed, N)
    four_eyes_for(timed)
    return timed


def run(office: Office, number: int = 1) -> Run:
    return runs.get(office, ALICE, number)


def raw(office: Office, number: int = 1) -> Path:
    return intake.raw_path(office, RawFile(**run(office, number).file))


def left(office: Office, number: int = 1) -> int:
    """How many rows there are of a run's customers, matches and decisions."""
    with office.database.read() as connection:
        mine = select(matches.c.number).where(matches.c.run == number)
        queries = (
            select(customers.c.row).where(customers.c.run == number),
            mine,
            select(decisions.c.number).where(decisions.c.match.in_(mine)),
        )
        return sum(len(connection.execute(query).all()) for query in queries)


def said(office: Office, verb: str, number: int = 1) -> list[str]:
    """What the log says of a verb done to a run."""
    found = trail.find(office, ALICE, Wanted(verb=verb, subject=f"run:{number}")).rows
    return [f"{row.object}: {row.outcome}" for row in reversed(found)]


class TestDays:
    def test_nothing_is_erased_until_an_officer_says_for_how_long_it_is_kept(self, node: Office, clock: Clock) -> None:
        assert retention.keeping(node, CHARLIE).days is None
        clock.move(days=20_000)
        assert retention.run(node, CHARLIE).n_runs == 0
        assert left(node) > 0

    def test_what_ended_longer_ago_is_erased_and_nothing_else(self, node: Office, clock: Clock) -> None:
        settings.change(node, CHARLIE, retention.SETTING, 30)
        clock.move(days=29)
        young, waits = done(node, 3), create(node, 4)
        assert retention.run(node, CHARLIE).n_runs == 0
        clock.move(days=1, seconds=1)
        swept = retention.run(node, CHARLIE)
        assert (swept.n_runs, swept.n_finished) == (1, 0)
        assert [run(node, number).erased_at for number in (1, young.number, waits.number)] == [clock.at, None, None]
        assert (left(node), left(node, young.number) > 0) == (0, True)

    def test_the_setting_says_who_set_it_and_what_standards_say(self, node: Office, clock: Clock) -> None:
        settings.change(node, CHARLIE, retention.SETTING, 1826)
        keeping = retention.keeping(node, KIM)
        assert (keeping.days, keeping.set_by, keeping.set_at) == (1826, "charlie", clock.at)
        (rule,) = keeping.rules
        assert (rule.at_least_years, rule.certainty) == (5, "B")
        settings.change(node, CHARLIE, retention.SETTING, None)
        assert retention.keeping(node, KIM).days is None

    @pytest.mark.parametrize("days", [0, -1, 36_501, 10**12])
    def test_days_that_are_none_are_refused(self, node: Office, days: int) -> None:
        with pytest.raises(InputError):
            settings.change(node, CHARLIE, retention.SETTING, days)
        assert retention.keeping(node, CHARLIE).days is None

    def test_it_is_for_an_administrator(self, node: Office) -> None:
        for call in (
            lambda: settings.change(node, SARI, retention.SETTING, 30),
            lambda: retention.keeping(node, SARI),
            lambda: retention.run(node, SARI),
        ):
            with pytest.raises(DeniedError):
                call()

    def test_a_worker_does_it_by_the_clock_as_the_node_itself(self, node: Office, clock: Clock) -> None:
        settings.change(node, CHARLIE, retention.SETTING, 30)
        clock.move(days=31)
        jobs.start_retention(node, CHARLIE)
        ended = jobs.work(node, ["retention"])
        assert ended is not None
        assert (ended.status, ended.result) == ("done", {"n_runs": 1, "n_finished": 0, "n_exports": 0, "n_messages": 0})
        assert said(node, "retention.run") == ["erased run 1: done"]

    def test_what_killed_processes_left_in_scratch_goes_with_it(self, node: Office, clock: Clock) -> None:
        old, young = node.scratch / "old", node.scratch / "young"
        for path, hours in ((old, 25), (young, 1)):
            path.write_text("customers")
            os.utime(path, (clock.at.timestamp() - hours * 3600,) * 2)
        retention.run(node, CHARLIE)
        assert (old.exists(), young.exists()) == (False, True)


class TestErased:
    def test_customers_matches_and_file_are_gone_and_the_counts_stay(self, node: Office, clock: Clock) -> None:
        first, second, _ = numbers(node, 1)
        runs.decide(node, BOB, 1, [first], "same", f"{names(N)[3]} said so")
        runs.decide(node, BOB, 1, [second], "ask", "the passport")
        runs.decide(node, BOB, 1, [second], "different", "born later")
        exports.ask(node, BOB, 1, "csv")
        jobs.work(node, ["export"])
        clock.move(days=1)
        assert retention.erase(node, SARI, 1, WHY) is None
        gone = run(node)
        assert (left(node), raw(node).exists(), list(exports.folder(node).iterdir())) == (0, False, [])
        assert (gone.erased_at, gone.status, gone.n_done, gone.n_matches) == (clock.at, "done", N, 3)
        assert gone.erasure == {
            "by": "sari",
            "why": WHY,
            "is_whole": True,
            "counts": {"customers": N, "matches": 3, "decisions": 3, "same": 1, "different": 1, "waiting": 1},
        }
        assert (gone.file["name"], gone.columns, gone.mapping) == ("", [], {})
        assert said(node, "runs.erase") == ["run 1: asked", "erased run 1: done"]

    def test_no_name_is_left_in_any_file_of_the_node(self, node: Office) -> None:
        (node.scratch / "customers.csv").unlink()  # the test's own
        not_listed = names(N)[0]
        assert not_listed in repr(rows(node))
        retention.erase(node, SARI, 1, WHY)
        assert not_listed not in repr(rows(node))
        for path in node.node.rglob("*"):
            assert path.is_dir() or not_listed.encode() not in path.read_bytes(), path.name

    def test_a_file_that_another_run_or_a_list_uses_stays_until_the_last_is_erased(self, node: Office) -> None:
        same = done(node, N)
        assert raw(node) == raw(node, same.number)
        retention.erase(node, SARI, 1, WHY)
        assert raw(node).exists()
        retention.erase(node, SARI, same.number, WHY)
        assert not raw(node).exists()

        load(node, LISTED)
        of_list = next(path for path in node.raw.rglob("*") if path.is_file())
        made = runs.create(node, BOB, of_list, name="entities.ftm.json")
        runs.work(node, made.number)
        retention.erase(node, SARI, made.number, WHY)
        assert of_list.exists()

    def test_a_run_is_screened_though_its_file_was_erased_with_another_run_a_moment_before(
        self, node: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        true_keep = intake.keep

        def keep(office: Office, path: Path) -> RawFile:
            kept = true_keep(office, path)
            monkeypatch.setattr(intake, "keep", true_keep)
            retention.erase(node, SARI, 1, WHY)
            return kept

        monkeypatch.setattr(intake, "keep", keep)
        made = create(node, N)
        runs.work(node, made.number)
        assert run(node, made.number).status == "done"

    def test_whoever_opens_it_is_told_that_it_was_erased(self, node: Office) -> None:
        (first, *_) = numbers(node, 1)
        retention.erase(node, SARI, 1, WHY)
        review = runs.review(node, BOB, 1, verdict="waiting", edges=(0.9,))
        assert (review.total, review.matches, review.run.erased_at is not None) == (0, (), True)
        assert (runs.matches(node, BOB, 1), runs.problems(node, BOB, 1)) == ([], [])
        assert [one.number for one in runs.latest(node, BOB)] == [1]
        asked: list[Callable[[], object]] = [
            lambda: runs.show_match(node, BOB, 1, first),
            lambda: runs.neighbours(node, BOB, 1, first),
            lambda: runs.decide(node, BOB, 1, [first], "same", "because"),
            lambda: runs.export(node, BOB, 1, "csv", node.scratch / "out"),
            lambda: runs.again(node, BOB, 1, {}, 0.7),
            lambda: exports.ask(node, BOB, 1, "csv"),
            lambda: retention.erase(node, SARI, 1, WHY),
            lambda: retention.hold(node, SARI, 1, WHY),
        ]
        for ask in asked:
            with pytest.raises(ConflictError) as caught:
                ask()
            assert caught.value.code == "run_erased"

    @pytest.mark.parametrize("at", ["mark", "matches", "customers", "file", "finish"])
    def test_what_a_killed_process_left_is_finished_by_the_next(self, node: Office, at: str) -> None:
        settings.change(node, CHARLIE, retention.SETTING, 1)
        later = Clock()
        later.move(days=2)
        moment = {"matches": ("DELETE FROM matches", 2), "customers": ("DELETE FROM customers", 2)}

        def dies(opened: Office) -> None:
            n = 0

            def executed(_c: object, _cursor: object, statement: str, *_: object) -> None:
                nonlocal n
                begins, nth = moment.get(at, ("no statement", 1))
                n += statement.startswith(begins)
                if n == nth:
                    os.kill(os.getpid(), signal.SIGKILL)

            def killed(*_: object, **__: object) -> None:
                os.kill(os.getpid(), signal.SIGKILL)

            event.listen(opened.database.engine, "before_cursor_execute", executed)
            if name := {"mark": "piece", "file": "is_used", "finish": "finish"}.get(at):
                setattr(erasing, name, killed)
            retention.erase(opened, SARI, 1, WHY)

        assert in_another_process(node, dies) == [-signal.SIGKILL]
        assert run(node).erased_at is not None
        assert runs.review(node, BOB, 1).total == len(runs.problems(node, BOB, 1)) == 0, "nobody sees half of it"
        assert runs.matches(node, BOB, 1) == []
        assert (run(node).erasure or {})["is_whole"] is False
        swept = retention.run(node, CHARLIE)
        assert (swept.n_finished, left(node), raw(node).exists()) == (1, 0, False)
        gone = run(node).erasure
        assert gone is not None
        assert (gone["is_whole"], gone["counts"]["customers"], gone["counts"]["matches"]) == (True, N, 3)
        assert "erased run 1: done" in said(node, "retention.run")
        assert retention.run(node, CHARLIE).n_finished == 0

    def test_by_hand_it_takes_a_supervisor_of_the_agency_a_reason_and_a_run_at_its_end(self, node: Office) -> None:
        waits = create(node, 3)
        refused: list[tuple[Callable[[], object], type[LintasError]]] = [
            (lambda: retention.erase(node, BOB, 1, WHY), DeniedError),
            (lambda: retention.erase(node, CHARLIE, 1, WHY), DeniedError),
            (lambda: retention.erase(node, VERA, 1, WHY), NotFoundError),
            (lambda: retention.erase(node, SARI, 99, WHY), NotFoundError),
            (lambda: retention.erase(node, SARI, 1, " x "), InputError),
            (lambda: retention.erase(node, SARI, waits.number, WHY), ConflictError),
        ]
        for call, kind in refused:
            with pytest.raises(kind):
                call()
        assert left(node) > 0

    def test_a_file_may_quote_a_customer_in_its_error_and_does_not_after(self, node: Office) -> None:
        path = write(node.scratch / "c.csv", names(3))
        made = runs.create(node, BOB, path, name="eko_misal.csv")
        raw(node, made.number).unlink()
        jobs.work(node)
        assert "eko_misal" in repr(rows(node))
        retention.erase(node, SARI, made.number, WHY)
        assert "eko_misal" not in repr(rows(node))
        assert (run(node, made.number).error or {})["code"] == "unreadable_file"


class TestHold:
    def test_what_is_held_is_erased_neither_by_the_clock_nor_by_hand(self, node: Office, clock: Clock) -> None:
        settings.change(node, CHARLIE, retention.SETTING, 1)
        held_run = retention.hold(node, SARI, 1, "order of the court")
        assert (held_run.held_at, held_run.held_by, held_run.hold_reason) == (clock.at, "sari", "order of the court")
        clock.move(days=100)
        assert retention.run(node, CHARLIE).n_runs == 0
        with pytest.raises(ConflictError) as caught:
            retention.erase(node, SARI, 1, WHY)
        assert (caught.value.code, left(node) > 0) == ("run_held", True)
        assert retention.release(node, SARI, 1, "order lifted") is None
        assert (run(node).held_at, run(node).hold_reason) == (None, None)
        assert retention.run(node, CHARLIE).n_runs == 1

    def test_a_hold_takes_a_reason_and_is_put_once_and_lifted_once(self, node: Office) -> None:
        with pytest.raises(InputError):
            retention.hold(node, SARI, 1, "")
        with pytest.raises(ConflictError):
            retention.release(node, SARI, 1, "nothing to lift")
        retention.hold(node, SARI, 1, "order of the court")
        with pytest.raises(ConflictError):
            retention.hold(node, TONO, 1, "another order")
        for officer, kind in ((BOB, DeniedError), (VERA, NotFoundError)):
            with pytest.raises(kind):
                retention.release(node, officer, 1, "let it go")
        assert run(node).held_by == "sari"

    def test_a_hold_that_comes_while_a_run_is_due_wins(
        self, node: Office, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.change(node, CHARLIE, retention.SETTING, 1)
        clock.move(days=2)
        true_due = erasing.due

        def due(*args: object, **how: object) -> list[int]:
            found = true_due(*args, **how)  # type: ignore[arg-type]
            assert found == [1]
            return found

        def begin(*args: object, **how: object) -> object:
            monkeypatch.undo()
            args[0].rollback()  # type: ignore[attr-defined]
            retention.hold(node, SARI, 1, "order of the court")
            return None

        monkeypatch.setattr(erasing, "due", due)
        monkeypatch.setattr(erasing, "begin", begin)
        assert retention.run(node, CHARLIE).n_runs == 0
        assert (run(node).erased_at, left(node) > 0) == (None, True)


class TestFourEyes:
    @pytest.fixture
    def node(self, node: Office) -> Office:
        four_eyes_for(node, "runs.release", "runs.erase")
        return node

    def approved(self, office: Office, number: int, by: str) -> None:
        with office.database.write() as connection:
            assert cases.decide(connection, number, by=by, at=office.now(), outcome="approved", reason="so it is")

    def test_erasing_waits_for_a_second_officer(self, node: Office) -> None:
        proposal = retention.erase(node, SARI, 1, WHY)
        assert proposal is not None
        assert (proposal.verb, proposal.run, left(node) > 0) == ("runs.erase", 1, True)
        with pytest.raises(ConflictError):
            retention.erase_approved(node, TONO, proposal)
        self.approved(node, proposal.number, "tono")
        with pytest.raises(NotFoundError):
            retention.erase_approved(node, SARI, proposal)
        with pytest.raises(ConflictError):
            retention.release_approved(node, TONO, proposal)
        assert (left(node) > 0, run(node).erased_at) == (True, None)
        retention.erase_approved(node, TONO, proposal)
        assert (left(node), (run(node).erasure or {})["by"]) == (0, "tono")
        with pytest.raises(ConflictError):
            retention.erase_approved(node, TONO, proposal)

    def test_a_hold_is_lifted_with_a_second_officer_who_may_be_a_custodian(self, node: Office) -> None:
        retention.hold(node, SARI, 1, "order of the court")
        proposal = retention.release(node, SARI, 1, "order lifted")
        assert proposal is not None
        self.approved(node, proposal.number, "kim")
        assert run(node).held_at is not None
        retention.release_approved(node, KIM, proposal)
        assert run(node).held_at is None
        with pytest.raises(ConflictError):
            retention.release_approved(node, KIM, proposal)

    def test_what_cannot_be_done_is_not_proposed(self, node: Office) -> None:
        with pytest.raises(ConflictError):
            retention.release(node, SARI, 1, "nothing to lift")
        retention.hold(node, SARI, 1, "order of the court")
        with pytest.raises(ConflictError):
            retention.erase(node, SARI, 1, WHY)

    def test_what_is_held_after_it_was_proposed_stays(self, node: Office) -> None:
        proposal = retention.erase(node, SARI, 1, WHY)
        assert proposal is not None
        retention.hold(node, TONO, 1, "order of the court")
        self.approved(node, proposal.number, "tono")
        with pytest.raises(ConflictError) as caught:
            retention.erase_approved(node, TONO, proposal)
        assert (caught.value.code, left(node) > 0) == ("run_held", True)


def test_the_daily_job_holds_no_name(node: Office) -> None:
    jobs.start_retention(node, CHARLIE)
    jobs.work(node, ["retention"])
    assert [dict(one.arguments) for one in held(node, "retention")] == [{}]
