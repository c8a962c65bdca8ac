"""Officers and the secrets they sign in with; only the hash of a secret is ever kept."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from lintas.model.officer import Officer
from lintas.store.tables import credentials, officers


def add(connection: Connection, officer: Officer, *, at: datetime) -> None:
    """Make an officer known."""
    connection.execute(insert(officers).values(id=officer.id, role=officer.role, created_at=at))


def ensure(connection: Connection, officer: Officer, *, at: datetime) -> None:
    """Make an officer known, unless they are; two who do so at once are fine."""
    with suppress(IntegrityError), connection.begin_nested():
        add(connection, officer, at=at)


def get(connection: Connection, officer_id: str) -> Officer | None:
    """The officer of that id."""
    row = connection.execute(select(officers).where(officers.c.id == officer_id)).one_or_none()
    return None if row is None else Officer(row.id, row.role)


def grant(
    connection: Connection, secret_sha256: str, kind: str, officer: Officer, *, at: datetime, expires_at: datetime
) -> None:
    """Let the holder of a secret act as an officer until a time."""
    connection.execute(
        insert(credentials).values(
            secret_sha256=secret_sha256,
            kind=kind,
            officer=officer.id,
            role=officer.role,
            created_at=at,
            expires_at=expires_at,
        )
    )


def holder(connection: Connection, secret_sha256: str, kinds: Iterable[str], *, at: datetime) -> Officer | None:
    """Whose secret this is, if it is one of `kinds` and has not expired."""
    query = select(credentials).where(
        credentials.c.secret_sha256 == secret_sha256,
        credentials.c.kind.in_(list(kinds)),
        credentials.c.expires_at > at,
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Officer(row.officer, row.role)


def use_once(connection: Connection, secret_sha256: str, kind: str, *, at: datetime) -> Officer | None:
    """Whose unused secret this is; from now on it is used. Two at once: one gets it."""
    this = (
        (credentials.c.secret_sha256 == secret_sha256)
        & (credentials.c.kind == kind)
        & (credentials.c.expires_at > at)
        & credentials.c.used_at.is_(None)
    )
    if connection.execute(update(credentials).where(this).values(used_at=at)).rowcount != 1:
        return None
    return holder(connection, secret_sha256, (kind,), at=at)


def withdraw(connection: Connection, secret_sha256: str) -> None:
    """Forget a secret."""
    connection.execute(delete(credentials).where(credentials.c.secret_sha256 == secret_sha256))
