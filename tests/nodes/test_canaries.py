"""Numbers of nobody in a set: who asks for one did not have it from a customer, and both agencies learn of it."""

from datetime import timedelta
from hashlib import shake_256

import pytest

from lintas.desk import canary, matching, retention
from lintas.exchange import canaries
from lintas.model.errors import NotFoundError
from lintas.model.officer import Officer
from lintas.store import matching as kept
from lintas.store.matching import Offer
from tests.nodes.region import LINA, REQUEST, Region
from tests.nodes.test_matching import ASKED, SOFIA, A, B, exchanged, offered, region, run_of

NODE = Officer("node", frozenset({"administrator"}))
__all__ = ["region"]


def offer_of(region: Region) -> Offer:
    with region.nodes[B].database.read() as connection:
        held = kept.offer(connection, A, "suspects")
    assert held is not None
    return held


def asked(region: Region, rows: str) -> int:
    run = run_of(region, A, rows)
    matching.ask(region.nodes[A], SOFIA, run, B, "suspects")
    exchanged(region)
    return run


def sung(region: Region, node: str) -> list[tuple[str, str, bool, int]]:
    return [(one.peer, one.what, one.is_ours, one.n) for one in canary.alarms(region.nodes[node], LINA)]


def passport(text: str) -> tuple[str, str]:
    """Country and number of a canary that is a passport."""
    _, _, country, number = text.split("|")
    return country, number


def enumerated(region: Region, n: int = 3) -> None:
    """A asks for persons whom nobody knows, with the numbers of canaries."""
    found = [passport(one) for one in offer_of(region).canaries or () if "|passport|" in one and "||" not in one][:n]
    lands = {"th": "Thailand", "vn": "Vietnam"}
    rows = (f"{i},Nobody {i},,{lands[country]},{number},\n" for i, (country, number) in enumerate(found))
    asked(region, "".join(rows))


def test_who_enumerates_is_found_when_the_offer_ends_and_both_agencies_see_it(region: Region) -> None:
    offered(region)
    enumerated(region)
    assert sung(region, A) == sung(region, B) == []
    canary.end(region.nodes[B], SOFIA, A, "suspects")
    for one, other in ((B, A), (A, B)):
        region.deliver(one, other)
    assert sung(region, A) == [(B, "asked", True, 3)]
    assert sung(region, B) == [(A, "asked", False, 3)]


def test_honest_questions_raise_no_alarm(region: Region) -> None:
    offered(region)
    asked(region, ASKED)
    canary.end(region.nodes[B], SOFIA, A, "suspects")
    for one, other in ((B, A), (A, B)):
        region.deliver(one, other)
    assert sung(region, A) == sung(region, B) == []
    assert region.inbox(B, A)[-1].content["body"] == {"n_hits": 0}


def test_an_offer_ends_by_itself_with_its_epoch_and_answers_no_more(region: Region) -> None:
    offered(region)
    enumerated(region, 1)
    region.clock.at += timedelta(days=matching.EPOCH_DAYS)
    retention.run(region.nodes[B], NODE)
    late = asked(region, ASKED)
    for one, other in ((B, A), (A, B)):
        region.deliver(one, other)
    assert sung(region, B) == [(A, "asked", False, 1)]
    assert matching.results(region.nodes[A], SOFIA, late)[0].status == "refused"
    with pytest.raises(NotFoundError):
        canary.end(region.nodes[B], SOFIA, A, "suspects")


def test_a_letter_that_names_a_canary_is_noticed_at_once(region: Region) -> None:
    offered(region)
    region.ask(A, B)
    region.deliver(A, B)
    assert sung(region, B) == []
    country, number = passport(next(one for one in offer_of(region).canaries or () if "|passport|" in one))
    spaced = f"Passport {country} {number[:3]} {number[3:]}-"
    region.ask(
        A,
        B,
        body={
            **REQUEST,
            "subjects": [{"kind": "person", "name": "N.", "properties": [{"label": "passport", "value": spaced}]}],
        },
    )
    region.deliver(A, B)
    assert sung(region, B) == [(A, "named", False, 1)]
    region.ask(A, B, body={**REQUEST, "facts": spaced})
    region.deliver(A, B)
    assert len(sung(region, B)) == 1, "once a day"


def test_what_is_told_of_canaries_says_no_number(region: Region) -> None:
    offered(region)
    held = offer_of(region)
    assert len(held.canaries or ()) == canaries.FEWEST
    canary.end(region.nodes[B], SOFIA, A, "suspects")
    region.deliver(B, A)
    told = str([(one.content, one.signed) for one in region.inbox(A, B)])
    assert not any(passport(one)[1] in told for one in held.canaries or () if "|passport|" in one)


def test_canaries_stand_in_the_blocks_that_are_held_and_are_the_same_each_time() -> None:
    held = [f"id/1|phone|+62812{n:07}" for n in range(5000)] + ["nk/1|skeleton|bd sntc", "id/1|imo|9074729"]
    made = canaries.planted(held, shake_256(b"seed").digest)
    assert len(made) == 50
    assert made == canaries.planted(held, shake_256(b"seed").digest)
    assert not set(made) & set(held)
    blocks = {text[: -canaries.CHANGED] for text in held}
    assert all(text[: -canaries.CHANGED] in blocks for text in made)
    assert canaries.planted(["id/1|imo|9074729", "nk/1|x"], shake_256(b"").digest) == []
    full = [f"id/1|phone|+628120000{n:04}" for n in range(10_000)]
    assert canaries.planted(full, shake_256(b"").digest) == [], "a block that is held whole has no room"


def test_how_soon_an_enumerator_is_found() -> None:
    """The figure of exchange/canaries.py: 1,000 questions a day for 90 days, blocks of 10^7 numbers, 200 canaries."""
    asked_for, space = 90 * 1000, 10**7
    missed = (1 - canaries.MOST / space) ** asked_for
    assert 1 - missed == pytest.approx(5 / 6, abs=0.01)
