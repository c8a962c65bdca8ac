"""Who is on duty, and who stands in for whom, until when."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select, update

from lintas.store.tables import duties


@dataclass(frozen=True)
class Duty:
    """An officer on duty in a role from one time until another; `instead_of`: whose role it is, None for their own.

    `ended_by`: who ended it before its time; `ends_at` is then when.
    """

    number: int
    officer: str
    role: str
    instead_of: str | None
    begins_at: datetime
    ends_at: datetime
    made_by: str
    made_at: datetime
    ended_by: str | None


def add(
    connection: Connection,
    officer: str,
    role: str,
    instead_of: str | None,
    begins_at: datetime,
    ends_at: datetime,
    *,
    by: str,
    at: datetime,
) -> int:
    """Keep one; its number."""
    query = insert(duties).values(
        officer=officer,
        role=role,
        instead_of=instead_of,
        begins_at=begins_at,
        ends_at=ends_at,
        made_by=by,
        made_at=at,
    )
    made = connection.execute(query.returning(duties.c.number))
    return int(made.scalar_one())


def find(connection: Connection, number: int) -> Duty | None:
    """One of them."""
    row = connection.execute(select(duties).where(duties.c.number == number)).one_or_none()
    return None if row is None else Duty(**row._mapping)


def unended(connection: Connection, *, at: datetime) -> list[Duty]:
    """Those that have not ended, in the order in which they begin."""
    query = select(duties).where(duties.c.ends_at > at).order_by(duties.c.begins_at, duties.c.number)
    return [Duty(**row._mapping) for row in connection.execute(query)]


def end(connection: Connection, number: int, *, by: str, at: datetime) -> bool:
    """End one now; whether it had not ended before."""
    this = (duties.c.number == number) & (duties.c.ends_at > at)
    return connection.execute(update(duties).where(this).values(ends_at=at, ended_by=by)).rowcount == 1


def end_of(connection: Connection, officer: str, *, by: str, at: datetime) -> None:
    """End all of an officer now, also where another one stands in for them."""
    this = or_(duties.c.officer == officer, duties.c.instead_of == officer) & (duties.c.ends_at > at)
    connection.execute(update(duties).where(this).values(ends_at=at, ended_by=by))
