"""Passkeys of officers. Only what is public is kept: the key that checks, never one that signs."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from lintas.store.tables import passkeys


@dataclass(frozen=True)
class Passkey:
    """One passkey. `id` and `public_key` (COSE) in base64url. `sign_count`: how often it signed, as it says itself."""

    id: str
    officer: str
    public_key: str
    sign_count: int
    label: str
    created_at: datetime
    used_at: datetime | None


def add(connection: Connection, key: Passkey) -> None:
    """Keep a passkey. Raises IntegrityError when one of that id is kept."""
    connection.execute(insert(passkeys).values(**vars(key)))


def get(connection: Connection, key_id: str) -> Passkey | None:
    """The passkey of that id."""
    row = connection.execute(select(passkeys).where(passkeys.c.id == key_id)).one_or_none()
    return None if row is None else Passkey(**row._mapping)


def of_officer(connection: Connection, officer_id: str) -> list[Passkey]:
    """The passkeys of an officer, the newest first."""
    query = select(passkeys).where(passkeys.c.officer == officer_id).order_by(passkeys.c.created_at.desc())
    return [Passkey(**row._mapping) for row in connection.execute(query)]


def used(connection: Connection, key_id: str, sign_count: int, *, at: datetime) -> bool:
    """A passkey signed; False when its count did not grow, so that of two who hold a copy one is found out.

    Many passkeys do not count: theirs stays at 0.
    """
    this = (passkeys.c.id == key_id) & (passkeys.c.sign_count < max(sign_count, 1))
    if sign_count == 0:
        this = (passkeys.c.id == key_id) & (passkeys.c.sign_count == 0)
    values = {"sign_count": sign_count, "used_at": at}
    return connection.execute(update(passkeys).where(this).values(values)).rowcount == 1


def remove(connection: Connection, key_id: str, officer_id: str) -> bool:
    """Forget a passkey of an officer; whether there was one."""
    this = (passkeys.c.id == key_id) & (passkeys.c.officer == officer_id)
    return connection.execute(delete(passkeys).where(this)).rowcount == 1
