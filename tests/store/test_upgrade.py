"""A node of an older version: it is never changed in passing, an upgrade keeps everything, and there is a way back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from lintas.desk import custodians, officers, trail, upgrade
from lintas.desk.office import Settings, open_office
from lintas.desk.restore import restore
from lintas.model.errors import ConflictError, FileError, InputError, NotFoundError
from lintas.store import dump, revisions, tables
from lintas.store.database import attach
from lintas.store.revisions import LOG, NODE
from tests.store.old_node import FIRST, ROWS, held, make

KINDS = ("sqlite", "postgresql")
Empty = Callable[[str], Settings]
KEPT = set(ROWS) - {"credentials"}


@pytest.fixture
def empty(tmp_path: Path, new_database: Callable[[str], str]) -> Empty:
    """Where a node may be made."""
    made = list[Settings]()

    def one(kind: str) -> Settings:
        made.append(Settings(tmp_path / f"node-{len(made)}", new_database(kind)))
        return made[-1]

    return one


@pytest.fixture
def key(tmp_path: Path) -> tuple[Path, str]:
    """The key file of a custodian, and its public part."""
    secret, public = custodians.pair()
    (tmp_path / "custodian.key").write_text(f"{secret}\n")
    return tmp_path / "custodian.key", public


def columns(table: str, names: list[str], settings: Settings) -> list[list[Any]]:
    """Some columns of a table of an upgraded node, as they are dumped."""
    database = attach(settings.database)
    with database.read() as connection:
        at = revisions.described(revisions.newest())
        ours = [c.name for c in at.tables[table].c]
        found = [row for name, rows in dump.out(connection, at) for row in rows if name == table]
    database.engine.dispose()
    return [[row[ours.index(name)] for name in names] for row in found]


@pytest.mark.parametrize("kind", KINDS)
def test_an_older_node_is_not_changed_by_opening_it(empty: Empty, kind: str) -> None:
    settings = make(empty(kind))
    with pytest.raises(ConflictError) as caught:
        open_office(settings)
    assert caught.value.code == "old_tables"
    assert "lintas upgrade" in caught.value.do
    assert held(settings) == ROWS


@pytest.mark.parametrize("kind", KINDS)
def test_an_older_node_without_any_row_follows_by_itself(empty: Empty, kind: str) -> None:
    office = open_office(make(empty(kind), is_filled=False))
    assert officers.owner(office).id == "owner"
    office.close()


@pytest.mark.parametrize("kind", KINDS)
def test_an_upgrade_keeps_every_row_as_the_migration_says(empty: Empty, kind: str, key: tuple[Path, str]) -> None:
    settings = make(empty(kind))
    report = upgrade.run(settings, keys=[key[1]])
    assert report is not None
    assert (report.before["node"], report.after["node"]) == (FIRST, revisions.newest())
    assert report.verified.n_rows > 0
    renamed = {"audit": "unchained_log"}
    first = revisions.described(FIRST)
    for name in KEPT - {"officers"}:
        ours = [c.name for c in first.tables[name].c]
        assert columns(renamed.get(name, name), ours, settings) == ROWS[name], name
    assert columns("credentials", ["kind"], settings) == []
    office = open_office(settings)
    with office.database.read() as connection:
        found = {
            row.id: (set(row.roles), row.name, row.agency, row.clearance, row.n_failed, row.created_at.isoformat())
            for row in connection.execute(select(tables.officers))
        }
    at = "2026-01-05T08:30:00.123456+00:00"
    every = {"administrator", "analyst", "custodian", "inspector", "liaison", "supervisor"}
    assert found["owner"] == (every, "owner", "own", 3, 0, at)
    assert found["rina"] == ({"analyst"}, "rina", "own", 1, 0, at)
    assert found["rudi"] == ({"liaison"}, "rudi", "own", 1, 0, at)
    run = columns("runs", ["agency", "clearance", "purpose", "case", "held_at", "erased_at"], settings)
    assert run == [["own", 1, "screening", None, None, None]]
    trail.verify(office, officers.owner(office))
    office.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", KINDS)
def test_the_way_back_is_the_backup_that_was_made_before(
    empty: Empty, kind: str, target: str, key: tuple[Path, str]
) -> None:
    report = upgrade.run(make(empty(kind)), keys=[key[1]])
    assert report is not None
    back = empty(target)
    restored = restore(back, report.made.path, key[0], is_upgraded=False)
    assert (restored.revision, restored.verified) == (FIRST, None)
    assert held(back) == {**ROWS, "credentials": []}
    database = attach(back.database)
    with database.write() as connection:  # as version 0.1 goes on: its tables number new rows
        table = revisions.described(FIRST).tables["audit"]
        values = {"officer": "owner", "verb": "x", "object": "x", "outcome": "allowed", "details": {}}
        made = connection.execute(insert(table).values(**values, at=text("'2026-03-01 09:00:00.000000'")))
        assert made.inserted_primary_key is not None
        assert made.inserted_primary_key[0] == 8
    database.engine.dispose()
    with pytest.raises(ConflictError) as caught:
        open_office(back)
    assert caught.value.code == "old_tables"


@pytest.mark.parametrize("kind", KINDS)
def test_an_older_backup_is_restored_and_brought_to_this_version(
    empty: Empty, kind: str, key: tuple[Path, str]
) -> None:
    old = make(empty("sqlite"))
    report = upgrade.run(old, keys=[key[1]])
    assert report is not None
    new = empty(kind)
    restored = restore(new, report.made.path, key[0])
    assert restored.revision == revisions.newest()
    assert restored.verified is not None
    for name in ("officers", "runs", "statements", "unchained_log", "matches"):
        ours = [c.name for c in revisions.described(revisions.newest()).tables[name].c]
        assert columns(name, ours, new) == columns(name, ours, old), name
    office = open_office(new)
    trail.verify(office, officers.owner(office))
    office.close()


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_custodian_nothing_is_upgraded(empty: Empty, kind: str) -> None:
    settings = make(empty(kind))
    with pytest.raises(InputError) as caught:
        upgrade.run(settings)
    assert caught.value.code == "no_custodian"
    assert "--custodian" in caught.value.do
    with pytest.raises(InputError):
        upgrade.run(settings, keys=["age1xyz"])
    assert held(settings) == ROWS
    assert not list(settings.node.rglob("*.age"))


@pytest.mark.parametrize("kind", KINDS)
def test_who_was_named_for_the_upgrade_is_a_custodian_from_then_on(
    empty: Empty, kind: str, key: tuple[Path, str]
) -> None:
    settings = make(empty(kind))
    upgrade.run(settings, keys=[key[1]])
    office = open_office(settings)
    assert [one.key for one in custodians.everybody(office, officers.owner(office))] == [key[1]]
    office.close()


@pytest.mark.parametrize("kind", KINDS)
def test_an_upgrade_that_loses_a_row_changes_nothing(
    empty: Empty, kind: str, key: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make(empty(kind))
    real = revisions.migrate

    def losing(connection: Any, tables: str, to: str = "head") -> None:
        real(connection, tables, to)
        if tables == NODE and to == "head":
            connection.execute(text("DELETE FROM decisions"))

    monkeypatch.setattr(revisions, "migrate", losing)
    with pytest.raises(FileError) as caught:
        upgrade.run(settings, keys=[key[1]])
    assert (caught.value.code, caught.value.where) == ("upgrade_failed", "decisions holds 0 rows instead of 1")
    assert held(settings) == ROWS
    assert len(list(settings.node.rglob("*.age"))) == 1
    monkeypatch.undo()
    assert upgrade.run(settings, target=settings.node / "second.age", keys=[key[1]]) is not None


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_writes_between_the_backup_and_the_upgrade(empty: Empty, kind: str, key: tuple[Path, str]) -> None:
    settings = make(empty(kind))
    other = attach(settings.database)
    refused = set[bool]()

    def write(what: str, n: int) -> None:
        with other.engine.connect() as connection:
            impatient = "PRAGMA busy_timeout=1" if kind == "sqlite" else "SET lock_timeout = 10"
            connection.exec_driver_sql(impatient)
            with pytest.raises(DBAPIError):
                connection.exec_driver_sql("DELETE FROM statements")
        refused.add(True)

    assert upgrade.run(settings, keys=[key[1]], told=write) is not None
    assert refused == {True}
    assert columns("statements", ["number"], settings) == [[5], [6]]
    other.engine.dispose()


def test_there_is_nothing_to_upgrade_in_a_node_of_this_version(empty: Empty) -> None:
    settings = empty("sqlite")
    office = open_office(settings)
    assert upgrade.run(settings) is None
    assert not list(settings.node.rglob("*.age"))
    office.close()


def test_what_cannot_be_upgraded_is_said(empty: Empty, key: tuple[Path, str]) -> None:
    settings = empty("sqlite")
    with pytest.raises(NotFoundError) as missing:
        upgrade.run(settings, keys=[key[1]])
    assert missing.value.code == "no_node_here"
    assert not settings.node.exists()
    make(settings)
    database = attach(settings.database)
    for name, code in (("9999", "other_version"), (revisions.RESTORING, "restore_incomplete")):
        with database.write() as connection:
            revisions.mark(connection, NODE, name)
        with pytest.raises(ConflictError) as caught:
            upgrade.run(settings, keys=[key[1]])
        assert caught.value.code == code
    database.engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_an_upgrade_that_was_killed_after_the_log_is_done_again(empty: Empty, kind: str, key: tuple[Path, str]) -> None:
    settings = make(empty(kind))
    log = attach(settings.log)
    with log.write() as connection:
        revisions.migrate(connection, LOG)
    log.engine.dispose()
    with pytest.raises(ConflictError) as caught:
        open_office(settings)
    assert caught.value.code == "old_tables"
    assert upgrade.run(settings, keys=[key[1]]) is not None
    open_office(settings).close()
