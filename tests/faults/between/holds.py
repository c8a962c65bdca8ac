"""What must hold of three nodes when everything was delivered: each message once, each effect once, the logs whole."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from lintas.desk import node_card, peers, trail, witness
from lintas.desk.office import Office
from lintas.exchange import receipts
from lintas.exchange.refused import REASONS
from lintas.model.log import Wanted
from lintas.store import heads, matching
from lintas.store import peers as kept_peers
from lintas.store.log import rows
from lintas.store.messages import IN, OUT, Kept
from lintas.store.tables import match_spent
from tests.desk.cast import ALICE
from tests.faults.between.script import SECRET, VOID, A, B, C, _all, marked, script

Nodes = Mapping[str, Office]


def check(nodes: Nodes, said: Mapping[str, str]) -> None:
    """`said`: the ids of the messages that a node told its officer to have sent, and the node."""
    held = {name: _all(office) for name, office in nodes.items()}
    for name in nodes:
        _arrived(nodes, held, name)
        _in_order(held[name])
        _is_done_once(held[name], name)
        _audit(nodes[name], held[name])
        _believed(nodes, name)
    for message_id, name in said.items():
        assert [one.id for one in held[name] if one.direction == OUT].count(message_id) == 1, "acknowledged, and lost"
    _effects(nodes, held)


def _arrived(nodes: Nodes, held: Mapping[str, list[Kept]], name: str) -> None:
    """What was sent is at its recipient once, or refused there with a reason; nothing is there that was not sent."""
    for one in held[name]:
        other = OUT if one.direction == IN else IN
        there = [each for each in held[one.peer] if each.direction == other and each.peer == name and each.id == one.id]
        if one.direction == IN:
            assert one.status == "kept", (one.status, one.code)
            assert [each.sha256 for each in there] == [one.sha256]
        elif one.status == "kept":
            assert [each.sha256 for each in there] == [one.sha256], "kept once, as its sender was told"
            card = node_card.own(nodes[one.peer])
            receipt = receipts.read(str(one.receipt), card, nodes[name].now())
            assert (receipt.code, receipt.sha256, receipt.message) == ("kept", one.sha256, one.id)
        else:
            assert one.status in VOID, f"{one.type} from {name} to {one.peer} is {one.status} ({one.code})"
            assert one.code in {*REASONS, "after_refused"}
            assert not there, "its sender was told that it was refused"


def _in_order(held: list[Kept]) -> None:
    """No gap and no place twice, on each side of each thread."""
    for thread in {one.thread for one in held}:
        for direction in (IN, OUT):
            mine = [one.seq for one in held if (one.thread, one.direction, one.status) == (thread, direction, "kept")]
            assert sorted(mine) == list(range(1, len(mine) + 1)), (thread, direction, mine)


def _is_done_once(held: list[Kept], name: str) -> None:
    for deed in script():
        if deed.node == name and deed.mark != "hands-on":  # whose words are gone with what it rests on
            standing = [one for one in held if one.direction == OUT and one.status == "kept" and marked(one, deed.mark)]
            assert len(standing) == 1, f"{deed.mark} stands {len(standing)} times"


def _audit(office: Office, held: list[Kept]) -> None:
    """The log is whole, knows of no split, and has a row before everything that came in."""
    trail.verify(office, ALICE)
    assert witness.split(office) == ()
    with office.database.read() as connection:
        assert heads.splits(connection) == []
    with office.log.read() as connection:
        asked = rows.count(connection, Wanted(verb="exchange.receive", outcome="asked"), 100_000)
        settled = rows.count(connection, Wanted(verb="exchange.deliver", outcome="asked"), 100_000)
    assert asked >= sum(one.direction == IN for one in held)
    assert settled >= sum(one.direction == OUT and one.status == "kept" for one in held)


def _believed(nodes: Nodes, name: str) -> None:
    """The others know the keys in use, however often they were renewed."""
    own = node_card.own(nodes[name]).public()
    for other, office in nodes.items():
        if other != name:
            with office.database.read() as connection:
                peer = kept_peers.find(connection, name)
            assert peer is not None
            assert peers.card_of(peer) == own


def _effects(nodes: Nodes, held: Mapping[str, list[Kept]]) -> None:
    count = {name: Counter((one.type, one.direction, one.peer) for one in held[name]) for name in nodes}
    assert count[A]["recall", IN, B] == count[A]["recall_ack", OUT, B] == 1
    assert count[A]["recall", OUT, C] == count[C]["recall_ack", OUT, A] == 1
    assert count[A]["purge_attestation", OUT, B] == 1
    for name in (A, C):
        assert SECRET not in _told(nodes[name]), f"what was taken back is still at {name}"
    with nodes[A].database.read() as connection:
        assert len(matching.sets(connection)) == 1
    batches = [one for one in held[B] if one.type == "match_batch"]
    answers = [one for one in held[B] if one.type == "match_answer"]
    assert len(batches) == len(answers) == count[B]["match_count", IN, A] == 2
    assert {one.content["body"]["outcome"] for one in answers} == {"answered"}
    with nodes[B].database.read() as connection:
        spent = sum(connection.execute(select(match_spent.c.n)).scalars())
    assert spent == sum(int(one.content["body"]["n"]) for one in batches), "each question is counted once"


def _told(office: Office) -> str:
    with office.database.read() as connection:
        found: Any = connection.exec_driver_sql("SELECT content, signed FROM messages").all()
    return str([tuple(row) for row in found])
