"""Heads of other nodes' logs: what they said themselves and proved, and what their other peers were told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from lintas.store.tables import heads, peers

PROVED, TOLD, SPLIT, PAST = "proved", "told", "split", "past"


@dataclass(frozen=True)
class Seen:
    """A head of a node's log. `signed`: by that node. `told_by`: the node itself, or another one, in a receipt for
    `message`. `status`: see the table.
    """

    node: str
    size: int
    root: str
    signed: str
    told_by: str
    message: str
    at: datetime
    status: str


def newest(connection: Connection, node: str) -> Seen | None:
    """The largest log of a node that was proved."""
    query = select(heads).where(heads.c.node == node, heads.c.status == PROVED).order_by(heads.c.size.desc())
    return next(iter(_seen(connection, query.limit(1))), None)


def told(connection: Connection, node: str, limit: int) -> list[Seen]:
    """What others were told of a node and it did not prove yet, the oldest first."""
    query = select(heads).where(heads.c.node == node, heads.c.status == TOLD).order_by(heads.c.at, heads.c.size)
    return _seen(connection, query.limit(limit))


def of_size(connection: Connection, node: str, size: int) -> list[Seen]:
    """What was seen of a node's log at a size; more than one is a split view."""
    return _seen(connection, select(heads).where(heads.c.node == node, heads.c.size == size, heads.c.status != PAST))


def splits(connection: Connection) -> list[Seen]:
    """Heads that do not follow from others of the same node."""
    return _seen(connection, select(heads).where(heads.c.status == SPLIT).order_by(heads.c.node, heads.c.size))


def before(connection: Connection, at: datetime, but: str, limit: int) -> list[Seen]:
    """Of each trusted node but one, the largest log that was proved before a time; the newest first."""
    trusted = select(peers.c.id).where(peers.c.confirmed_at.is_not(None), peers.c.revoked_at.is_(None))
    these = (heads.c.status == PROVED) & (heads.c.at < at) & (heads.c.node != but) & heads.c.node.in_(trusted)
    largest = select(heads.c.node, func.max(heads.c.size).label("size")).where(these).group_by(heads.c.node).subquery()
    both = (heads.c.node == largest.c.node) & (heads.c.size == largest.c.size)
    query = select(heads).join(largest, both).where(heads.c.status == PROVED)
    return _seen(connection, query.order_by(heads.c.at.desc(), heads.c.node).limit(limit))


def keep(connection: Connection, seen: Seen) -> None:
    """Keep a head, or what it turned out to be: the one who told it first stays the one who did."""
    this = (heads.c.node == seen.node) & (heads.c.size == seen.size) & (heads.c.root == seen.root)
    there = connection.execute(select(heads.c.status).where(this)).one_or_none()
    if there is None:
        connection.execute(insert(heads).values(**vars(seen)))
    elif there.status == PAST:
        connection.execute(update(heads).where(this).values(**vars(seen)))
    else:
        connection.execute(update(heads).where(this).values(status=seen.status))


def shorten(connection: Connection, node: str, at: datetime) -> None:
    """Drop the heads of a node that a larger one from before a time covers."""
    proved = (heads.c.node == node) & (heads.c.status == PROVED)
    largest = connection.scalar(select(func.max(heads.c.size)).where(proved, heads.c.at < at))
    if largest is not None:
        connection.execute(heads.delete().where(proved, heads.c.size < largest))


def begin_anew(connection: Connection, node: str) -> None:
    """What was seen of a node stays as evidence and counts no more."""
    connection.execute(update(heads).where(heads.c.node == node).values(status=PAST))


def _seen(connection: Connection, query: Select[Any]) -> list[Seen]:
    return [Seen(**row._mapping) for row in connection.execute(query)]
