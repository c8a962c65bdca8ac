"""Opening a node's database, reading one state of it, and waiting for one another."""

import multiprocessing
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData, func, insert, select, text
from sqlalchemy.exc import OperationalError, StatementError

from lintas.desk.office import Office
from lintas.model.errors import ConflictError, InputError, LintasError, UnavailableError
from lintas.store import database, revisions, runs
from lintas.store.database import connect
from lintas.store.log.tables import metadata as log_metadata
from lintas.store.tables import downloads, metadata, officers


def officer(name: str, created_at: datetime) -> dict[str, Any]:
    """A row of the table of officers."""
    row = {"id": name, "name": name, "agency": "own", "clearance": 1, "roles": ["analyst"], "preferences": {}}
    return row | {"created_at": created_at, "n_failed": 0}


def differences(engine: Engine, tables: str, described: MetaData) -> list[Any]:
    """Between what the migrations made and what the code describes; PostgreSQL holds node and log side by side."""
    options = {
        "compare_server_default": True,
        "version_table": revisions.VERSION_TABLES[tables],
        "include_name": lambda name, kind, _: kind != "table" or name in described.tables,
    }
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), described))


def test_the_migrations_make_the_tables_that_the_code_describes(office: Office) -> None:
    assert differences(office.database.engine, revisions.NODE, metadata) == []
    assert differences(office.log.engine, revisions.LOG, log_metadata) == []


def test_a_difference_between_migration_and_code_would_be_seen(office: Office) -> None:
    with office.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE officers ADD COLUMN shoe_size INTEGER"))
        connection.execute(text("DROP INDEX ix_entities_id"))
    found = differences(office.database.engine, revisions.NODE, metadata)
    assert {change[0] for change in found} == {"remove_column", "add_index"}


def test_a_second_opening_finds_the_tables_and_their_rows(office: Office) -> None:
    with office.database.write() as connection:
        connection.execute(insert(officers).values(**officer("alice", office.now())))
    again = connect(office.database.engine.url.render_as_string(hide_password=False))
    with again.read() as connection:
        assert connection.execute(select(officers.c.id)).scalars().all() == ["alice"]
    again.engine.dispose()


def test_a_writer_waits_for_another_and_neither_fails(office: Office) -> None:
    order: list[str] = []
    first_writes = threading.Event()

    def write(name: str, holds_s: float) -> None:
        with office.database.write() as connection:
            connection.execute(insert(officers).values(**officer(name, office.now())))
            first_writes.set()
            time.sleep(holds_s)
            connection.execute(insert(downloads).values(url=name, etag="", at=office.now()))
            order.append(name)

    first = threading.Thread(target=write, args=("first", 0.3))
    first.start()
    assert first_writes.wait(10)
    write("second", 0)
    first.join()
    with office.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(downloads)).scalar_one() == 2
    if office.database.engine.dialect.name == "sqlite":
        assert order == ["first", "second"]


def test_many_writers_at_once_all_get_their_turn(office: Office) -> None:
    def write(n: int) -> None:
        for i in range(5):
            with office.database.write() as connection:
                held = connection.execute(select(func.count()).select_from(downloads)).scalar_one()
                connection.execute(insert(downloads).values(url=f"{n}/{i}", etag="", at=office.now()))
                assert connection.execute(select(func.count()).select_from(downloads)).scalar_one() > held

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with office.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(downloads)).scalar_one() == 40


def test_a_reader_does_not_wait_for_a_writer_and_sees_nothing_of_what_is_not_done(office: Office) -> None:
    with office.database.write() as writing:
        writing.execute(insert(officers).values(**officer("alice", office.now())))
        began = time.monotonic()
        with office.database.read() as connection:
            assert connection.execute(select(officers)).all() == []
        assert time.monotonic() - began < 1


def test_a_reader_sees_one_state_however_often_it_asks(office: Office) -> None:
    with office.database.read() as connection:
        assert connection.execute(select(officers)).all() == []
        with office.database.write() as writing:
            writing.execute(insert(officers).values(**officer("alice", office.now())))
        assert connection.execute(select(officers)).all() == []
    with office.database.read() as connection:
        assert len(connection.execute(select(officers)).all()) == 1


def test_a_write_that_raises_leaves_nothing(office: Office) -> None:
    def write() -> None:
        with office.database.write() as connection:
            connection.execute(insert(officers).values(**officer("alice", office.now())))
            raise RuntimeError("the lights went out")

    with pytest.raises(RuntimeError):
        write()
    with office.database.read() as connection:
        assert connection.execute(select(officers)).all() == []


def test_a_time_without_a_zone_is_refused(office: Office) -> None:
    naive = datetime(2026, 3, 1, 9, 0)  # noqa: DTZ001
    with pytest.raises(StatementError, match="without a zone"), office.database.write() as connection:
        connection.execute(insert(officers).values(**officer("alice", naive)))


def test_a_time_comes_back_as_it_went_in(office: Office) -> None:
    there = datetime.fromisoformat("2026-03-01T09:00:00.123456+07:00")
    with office.database.write() as connection:
        connection.execute(insert(officers).values(**officer("alice", there)))
    with office.database.read() as connection:
        back = connection.execute(select(officers.c.created_at)).scalar_one()
    assert back == there
    assert back.isoformat() == "2026-03-01T02:00:00.123456+00:00"


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30, -(10**30)])
def test_a_number_that_no_table_can_hold_is_no_error_of_the_node(office: Office, number: int) -> None:
    with pytest.raises(LintasError) as caught, office.database.read() as connection:
        runs.get(connection, number)
    assert caught.value.code in ("unknown_run", "bad_value")


def test_a_text_that_no_database_can_hold_is_no_error_of_the_node(office: Office) -> None:
    with pytest.raises(InputError) as caught, office.database.write() as connection:
        connection.execute(insert(officers).values(**officer("\udcff", office.now())))
    assert caught.value.code == "bad_value"


def test_a_writer_that_waits_too_long_is_told_to_try_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.1)
    held, other = connect(tmp_path / "node.sqlite"), connect(tmp_path / "node.sqlite")
    with held.write(), pytest.raises(UnavailableError) as caught, other.write():
        pass
    assert caught.value.code == "database_busy"


def test_a_full_disk_is_told_and_nothing_is_half_kept(sqlite_office: Office) -> None:
    many = [officer(f"officer {number}", sqlite_office.now()) for number in range(2000)]
    with pytest.raises(UnavailableError) as caught, sqlite_office.database.write() as connection:
        _fill(connection, many)
    assert caught.value.code == "disk_full"
    with sqlite_office.database.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=4294967294")
        assert connection.scalar(select(func.count()).where(officers.c.name.like("officer %"))) == 0


def _fill(connection: Connection, rows: list[dict[str, Any]]) -> None:
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 8}")
    connection.execute(insert(officers), rows)


def test_a_fault_in_a_question_is_not_taken_for_a_database_that_is_away(sqlite_office: Office) -> None:
    with pytest.raises(OperationalError), sqlite_office.database.read() as connection:
        connection.execute(text("SELECT nothing FROM nowhere"))


@pytest.mark.parametrize("url", ["nonsense", "mysql://db/x", "oracle+none://x", "postgresql://h:port/x"])
def test_a_url_that_names_no_database_is_refused_in_words(url: str) -> None:
    with pytest.raises(InputError) as caught:
        connect(url)
    assert caught.value.code == "bad_database_url"


def test_a_database_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(UnavailableError) as caught:
        connect("postgresql://alice:hush@127.0.0.1:9/none")
    assert caught.value.code == "no_database"
    assert "hush" not in str(caught.value)
    assert "127.0.0.1:9" in str(caught.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "node.sqlite"
    place.write_bytes(b"these are no pages of a database" * 100)
    with pytest.raises(UnavailableError) as caught:
        connect(place)
    assert caught.value.code == "no_database"


def test_tables_of_a_newer_version_of_the_house_are_left_alone(office: Office) -> None:
    with office.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConflictError) as caught:
        connect(office.database.engine.url.render_as_string(hide_password=False))
    assert caught.value.code == "other_version"


def test_a_folder_may_be_named_as_no_url_can_be(tmp_path: Path) -> None:
    folder = tmp_path / "what? 100% #1 é"
    folder.mkdir()
    connect(folder / "node.sqlite").engine.dispose()
    assert (folder / "node.sqlite").stat().st_size > 0


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_several_processes_may_open_a_new_node_at_once(
    kind: str, tmp_path: Path, new_database: Callable[[str], str]
) -> None:
    own = multiprocessing.get_context(
        "spawn"
    )  # a fork of a process with threads may inherit a lock that one of them held
    start = own.Barrier(4)
    places = [new_database(kind) or tmp_path / f"{number}.sqlite" for number in range(2)]
    children = [own.Process(target=_open_together, args=(places, start)) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children] == [0] * 4


def _open_together(places: list[str | Path], start: Barrier) -> None:
    for place in places:
        start.wait(30)
        connect(place).engine.dispose()


def test_who_opens_a_new_file_waits_for_another_who_is_just_making_it(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "node.sqlite", isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE something (number INTEGER)")
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.3, lambda: other.execute("COMMIT")).start()
    opened = connect(tmp_path / "node.sqlite")
    with opened.read() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
    opened.engine.dispose()
    other.close()
