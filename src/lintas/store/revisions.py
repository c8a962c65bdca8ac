"""Which revision the tables of a database are of, and how they come to another one."""

import threading
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Column, Connection, MetaData, String, Table, create_engine, delete, func, insert, inspect, select

from lintas.model.errors import ConflictError

NODE, LOG = "migrations", "log/migrations"
VERSION_TABLES = {NODE: "alembic_version", LOG: "log_version"}
RESTORING = "restoring"  # stands in place of a revision while a backup is read in
_ALONE = threading.RLock()  # Alembic keeps what it works on in its module: one thread at a time
_OPENING = 0x6C696E746173  # "lintas": the advisory lock of whoever brings the tables to this version


def alembic_config(connection: Connection | None = None, tables: str = NODE) -> Config:
    """Alembic, told where the migrations stand and which connection to use."""
    config = Config()
    config.set_main_option("script_location", str(files("lintas.store") / tables))
    config.attributes |= {"connection": connection, "tables": tables}
    return config


def revision(connection: Connection, tables: str = NODE) -> str | None:
    """Which version of the house the tables are of; None for none yet."""
    opts = {"version_table": VERSION_TABLES[tables]}
    return MigrationContext.configure(connection, opts=opts).get_current_revision()


def newest(tables: str = NODE) -> str:
    """The revision that this version of the house works with."""
    return _known(tables)[-1]


def is_known(name: str | None, tables: str = NODE) -> bool:
    """Whether this version of the house knows a revision."""
    return name in _known(tables)


def lock(connection: Connection) -> None:
    """Be alone at changing tables until the transaction ends. On SQLite whoever writes is alone anyhow."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_OPENING)))


def migrate(connection: Connection, tables: str, to: str = "head") -> None:
    """Bring the tables to a revision, in the transaction of the connection. Raises ConflictError for one not known."""
    try:
        with _ALONE:
            command.upgrade(alembic_config(connection, tables), to)
    except CommandError as error:
        raise other_version(revision(connection, tables)) from error


def mark(connection: Connection, tables: str, name: str | None) -> None:
    """Write down a revision without changing any other table; None for none."""
    version = Table(VERSION_TABLES[tables], MetaData(), Column("version_num", String(32), primary_key=True))
    version.create(connection, checkfirst=True)
    connection.execute(delete(version))
    if name is not None:
        connection.execute(insert(version).values(version_num=name))


def forget(connection: Connection, tables: str) -> None:
    """Drop every table of a set, with its rows."""
    known = {name: table for each in _known(tables) for name, table in described(each, tables).tables.items()}
    known[VERSION_TABLES[tables]] = Table(VERSION_TABLES[tables], MetaData())
    for name in set(inspect(connection).get_table_names()).intersection(known):
        known[name].drop(connection)


@lru_cache
def described(name: str, tables: str = NODE) -> MetaData:
    """The tables as they were at a revision: what the migrations make of nothing."""
    engine = create_engine("sqlite://")
    found = MetaData()
    with engine.begin() as connection:
        migrate(connection, tables, name)
        found.reflect(connection)
    engine.dispose()
    found.remove(found.tables[VERSION_TABLES[tables]])
    return found


def has_rows(connection: Connection, tables: str = NODE) -> bool:
    """Whether any table of a set holds anything."""
    at = revision(connection, tables)
    if at is None or not is_known(at, tables):
        return False
    found = described(at, tables).tables.values()
    return any(connection.execute(select(1).select_from(table).limit(1)).first() for table in found)


def differences(connection: Connection, tables: str, wanted: MetaData) -> list[Any]:
    """How the tables differ from those that the code describes. Tables that are not of this set are left aside."""
    opts = {
        "version_table": VERSION_TABLES[tables],
        "include_name": lambda name, kind, _: kind != "table" or name in wanted.tables,
    }
    return list(compare_metadata(MigrationContext.configure(connection, opts=opts), wanted))


def told(since: str, tables: str, about: str) -> Mapping[str, str]:
    """What the migrations after a revision say of tables: EMPTIES with the reason, RENAMES with the new name."""
    said: dict[str, str] = {}
    scripts = ScriptDirectory.from_config(alembic_config(tables=tables))
    for name in _known(tables)[_known(tables).index(since) + 1 :]:
        said |= getattr(scripts.get_revision(name).module, about, {})
    return said


def other_version(current: str | None) -> ConflictError:
    """What is said of tables that a newer version of the house made."""
    return ConflictError(
        f"The tables of this node are of another version ({current})",
        do="Open it with the version of lintas that made them, or a newer one.",
        code="other_version",
    )


def old_tables(current: str | None) -> ConflictError:
    """What is said of tables that an older version of the house made and that hold something."""
    return ConflictError(
        f"The tables of this node are of an older version ({current})",
        do="Run `lintas upgrade`: it makes a backup, brings them to this version and checks them.",
        code="old_tables",
    )


def unfinished() -> ConflictError:
    """What is said of a node whose restore was broken off."""
    return ConflictError(
        "This node is incomplete: its restore was broken off",
        do="Run `lintas restore` again, with the same node and the backup.",
        code="restore_incomplete",
    )


@lru_cache
def _known(tables: str) -> tuple[str, ...]:
    scripts = ScriptDirectory.from_config(alembic_config(tables=tables)).walk_revisions()
    return tuple(reversed([script.revision for script in scripts]))
