"""Threads and their messages: what waits to be delivered, what was, and what came in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, text, update

from lintas.model.errors import NotFoundError
from lintas.model.scope import Scope
from lintas.store.scoping import THREAD, unknown, where
from lintas.store.tables import attachments, messages, threads

IN, OUT = "in", "out"
NOTICE = "key_notice"
COUNTED = ("waiting", "kept", "parked")  # a message of another status has no place in its thread


@dataclass(frozen=True)
class Thread:
    """One matter between this node and a peer."""

    number: int
    id: str
    peer: str
    subject: str
    opened_at: datetime
    agency: str
    clearance: int
    case: int | None


@dataclass(frozen=True)
class Kept:
    """A message as it is kept. `direction`: in, out. `status`, `code`: see the table."""

    number: int
    direction: str
    peer: str
    thread: int
    id: str
    seq: int
    type: str
    content: Mapping[str, Any]
    signed: str | None
    sha256: str
    envelope: Mapping[str, str] | None
    status: str
    code: str | None
    receipt: str | None
    n_tries: int
    by: str
    at: datetime
    settled_at: datetime | None
    recalled_at: datetime | None
    sources: Sequence[int] | None = None


def open_thread(connection: Connection, **values: Any) -> int:
    """Make a thread; its number."""
    (number,) = connection.execute(insert(threads).values(**values)).inserted_primary_key or (0,)
    return int(number)


def thread(connection: Connection, number: int) -> Thread:
    """One thread. Raises NotFoundError."""
    row = connection.execute(select(threads).where(threads.c.number == number)).one_or_none()
    if row is None:
        raise unknown("thread", number)
    return Thread(**row._mapping)


def thread_of(connection: Connection, peer: str, thread_id: str) -> Thread | None:
    """The thread that a peer calls by an id."""
    row = connection.execute(select(threads).where(threads.c.peer == peer, threads.c.id == thread_id)).one_or_none()
    return None if row is None else Thread(**row._mapping)


def reachable(connection: Connection, scope: Scope, limit: int = 200) -> list[Thread]:
    """The threads that a scope reaches, the newest first."""
    query = select(threads).where(where(scope, THREAD)).order_by(threads.c.number.desc()).limit(limit)
    return [Thread(**row._mapping) for row in connection.execute(query)]


def raise_clearance(connection: Connection, number: int, clearance: int) -> None:
    """Show a thread to nobody who is cleared for less."""
    this = (threads.c.number == number) & (threads.c.clearance < clearance)
    connection.execute(update(threads).where(this).values(clearance=clearance))


def put(connection: Connection, **values: Any) -> int:
    """Keep a message; its number. Raises IntegrityError when this one is kept already."""
    (number,) = connection.execute(insert(messages).values(n_tries=0, **values)).inserted_primary_key or (0,)
    return int(number)


def change(connection: Connection, number: int, **values: Any) -> None:
    """Write columns of a message."""
    connection.execute(update(messages).where(messages.c.number == number).values(**values))


def found(connection: Connection, direction: str, peer: str, message_id: str) -> Kept | None:
    """The message of an id; None when there is none."""
    mine = (messages.c.direction == direction) & (messages.c.peer == peer) & (messages.c.id == message_id)
    row = connection.execute(select(messages).where(mine)).one_or_none()
    return None if row is None else Kept(**row._mapping)


def reached(connection: Connection, scope: Scope, message_id: str, peer: str = "") -> Kept | None:
    """The message of an id in the threads that a scope reaches; of two, the one that was sent. `peer`: only of its."""
    query = select(messages).join(threads, threads.c.number == messages.c.thread).where(messages.c.id == message_id)
    query = query.where(where(scope, THREAD), *([messages.c.peer == peer] if peer else []))
    return next(iter(_kept(connection, query.order_by(messages.c.direction.desc(), messages.c.number).limit(1))), None)


def of_type(connection: Connection, peer: str, type: str) -> list[Kept]:
    """The messages of a type between this node and a peer."""
    return _kept(connection, select(messages).where(messages.c.peer == peer, messages.c.type == type))


def find(connection: Connection, number: int) -> Kept | None:
    """The message of a number; None when there is none."""
    row = connection.execute(select(messages).where(messages.c.number == number)).one_or_none()
    return None if row is None else Kept(**row._mapping)


def called(connection: Connection, message_id: str) -> list[Kept]:
    """The messages of an id, whoever wrote them."""
    return _kept(connection, select(messages).where(messages.c.id == message_id).order_by(messages.c.number))


def one(connection: Connection, number: int) -> Kept:
    """The same. Raises NotFoundError."""
    held = find(connection, number)
    if held is None:
        raise NotFoundError(f"There is no message {number}", do="See its thread.", code="unknown_message")
    return held


def resting_on(connection: Connection, number: int) -> list[Kept]:
    """The messages that were sent and rest on one that came in."""
    query = select(messages).where(messages.c.direction == OUT, messages.c.sources.is_not(None))
    return [one for one in _kept(connection, query.order_by(messages.c.number)) if number in (one.sources or ())]


def of_thread(connection: Connection, thread: int) -> list[Kept]:
    """The messages of a thread, as they came to be here."""
    return _kept(connection, select(messages).where(messages.c.thread == thread).order_by(messages.c.number))


def since(connection: Connection, scope: Scope, at: datetime) -> list[Kept]:
    """The messages since a time of the threads that a scope reaches."""
    reached = select(threads.c.number).where(where(scope, THREAD))
    query = select(messages).where(messages.c.at >= at, messages.c.thread.in_(reached))
    return _kept(connection, query.order_by(messages.c.number))


def of_threads(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Kept]]:
    """The messages of some threads, by thread, as they came to be here."""
    query = select(messages).where(messages.c.thread.in_(numbers)).order_by(messages.c.thread, messages.c.number)
    return {number: list(some) for number, some in groupby(_kept(connection, query), lambda one: one.thread)}


def waiting(connection: Connection, peer: str, limit: int = 100) -> list[Kept]:
    """What is to be delivered to a peer, in its order; word of new keys first, for what they signed waits for it."""
    query = select(messages).where(messages.c.status == "waiting", messages.c.peer == peer)
    return _kept(connection, query.order_by(messages.c.type != NOTICE, messages.c.number).limit(limit))


def past(connection: Connection, today: date) -> list[Kept]:
    """What came in, or rests on what came in, and was to be deleted before a day."""
    until = messages.c.content["handling"]["retain_until"].as_string()
    query = select(messages).where(messages.c.recalled_at.is_(None), until < today.isoformat())
    return [one for one in _kept(connection, query.order_by(messages.c.number)) if one.direction == IN or one.sources]


def strip(connection: Connection, recalled: Kept, *, at: datetime) -> None:
    """Remove what a message said; that it was here, and the digest of what was signed, stay."""
    frame = {name: value for name, value in recalled.content.items() if name not in ("body", "handling", "attachments")}
    extent = recalled.content.get("body", {}).get("extent")
    content = frame | {"body": {} if extent is None else {"extent": extent}}
    change(connection, recalled.number, content=content, signed=None, recalled_at=at)
    connection.execute(delete(attachments).where(attachments.c.message == recalled.number))


def last_seq(connection: Connection, thread: int, direction: str, statuses: Sequence[str] = COUNTED) -> int:
    """The highest place that is taken in a thread by the messages of one side; 0 for none."""
    mine = (messages.c.thread == thread) & (messages.c.direction == direction) & messages.c.status.in_(statuses)
    return connection.scalar(select(func.coalesce(func.max(messages.c.seq), 0)).where(mine)) or 0


def stop_after(connection: Connection, refused: Kept, *, at: datetime) -> int:
    """What waits behind a message that was refused has lost its place: how many were stopped."""
    behind = (
        (messages.c.thread == refused.thread) & (messages.c.status == "waiting") & (messages.c.number > refused.number)
    )
    values = {"status": "stopped", "code": "after_refused", "envelope": None, "settled_at": at}
    return connection.execute(update(messages).where(behind).values(**values)).rowcount


def alone(connection: Connection) -> None:
    """One process at a time gives places in threads. On SQLite every writer is alone."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE messages IN SHARE ROW EXCLUSIVE MODE"))


def attached(connection: Connection, message: int) -> list[str]:
    """What travels beside a message, in its order."""
    query = select(attachments.c.data).where(attachments.c.message == message).order_by(attachments.c.place)
    return list(connection.execute(query).scalars())


def _kept(connection: Connection, query: Select[Any]) -> list[Kept]:
    return [Kept(**row._mapping) for row in connection.execute(query)]
