"""Who an officer is at an OpenID provider."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from lintas.store.tables import identities


@dataclass(frozen=True)
class Identity:
    """A subject of an issuer, and the officer they are here."""

    issuer: str
    subject: str
    officer: str
    created_at: datetime


def bind(connection: Connection, identity: Identity) -> None:
    """Keep whose subject this is. Raises IntegrityError when it is somebody's."""
    connection.execute(insert(identities).values(**vars(identity)))


def get(connection: Connection, issuer: str, subject: str) -> Identity | None:
    """Whose subject this is."""
    this = (identities.c.issuer == issuer) & (identities.c.subject == subject)
    row = connection.execute(select(identities).where(this)).one_or_none()
    return None if row is None else Identity(**row._mapping)


def of_officer(connection: Connection, officer_id: str) -> list[Identity]:
    """The identities of an officer, the newest first."""
    query = select(identities).where(identities.c.officer == officer_id).order_by(identities.c.created_at.desc())
    return [Identity(**row._mapping) for row in connection.execute(query)]


def remove(connection: Connection, issuer: str, officer_id: str) -> int:
    """Forget who an officer is at an issuer; how many subjects that were."""
    this = (identities.c.issuer == issuer) & (identities.c.officer == officer_id)
    return connection.execute(delete(identities).where(this)).rowcount


def forget(connection: Connection, officer_id: str) -> None:
    """Forget who an officer is at every issuer."""
    connection.execute(delete(identities).where(identities.c.officer == officer_id))
