"""Nodes witness one another's logs: one that changes its log, or shows two, is found by those it speaks with."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from sqlalchemy import func, select

from lintas.desk import access, inward, node_card, outward, peers, witness
from lintas.desk.office import Office, Settings, open_office
from lintas.exchange import heads, receipts
from lintas.exchange.keys import Card
from lintas.model.errors import FileError
from lintas.model.log import Wanted
from lintas.model.message import Receipt
from lintas.model.officer import Officer
from lintas.store import heads as kept
from lintas.store.log import rows
from lintas.store.tables import heads as seen_heads
from lintas.store.tables import messages as table
from tests.nodes.region import LINA, Region, meet

A, B, C = "xa.fiu", "xb.police", "xc.customs"


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Region]:
    made = Region(tmp_path, names=(A, B))
    yield made
    made.close()


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Region]:
    made = Region(tmp_path)
    yield made
    made.close()


def said(region: Region, node: str, to: str) -> str:
    """Ask something and deliver it; what became of it."""
    region.ask(node, to)
    region.deliver(node, to)
    with region.nodes[node].database.read() as connection:
        last = connection.execute(select(table).order_by(table.c.number.desc()).limit(1)).one()
    return str(last.code or last.status)


def seen(region: Region, node: str, of: str) -> witness.Standing:
    return witness.standing(region.nodes[node], LINA)[of]


def of_verb(office: Office, verb: str) -> list[rows.Row]:
    with office.log.read() as connection:
        return [row for _, row, _ in rows.find(connection, Wanted(verb=verb), 10)]


def receipt_of(region: Region, node: str) -> Receipt:
    with region.nodes[node].database.read() as connection:
        signed = connection.scalar(select(table.c.receipt).order_by(table.c.number.desc()).limit(1))
    return receipts.held(str(signed))


def forked(region: Region, node: str, settings: Settings) -> Office:
    """A copy of a node's folder that goes on differently: the log it shows somebody else."""
    region.nodes[node].close()
    shutil.copytree(region.nodes[node].node, settings.node)
    copy = open_office(settings, now=region.clock)
    access.asked(copy, Officer("mallory"), "entities.read", "what only one of the two logs says")
    return copy


def test_each_receipt_proves_that_the_log_grew_from_what_was_known(region: Region) -> None:
    assert said(region, A, B) == "kept"
    first = receipt_of(region, A)
    assert first.paths == {}
    known = seen(region, A, B).newest
    assert known is not None
    assert said(region, A, B) == "kept"
    second = receipt_of(region, A)
    assert list(second.paths) == [known.size]
    grown = seen(region, A, B).newest
    assert grown is not None
    assert grown.size > known.size
    assert (grown.root, grown.told_by) == (heads.held(second.head).root, B)
    with region.nodes[B].log.read() as connection:
        assert rows.head(connection).number >= grown.size


def test_what_waits_says_what_is_known_when_it_is_sent_not_when_it_was_written(region: Region) -> None:
    for _ in range(3):
        region.ask(A, B)
    assert region.deliver(A, B) == 3
    assert len(receipt_of(region, A).paths) == 1


def test_the_same_message_gets_the_same_receipt_or_another_proof_of_the_same(region: Region) -> None:
    kept_message = region.ask(A, B)
    same, other = outward.packed(region.nodes[A], kept_message), outward.packed(region.nodes[A], kept_message, (1, 2))
    first, again, proved = (inward.receive(region.nodes[B], one) for one in (same, same, other))
    assert first == again
    before, after = receipts.held(first.receipt), receipts.held(proved.receipt)
    assert list(after.paths) == [1, 2]
    assert replace(after, head="", paths={}) == replace(before, head="", paths={})


def test_a_receipt_that_another_delivery_overtook_is_asked_for_anew(region: Region) -> None:
    _, second = region.ask(A, B), region.ask(A, B)

    def overtaken(to: Card, body: bytes) -> bytes:
        held = region.wire(to, body)
        other = orjson.loads(region.wire(to, outward.packed(region.nodes[A], second)))["receipt"]
        assert witness.doubt(region.nodes[A], to, receipts.held(other), ()) == ""
        return held

    assert region.deliver(A, B, overtaken) == 0
    assert [(one.status, one.code) for one in region.all(A)] == [("waiting", witness.OVERTAKEN), ("waiting", None)]
    assert seen(region, A, B).splits == ()
    assert region.deliver(A, B) == 2


@pytest.mark.parametrize("is_longer", [True, False])
def test_a_node_whose_log_was_set_back_is_found_and_gets_nothing_more(
    region: Region, tmp_path: Path, is_longer: bool
) -> None:
    office = region.nodes[B]
    office.close()
    shutil.copytree(office.node, tmp_path / "old")
    region.nodes[B] = open_office(Settings(office.node), now=region.clock)
    assert said(region, A, B) == "kept"
    region.nodes[B].close()
    region.clock.move(minutes=1)
    region.nodes[B] = open_office(Settings(tmp_path / "old"), now=region.clock)
    for n in range(20 if is_longer else 0):
        access.asked(region.nodes[B], Officer("mallory"), "entities.read", f"row {n}")
    before = len(region.inbox(B, A))
    assert said(region, A, B) == "split_view"
    assert len(region.inbox(B, A)) == before + 1
    (found,) = of_verb(region.nodes[A], witness.VERB)
    assert found.outcome == "refused"
    assert found.object.startswith(f"split_view: {B} showed {B} a log of ")
    (split,) = seen(region, A, B).splits
    card = node_card.own(region.nodes[B])
    assert heads.read(split.signed, card, region.clock()).size == split.size, "what convicts it bears its signature"
    assert said(region, A, B) == "waiting"
    assert len(region.inbox(B, A)) == before + 1, "it is sent nothing more"
    assert len(of_verb(region.nodes[A], witness.VERB)) == 1


def test_agencies_that_meet_anew_begin_anew(region: Region, tmp_path: Path) -> None:
    office = region.nodes[B]
    copy = forked(region, B, Settings(tmp_path / "old"))
    region.nodes[B] = open_office(Settings(office.node), now=region.clock)
    assert said(region, A, B) == "kept"
    region.nodes[B].close()
    region.nodes[B] = copy
    assert said(region, A, B) == "split_view"
    assert witness.split(region.nodes[A]) == (B,)
    peers.revoke(region.nodes[A], LINA, B, "It was set back to a backup")
    assert witness.split(region.nodes[A]) == (), "who decided is not alarmed any more"
    region.deliver(A, B)
    meet(region.nodes[A], region.nodes[B])
    assert seen(region, A, B) == witness.Standing(None, ())
    region.nodes[B].database.engine.dispose()
    assert said(region, A, B) == "kept"


def test_a_node_that_shows_two_logs_is_found_by_the_two_it_shows_them_to(three: Region, tmp_path: Path) -> None:
    """B lets A see one continuation of its log, and C another; A and C speak with each other, and know."""
    to_a = three.nodes[B]
    to_c = forked(three, B, Settings(tmp_path / "other"))
    to_a = open_office(Settings(to_a.node), now=three.clock)
    three.clock.move(days=1)
    for node, face in ((A, to_a), (C, to_c)):
        three.nodes[B] = face
        assert said(three, node, B) == "kept"
        assert seen(three, node, B).splits == ()
    assert (said(three, A, C), said(three, C, A)) == ("kept", "kept")
    assert receipt_of(three, A).heads == ()
    three.clock.move(days=1)
    assert (said(three, A, C), said(three, C, A)) == ("kept", "kept")
    for node, face in ((A, to_a), (C, to_c)):
        three.nodes[B] = face
        assert said(three, node, B) == "split_view"
        assert {one.node for one in seen(three, node, B).splits} == {B}
        (found,) = of_verb(three.nodes[node], witness.VERB)
        assert A in found.object or C in found.object, "who was told the other log stands in the row"
    to_a.close()


def test_what_a_peer_tells_of_an_honest_node_is_proved_by_that_node(three: Region) -> None:
    three.clock.move(days=1)
    for node in (A, C):
        assert said(three, node, B) == "kept"
    three.clock.move(days=1)
    assert said(three, C, B) == "kept"
    assert said(three, A, C) == "kept"
    told = receipts.held(str(three.all(A)[-1].receipt)).heads
    assert [heads.held(one).node for one in told] == [B]
    assert heads.held(told[0]).day == "2026-11-23", "nothing of today"
    with three.nodes[A].database.read() as connection:
        assert len(witness.knows(connection, B)) == 2
    assert said(three, A, B) == "kept"
    assert len(receipt_of(three, A).paths) == 2
    with three.nodes[A].database.read() as connection:
        assert len(witness.knows(connection, B)) == 1
    assert said(three, A, C) == "kept"
    assert receipt_of(three, A).heads == (), "once a day"


def test_two_heads_of_one_size_are_found_without_asking_the_node_again(three: Region, tmp_path: Path) -> None:
    three.clock.move(days=1)
    assert said(three, C, B) == "kept"
    with three.nodes[C].database.read() as connection:
        held = kept.newest(connection, B)
    assert held is not None
    own = node_card.own(three.nodes[B])
    forged = replace(heads.held(held.signed), root="0" * 64)
    with three.nodes[A].database.write() as connection:
        other = replace(held, root=forged.root, signed=heads.sign(forged, own), told_by=B)
        kept.keep(connection, other)
    three.clock.move(days=1)
    assert said(three, A, C) == "kept", "C did nothing wrong"
    (found,) = of_verb(three.nodes[A], witness.VERB)
    assert f"that it showed {B}" in found.object
    assert said(three, A, B) == "split_view"


def test_nobody_can_slander_another_node(three: Region) -> None:
    """A head counts only with the signature of the node whose head it is."""
    three.clock.move(days=1)
    assert said(three, C, B) == "kept"
    own = node_card.own(three.nodes[C])
    with three.nodes[C].database.write() as connection:
        held = kept.newest(connection, B)
        assert held is not None
        false = replace(heads.held(held.signed), root="0" * 64, size=held.size + 1000)
        kept.keep(connection, replace(held, root=false.root, size=false.size, signed=heads.sign(false, own)))
    three.clock.move(days=1)
    assert said(three, A, C) == "kept"
    assert len(receipt_of(three, A).heads) == 1
    assert said(three, A, B) == "kept"
    assert seen(three, A, B).splits == ()


def test_of_a_busy_day_one_head_is_kept(region: Region) -> None:
    for _ in range(2):
        for _ in range(3):
            assert said(region, A, B) == "kept"
        region.clock.move(days=1)
    assert said(region, A, B) == "kept"
    with region.nodes[A].database.read() as connection:
        n = connection.execute(select(func.count()).select_from(seen_heads)).scalar_one()
    assert n == 2, "yesterday's last and today's"


def test_a_log_whose_tree_is_broken_gives_no_receipt(region: Region) -> None:
    with region.nodes[B].log.write() as connection:
        connection.exec_driver_sql("DELETE FROM log_tree")
    region.ask(A, B)
    with pytest.raises(FileError):
        region.deliver(A, B)
    assert region.inbox(B, A) == []


def test_a_second_reading_of_the_routing_header_is_strict(region: Region) -> None:
    message = region.ask(A, B)
    for bad in ((0,), (2, 1), (1, 1), tuple(range(1, 10)), (2**53,), (True,), ("1",)):
        answer = inward.receive(region.nodes[B], outward.packed(region.nodes[A], message, bad))  # type: ignore[arg-type]
        assert answer.code == "bad_envelope", bad
    assert region.deliver(A, B) == 1
