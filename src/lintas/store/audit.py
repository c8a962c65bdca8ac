"""The log of who read and wrote what. Rows are only ever added."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from lintas.model.text import storable
from lintas.store.tables import audit


def write(
    connection: Connection,
    *,
    at: datetime,
    officer: str,
    verb: str,
    about: str,
    outcome: str,
    details: Mapping[str, Any],
) -> None:
    """Add one row. `outcome`: asked (a read or the start of a write), done (what it came to), refused."""
    connection.execute(
        insert(audit).values(
            at=at,
            officer=storable(officer),
            verb=verb,
            object=storable(about),
            outcome=outcome,
            details=dict(details),
        )
    )


def latest(connection: Connection, limit: int = 100) -> list[dict[str, Any]]:
    """The newest rows first."""
    rows = connection.execute(select(audit).order_by(audit.c.number.desc()).limit(limit))
    return [dict(row._mapping) for row in rows]
