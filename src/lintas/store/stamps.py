"""Time stamps over the head of the log."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, insert, select

from lintas.store.tables import stamps


@dataclass(frozen=True)
class Stamp:
    """An authority's word that a head was there at a time. `signed`: the head; `token`: RFC 3161, base64 of its DER."""

    size: int
    signed: str
    token: str
    authority: str
    at: datetime


def keep(connection: Connection, stamp: Stamp) -> None:
    """Keep a stamp."""
    connection.execute(insert(stamps).values(**vars(stamp)))


def of_size(connection: Connection, size: int) -> Stamp | None:
    """The stamp over a log of a size."""
    return _one(connection, select(stamps).where(stamps.c.size == size))


def newest(connection: Connection) -> Stamp | None:
    """The last one."""
    return _one(connection, select(stamps).order_by(stamps.c.size.desc()).limit(1))


def covering(connection: Connection, number: int) -> Stamp | None:
    """The first one over a log that had a row."""
    return _one(connection, select(stamps).where(stamps.c.size >= number).order_by(stamps.c.size).limit(1))


def _one(connection: Connection, query: Select[tuple[object, ...]]) -> Stamp | None:
    row = connection.execute(query).one_or_none()
    return None if row is None else Stamp(**row._mapping)
