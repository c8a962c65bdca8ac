"""Where no line joins two nodes: one fetches, or a person carries a file; what is in it takes effect once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from lintas.desk import node_card, outward, pouches
from lintas.desk.office import Office
from lintas.exchange import pouch
from lintas.exchange.keys import Card
from lintas.exchange.pouch import Pouch
from lintas.exchange.refused import RefusedError
from tests.nodes.region import CORA, LINA, Region
from tests.serving import served

A, B = "xa.fiu", "xb.police"


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Region]:
    """B opens no port."""
    made = Region(tmp_path, names=(A, B), closed=(B,))
    yield made
    made.close()


def statuses(region: Region, node: str) -> list[str]:
    return [one.status for one in region.all(node)]


def handed(region: Region) -> Callable[[Card, bytes], bytes]:
    return lambda to, body: pouches.handed_in(region.nodes[to.id], body)


def test_a_node_without_a_port_fetches_what_waits_and_brings_what_it_has(region: Region) -> None:
    region.ask(A, B)
    assert region.deliver(A, B) == 0
    assert statuses(region, A) == ["waiting"]
    assert pouches.fetch(region.nodes[B], handed(region)) == 1
    assert (statuses(region, A), statuses(region, B)) == (["kept"], ["kept"])
    (came,) = region.inbox(B, A)
    region.answer(B, came, "reply", {"extent": "final", "text": "None."})
    assert pouches.fetch(region.nodes[B], handed(region)) == 0
    assert (statuses(region, A), statuses(region, B)) == (["kept", "kept"], ["kept", "kept"])
    assert pouches.fetch(region.nodes[A], handed(region)) == 0, "A has a port, and does not fetch"


def test_over_http_it_is_fetched_from_a_served_node(region: Region) -> None:
    region.ask(A, B)
    with served(region.nodes[A]) as address:

        def wire(to: Card, body: bytes) -> bytes:
            there = Card(to.id, to.name, address, to.keys)
            return outward.posted(region.nodes[B], there, pouches.PATH, body, pouch.MAX_BYTES)

        assert pouches.fetch(region.nodes[B], wire) == 1
        refused = httpx.post(address + pouches.PATH, content=b"nothing")
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_envelope")
    assert statuses(region, A) == ["kept"]


def test_a_file_is_carried_there_and_the_answer_back(region: Region) -> None:
    region.ask(A, B)
    carried = pouches.make(region.nodes[A], LINA, B)
    taken = pouches.take(region.nodes[B], LINA, carried)
    assert (taken.issuer, taken.codes, taken.n_receipts) == (A, ("kept",), 0)
    assert statuses(region, A) == ["waiting"], "no receipt was carried back yet"
    again = pouches.take(region.nodes[B], LINA, carried)
    assert again.codes == ("kept",)
    assert len(region.inbox(B, A)) == 1
    back = pouches.take(region.nodes[A], LINA, taken.answer)
    assert (back.codes, back.n_receipts) == ((), 1)
    assert statuses(region, A) == ["kept"]
    assert pouches.take(region.nodes[A], LINA, again.answer).n_receipts == 0, "the second receipt changes nothing"


def test_a_file_that_was_lost_is_made_again(region: Region) -> None:
    region.ask(A, B)
    pouches.make(region.nodes[A], LINA, B)
    region.clock.move(hours=30)
    taken = pouches.take(region.nodes[B], LINA, pouches.make(region.nodes[A], LINA, B))
    assert pouches.take(region.nodes[A], LINA, taken.answer).n_receipts == 1


def test_what_a_pouch_holds_is_judged_message_by_message(region: Region) -> None:
    region.ask(A, B)
    region.clock.move(days=31)
    taken = pouches.take(region.nodes[B], LINA, pouches.make(region.nodes[A], LINA, B))
    assert taken.codes == ("expired",)
    pouches.take(region.nodes[A], LINA, taken.answer)
    (sent,) = region.all(A)
    assert (sent.status, sent.code) == ("refused", "expired")


@pytest.mark.parametrize("place", range(0, 2000, 37))
def test_a_pouch_that_was_changed_on_its_way_is_refused_whole(forged: tuple[Office, bytes, bytes], place: int) -> None:
    office, data, _ = forged
    at = place * (len(data) - 1) // 2000
    changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    with pytest.raises(RefusedError) as caught:
        pouches.take(office, LINA, changed)
    assert caught.value.code in ("bad_envelope", "bad_signature", "altered", "unknown_peer", "too_large", "not_for_us")


@pytest.fixture(scope="module")
def forged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, bytes, bytes]]:
    made = Region(tmp_path_factory.mktemp("forged"), names=(A, B), closed=(B,))
    made.ask(A, B)
    yield made.nodes[B], pouches.make(made.nodes[A], LINA, B), pouches.make(made.nodes[B], LINA, A)
    made.close()


def test_a_pouch_for_another_by_another_cut_or_none_is_refused(forged: tuple[Office, bytes, bytes]) -> None:
    office, data, other = forged
    own = node_card.own(office)
    nobody = Card("xz.none", "", "", own.keys)
    stranger = pouch.pack(Pouch("xz.none", own.id, office.now()), nobody)
    forger = pouch.pack(Pouch(A, own.id, office.now()), Card(A, "", "", own.keys))
    for bad, code in (
        (other, "unknown_peer"),  # its own
        (stranger, "unknown_peer"),
        (forger, "bad_signature"),
        (data[:-1], "altered"),
        (data + b"x", "altered"),
        (b"", "bad_envelope"),
        (pouch.MAGIC + b"\xff\xff\xff\xff", "bad_envelope"),
        (b"x" * (pouch.MAX_BYTES + 1), "too_large"),
    ):
        with pytest.raises(RefusedError) as caught:
            pouches.take(office, LINA, bad)
        assert caught.value.code == code
    with pytest.raises(RefusedError):
        pouches.make(office, CORA, "xz.none")


def test_more_than_one_pouch_takes_comes_in_the_next(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        region.ask(A, B)
    monkeypatch.setattr(pouch, "ROOM", 6000)
    first = pouches.take(region.nodes[B], LINA, pouches.make(region.nodes[A], LINA, B))
    assert 0 < len(first.codes) < 3
    assert pouches.take(region.nodes[A], LINA, first.answer).n_receipts == len(first.codes), "all of them at once"
    assert pouches.fetch(region.nodes[B], handed(region)) == 3 - len(first.codes)
    assert statuses(region, A) == ["kept"] * 3
