"""Files that wait to be sent, encrypted as they will be on the wire: with a form, or with a proposal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from lintas.store.tables import draft_files


@dataclass(frozen=True)
class DraftFile:
    """One of them. `said`: what the message will say of it, as an Attachment; `data`: base64url."""

    id: str
    officer: str
    said: Mapping[str, Any]
    type: str
    data: str
    expires_at: datetime


def put(connection: Connection, one: DraftFile) -> None:
    """Keep one."""
    connection.execute(insert(draft_files).values(**vars(one)))


def found(connection: Connection, ids: Sequence[str], officer: str, at: datetime) -> list[DraftFile]:
    """Those of the ids that an officer attached and that have not expired, in the order of the ids."""
    return [one for one in of(connection, ids) if one.officer == officer and one.expires_at > at]


def of(connection: Connection, ids: Sequence[str]) -> list[DraftFile]:
    """The files of some ids, in their order."""
    rows = connection.execute(select(draft_files).where(draft_files.c.id.in_(ids)))
    held = {row.id: DraftFile(**row._mapping) for row in rows}
    return [held[one] for one in dict.fromkeys(ids) if one in held]


def count(connection: Connection, officer: str) -> int:
    """How many wait of an officer."""
    return connection.scalar(select(func.count()).where(draft_files.c.officer == officer)) or 0


def hold(connection: Connection, ids: Sequence[str], until: datetime) -> None:
    """Let them wait until a time."""
    connection.execute(update(draft_files).where(draft_files.c.id.in_(ids)).values(expires_at=until))


def drop(connection: Connection, ids: Sequence[str]) -> None:
    """Remove them."""
    connection.execute(delete(draft_files).where(draft_files.c.id.in_(ids)))


def drop_old(connection: Connection, at: datetime) -> int:
    """Remove those that have expired; how many."""
    return connection.execute(delete(draft_files).where(draft_files.c.expires_at <= at)).rowcount
