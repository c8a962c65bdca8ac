"""Nodes witness one another's logs: each proves that its log only grows, and passes on what others proved to it.

A node that shows two peers two logs is found by the head that one of them is told of the other's: see decision 013.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from lintas.desk import access, peers
from lintas.desk.office import Office
from lintas.exchange import heads
from lintas.exchange.keys import Card
from lintas.exchange.refused import RefusedError
from lintas.model import merkle
from lintas.model.message import Receipt, TreeHead
from lintas.model.officer import Officer
from lintas.store import heads as kept
from lintas.store import peers as kept_peers
from lintas.store.heads import PROVED, SPLIT, TOLD, Seen
from lintas.store.log import rows, tree

VERB = "exchange.witness"
SPLIT_VIEW, OVERTAKEN = "split_view", "overtaken"  # why a receipt is not believed
_OFFICER = Officer(access.NODE.id, access.NODE.roles, via="job")


@dataclass(frozen=True)
class Standing:
    """What is known of a peer's log: the largest that it proved (None: none yet), and what contradicts it."""

    newest: Seen | None
    splits: tuple[Seen, ...]


def standing(office: Office, officer: Officer) -> Mapping[str, Standing]:
    """What is known of the log of each node that was met, by id."""
    access.require(office, officer, "peers.read", "logs of all peers")
    with office.database.read() as connection:
        splits = kept.splits(connection)
        return {
            one.id: Standing(kept.newest(connection, one.id), tuple(split for split in splits if split.node == one.id))
            for one in kept_peers.everybody(connection)
        }


def size(office: Office) -> int:
    """How many rows this node's log has."""
    with office.log.read() as connection:
        return rows.head(connection).number


def given(
    office: Office, own: Card, knows: tuple[int, ...], at: int | None = None
) -> tuple[str, dict[int, tuple[bytes, ...]]]:
    """The head of this node's log, signed, and a path to it from each size; empty from one that it never had.

    `at`: the size of which the head is given; None: as it is now.
    """
    with office.log.read() as connection:
        size = rows.head(connection).number if at is None else at
        root, paths = tree.grown(connection, size, knows)
    return heads.sign(head(office, own, size, root.hex()), own), paths


def head(office: Office, own: Card, size: int, root: str) -> TreeHead:
    """The head of this node's log as it is today."""
    return TreeHead(own.id, size, root, _today(office))


def passed_on(office: Office, connection: Connection, to: str) -> tuple[str, ...]:
    """The heads of other nodes for a peer, once a day; none of today, which would tell who spoke with whom today."""
    if not kept_peers.tell_heads(connection, to, _today(office)):
        return ()
    return tuple(one.signed for one in kept.before(connection, _midnight(office), to, heads.MOST_TOLD))


def knows(connection: Connection, peer: str) -> tuple[int, ...]:
    """The sizes of a peer's log from which its next receipt is to prove that it grew."""
    return tuple(sorted({one.size for one in _known(connection, peer)}))


def is_split(connection: Connection, peer: str) -> bool:
    """Whether a peer showed logs that contradict each other."""
    return any(one.node == peer for one in kept.splits(connection))


def split(office: Office) -> tuple[str, ...]:
    """The nodes that showed such logs and were not revoked yet, for verbs that have asked for leave."""
    with office.database.read() as connection:
        revoked = {one.id for one in kept_peers.everybody(connection) if one.status == "revoked"}
        return tuple(dict.fromkeys(one.node for one in kept.splits(connection) if one.node not in revoked))


def doubt(office: Office, to: Card, receipt: Receipt, asked: tuple[int, ...]) -> str:
    """Why a receipt is not believed; empty when its head continues all that is known, and then it is kept.

    `asked`: what this node said to know when it sent. OVERTAKEN: another delivery was faster, and is asked from anew.
    Every contradiction is kept and logged, also of other nodes that the receipt tells of. Raises RefusedError for a
    head that the peer did not sign.
    """
    showed = heads.read(receipt.head, to, office.now())
    with office.database.write() as connection:
        known = _known(connection, to.id)
        new = [one for one in known if (one.size, one.root) != (showed.size, showed.root)]
        if any(one.size not in asked and (one.status == PROVED or one.size != showed.size) for one in new):
            return OVERTAKEN
        seen = Seen(to.id, showed.size, showed.root, receipt.head, to.id, receipt.message, office.now(), PROVED)
        others = [one for one in known if one.size in asked]
        broken = list(_contradictions(connection, seen, receipt.paths, others))
        if any(one.at < _midnight(office) for one in others):
            kept.shorten(connection, to.id, _midnight(office))
        elsewhere = [] if broken else list(_heard(office, connection, to.id, receipt))
        for one in (*broken, *elsewhere):  # before it is kept: who falls in between logs it again
            access.refused(office, _OFFICER, VERB, f"{SPLIT_VIEW}: {one}")
    return SPLIT_VIEW if broken else ""


def _contradictions(
    connection: Connection, seen: Seen, paths: Mapping[int, tuple[bytes, ...]], others: list[Seen]
) -> Iterator[str]:
    """What a head does not follow from. It is kept as what it is."""
    others = [*others, *(one for one in kept.of_size(connection, seen.node, seen.size) if one not in others)]
    broken = [one for one in others if not _follows(seen, one, paths.get(one.size, ()))]
    for one in broken:
        if one.status == TOLD:
            kept.keep(connection, replace(one, status=SPLIT))
        yield _said(seen, one)
    for one in others:
        if one not in broken and one.status == TOLD:
            kept.keep(connection, replace(one, status=PROVED))
    is_known = any((one.size, one.root, one.status) == (seen.size, seen.root, PROVED) for one in others)
    if not is_known:
        kept.keep(connection, replace(seen, status=SPLIT) if broken else seen)


def _heard(office: Office, connection: Connection, by: str, receipt: Receipt) -> Iterator[str]:
    """What a peer tells of others: kept until they prove it, or a contradiction at once."""
    for signed in receipt.heads:
        try:
            peer = kept_peers.find(connection, heads.node_of(signed))
            told = heads.read(signed, peers.trusted(peer), office.now())
        except RefusedError:  # a node that this one did not meet, or keys that it does not know (any more)
            continue
        met_on = peer.confirmed_at.astimezone(UTC).date().isoformat() if peer and peer.confirmed_at else ""
        if told.day <= met_on:
            continue  # of before the agencies met, perhaps anew
        seen = Seen(told.node, told.size, told.root, signed, by, receipt.message, office.now(), TOLD)
        same = kept.of_size(connection, told.node, told.size)
        other = next((one for one in same if one.root != told.root), None)
        if other is not None:
            kept.keep(connection, replace(seen, status=SPLIT))
            yield _said(seen, other)
        elif not same and len(kept.told(connection, told.node, heads.MOST_KNOWN)) < heads.MOST_KNOWN - 1:
            kept.keep(connection, seen)


def _known(connection: Connection, peer: str) -> list[Seen]:
    newest = kept.newest(connection, peer)
    told = kept.told(connection, peer, heads.MOST_KNOWN - 1)
    return [*([] if newest is None else [newest]), *told]


def _follows(seen: Seen, before: Seen, path: tuple[bytes, ...]) -> bool:
    if seen.size == before.size:
        return seen.root == before.root
    old, new = bytes.fromhex(before.root), bytes.fromhex(seen.root)
    return merkle.continues(before.size, old, seen.size, new, path)


def _said(seen: Seen, other: Seen) -> str:
    return (
        f"{seen.node} showed {seen.told_by} a log of {seen.size} rows ({seen.root[:16]}) that does not continue "
        f"the one of {other.size} rows ({other.root[:16]}) that it showed {other.told_by}"
    )


def _today(office: Office) -> str:
    return office.now().astimezone(UTC).date().isoformat()


def _midnight(office: Office) -> datetime:
    return office.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
