"""How what goes to a peer is encrypted: the best that both can, or what officers of both chose."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lintas.desk import node_card, peers, post, rotation
from lintas.exchange import keys, wire
from lintas.exchange.keys import Card
from lintas.exchange.refused import RefusedError
from lintas.model.errors import DeniedError, InputError, NotFoundError
from lintas.model.officer import Officer
from lintas.store import peers as kept_peers
from lintas.store.messages import Kept
from tests.desk.cells import newest
from tests.nodes.region import CORA, LINA, Region, draft, meet

A, B = "xa.fiu", "xb.police"


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Region]:
    made = Region(tmp_path, names=(A, B))
    yield made
    made.close()


def is_hybrid(sent: Kept) -> bool:
    return "suite" in wire.header((sent.envelope or {})["sealed"])


def chosen(region: Region, here: str, there: str, suite: str) -> str:
    return peers.suite_of(peers.choose_suite(region.nodes[here], LINA, there, suite))


def without_hybrid(card: Card) -> Card:
    """As a node of an older version has its keys."""
    return replace(card, keys=tuple(key for key in card.keys if key.curve != keys.HYBRID))


def test_two_nodes_that_can_use_the_hybrid_suite_and_down_goes_it_by_officers_of_both(region: Region) -> None:
    assert is_hybrid(region.ask(A, B))
    assert region.deliver(A, B) == 1
    assert chosen(region, A, B, "classical") == "classical"
    assert not is_hybrid(region.ask(A, B))
    assert region.deliver(A, B) == 1
    assert [(one.status, one.code) for one in region.all(A)] == [("kept", None), ("refused", "downgraded")]
    assert (A, "exchange.receive", "refused") in newest(region.nodes[B], 2)
    chosen(region, B, A, "classical")
    region.ask(A, B)
    region.deliver(A, B)
    assert len(region.inbox(B, A)) == 2
    assert chosen(region, A, B, "hybrid") == "hybrid"
    assert is_hybrid(region.ask(A, B))
    assert region.deliver(A, B) == 1, "what is better than what was chosen is taken"


def test_a_choice_ends_when_the_agencies_meet_anew(region: Region) -> None:
    chosen(region, A, B, "classical")
    peers.revoke(region.nodes[A], LINA, B, "Its keys were stolen")
    meet(region.nodes[A], region.nodes[B])
    assert is_hybrid(region.ask(A, B))


def test_it_is_chosen_by_who_may_for_a_node_that_is_met(region: Region) -> None:
    office = region.nodes[A]
    with pytest.raises(DeniedError):
        peers.choose_suite(office, Officer("bob", frozenset({"analyst"})), B, "classical")
    with pytest.raises(NotFoundError):
        peers.choose_suite(office, LINA, "xc.navy", "classical")
    with pytest.raises(InputError) as caught:
        peers.choose_suite(office, LINA, B, "rot13")
    assert caught.value.code == "bad_suite"
    assert newest(office, 1) == [("lina", "peers.change", "asked")], "and nothing was done"


def test_an_older_node_is_spoken_to_as_before_until_its_keys_are_renewed(tmp_path: Path) -> None:
    region = Region(tmp_path, names=(A, B))
    node_card.renew(region.nodes[B], without_hybrid)
    peers.revoke(region.nodes[A], LINA, B, "To meet it as an older node")
    meet(region.nodes[A], region.nodes[B])
    on_its_way = region.ask(A, B)
    assert not is_hybrid(on_its_way)
    region.clock.move(hours=1)
    rotation.rotate(region.nodes[B], CORA)
    region.deliver(B, A)
    assert region.deliver(A, B) == 1, "it was sealed before the hybrid key was known"
    assert is_hybrid(region.ask(A, B))
    assert region.deliver(A, B) == 1
    assert [one.status for one in region.all(A) if one.direction == "out"] == ["kept", "kept"]
    region.close()


def test_a_node_does_not_lose_its_hybrid_key_by_a_notice(region: Region) -> None:
    own = node_card.own(region.nodes[A])
    with region.nodes[A].database.write() as connection:
        notice = draft("key_notice", {"card": keys.sign(without_hybrid(own), own)}, peer=B)
        post.put(region.nodes[A], connection, notice, by="mallory", agency="own")
    region.deliver(A, B)
    assert [(one.status, one.code) for one in region.all(A)] == [("refused", "downgraded")]
    with region.nodes[B].database.read() as connection:
        known = peers.trusted(kept_peers.find(connection, A))
    assert known.has(keys.HYBRID)


def test_what_waits_for_a_revoked_node_is_not_sealed_anew(region: Region) -> None:
    peers.revoke(region.nodes[A], LINA, B, "Its keys were stolen")
    with pytest.raises(RefusedError):
        region.ask(A, B)
