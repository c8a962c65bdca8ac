"""A list of few entries as a FollowTheMoney file, and what a node holds of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select

from lintas.desk import intake
from lintas.desk.intake import LoadReport
from lintas.desk.office import Office
from lintas.store.tables import metadata
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
