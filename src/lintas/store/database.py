"""Open the database of a node: SQLite in WAL mode, or PostgreSQL. Two ways in: read, and write."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg.errors import DiskFull
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DataError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from lintas.model.errors import FileError, InputError, UnavailableError
from lintas.store import revisions
from lintas.store.revisions import LOG, NODE

BUSY_TIMEOUT_S = 120  # a whole list is written in one transaction; the next writer waits for it
WAL_ATTEMPTS, WAL_PAUSE_S = 200, 0.05
_WRITES = "lintas_writes"
# A reader asks several times and must be told of one state; SQLite does so by itself.
_READS = {"postgresql": {"isolation_level": "REPEATABLE READ"}}
# SQLITE_BUSY, LOCKED, READONLY, IOERR, CANTOPEN (sqlite.org/rescode.html): the file, not the question.
_AWAY = frozenset({5, 6, 8, 10, 14})


@dataclass(frozen=True)
class Database:
    """A node's database. `read` and `write` give a connection in a transaction of its own."""

    engine: Engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view; never waits for a writer."""
        options = _READS.get(self.engine.dialect.name, {})
        with _answering(), self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """All or nothing. On SQLite one writer at a time, and it takes its place at the beginning."""
        options = {_WRITES: True}
        with _answering(), self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection


@contextmanager
def _answering() -> Iterator[None]:
    """In words of the house: the database is away or busy for too long, or a value is none that it can hold."""
    try:
        yield
    except (DataError, OverflowError, UnicodeEncodeError) as error:
        raise InputError(
            "A value is longer or larger than any that is kept here, or no text",
            do="Shorten it, or choose from what this node shows.",
            code="bad_value",
        ) from error
    except (OperationalError, PoolTimeoutError) as error:
        if _is_full(error):
            raise UnavailableError(
                "The disk of the node's database is full: nothing of this was kept",
                do="Make room on it, and try again.",
                code="disk_full",
            ) from error
        if not _is_away(error):
            raise
        raise UnavailableError(
            f"The node's database did not answer: {_first_line(error)}",
            do="Try again in some minutes; a large list may just be loaded.",
            code="database_busy",
        ) from error
    except DatabaseError as error:
        if not is_damage(error):
            raise
        raise FileError(
            f"The node's database is damaged: {_first_line(error)}",
            do="Stop the node, keep its files as they are, and restore the last backup into an empty node.",
            code="database_damaged",
        ) from error


def is_damage(error: DatabaseError) -> bool:
    """Whether SQLite says that its file is no longer what it wrote: CORRUPT, NOTADB, or text that is none."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    return "decode" in str(error.orig) if code is None else code & 0xFF in (11, 26)


def _is_away(error: OperationalError | PoolTimeoutError) -> bool:
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", None)
    return code is None or code & 0xFF in _AWAY


def _is_full(error: OperationalError | PoolTimeoutError) -> bool:
    driver = getattr(error, "orig", None)
    return isinstance(driver, DiskFull) or getattr(driver, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL


def _first_line(error: Exception) -> str:
    return (str(getattr(error, "orig", error)).splitlines() or [""])[0]


def attach(place: str | Path) -> Database:
    """The database at an SQLAlchemy URL, or in an SQLite file, with its tables as they are.

    Raises InputError when there cannot be one at that URL.
    """
    return Database(_engine(place))


def connect(place: str | Path, tables: str = NODE) -> Database:
    """The same, with tables of this version of the house. `tables`: NODE or LOG; both may live in one database.

    Raises InputError when there cannot be one at that URL, UnavailableError when nothing answers there,
    ConflictError when another version of the house made the tables, or its restore was broken off.
    """
    opened = attach(place)
    if tables == LOG and opened.engine.dialect.name == "sqlite":
        event.listen(opened.engine, "connect", _sync_each)
    try:
        with _there(opened):
            _bring(opened.engine, tables)
    except BaseException:
        opened.engine.dispose()
        raise
    return opened


def require_answer(database: Database) -> None:
    """Raises UnavailableError when nothing answers there, or what does is no database."""
    with _there(database), database.engine.connect():
        pass


@contextmanager
def _there(database: Database) -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        raise UnavailableError(
            "The node's database does not answer",
            where=database.engine.url.render_as_string(hide_password=True),
            do=f"Check LINTAS_DATABASE_URL and that the server runs ({_first_line(error)}).",
            code="no_database",
        ) from error


def _engine(place: str | Path) -> Engine:
    try:
        url = URL.create("sqlite", database=str(place)) if isinstance(place, Path) else make_url(place)
        if url.drivername in ("postgres", "postgresql"):
            url = url.set(drivername="postgresql+psycopg")
        is_sqlite = url.get_backend_name() == "sqlite"
        engine = create_engine(url, pool_size=20, max_overflow=20, pool_pre_ping=not is_sqlite)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, ValueError) as error:
        raise InputError(
            "LINTAS_DATABASE_URL names no database that is known here",
            do="Write postgresql://ACCOUNT:PASSWORD@HOST/NAME, or leave it empty for SQLite in the node's folder.",
            code="bad_database_url",
        ) from error
    if is_sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")
    _use_wal(connection)
    connection.execute("PRAGMA synchronous=NORMAL")


def _sync_each(connection: Any, _record: Any) -> None:
    """A row of the log is on the disk before its head is kept: else a power cut would look like a log cut off."""
    connection.execute("PRAGMA synchronous=FULL")


def _use_wal(connection: Any) -> None:
    # Of two processes that open a new node at once, one is told "locked" without any waiting: the other may be
    # at this very step, which SQLite does not wait for.
    for _ in range(WAL_ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(WAL_PAUSE_S)
        else:
            return
    connection.execute("PRAGMA journal_mode=WAL")


def _begin_sqlite(connection: Connection) -> None:
    # A reader that becomes a writer half-way fails with "database is locked" at once; so writers say so first.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _bring(engine: Engine, tables: str) -> None:
    """New tables are made, and empty ones follow the house; what holds rows is left to `lintas upgrade`."""
    with engine.connect() as connection:
        if revisions.revision(connection, tables) == revisions.newest(tables):
            return
    with engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
        revisions.lock(connection)  # two processes may open a new node at once
        current = revisions.revision(connection, tables)
        if current == revisions.RESTORING:
            raise revisions.unfinished()
        if current is not None and not revisions.is_known(current, tables):
            raise revisions.other_version(current)
        if revisions.has_rows(connection, tables) and current != revisions.newest(tables):
            raise revisions.old_tables(current)
        revisions.migrate(connection, tables)
