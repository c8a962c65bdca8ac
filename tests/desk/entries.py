"""A list of few entries as a FollowTheMoney file, and what a node holds of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, func, select

from lintas.desk import intake
from lintas.desk.intake import LoadReport
from lintas.desk.office import Office
from lintas.store import lists
from lintas.store.tables import changes, entities, metadata, statements
from tests.desk.cast import ALICE

Entry = Mapping[str, Any]


def person(number: int, called: str = "", **properties: Sequence[str]) -> Entry:
    """A listed person."""
    names = [called or f"Person Number {number}"]
    return entry(f"xx-{number}", "Person", **{"name": names, "topics": ["sanction"], **properties})


def entry(id: str, schema: str, **properties: Sequence[str]) -> Entry:
    """Any other entity."""
    return {"id": id, "schema": schema, "properties": properties}


def people(n: int) -> list[Entry]:
    """So many listed persons."""
    return [person(i) for i in range(n)]


def write(path: Path, entries: Sequence[Entry]) -> Path:
    """The entities as a file of the list `ftm`."""
    path.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in entries))
    return path


def load(office: Office, entries: Sequence[Entry], **how: Any) -> LoadReport:
    """Load entities as the next version of `ftm`."""
    path = write(office.scratch / "entities.ftm.json", entries)
    return intake.load(office, ALICE, "ftm", [path], **how)


def rows(office: Office, *names: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of some tables; of all when none is named."""
    wanted = names or list(metadata.tables)
    with office.database.read() as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(select(metadata.tables[name]))), key=repr)
            for name in wanted
        }


def is_whole(connection: Connection, wanted: Sequence[Entry], number: int) -> bool:
    """Whether the list is exactly `wanted`, with as many versions and no row of another."""
    open_facts = select(statements.c.entity_id, statements.c.value).where(statements.c.until_version.is_(None))
    facts = {(str(one["id"]), value) for one in wanted for values in one["properties"].values() for value in values}
    latest = [
        connection.execute(select(func.max(column))).scalar_one()
        for column in (entities.c.changed_version, statements.c.from_version, changes.c.version)
    ]
    return (
        {tuple(row) for row in connection.execute(open_facts)} == facts
        and set(lists.digests(connection, "ftm")) == {str(one["id"]) for one in wanted}
        and [version.number for version in lists.versions(connection, "ftm")] == list(range(number, 0, -1))
        and latest == [number] * 3
    )
