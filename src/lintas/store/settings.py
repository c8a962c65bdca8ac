"""What the officers of a node have set."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text

from lintas.store.tables import settings


def get(connection: Connection, name: str, otherwise: Any) -> Any:
    """A setting, or what holds while nobody set it."""
    row = connection.execute(select(settings.c.value).where(settings.c.name == name)).one_or_none()
    return otherwise if row is None else row.value


def put(connection: Connection, name: str, value: Any, *, by: str, at: datetime) -> None:
    """Set it."""
    connection.execute(delete(settings).where(settings.c.name == name))
    connection.execute(insert(settings).values(name=name, value=value, changed_by=by, changed_at=at))


def alone(connection: Connection) -> None:
    """One process at a time changes what it read before. On SQLite every writer is alone."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE settings IN SHARE ROW EXCLUSIVE MODE"))


def everything(connection: Connection) -> Mapping[str, tuple[Any, str, datetime]]:
    """Every setting with who set it and when."""
    rows = connection.execute(select(settings).order_by(settings.c.name))
    return {row.name: (row.value, row.changed_by, row.changed_at) for row in rows}
