"""Accounts of programs: a name, the officer they act for, and how often the secret was wrong."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from lintas.store.tables import taxii_accounts


@dataclass(frozen=True)
class Account:
    """An account. `credential`: the hash of its secret, under which a token of its officer is kept."""

    name: str
    officer: str
    credential: str
    n_failed: int
    waits_until: datetime | None


def find(connection: Connection, name: str) -> Account | None:
    """The account of a name; None when there is none."""
    row = connection.execute(select(taxii_accounts).where(taxii_accounts.c.name == name)).one_or_none()
    return None if row is None else Account(**row._mapping)


def put(connection: Connection, name: str, officer: str, credential: str) -> None:
    """Keep an account, anew when it is kept already."""
    remove(connection, name)
    connection.execute(insert(taxii_accounts).values(name=name, officer=officer, credential=credential, n_failed=0))


def fail(connection: Connection, name: str) -> int:
    """Count a wrong secret; how many in a row there were. Of many at once each is counted."""
    this = update(taxii_accounts).where(taxii_accounts.c.name == name)
    counted = this.values(n_failed=taxii_accounts.c.n_failed + 1).returning(taxii_accounts.c.n_failed)
    return connection.scalar(counted) or 0


def change(connection: Connection, name: str, **values: Any) -> None:
    """Write columns of an account."""
    connection.execute(update(taxii_accounts).where(taxii_accounts.c.name == name).values(**values))


def remove(connection: Connection, name: str) -> None:
    """Forget an account."""
    connection.execute(delete(taxii_accounts).where(taxii_accounts.c.name == name))
