"""The inbox: all that an officer may do something about, nothing else, with the time that it has left."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, insert, update

from lintas.desk import casework, glass, inbox, outcomes, runs
from lintas.desk.inbox import Part
from lintas.desk.office import Office
from lintas.model.case import BrokenGlass, Proposal
from lintas.model.errors import ConflictError, InputError, NotFoundError
from lintas.model.officer import Officer
from lintas.model.run import RunMatch
from lintas.store import settings, tables
from tests.desk.cast import ALICE, BOB, CHARLIE
from tests.desk.conftest import Clock
from tests.desk.waiting import INES, KIM, RINA, SARI, VERA, WATI, at_work, found_same, numbers, screened

EDGES = (0.95, 0.85)


@pytest.fixture
def held(timed: Office) -> Office:
    return at_work(timed)


@pytest.fixture
def run(held: Office) -> int:
    return screened(held, BOB)


def number(thing: object) -> int:
    """What an item of the inbox is known by; an alarm has no number."""
    return int(getattr(thing, "number", 0))


def waits(office: Office, officer: Officer, kind: str = "matches", part: Part = Part()) -> list[int]:
    found = inbox.inbox(office, officer, kind, part)
    return [number(item.thing) for item in found.items]


class TestMatches:
    def test_wait_for_who_may_decide_them_and_for_nobody_else(self, held: Office, run: int) -> None:
        for officer in (BOB, SARI, WATI, ALICE):
            assert waits(held, officer) == numbers(held, run)
            assert inbox.n_waiting(held, officer) == 3
        others = (RINA, VERA, INES, KIM, CHARLIE, replace(SARI, purpose="training"), replace(BOB, clearance=0))
        for officer in others:
            assert waits(held, officer) == []
            everything = inbox.inbox(held, officer)
            assert (everything.items, everything.total, inbox.n_waiting(held, officer)) == ((), 0, 0)

    def test_of_a_case_wait_for_its_officers_and_of_broken_glass_while_it_is_open(
        self, held: Office, run: int, clock: Clock
    ) -> None:
        case = casework.open_case(held, BOB, "A trade in timber").number
        casework.put_run(held, BOB, run, case)
        casework.assign(held, SARI, case, "rina")
        assert len(waits(held, RINA)) == 3
        casework.withdraw(held, SARI, case, "rina")
        assert waits(held, RINA) == []
        glass.break_glass(held, RINA, run, "the plane leaves within the hour")
        assert len(waits(held, RINA)) == 3
        clock.move(hours=1)
        assert waits(held, RINA) == []

    def test_the_run_that_ended_first_comes_first_and_in_it_the_strongest(
        self, held: Office, run: int, clock: Clock
    ) -> None:
        clock.move(hours=1)
        later = screened(held, BOB)
        assert waits(held, BOB) == [*numbers(held, run), *numbers(held, later)]
        groups = inbox.inbox(held, BOB, "matches", Part(edges=EDGES)).groups
        assert [(group.run, group.n, sum(group.bands)) for group in groups] == [(run, 3, 3), (later, 3, 3)]
        assert (groups[0].file, groups[0].since) == ("customers.csv", runs.get(held, BOB, run).finished_at)

    def test_pages_bands_and_runs_add_up(self, held: Office, run: int) -> None:
        later = screened(held, BOB)
        whole = waits(held, BOB)
        assert waits(held, BOB, part=Part(limit=4)) + waits(held, BOB, part=Part(limit=4, offset=4)) == whole
        assert waits(held, BOB, part=Part(run=later)) == numbers(held, later)
        by_band = [inbox.inbox(held, BOB, "matches", Part(edges=EDGES, band=band)) for band in range(3)]
        assert sum(one.total for one in by_band) == len(whole)
        assert all(len(one.items) == one.total for one in by_band)
        both = inbox.inbox(held, BOB, "matches", Part(run=run, edges=EDGES, band=0))
        assert both.total == len(both.items)

    def test_what_is_decided_stopped_running_or_erased_does_not_wait(self, held: Office, run: int) -> None:
        first, second, third = numbers(held, run)
        runs.decide(held, BOB, run, [first], "different", "born later")
        assert waits(held, BOB) == [second, third]
        for values in ({"status": "running"}, {"status": "done", "erased_at": held.now()}):
            with held.database.write() as connection:
                connection.execute(update(tables.runs).values(**values))
            assert waits(held, BOB) == []
            assert inbox.n_waiting(held, BOB) == 0

    def test_have_a_day_since_the_end_of_their_run_or_since_they_were_reopened(
        self, held: Office, run: int, clock: Clock
    ) -> None:
        first = numbers(held, run)[0]
        clock.move(hours=12)
        runs.decide(held, BOB, run, [first], "different", "born later")
        runs.decide(held, BOB, run, [first], None, "the year was a slip")
        clock.move(hours=18)
        clocks = {number(one.thing): one.clock for one in inbox.inbox(held, BOB, "matches").items}
        left_h = {number: clock.left_s / 3600 for number, clock in clocks.items() if clock}
        assert sorted(left_h.values()) == [-6, -6, 6]
        assert left_h[first] == 6
        shown = runs.show_match(held, BOB, run, first).clock
        assert shown == clocks[first]
        assert shown is not None
        assert (shown.rule, shown.is_ours, shown.share) == ("review_within_h", True, 0.75)

    def test_the_hours_are_those_of_the_settings(self, held: Office, run: int) -> None:
        with held.database.write() as connection:
            settings.put(connection, "review_within_h", 2, by="charlie", at=held.now())
        clock = inbox.inbox(held, BOB, "matches").items[0].clock
        assert clock is not None
        assert (clock.left_s, clock.is_ours) == (7200, False)


class TestAskedAndTrue:
    def test_a_question_that_is_open_waits(self, held: Office, run: int) -> None:
        first = numbers(held, run)[0]
        runs.decide(held, BOB, run, [first], "ask", "where born?")
        assert waits(held, BOB, "asked") == [first]
        assert waits(held, RINA, "asked") == []
        assert inbox.inbox(held, BOB).counts == {"matches": 2, "asked": 1, "outcomes": 0}

    def test_a_true_match_waits_until_something_is_done_about_it(self, held: Office, run: int, clock: Clock) -> None:
        match = found_same(held, run)
        clock.move(hours=25)
        (item,) = inbox.inbox(held, BOB, "outcomes").items
        assert item.clock is not None
        assert (number(item.thing), item.clock.left_s) == (match, -3600)
        outcomes.decide(held, BOB, run, match, "report", "as the law asks")
        assert waits(held, BOB, "outcomes") == []
        runs.decide(held, BOB, run, [match], None, "a doubt")
        runs.decide(held, BOB, run, [match], "same", "no doubt any more")
        assert waits(held, BOB, "outcomes") == [match]

    def test_what_is_proposed_waits_for_the_second_officer_not_for_the_first(
        self, held: Office, run: int, clock: Clock
    ) -> None:
        match = found_same(held, run)
        made = outcomes.decide(held, BOB, run, match, "freeze", "listed by the UN")
        assert isinstance(made, Proposal)
        assert waits(held, BOB, "outcomes") == waits(held, SARI, "outcomes") == []
        (mine,) = inbox.inbox(held, BOB, "proposals").items
        (theirs,) = inbox.inbox(held, SARI, "proposals").items
        assert (mine.is_own, theirs.is_own) == (True, False)
        assert theirs.about is not None
        assert theirs.about.number == match
        assert (inbox.n_waiting(held, BOB), inbox.n_waiting(held, SARI)) == (2, 3)
        clock.move(days=7)
        assert waits(held, BOB, "outcomes") == [match]
        assert waits(held, SARI, "proposals") == []


class TestOthers:
    def test_broken_glass_waits_for_who_reviews_it_of_the_same_agency(
        self, held: Office, run: int, clock: Clock
    ) -> None:
        glass.break_glass(held, RINA, run, "the plane leaves within the hour")
        for officer in (SARI, INES):
            (item,) = inbox.inbox(held, officer, "glass").items
            assert isinstance(item.thing, BrokenGlass)
            assert item.thing.officer == "rina"
        for officer in (VERA, RINA, BOB, CHARLIE):
            assert waits(held, officer, "glass") == []
        with pytest.raises(ConflictError):
            glass.review(held, VERA, number(item.thing), "it was right, says another agency")
        glass.review(held, INES, number(item.thing), "it was right: the plane left")
        assert waits(held, SARI, "glass") == []

    def test_ones_open_cases_are_there(self, held: Office) -> None:
        mine = casework.open_case(held, BOB, "A trade in timber").number
        casework.open_case(held, RINA, "Another trade")
        assert waits(held, BOB, "cases") == [mine]
        assert inbox.n_waiting(held, BOB) == 0, "a case is open, it does not wait"
        casework.close(held, SARI, mine)
        assert waits(held, BOB, "cases") == []

    def test_all_kinds_together_have_the_least_time_left_first(self, held: Office, run: int, clock: Clock) -> None:
        found_same(held, run)
        casework.open_case(held, SARI, "A trade in timber")
        clock.move(hours=2)
        glass.break_glass(held, RINA, run, "the plane leaves within the hour")
        items = inbox.inbox(held, SARI).items
        due = [item.clock.due for item in items if item.clock]
        assert due == sorted(due)
        assert {item.kind for item in items} == {"matches", "outcomes", "glass", "cases"}
        assert items[-1].kind == "cases"

    def test_a_kind_or_band_that_is_none_is_refused(self, held: Office) -> None:
        for kind, part in (("cookies", Part()), ("matches", Part(band=7)), ("", Part(limit=10**6))):
            with pytest.raises(InputError):
                inbox.inbox(held, BOB, kind, part)


class TestBulk:
    def chosen(self, office: Office, *runs_: int) -> dict[int, list[int]]:
        return {run: numbers(office, run)[:2] for run in runs_}

    def test_matches_of_several_runs_are_decided_under_one_reason(self, held: Office, run: int) -> None:
        other = screened(held, BOB)
        chosen = self.chosen(held, run, other)
        assert inbox.decide(held, BOB, chosen, "different", "known pattern") == 4
        for number, matches in chosen.items():
            for match in matches:
                (last,) = runs.show_match(held, BOB, number, match).history
                assert (last.verdict, last.reason, last.officer) == ("different", "known pattern", "bob")
        assert inbox.n_waiting(held, BOB) == 2

    def test_one_that_is_out_of_reach_and_none_is_decided(self, held: Office, run: int) -> None:
        theirs = screened(held, RINA)
        chosen = {run: numbers(held, run), theirs: numbers(held, theirs, RINA)}
        with pytest.raises(NotFoundError):
            inbox.decide(held, BOB, chosen, "different", "known pattern")
        with pytest.raises(NotFoundError):
            inbox.decide(held, BOB, {run: [*numbers(held, run), numbers(held, theirs, RINA)[0]]}, "same", "all of them")
        assert len(waits(held, BOB)) == len(waits(held, RINA)) == 3

    def test_what_somebody_decided_meanwhile_is_not_overruled_unseen(self, held: Office, run: int) -> None:
        first, second, third = numbers(held, run)
        runs.decide(held, SARI, run, [first], "same", "the passport agrees")
        runs.decide(held, SARI, run, [second], "ask", "where born?")
        with pytest.raises(ConflictError) as caught:
            inbox.decide(held, BOB, {run: [first, second, third]}, "different", "known pattern")
        assert caught.value.code == "decided_meanwhile"
        assert numbers(held, run, verdict="same") == [first]
        assert inbox.decide(held, BOB, {run: [second, third]}, "different", "known pattern") == 2

    @pytest.mark.parametrize(
        ("verdict", "reason", "code"),
        [("maybe", "because", "unknown_verdict"), ("different", " ", "no_reason")],
    )
    def test_bad_words_are_refused(self, held: Office, run: int, verdict: str, reason: str, code: str) -> None:
        with pytest.raises(InputError) as caught:
            inbox.decide(held, BOB, self.chosen(held, run), verdict, reason)
        assert caught.value.code == code
        with pytest.raises(InputError) as nothing:
            inbox.decide(held, BOB, {}, "different", "known pattern")
        assert nothing.value.code == "no_match_chosen"


class TestMany:
    N = 5000

    @pytest.fixture
    def full(self, held: Office, run: int) -> Office:
        """So many more matches, copied from one."""
        with held.database.write() as connection:
            (one,) = connection.execute(tables.matches.select().where(tables.matches.c.run == run).limit(1))
            copies = [{**one._mapping, "number": 10_000 + n, "score": n / self.N} for n in range(self.N)]
            connection.execute(insert(tables.matches), copies)
        return held

    def test_counts_stop_where_many_begin_and_pages_go_to_the_end(self, full: Office) -> None:
        assert inbox.n_waiting(full, BOB) == inbox.MOST
        one = inbox.inbox(full, BOB, "matches", Part(offset=self.N - 10))
        assert (len(one.items), one.total) == (13, self.N + 3)
        everything = inbox.inbox(full, BOB)
        assert (len(everything.items), everything.counts["matches"]) == (100, self.N + 3)

    def test_to_count_and_to_group_no_match_is_read_but_an_index(self, full: Office) -> None:
        if full.database.engine.dialect.name != "sqlite":
            pytest.skip("PostgreSQL chooses by the sizes that it has seen")
        asked = list[tuple[str, Any]]()
        event.listen(full.database.engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
        inbox.n_waiting(full, BOB)
        inbox.inbox(full, BOB, "matches", Part(edges=EDGES, limit=1))
        queries = [one for one in asked if "matches" in one[0] and "customers" not in one[0]]
        assert len(queries) >= 7
        with full.database.read() as connection:
            for query, values in queries:
                plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values).all())
                assert not re.search("SCAN matches(?! USING COVERING)", plan)
                assert "COVERING INDEX ix_matches_run_verdict_score" in plan


def test_a_look_at_the_inbox_is_in_the_log_and_the_number_beside_its_name_is_not(
    held: Office, run: int, log: Callable[[Office], list[tuple[str, str, str]]]
) -> None:
    before = len(log(held))
    inbox.n_waiting(held, BOB)
    assert [row for row in log(held)[before:] if row[0] == "bob"] == []
    inbox.inbox(held, BOB)
    assert [row for row in log(held)[before:] if row[0] == "bob"] == [("bob", "inbox.read", "asked")]


def test_every_item_of_matches_is_a_match_that_its_reader_may_open(held: Office, run: int) -> None:
    for officer in (BOB, SARI, ALICE):
        for item in inbox.inbox(held, officer).items:
            assert isinstance(item.thing, RunMatch)
            assert runs.show_match(held, officer, item.thing.run, item.thing.number).rights >= {"runs.decide"}
