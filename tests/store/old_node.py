"""A node as version 0.1 of lintas left it: tables of revision 0001 that hold something."""

from collections.abc import Mapping
from typing import Any

from lintas.desk.office import Settings, make_folder
from lintas.store import dump, revisions
from lintas.store.database import attach
from lintas.store.revisions import NODE

AT, LATER = "2026-01-05 08:30:00.123456", "2026-01-06 09:00:00.000000"
SHA = "ab" * 32
FIRST = "0001"
# As 0001 has its columns, in their order.
ROWS: Mapping[str, list[list[Any]]] = {
    "audit": [
        [1, AT, "owner", "lists.load", "un_sc", "allowed", '{"files": ["a.xml"]}'],
        [2, AT, "rina", "runs.create", "customers.csv", "allowed", "{}"],
        [7, LATER, "rudi", "runs.decide", "run 1", "refused", '{"why": "ไม่มีสิทธิ์"}'],
    ],
    "changes": [["ftm", 1, "xx-1", "added", "Person", "Ada Exempli"]],
    "credentials": [
        [SHA, "token", "rina", "analyst", AT, LATER, None],
        ["cd" * 32, "session", "owner", "owner", AT, LATER, AT],
    ],
    "customers": [[1, 1, "K1", "Ada Exempli", '{"id": "K1"}', "[]", 0, "[]", '[["Fax", "1"]]']],
    "decisions": [[1, 4, "same", "the passport – agrees", "rina", LATER]],
    "downloads": [["https://example.org/un.xml", '"etag"', AT]],
    "entities": [["ftm", "xx-1", "Person", "Ada Exempli", SHA, 1, 1, 1, None]],
    "leftovers": [[3, "ftm", 1, "alias", "9", "no entry"]],
    "list_versions": [
        ["ftm", 1, AT, "owner", None, "[]", SHA, 1, 1, 1, 0, 0, 0, 1, '{"person": 1}', 0],
    ],
    "matches": [[4, 1, 1, "xx-1", 0.1 + 0.2, '{"reasons": []}', "same"]],
    "officers": [["owner", "owner", AT], ["rina", "analyst", AT], ["rudi", "reader", AT]],
    "runs": [
        [1, '{"sha256": "x"}', "{}", "[]", 0.7, "done", 1, 1, 0, 1, "rina", AT, AT, LATER, "1", "{}", "null", 0],
    ],
    "statements": [
        [5, "ftm", "xx-1", "name", "Ada Exempli", "ADA  EXEMPLI", "eng", 1, 0, 1, None],
        [6, "ftm", "xx-1", "birthDate", "???", None, None, 0, 0, 1, 2],
    ],
}


def make(settings: Settings, *, is_filled: bool = True) -> Settings:
    """Make the node."""
    make_folder(settings)
    (settings.node / "log.sqlite").unlink(missing_ok=True)  # of the log 0.1 knew nothing
    database = attach(settings.database)
    with database.write() as connection:
        revisions.migrate(connection, NODE, FIRST)
        tables = revisions.described(FIRST)
        assert set(tables.tables) == set(ROWS)
        for name, rows in ROWS.items():
            if is_filled:
                dump.back(connection, tables.tables[name], rows)
        dump.set_sequences(connection, tables)
    database.engine.dispose()
    return settings


def held(settings: Settings) -> dict[str, list[list[Any]]]:
    """Every row of a node whose tables are still of 0001."""
    database = attach(settings.database)
    with database.read() as connection:
        assert revisions.revision(connection) == FIRST
        found: dict[str, list[list[Any]]] = {name: [] for name in ROWS}
        for name, rows in dump.out(connection, revisions.described(FIRST)):
            found[name] += [list(row) for row in rows]
    database.engine.dispose()
    return found
