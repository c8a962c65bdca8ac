"""Every row of a set of tables, out and in again, in one form for both kinds of database.

A row is a list of what JSON can say: a time is text in UTC, to the microsecond; yes and no are 1 and 0; a column of
JSON is its text, letter by letter, though of a mere number SQLite keeps the number (the column is NUMERIC to it).
So what was dumped from SQLite reads back into PostgreSQL, and the other way.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    cast,
    func,
    inspect,
    select,
    type_coerce,
)
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, ProgrammingError

from lintas.model.errors import FileError, UnavailableError

PIECE = 1000  # rows at once: what is held in memory
Row = Sequence[Any]


def out(connection: Connection, tables: MetaData) -> Iterator[tuple[str, list[Row]]]:
    """The rows of every table in pieces, in the order of their keys, as one transaction sees them."""
    for table in _ordered(tables):
        query = select(*(_said(column, connection) for column in table.c)).order_by(*table.primary_key)
        found = connection.execute(query, execution_options={"yield_per": PIECE})
        for rows in found.partitions():
            yield table.name, [tuple(row) for row in rows]


def back(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add rows to a table. Raises FileError for what the table cannot hold."""
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(column.name) for column in table.c)
    try:
        if connection.dialect.name == "postgresql":
            _copy(connection, f"COPY {quote(table.name)} ({columns}) FROM STDIN", rows)
        else:
            places = ", ".join("?" for _ in table.c)
            into = f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({places})"  # noqa: S608
            connection.exec_driver_sql(into, [tuple(row) for row in rows])
    except psycopg.OperationalError as error:
        raise UnavailableError(
            "The node's database did not answer", do="Look at its server, and restore again.", code="database_busy"
        ) from error
    except (DataError, IntegrityError, InterfaceError, ProgrammingError, psycopg.Error) as error:
        raise FileError(
            "A row does not fit into its table",
            where=f"{table.name}: {(str(getattr(error, 'orig', error)).splitlines() or [''])[0][:200]}",
            do="Restore it into the kind of database that it came from, or use another backup.",
            code="bad_backup",
        ) from error


def counts(connection: Connection, tables: MetaData) -> dict[str, int]:
    """How many rows each table holds."""
    return {
        table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
        for table in _ordered(tables)
    }


def columns(tables: MetaData) -> dict[str, list[str]]:
    """The columns of each table, in the order in which a row says them."""
    return {str(table.name): [str(column.name) for column in table.c] for table in _ordered(tables)}


def set_sequences(connection: Connection, tables: MetaData) -> None:
    """Let PostgreSQL number new rows after those that were added with a number."""
    if connection.dialect.name != "postgresql":
        return
    for table in _ordered(tables):
        for column in table.primary_key:
            named = connection.dialect.identifier_preparer.quote(table.name)
            sequence = connection.execute(select(func.pg_get_serial_sequence(named, column.name))).scalar_one()
            if sequence is not None:
                highest = func.coalesce(func.max(column), 1)
                connection.execute(select(func.setval(sequence, highest, func.count() > 0)).select_from(table))


def empty(connection: Connection, tables: MetaData, names: Sequence[str]) -> None:
    """Take every row out of the tables of these names, as far as there are such."""
    for name in names:
        if name in tables.tables:
            connection.execute(tables.tables[name].delete())


def is_sound(connection: Connection) -> bool:
    """Whether the database's own check of its files finds nothing; PostgreSQL checks what it reads by itself."""
    if connection.dialect.name != "sqlite":
        return True
    return bool(connection.exec_driver_sql("PRAGMA quick_check").scalar_one() == "ok")


def hold(connection: Connection, tables: MetaData) -> None:
    """Let nobody else write to the tables until the transaction ends. On SQLite whoever writes is alone anyhow."""
    if connection.dialect.name == "postgresql":
        quote = connection.dialect.identifier_preparer.quote
        there = set(inspect(connection).get_table_names())
        named = ", ".join(quote(table.name) for table in _ordered(tables) if table.name in there)
        if named:
            connection.exec_driver_sql(f"LOCK TABLE {named} IN EXCLUSIVE MODE")


def _ordered(tables: MetaData) -> list[Table]:
    return [tables.tables[name] for name in sorted(tables.tables)]


def _said(column: Column[Any], connection: Connection) -> ColumnElement[Any]:
    """A column as it is dumped."""
    is_postgres = connection.dialect.name == "postgresql"
    match column.type:
        case JSON():
            return cast(column, Text) if is_postgres else type_coerce(column, Text)
        case Boolean():
            return cast(column, Integer) if is_postgres else type_coerce(column, Integer)
        case DateTime():
            here = func.to_char(func.timezone("UTC", column), "YYYY-MM-DD HH24:MI:SS.US")
            return here if is_postgres else type_coerce(column, Text)
        case Integer() | Float() | String():
            return column
    raise NotImplementedError(f"{column.table.name}.{column.name}: there is no dump of {column.type!r} yet")


def _copy(connection: Connection, statement: str, rows: Sequence[Row]) -> None:
    connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")  # what a time without a zone is read as
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
