"""Private matching in its tables: sets that peers offered, what this node offered, what was asked, what was spent."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, delete, func, insert, select, update

from lintas.model.errors import NotFoundError
from lintas.store.tables import batches, canary_alarms, match_spent, offers, tag_sets


@dataclass(frozen=True)
class TagSetKept:
    """A set that a peer offered. `tags`: base64url; `public_key`: hexadecimal."""

    peer: str
    name: str
    message: int
    public_key: str
    tags: str
    at: datetime


@dataclass(frozen=True)
class Offer:
    """What this node offered to a peer: the customers of a run, for so many questions a day.

    `canaries`: keys of nobody in it; `canary_tags`: base64url, what is told of them when the offer ends.
    """

    peer: str
    name: str
    message: int
    run: int
    epoch: int
    quota: int
    at: datetime
    canaries: Sequence[str] | None = None
    canary_tags: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class CanaryAlarm:
    """A key of nobody was asked for (asked), or written of (named). `is_ours`: by officers of this node."""

    peer: str
    name: str
    what: str
    is_ours: bool
    n: int
    message: int
    at: datetime


@dataclass(frozen=True)
class Batch:
    """What was asked of a peer's set about the customers of a run. `texts`: (row, tier, key); `hits`: places in it."""

    message: int
    peer: str
    name: str
    run: int
    texts: Sequence[Sequence[Any]]
    scalars: Sequence[str] | None
    salt: str
    status: str
    hits: Sequence[int] | None
    answered_at: datetime | None
    tags: Sequence[int] | None = None


def put_offer(connection: Connection, offer: Offer) -> None:
    """Keep what was offered, in place of an earlier offer of this name to this peer."""
    _put(connection, offers, offer)


def put_set(connection: Connection, held: TagSetKept) -> None:
    """Keep a set that was offered, in place of an earlier one of this name and peer."""
    _put(connection, tag_sets, held)


def put_batch(connection: Connection, batch: Batch) -> None:
    """Keep what was asked."""
    connection.execute(insert(batches).values(**vars(batch)))


def offer(connection: Connection, peer: str, name: str) -> Offer | None:
    """What was offered to a peer under a name."""
    row = connection.execute(select(offers).where(offers.c.peer == peer, offers.c.name == name)).one_or_none()
    return None if row is None else Offer(**row._mapping)


def offers_to(connection: Connection, peer: str) -> list[Offer]:
    """What was offered to a peer."""
    rows = connection.execute(select(offers).where(offers.c.peer == peer).order_by(offers.c.name))
    return [Offer(**row._mapping) for row in rows]


def open_offers(connection: Connection) -> list[Offer]:
    """What was offered and is not at its end."""
    rows = connection.execute(select(offers).where(offers.c.ended_at.is_(None)).order_by(offers.c.peer, offers.c.name))
    return [Offer(**row._mapping) for row in rows]


def end_offer(connection: Connection, ended: Offer, *, at: datetime) -> None:
    """Answer no more questions about it."""
    this = (offers.c.peer == ended.peer) & (offers.c.name == ended.name)
    connection.execute(update(offers).where(this).values(ended_at=at))


def alarm(connection: Connection, raised: CanaryAlarm) -> None:
    """Keep that a canary sang."""
    connection.execute(insert(canary_alarms).values(**vars(raised)))


def alarms(connection: Connection) -> list[CanaryAlarm]:
    """Every alarm, the newest first."""
    columns = [canary_alarms.c[one.name] for one in fields(CanaryAlarm)]
    rows = connection.execute(select(*columns).order_by(canary_alarms.c.number.desc()))
    return [CanaryAlarm(**row._mapping) for row in rows]


def sets(connection: Connection) -> list[TagSetKept]:
    """Every set that a peer offered, by peer and name."""
    query = select(tag_sets).order_by(tag_sets.c.peer, tag_sets.c.name)
    return [TagSetKept(**row._mapping) for row in connection.execute(query)]


def tag_set(connection: Connection, peer: str, name: str) -> TagSetKept:
    """One of them. Raises NotFoundError."""
    query = select(tag_sets).where(tag_sets.c.peer == peer, tag_sets.c.name == name)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(
            f"{peer[:64]} offers no set {name[:64]!r}",
            do="See what is offered on the page Exchange.",
            code="unknown_set",
        )
    return TagSetKept(**row._mapping)


def drop_set(connection: Connection, message: int) -> None:
    """The offer of a set was taken back."""
    connection.execute(delete(tag_sets).where(tag_sets.c.message == message))


def batch(connection: Connection, message: int) -> Batch | None:
    """What was asked in a message."""
    return next(iter(_batches(connection, select(batches).where(batches.c.message == message))), None)


def batches_of_run(connection: Connection, run: int) -> list[Batch]:
    """What was asked about the customers of a run, the newest first."""
    return _batches(connection, select(batches).where(batches.c.run == run).order_by(batches.c.message.desc()))


def batches_of_set(connection: Connection, peer: str, name: str) -> list[Batch]:
    """What was asked of a peer's set."""
    return _batches(connection, select(batches).where(batches.c.peer == peer, batches.c.name == name))


def settle(
    connection: Connection,
    message: int,
    status: str,
    hits: Sequence[int] | None,
    tags: Sequence[int] | None = None,
    *,
    at: datetime,
) -> None:
    """The answer came; what opened it is gone. `tags`: those of the hits."""
    values = {"status": status, "hits": hits, "tags": tags, "scalars": None, "answered_at": at}
    connection.execute(update(batches).where(batches.c.message == message).values(**values))


def spend(connection: Connection, peer: str, day: str, n: int, quota: int) -> bool:
    """Count questions of a peer; False, and nothing counted, when they would be more than the quota of the day."""
    this = (match_spent.c.peer == peer) & (match_spent.c.day == day)
    spent = connection.scalar(select(func.coalesce(func.sum(match_spent.c.n), 0)).where(this)) or 0
    if spent + n > quota:
        return False
    connection.execute(delete(match_spent).where(this))
    connection.execute(insert(match_spent).values(peer=peer, day=day, n=spent + n))
    return True


def _put(connection: Connection, table: Table, row: Any) -> None:
    connection.execute(delete(table).where(table.c.peer == row.peer, table.c.name == row.name))
    connection.execute(insert(table).values(**vars(row)))


def _batches(connection: Connection, query: Select[Any]) -> list[Batch]:
    return [Batch(**row._mapping) for row in connection.execute(query)]
