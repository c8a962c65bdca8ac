"""What is done about a true match: recorded once, with who, when and why; by two officers where that is asked for."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from lintas.desk import glass, outcomes, proposals, runs
from lintas.desk.office import Office
from lintas.model.case import Proposal
from lintas.model.errors import ConflictError, DeniedError, InputError, NotFoundError
from lintas.model.run import Outcome
from tests.desk.cast import BOB, CHARLIE
from tests.desk.conftest import Clock
from tests.desk.entries import rows
from tests.desk.waiting import INES, RINA, SARI, TONO, VERA, WATI, at_work, found_same, four_eyes_for, numbers, screened


@pytest.fixture
def held(timed: Office) -> Office:
    return at_work(timed)


@pytest.fixture
def run(held: Office) -> int:
    return screened(held, BOB)


def report(office: Office, run: int, match: int, reference: str = "LTKM-12") -> Outcome:
    made = outcomes.decide(office, BOB, run, match, "report", "as the law asks", reference=reference)
    assert isinstance(made, Outcome)
    return made


def freeze(office: Office, run: int, match: int, reference: str = "") -> Proposal:
    made = outcomes.decide(office, BOB, run, match, "freeze", "listed by the UN", reference=reference)
    assert isinstance(made, Proposal)
    return made


def standing(office: Office, run: int, match: int) -> list[tuple[str, str, str | None]]:
    history = runs.show_match(office, BOB, run, match).doing.history
    return [(one.kind, one.officer, one.approved_by) for one in history if one.ended_at is None]


class TestOneOfficer:
    def test_an_outcome_is_kept_with_who_when_why_and_its_reference(self, held: Office, run: int, clock: Clock) -> None:
        match = found_same(held, run)
        clock.move(minutes=5)
        made = outcomes.decide(held, BOB, run, match, "report", "  as the law asks ", reference=" LTKM-12 ")
        assert isinstance(made, Outcome)
        assert (made.kind, made.reason, made.reference) == ("report", "as the law asks", "LTKM-12")
        assert (made.officer, made.approved_by, made.at, made.ended_at) == ("bob", None, held.now(), None)
        assert runs.show_match(held, BOB, run, match).doing.history == (made,)

    @pytest.mark.parametrize("verdict", ["different", "ask", None])
    def test_there_is_none_of_a_match_that_is_not_held_to_be_true(
        self, held: Office, run: int, verdict: str | None
    ) -> None:
        match = numbers(held, run)[0]
        if verdict:
            runs.decide(held, BOB, run, [match], verdict, "born later")
        for kind in ("report", "freeze"):
            with pytest.raises(ConflictError) as caught:
                outcomes.decide(held, BOB, run, match, kind, "as the law asks")
            assert caught.value.code == "not_the_same"
        assert rows(held, "outcomes", "proposals") == {"outcomes": [], "proposals": []}

    def test_what_stands_is_not_written_twice_but_under_another_reference(self, held: Office, run: int) -> None:
        match = found_same(held, run)
        report(held, run, match)
        with pytest.raises(ConflictError) as caught:
            report(held, run, match)
        assert caught.value.code == "stands"
        report(held, run, match, "LTKM-13")
        assert len(standing(held, run, match)) == 2

    @pytest.mark.parametrize(
        ("kind", "reason", "code"),
        [("burn", "as the law asks", "unknown_outcome"), ("report", " x ", "no_reason"), ("freeze", "", "no_reason")],
    )
    def test_another_kind_and_no_reason_are_refused(
        self, held: Office, run: int, kind: str, reason: str, code: str
    ) -> None:
        match = found_same(held, run)
        with pytest.raises(InputError) as caught:
            outcomes.decide(held, BOB, run, match, kind, reason)
        assert caught.value.code == code

    def test_a_match_of_another_run_is_not_found(self, held: Office, run: int) -> None:
        other = found_same(held, screened(held, BOB))
        for match in (other, 10**6):
            with pytest.raises(NotFoundError):
                report(held, run, match)

    def test_who_does_not_reach_the_run_learns_nothing_of_the_match(self, held: Office, run: int) -> None:
        match = found_same(held, run)
        for officer in (RINA, VERA, replace(SARI, purpose="investigation"), replace(SARI, clearance=0)):
            with pytest.raises(NotFoundError) as caught:
                outcomes.decide(held, officer, run, match, "report", "as the law asks")
            assert caught.value.what == f"There is no run {run}"
        for officer in (INES, CHARLIE):
            with pytest.raises(DeniedError):
                outcomes.decide(held, officer, run, match, "report", "as the law asks")
        assert rows(held, "outcomes") == {"outcomes": []}

    def test_behind_broken_glass_one_decides_matches_but_does_nothing_about_them(self, held: Office, run: int) -> None:
        match = found_same(held, run)
        glass.break_glass(held, RINA, run, "the plane leaves within the hour")
        assert runs.show_match(held, RINA, run, match).doing.offered == {}
        with pytest.raises(NotFoundError):
            outcomes.decide(held, RINA, run, match, "report", "as the law asks")


class TestReopening:
    def test_ends_what_was_done_and_keeps_it_in_the_history(self, held: Office, run: int, clock: Clock) -> None:
        match = found_same(held, run)
        report(held, run, match)
        clock.move(hours=1)
        runs.decide(held, BOB, run, [match], None, "the list was corrected")
        (one,) = runs.show_match(held, BOB, run, match).doing.history
        assert one.ended_at == held.now()
        clock.move(hours=1)
        runs.decide(held, BOB, run, [match], "same", "seen again")
        assert standing(held, run, match) == []
        report(held, run, match)
        assert [one.ended_at is None for one in runs.show_match(held, BOB, run, match).doing.history] == [False, True]

    def test_to_say_the_same_once_more_changes_nothing(self, held: Office, run: int) -> None:
        match = found_same(held, run)
        report(held, run, match)
        runs.decide(held, BOB, run, [match], "same", "a second document")
        assert standing(held, run, match) == [("report", "bob", None)]

    def test_of_many_matches_ends_theirs_alone(self, held: Office, run: int) -> None:
        first, second, third = numbers(held, run)
        runs.decide(held, BOB, run, [first, second, third], "same", "the passports agree")
        for match in (first, second, third):
            report(held, run, match)
        runs.decide(held, BOB, run, [first, second], "different", "mixed up")
        assert [len(standing(held, run, match)) for match in (first, second, third)] == [0, 0, 1]


class TestTwoOfficers:
    def test_what_asks_for_a_second_officer_waits_and_is_not_written(self, held: Office, run: int) -> None:
        match = found_same(held, run)
        made = freeze(held, run, match, "ref 1")
        assert (made.verb, made.run, made.match, made.proposed_by) == ("outcomes.decide", run, match, "bob")
        assert standing(held, run, match) == []
        view = runs.show_match(held, BOB, run, match)
        assert view.doing.waiting == (made,)
        assert set(view.doing.offered) == {"report", "reject"}

    def test_it_is_written_when_another_approves_with_both_names(self, held: Office, run: int, clock: Clock) -> None:
        match = found_same(held, run)
        made = freeze(held, run, match, "ref 1")
        clock.move(hours=2)
        done = proposals.decide(held, SARI, made.number, True, "seen and agreed")
        (one,) = runs.show_match(held, BOB, run, match).doing.history
        assert (one.kind, one.reason, one.reference) == ("freeze", "listed by the UN", "ref 1")
        assert (one.officer, one.approved_by, one.at) == ("bob", "sari", held.now())
        assert (done.outcome, done.carried_out_at, done.error) == ("approved", held.now(), None)

    def test_the_same_is_not_proposed_twice(self, held: Office, run: int) -> None:
        match = found_same(held, run)
        freeze(held, run, match)
        with pytest.raises(ConflictError) as caught:
            freeze(held, run, match)
        assert caught.value.code == "proposed"

    def test_a_match_that_was_reopened_meanwhile_is_not_frozen_though_it_is_the_same_again(
        self, held: Office, run: int
    ) -> None:
        match = found_same(held, run)
        made = freeze(held, run, match)
        runs.decide(held, BOB, run, [match], None, "a doubt")
        runs.decide(held, BOB, run, [match], "same", "the doubt is gone")
        with pytest.raises(ConflictError) as caught:
            proposals.decide(held, SARI, made.number, True, "seen and agreed")
        assert caught.value.code == "reopened"
        kept = proposals.show(held, SARI, made.number).proposal
        assert (kept.outcome, kept.carried_out_at) == ("approved", None)
        assert kept.error is not None
        assert kept.error["code"] == "reopened"
        assert standing(held, run, match) == []

    def test_what_is_not_approved_is_not_carried_out_and_what_is_only_once(self, held: Office, run: int) -> None:
        match = found_same(held, run)
        made = freeze(held, run, match)
        with pytest.raises(ConflictError):
            outcomes.carry_out(held, SARI, made)
        proposals.decide(held, SARI, made.number, True, "seen and agreed")
        with pytest.raises(ConflictError) as caught:
            outcomes.carry_out(held, SARI, made)
        assert caught.value.code == "not_to_be_done"
        assert standing(held, run, match) == [("freeze", "bob", "sari")]

    def test_the_settings_say_which_kinds_ask_for_a_second_officer(self, held: Office, run: int) -> None:
        four_eyes_for(held, "outcomes.report")
        match = found_same(held, run)
        assert isinstance(outcomes.decide(held, BOB, run, match, "freeze", "listed by the UN"), Outcome)
        assert isinstance(outcomes.decide(held, BOB, run, match, "report", "as the law asks"), Proposal)

    def test_the_page_is_told_who_may_approve(self, held: Office, run: int) -> None:
        match = found_same(held, run)
        assert runs.show_match(held, BOB, run, match).doing.offered == {
            "freeze": ("alice", "sari", "tono", "wati"),
            "report": None,
            "reject": None,
        }
        assert runs.show_match(held, SARI, run, match).doing.offered["freeze"] == ("alice", "tono", "wati")
        secret = screened(held, WATI, clearance=3)
        own = found_same(held, secret, WATI)
        assert runs.show_match(held, WATI, secret, own).doing.offered["freeze"] == ("alice",)

    def test_who_sees_a_match_is_told_beside_it(self, held: Office, run: int) -> None:
        match = found_same(held, run)
        assert runs.show_match(held, BOB, run, match).seen_by == ("alice", "bob", "sari", "tono", "wati")
        glass.break_glass(held, RINA, run, "the plane leaves within the hour")
        assert "rina" in runs.show_match(held, BOB, run, match).seen_by


class TestExports:
    @pytest.fixture
    def decided(self, held: Office, run: int) -> tuple[int, int]:
        match = found_same(held, run)
        proposals.decide(held, TONO, freeze(held, run, match, "F-1").number, True, "seen and agreed")
        report(held, run, match)
        runs.decide(held, BOB, run, numbers(held, run)[1:2], "different", "=born later")
        return run, match

    def test_a_table_says_what_was_decided_by_whom_when_and_what_was_done(
        self, held: Office, decided: tuple[int, int], tmp_path: Path
    ) -> None:
        run, _ = decided
        runs.export(held, BOB, run, "csv", tmp_path / "r.csv")
        with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as stream:
            lines = {line["verdict"]: line for line in csv.DictReader(stream) if line["matched_id"]}
        same = lines["same"]
        assert (same["verdict_reason"], same["decided_by"]) == ("the passport agrees", "bob")
        assert same["decided_at"] == "2026-03-01T09:00:00+00:00"
        frozen, reported = same["outcome"].split("; ")
        by = "2026-03-01T09:00:00+00:00 by bob"
        assert frozen == f"freeze {by}, approved by tono, reference F-1: listed by the UN"
        assert reported == f"report {by}, reference LTKM-12: as the law asks"
        assert lines["different"]["verdict_reason"] == "'=born later"
        assert (lines[""]["decided_by"], lines[""]["outcome"]) == ("", "")

    def test_json_lines_hold_the_same_whole(self, held: Office, decided: tuple[int, int], tmp_path: Path) -> None:
        run, _ = decided
        runs.export(held, BOB, run, "jsonl", tmp_path / "r.jsonl")
        lines = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()]
        found = [one for line in lines for one in line["matches"]]
        by_verdict = {one["decision"] and one["decision"]["verdict"]: one for one in found}
        assert by_verdict["same"]["decision"]["officer"] == "bob"
        assert [one["kind"] for one in by_verdict["same"]["outcomes"]] == ["freeze", "report"]
        assert (by_verdict[None]["decision"], by_verdict[None]["outcomes"]) == (None, [])

    def test_what_no_longer_stands_is_not_exported(
        self, held: Office, decided: tuple[int, int], tmp_path: Path
    ) -> None:
        run, match = decided
        runs.decide(held, BOB, run, [match], None, "a doubt")
        runs.export(held, BOB, run, "csv", tmp_path / "r.csv")
        text = (tmp_path / "r.csv").read_text(encoding="utf-8-sig")
        assert "LTKM-12" not in text
        assert "a doubt" in text
