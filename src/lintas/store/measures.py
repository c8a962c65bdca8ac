"""How much a node holds and how much waits in it: numbers alone, of nobody."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from lintas.store.tables import jobs, matches


def n_jobs(connection: Connection) -> Mapping[tuple[str, str], int]:
    """How many jobs there are, by kind and status."""
    query = select(jobs.c.kind, jobs.c.status, func.count()).group_by(jobs.c.kind, jobs.c.status)
    return {(kind, status): int(n) for kind, status, n in connection.execute(query)}


def n_failed_jobs(connection: Connection, *, since: datetime) -> int:
    """How many jobs failed since then."""
    query = select(func.count()).select_from(jobs).where(jobs.c.status == "failed", jobs.c.finished_at >= since)
    return int(connection.execute(query).scalar_one())


def n_waiting_matches(connection: Connection) -> int:
    """How many matches nobody has decided."""
    query = select(func.count()).select_from(matches).where(matches.c.verdict.is_(None))
    return int(connection.execute(query).scalar_one())


def size_bytes(connection: Connection) -> int:
    """How large the database of this connection is on its disk; on SQLite without the journal."""
    if connection.dialect.name == "postgresql":
        return int(connection.execute(select(func.pg_database_size(func.current_database()))).scalar_one())
    pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    return int(pages) * int(connection.execute(text("PRAGMA page_size")).scalar_one())
