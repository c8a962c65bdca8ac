"""Rows out of one kind of database and into the other: nothing is lost, nothing is bent."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Float, Integer, func, insert, null, select

from lintas.model.errors import FileError
from lintas.store import dump, revisions
from lintas.store.database import Database, connect
from lintas.store.log.tables import metadata as log_tables
from lintas.store.revisions import LOG, NODE
from lintas.store.tables import UtcDateTime, cases, downloads, metadata, runs, statements

TABLES = {NODE: metadata, LOG: log_tables}
N_ROWS = 7
AT = datetime(2026, 3, 1, 9, 30, 15, 123456, tzinfo=UTC)
TEXTS = ("", "plain", 'it\'s "quoted" \\N \\ \t\n\r;--', "ស្រី นาย ဦး 張偉 é é", "🛳️‍🔥", "{1,2}", "\\.")
FLOATS = (0.1 + 0.2, -0.0, 1e-300, 1.7976931348623157e308, 1.0, 1 / 3, 5e-324)
JSONS: tuple[Any, ...] = ({"a": [1, None, "é\n"]}, [], None, "text", 0.1, True, {"b": {"c": 2**53}})
PAIRS = [(a, b) for a in ("sqlite", "postgresql") for b in ("sqlite", "postgresql")]

Make = Callable[[str], Database]


@pytest.fixture
def make(tmp_path: Path, new_database: Callable[[str], str]) -> Iterator[Make]:
    """Make an empty database of a kind, with the tables of the node and of the log."""
    made = list[Database]()

    def one(kind: str) -> Database:
        place = new_database(kind) or tmp_path / f"{len(made)}.sqlite"
        connect(place, LOG).engine.dispose()
        made.append(connect(place))
        return made[-1]

    yield one
    for database in made:
        database.engine.dispose()


def value(column: Column[Any], n: int) -> Any:
    """The n-th value of a column: of every kind that the columns can hold, the odd ones too."""
    if column.nullable and n % 3 == 0:
        return null()
    match column.type:
        case Boolean():
            return n % 2 == 0
        case Integer():
            return (n + 1) if column.primary_key else (0, 1, -1, 2**31 - 1, -(2**31), 7, 8)[n]
        case Float():
            return FLOATS[n]
        case JSON():
            return JSONS[n]
        case UtcDateTime():
            return AT + timedelta(days=400 * n, microseconds=n)
    length = getattr(column.type, "length", None) or 1000
    return (f"{n} {TEXTS[n]}" if column.primary_key else TEXTS[n])[:length]


def fill(database: Database) -> None:
    with database.write() as connection:
        for tables in TABLES.values():
            for table in tables.tables.values():
                for n in range(N_ROWS):
                    connection.execute(insert(table).values({c.name: value(c, n) for c in table.c}))


def held(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row, as the code reads it."""
    with database.read() as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for tables in TABLES.values()
            for name, table in tables.tables.items()
        }


def copy(source: Database, target: Database) -> None:
    with source.read() as reading, target.write() as writing:
        for tables in TABLES:
            for name, rows in dump.out(reading, described(tables)):
                dump.back(writing, described(tables).tables[name], rows)
            dump.set_sequences(writing, described(tables))


def described(tables: str) -> Any:
    return revisions.described(revisions.newest(tables), tables)


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_every_row_of_every_table_comes_back_as_it_was(make: Make, source: str, target: str) -> None:
    one, other = make(source), make(target)
    fill(one)
    copy(one, other)
    before = held(one)
    assert set(before) == set(metadata.tables) | set(log_tables.tables)
    assert {len(rows) for rows in before.values()} == {N_ROWS}
    assert held(other) == before


def test_what_went_to_the_other_kind_and_back_is_the_same_to_the_letter(make: Make) -> None:
    first, between, last = make("sqlite"), make("postgresql"), make("sqlite")
    fill(first)
    copy(first, between)
    copy(between, last)
    for tables in TABLES.values():
        for table in tables.tables.values():
            raw = f'SELECT * FROM "{table.name}" ORDER BY {", ".join(f"{c.name!r}" for c in table.primary_key)}'
            with first.read() as a, last.read() as b:
                assert a.exec_driver_sql(raw).all() == b.exec_driver_sql(raw).all(), table.name


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_new_rows_are_numbered_after_those_that_came(make: Make, target: str) -> None:
    one, other = make("sqlite"), make(target)
    fill(one)
    copy(one, other)
    case = {"title": "x", "agency": "own", "clearance": 1, "opened_by": "alice", "opened_at": AT}
    with other.write() as connection:
        made = connection.execute(insert(cases).values(**case)).inserted_primary_key
        assert made is not None
        assert made[0] == N_ROWS + 1
        described_runs = {c.name: value(c, 1) for c in runs.c if c.name != "number"}
        connection.execute(insert(runs).values(described_runs))
        assert connection.execute(select(func.max(runs.c.number))).scalar_one() == N_ROWS + 1


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_empty_table_begins_with_one(make: Make, kind: str) -> None:
    other = make(kind)
    copy(make("sqlite"), other)
    case = {"title": "x", "agency": "own", "clearance": 1, "opened_by": "alice", "opened_at": AT}
    with other.write() as connection:
        made = connection.execute(insert(cases).values(**case)).inserted_primary_key
    assert made is not None
    assert made[0] == 1


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_is_written_meanwhile_is_not_in_it(make: Make, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dump, "PIECE", 2)
    database = make(kind)
    fill(database)
    found = dict.fromkeys(metadata.tables, 0)
    with database.read() as connection:
        for n, (name, rows) in enumerate(dump.out(connection, described(NODE))):
            assert len(rows) <= 2
            found[name] += len(rows)
            with database.write() as writing:  # into a table that was read, and into one that was not
                writing.execute(insert(downloads).values(url=f"https://example.org/{n}", etag="", at=AT))
                writing.execute(statements.delete().where(statements.c.number == n))
    assert set(found.values()) == {N_ROWS}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_row_that_does_not_fit_is_named(make: Make, kind: str) -> None:
    database, table = make(kind), described(NODE).tables["downloads"]
    for rows in ([["https://example.org", None, "2026-03-01 09:00:00.000000"]], [[{"a": 1}, "", "x"]]):
        with pytest.raises(FileError) as caught, database.write() as connection:
            dump.back(connection, table, rows)
        assert caught.value.code == "bad_backup"
        assert (caught.value.where or "").startswith("downloads: ")


def test_a_text_too_long_for_postgresql_is_named(make: Make) -> None:
    database = make("postgresql")
    rows = [["https://example.org", "x" * 600, "2026-03-01 09:00:00.000000"]]
    with pytest.raises(FileError) as caught, database.write() as connection:
        dump.back(connection, described(NODE).tables["downloads"], rows)
    assert "too long" in (caught.value.where or "")
