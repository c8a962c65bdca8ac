"""Four eyes: another officer in person decides, once, and what is approved is done at once and once only."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from lintas.desk import inbox, outcomes, proposals, retention, runs
from lintas.desk.office import Office
from lintas.model.case import Proposal
from lintas.model.errors import ConflictError, DeniedError, InputError, LintasError, NotFoundError
from tests.desk.cast import BOB, CHARLIE
from tests.desk.conftest import Clock
from tests.desk.waiting import INES, KIM, RINA, SARI, TONO, VERA, WATI, at_work, found_same, numbers, screened

Log = Callable[[Office], list[tuple[str, str, str]]]


@pytest.fixture
def held(timed: Office) -> Office:
    return at_work(timed)


@pytest.fixture
def run(held: Office) -> int:
    return screened(held, BOB)


@pytest.fixture
def proposed(held: Office, run: int) -> Proposal:
    made = outcomes.decide(held, BOB, run, found_same(held, run), "freeze", "listed by the UN")
    assert isinstance(made, Proposal)
    return made


def n_outcomes(office: Office, proposed: Proposal) -> int:
    return len(runs.show_match(office, BOB, proposed.run or 0, proposed.match or 0).doing.history)


def test_who_may_decide_and_who_proposed_see_what_waits(held: Office, proposed: Proposal) -> None:
    for officer in (BOB, SARI, TONO, WATI):
        assert proposals.waiting(held, officer) == [proposed]
    for officer in (RINA, VERA, KIM, INES, CHARLIE, replace(SARI, purpose="cooperation"), replace(SARI, clearance=0)):
        assert proposals.waiting(held, officer) == []
        with pytest.raises(LintasError):
            proposals.show(held, officer, proposed.number)


def test_a_proposal_is_shown_with_its_match_its_clock_and_who_may_decide(
    held: Office, proposed: Proposal, clock: Clock
) -> None:
    clock.move(days=3.5)
    view = proposals.show(held, SARI, proposed.number)
    assert view.may_decide
    assert view.deciders == ("alice", "sari", "tono", "wati")
    assert view.found is not None
    assert (view.found.customer_caption, view.clock.share) == ("Ada Exempli", 0.5)
    assert view.run is not None
    mine = proposals.show(held, BOB, proposed.number)
    assert (mine.may_decide, mine.deciders) == (False, view.deciders)


def test_who_lost_the_run_still_sees_their_proposal_but_no_longer_the_customer(held: Office) -> None:
    run = screened(held, WATI, clearance=3)
    made = outcomes.decide(held, WATI, run, found_same(held, run, WATI), "freeze", "listed by the UN")
    assert isinstance(made, Proposal)
    view = proposals.show(held, replace(WATI, clearance=1), made.number)
    assert (view.proposal, view.run, view.found) == (made, None, None)
    (item,) = inbox.inbox(held, replace(WATI, clearance=1), "proposals").items
    assert item.about is None


def test_to_see_a_person_in_a_proposal_is_in_the_log_under_the_person(held: Office, proposed: Proposal) -> None:
    found = runs.show_match(held, BOB, proposed.run or 0, proposed.match or 0).found
    proposals.show(held, SARI, proposed.number)
    with held.log.read() as connection:
        told = connection.exec_driver_sql("SELECT officer, verb, subjects FROM log ORDER BY number DESC").first()
    assert told is not None
    assert told[:2] == ("sari", "runs.read")
    assert f"entity:{found.match.entity_id}" in told[2]


def test_nobody_decides_on_their_own_nor_by_command_or_token(held: Office, run: int) -> None:
    made = outcomes.decide(held, SARI, run, found_same(held, run), "freeze", "listed by the UN")
    assert isinstance(made, Proposal)
    with pytest.raises(NotFoundError):
        proposals.decide(held, SARI, made.number, True, "I agree with me")
    for via in ("command", "token"):
        with pytest.raises(DeniedError):
            proposals.decide(held, replace(TONO, via=via), made.number, True, "seen and agreed")
    with pytest.raises(DeniedError):
        proposals.decide(held, BOB, made.number, True, "seen and agreed")
    assert n_outcomes(held, made) == 0
    proposals.decide(held, TONO, made.number, True, "seen and agreed")
    assert n_outcomes(held, made) == 1


def test_what_is_refused_is_not_done_and_says_why(held: Office, proposed: Proposal) -> None:
    kept = proposals.decide(held, SARI, proposed.number, False, "another person: born later")
    assert (kept.outcome, kept.decided_by, kept.decision_reason) == ("refused", "sari", "another person: born later")
    assert (kept.decided_at, kept.carried_out_at) == (held.now(), None)
    assert n_outcomes(held, proposed) == 0
    assert proposals.waiting(held, BOB) == []
    again = outcomes.decide(held, BOB, proposed.run or 0, proposed.match or 0, "freeze", "the year was a slip")
    assert isinstance(again, Proposal)


def test_a_decision_needs_a_reason_and_is_made_once(held: Office, proposed: Proposal) -> None:
    with pytest.raises(InputError) as short:
        proposals.decide(held, SARI, proposed.number, True, " y ")
    assert short.value.code == "no_reason"
    proposals.decide(held, SARI, proposed.number, True, "seen and agreed")
    for officer, approve in ((SARI, True), (TONO, False)):
        with pytest.raises(ConflictError) as caught:
            proposals.decide(held, officer, proposed.number, approve, "seen and agreed")
        assert caught.value.code == "proposal_decided"
    assert n_outcomes(held, proposed) == 1
    assert not proposals.show(held, TONO, proposed.number).may_decide


def test_after_seven_days_it_is_over(held: Office, proposed: Proposal, clock: Clock) -> None:
    clock.move(days=7)
    assert proposals.waiting(held, SARI) == []
    assert not proposals.show(held, SARI, proposed.number).may_decide
    with pytest.raises(ConflictError):
        proposals.decide(held, SARI, proposed.number, True, "seen and agreed")
    assert n_outcomes(held, proposed) == 0


def test_of_many_who_approve_at_once_one_does_and_it_is_done_once(office: Office, held: Office, run: int) -> None:
    made = outcomes.decide(held, BOB, run, found_same(held, run), "freeze", "listed by the UN")
    assert isinstance(made, Proposal)
    start, ended = threading.Barrier(4), list[str]()

    def approve(by: int) -> None:
        start.wait()
        try:
            proposals.decide(held, (SARI, TONO, WATI, SARI)[by], made.number, by != 3, "seen and agreed")
            ended.append("decided")
        except ConflictError as error:
            ended.append(error.code)

    threads = [threading.Thread(target=approve, args=(by,)) for by in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["decided", *["proposal_decided"] * 3]
    assert n_outcomes(held, made) == (1 if proposals.show(held, SARI, made.number).proposal.carried_out_at else 0)


def test_decisions_and_what_they_led_to_are_in_the_log(held: Office, proposed: Proposal, log: Log) -> None:
    before = len(log(held))
    proposals.decide(held, SARI, proposed.number, True, "seen and agreed")
    told = [row for row in log(held)[before:] if row[0] == "sari"]
    assert told == [
        ("sari", "proposals.decide", "asked"),
        ("sari", "proposals.decide", "done"),
        ("sari", "outcomes.decide", "asked"),
        ("sari", "outcomes.decide", "done"),
    ]


def test_a_hold_is_lifted_by_a_custodian_who_sees_no_customer(held: Office, run: int) -> None:
    retention.hold(held, SARI, run, "asked for by the court")
    made = retention.release(held, SARI, run, "the court is done")
    assert made is not None
    view = proposals.show(held, KIM, made.number)
    assert (view.may_decide, view.run, view.found) == (True, None, None)
    assert proposals.decide(held, KIM, made.number, True, "the letter was seen").carried_out_at == held.now()
    assert runs.get(held, BOB, run).held_at is None


def test_a_run_is_erased_when_another_approves(held: Office, run: int) -> None:
    made = retention.erase(held, SARI, run, "asked for by the customer")
    assert made is not None
    with pytest.raises(DeniedError):
        proposals.decide(held, replace(BOB, via="session"), made.number, True, "seen and agreed")
    proposals.decide(held, TONO, made.number, True, "seen and agreed")
    assert runs.get(held, BOB, run).erased_at == held.now()
    assert numbers(held, run) == []


def test_what_cannot_be_carried_out_is_told_and_stays_decided(held: Office, run: int) -> None:
    made = retention.erase(held, SARI, run, "asked for by the customer")
    assert made is not None
    retention.hold(held, SARI, run, "asked for by the court")
    with pytest.raises(ConflictError) as caught:
        proposals.decide(held, TONO, made.number, True, "seen and agreed")
    kept = proposals.show(held, TONO, made.number).proposal
    assert kept.error is not None
    assert (kept.outcome, kept.carried_out_at, kept.error["code"]) == ("approved", None, caught.value.code)
    assert len(numbers(held, run)) == 3
