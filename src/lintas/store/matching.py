"""Private matching in its tables: sets that peers offered, what this node offered, what was asked, what was spent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, delete, func, insert, select, update

from lintas.model.errors import NotFoundError
from lintas.store.tables import batches, match_spent, offers, tag_sets


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
    """What this node offered to a peer: the customers of a run, for so many questions a day."""

    peer: str
    name: str
    message: int
    run: int
    epoch: int
    quota: int
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


def settle(connection: Connection, message: int, status: str, hits: Sequence[int] | None, *, at: datetime) -> None:
    """The answer came; what opened it is gone."""
    values = {"status": status, "hits": hits, "scalars": None, "answered_at": at}
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
