"""Open the database of a node: SQLite in WAL mode, or PostgreSQL. Two ways in: read, and write."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError

from lintas.model.errors import UnavailableError

BUSY_TIMEOUT_S = 120  # a whole list is written in one transaction; the next writer waits for it
_WRITES = "lintas_writes"


@dataclass(frozen=True)
class Database:
    """A node's database. `read` and `write` give a connection in a transaction of its own."""

    engine: Engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view; never waits for a writer."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """All or nothing. On SQLite one writer at a time, and it takes its place at the beginning."""
        with self.engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
            yield connection


def connect(url: str) -> Database:
    """Open the database at an SQLAlchemy URL and bring its tables to this version of the house.

    Raises UnavailableError when nothing answers there.
    """
    if url.startswith("postgres://") or url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    engine = create_engine(url, pool_size=20, max_overflow=20, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    try:
        _migrate(engine)
    except OperationalError as error:
        raise UnavailableError(
            "The node's database does not answer",
            where=engine.url.render_as_string(hide_password=True),
            do=f"Check LINTAS_DATABASE_URL and that the server runs ({str(error.orig).splitlines()[0]}).",
            code="no_database",
        ) from error
    return Database(engine)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_TIMEOUT_S * 1000}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A reader that becomes a writer half-way fails with "database is locked" at once; so writers say so first.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic, told where the migrations stand and which connection to use."""
    config = Config()
    config.set_main_option("script_location", str(files("lintas.store") / "migrations"))
    config.attributes["connection"] = connection
    return config


def _migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current == ScriptDirectory.from_config(alembic_config()).get_current_head():
        return
    with engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
        command.upgrade(alembic_config(connection), "head")
