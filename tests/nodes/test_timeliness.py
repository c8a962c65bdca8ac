"""By when an answer is due, what waits for whom, and how timely agencies were: by the asked node's own clock."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from lintas.desk import correspondence, deadlines, post, timeliness
from lintas.exchange.refused import RefusedError
from lintas.model.errors import InputError, NotFoundError
from lintas.reference import agreements
from tests.nodes.region import LINA, REQUEST, Region, draft

A, B = "xa.fiu", "xb.police"
OWN = """
[[agreements]]
id = "two-rivers"
words = "Signed by both agencies."
source = "Memorandum of 3 March 2026, article 4"
certainty = "A"
checked_on = 2026-11-22
acknowledge_h = { urgent = 1, priority = 2, routine = 3 }
answer_h = { urgent = 4, priority = 5, routine = 6 }
"""


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Region]:
    made = Region(tmp_path, names=(A, B))
    yield made
    made.close()


def test_a_request_says_by_when_by_the_agreement_with_that_agency(region: Region) -> None:
    office = region.nodes[A]
    preview = post.preview(office, LINA, draft("request", REQUEST, peer=B))
    assert preview["body"]["due"]["agreement"] == "general"
    deadlines.add(office, LINA, OWN)
    deadlines.assign(office, LINA, B, "two-rivers")
    asked = region.ask(A, B)
    due = asked.content["body"]["due"]
    at = region.clock()
    assert due["agreement"] == "two-rivers"
    assert due["acknowledge_by"] == (at + timedelta(hours=3)).isoformat()
    assert due["answer_by"] == (at + timedelta(hours=6)).isoformat()
    region.deliver(A, B)
    (came,) = region.inbox(B, A)
    assert came.content["body"]["due"] == due


def test_the_thread_that_waits_for_us_stands_first_with_what_is_due_next(region: Region) -> None:
    region.ask(A, B)
    region.deliver(A, B)
    region.clock.move(hours=1)
    (came,) = region.inbox(B, A)
    region.ask(B, A, "alert", body={"subject": "A ship", "text": "It is dark.", "channel": "maritime"})
    first, second = correspondence.overview(region.nodes[B], LINA)
    assert (first.thread.number, first.is_ours, second.clock) == (came.thread, True, None)
    assert first.clock is not None
    assert (first.clock.rule, first.clock.due) == ("acknowledge", came.at + timedelta(hours=72))
    region.answer(B, came, "acknowledgement", {"officer": "Duty officer"})
    (first, _) = correspondence.overview(region.nodes[B], LINA)
    assert first.clock is not None
    assert (first.clock.rule, first.clock.due) == ("answer", came.at + timedelta(hours=720))
    region.answer(B, came, "reply", {"extent": "final", "text": "None."})
    assert all(line.clock is None for line in correspondence.overview(region.nodes[B], LINA))
    (line,) = [one for one in correspondence.overview(region.nodes[A], LINA) if one.newest.type == "request"]
    assert (line.is_ours, line.clock and line.clock.rule) == (False, "acknowledge")


def test_timely_is_a_number_on_both_sides_by_each_ones_own_clock(region: Region) -> None:
    request = dict(REQUEST, channel="maritime", urgency="urgent")
    for n, hours in enumerate((2, 10, 30)):
        region.ask(A, B, body=request)
        region.clock.move(hours=1)  # the line was away
        region.deliver(A, B)
        came = region.inbox(B, A)[-1]
        region.clock.move(hours=1)
        region.answer(B, came, "acknowledgement", {"officer": "Duty"})
        region.deliver(B, A)
        region.clock.move(hours=hours)
        extent = {"extent": "partial"} if n == 0 else {"extent": "final"}
        region.answer(B, came, "reply", {**extent, "text": "So."})
        region.deliver(B, A)
    (they,) = timeliness.measured(region.nodes[A], LINA)
    (we,) = timeliness.measured(region.nodes[B], LINA)
    assert (they.peer, they.direction, they.channel, we.direction) == (B, "out", "maritime", "in")
    assert (they.n, they.n_open, they.n_late) == (3, 1, 2)  # one is open past its day, one came after it
    assert (they.acknowledge_h, we.acknowledge_h) == (2, 1)
    assert (they.answer_h, we.answer_h) == ((12 + 32) / 2, (11 + 31) / 2)
    assert they.answer_h_90 == pytest.approx(12 + 0.9 * 20)


def test_an_agreement_that_is_none_is_refused_and_nothing_changes(region: Region) -> None:
    office = region.nodes[A]
    faults = {
        "no toml": "agreements =",
        "an hour too few": OWN.replace("routine = 6 }", "}"),
        "no hours": OWN.replace("routine = 6", "routine = -1"),
        "infinite": OWN.replace("routine = 6", "routine = inf"),
        "answered before acknowledged": OWN.replace("routine = 6", "routine = 1"),
        "a field of its own": OWN + "colour = 'red'\n",
        "no table": "agreements = 3",
    }
    before = deadlines.everybody(office, LINA)
    for fault, text in faults.items():
        with pytest.raises(InputError) as caught:
            deadlines.add(office, LINA, text)
        assert caught.value.code == "bad_agreement", fault
    assert deadlines.everybody(office, LINA) == before
    for node, agreement in ((B, "nobody"), ("xz.none", "general")):
        with pytest.raises(NotFoundError):
            deadlines.assign(office, LINA, node, agreement)


@pytest.mark.parametrize(
    "when", ["soon", "2026-11-22T08:00:00", 1767225600, None, "2026-13-01T00:00:00Z", "0001-01-01T00Z"]
)
def test_a_deadline_of_no_time_is_refused(region: Region, when: object) -> None:
    bad = dict(REQUEST, due={"agreement": "general", "acknowledge_by": when, "answer_by": when})
    with pytest.raises(RefusedError) as caught:
        region.ask(A, B, body=bad)
    assert caught.value.code == "bad_body"


@pytest.mark.parametrize("when", ["8999-12-31T23:59:59+14:00", "1970-01-02T00:00:00Z", "2026-11-22T08:00:00-12:00"])
def test_an_absurd_deadline_of_a_peer_breaks_nothing(region: Region, when: str) -> None:
    due = {"agreement": "a" * 500, "acknowledge_by": when, "answer_by": when}
    region.ask(A, B, body=dict(REQUEST, due=due))
    region.deliver(A, B)
    (line,) = correspondence.overview(region.nodes[B], LINA)
    view = correspondence.show(region.nodes[B], LINA, line.thread.number)
    assert line.clock is not None
    assert 0 <= line.clock.share <= 1
    assert view.messages[0].clock == line.clock
    assert timeliness.measured(region.nodes[B], LINA)[0].n == 1


def test_the_shipped_agreements_name_their_source() -> None:
    assert {one.id for one in agreements.shipped()} >= {"general", "egmont", "police"}
    assert all(one.source and one.words for one in agreements.shipped())
    assert agreements.read(OWN)[0].answer_h["routine"] == 6
