"""The tree over the log: it grows with each row, proves rows and heads, and comes to logs that had none."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from lintas.desk.office import Office, Settings, open_office
from lintas.model import merkle
from lintas.model.errors import FileError
from lintas.store import revisions, upgrade
from lintas.store.database import attach
from lintas.store.log import rows, tree
from lintas.store.log.tables import log_tree
from lintas.store.revisions import LOG
from tests.store.test_log import ROW, add, fault, mac

N = 37


@pytest.fixture
def grown(office: Office) -> Office:
    add(office, *({"object": f"un-{n}"} for n in range(N)))
    return office


def hashes(office: Office) -> list[str]:
    with office.log.read() as connection:
        return [digest for _, _, digest in rows.walk(connection)]


def naive(leaves: list[bytes]) -> bytes:
    growth = merkle.Growth()
    nodes = {(0, place): one for place, one in enumerate(leaves)}
    for place, one in enumerate(leaves):
        nodes |= {(level, place >> level): made for level, made in enumerate(growth.add(one), 1)}
    return merkle.root(range(len(leaves)), nodes)


def test_each_row_and_each_older_head_is_proved(grown: Office) -> None:
    leaves = [merkle.leaf(digest.encode()) for digest in hashes(grown)]
    whole = naive(leaves)
    with grown.log.read() as connection:
        assert tree.root(connection, 0) == merkle.EMPTY
        for size in range(1, N + 1):
            found, paths = tree.grown(connection, N, [1, size] if size > 1 else [1])
            assert found == whole
            assert merkle.continues(size, naive(leaves[:size]), N, whole, paths[size])
            assert tree.root(connection, size) == naive(leaves[:size])
            path = tree.inclusion(connection, size, N)
            assert merkle.holds(size - 1, N, leaves[size - 1], path, whole)


@pytest.mark.parametrize("office", ["sqlite"], indirect=True)
def test_a_tree_that_was_changed_stops_no_row_and_stays_to_be_found(grown: Office) -> None:
    for statement in (
        delete(log_tree).where(log_tree.c.number == 36),
        update(log_tree).where(log_tree.c.number == 32).values(hash="no hash"),
    ):
        with grown.log.write() as connection:
            connection.execute(statement)
    add(grown, *({} for _ in range(30)))
    assert fault(grown) == "row 32: tree over the rows does not fit them"
    with grown.log.read() as connection, pytest.raises(FileError) as caught:
        tree.root(connection, 64)
    assert caught.value.code == "log_broken"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_log_of_an_older_version_gets_its_tree_with_the_upgrade(
    tmp_path: Path, kind: str, new_database: Callable[[str], str]
) -> None:
    settings = Settings(tmp_path / "node", new_database(kind))
    office = open_office(settings)
    add(office, *({"object": f"un-{n}"} for n in range(N)))
    with office.log.read() as connection:
        whole = tree.root(connection, N)
    office.close()
    older = attach(settings.log)
    with older.write() as connection:
        connection.exec_driver_sql("DROP TABLE log_tree")
        revisions.mark(connection, LOG, "0001")
    with older.write() as connection:
        upgrade.bring(connection, LOG)
    with older.read() as connection:
        assert tree.root(connection, N) == whole
    with older.write() as connection:
        rows.append(connection, replace(ROW, object="after"), mac)
        assert rows.verify(connection, mac) == (rows.head(connection), None)
    older.engine.dispose()
