"""Files beside messages: what became of each since it came, and the bytes as they were on the wire."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection, insert, select, update

from lintas.store.tables import attachments, messages

QUARANTINED, CHECKED, HELD_BACK = "quarantined", "checked", "held_back"


@dataclass(frozen=True)
class Beside:
    """A file beside a message. `status`: see the table; `type` of a checked one, `code` of one that is held back."""

    message: int
    place: int
    status: str | None
    type: str | None
    code: str | None


_STATE = [attachments.c[name] for name in ("message", "place", "status", "type", "code")]


def keep(connection: Connection, message: int, place: int, data: str, **state: str | None) -> None:
    """Keep what travels beside a message. `data`: base64url; `state`: columns of the table."""
    connection.execute(insert(attachments).values(message=message, place=place, data=data, **state))


def came_with(connection: Connection, sha256: str) -> set[int]:
    """The numbers of the messages that came in with a file."""
    query = select(messages.c.number).join(attachments, attachments.c.message == messages.c.number)
    return set(connection.scalars(query.where(attachments.c.sha256 == sha256, messages.c.direction == "in")))


def of_messages(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Beside]]:
    """The files beside some messages, by message, in their order."""
    query = select(*_STATE).where(attachments.c.message.in_(numbers)).order_by(*attachments.primary_key)
    found = [Beside(**row._mapping) for row in connection.execute(query)]
    return {number: list(some) for number, some in groupby(found, lambda one: one.message)}


def data(connection: Connection, message: int, place: int) -> str:
    """One of them as on the wire, base64url; empty when there is none."""
    this = (attachments.c.message == message) & (attachments.c.place == place)
    return connection.scalar(select(attachments.c.data).where(this)) or ""


def judge(
    connection: Connection,
    message: int,
    place: int,
    status: str,
    *,
    type: str | None = None,
    code: str | None = None,
) -> None:
    """Write down what became of one."""
    this = (attachments.c.message == message) & (attachments.c.place == place)
    connection.execute(update(attachments).where(this).values(status=status, type=type, code=code))
