"""Load a TAXII server's data from a file: discovery, roots, collections, objects, statuses."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection

from lintas.desk import access
from lintas.desk.office import Office
from lintas.exchange.taxii import data_file, times
from lintas.model.errors import ConflictError, FileError
from lintas.model.json_text import read_json
from lintas.model.officer import Officer
from lintas.model.taxii import DISCOVERY, Root, Version
from lintas.store import taxii, taxii_objects

VERB = "taxii.change"
LONGEST_FILE = 1024**3  # bytes; ours, it is read whole
# The first part of the address of every page and of the API: a root of that name could not be reached.
RESERVED = frozenset(
    "administration algorithms audit cases catalog dossiers entities exchange favicon.ico glass healthz inbox keys "
    "language lists log manifest match matches matching metrics node openapi.json peers profile proposals readyz "
    "reconcile runs search sign-in sign-out static status statements taxii2 theme threads updatez".split()
)


def load(office: Office, officer: Officer, file: Path) -> dict[str, int]:
    """Load a file in one transaction; how many roots, collections, objects and statuses it brought.

    What is kept already stays: objects are added to it, and what is said of roots and collections is said anew. An
    object has the time that the file gives it: who asks for what was added after a later one does not see it.
    Raises FileError, ConflictError for a root whose name is one of the node's own pages.
    """
    access.require(office, officer, VERB, f"load {file.name[:200]}")
    data = _read(file)
    said, roots = data_file.discovery(data), list(data_file.roots(data))
    for root in roots:
        if root.name in RESERVED:
            raise ConflictError(
                f"A root cannot be called {root.name}: a page of this node is",
                do="Call it otherwise in the file.",
                code="name_taken",
            )
    with office.database.write() as connection:
        taxii.alone(connection)
        if said is not None:
            taxii.put_root(connection, DISCOVERY, said)
        n_objects = sum(_put(connection, root, office) for root in roots)
    counts = {
        "roots": len(roots),
        "collections": sum(len(root.collections) for root in roots),
        "objects": n_objects,
        "statuses": sum(len(root.statuses) for root in roots),
    }
    access.done(office, officer, VERB, f"load {file.name[:200]}", counts)
    return counts


def overview(office: Office, officer: Officer) -> list[tuple[str, dict[str, Any]]]:
    """Every collection with its root and `n_versions`, for who keeps the server; nothing of what is in it."""
    access.require(office, officer, VERB, "all collections")
    with office.database.read() as connection:
        return [
            (
                root,
                {"id": one.id, "title": one.title, "can_read": one.can_read, "can_write": one.can_write}
                | {"n_versions": taxii_objects.count(connection, one.number)},
            )
            for root in taxii.roots(connection)
            for one in taxii.collections(connection, root)
        ]


def _put(connection: Connection, root: Root, office: Office) -> int:
    """Keep a root with all that is in it; how many objects were new."""
    taxii.put_root(connection, root.name, root.information)
    n = 0
    for collection, versions in root.collections:
        number = taxii.put_collection(connection, root.name, collection)
        new = _new(versions, taxii_objects.known(connection, number, [one.id for one in versions]))
        taxii_objects.put(connection, number, new)
        n += len(new)
    for status in root.statuses:
        at = status.get("request_timestamp")
        when = office.now() if at is None else times.read(at)
        taxii.put_status(connection, root.name, status["id"], status, at=when)
    return n


def _new(versions: tuple[Version, ...], known: set[tuple[str, Any]]) -> list[Version]:
    """Those that are not kept, each once."""
    found = {(one.id, one.version_at): one for one in reversed(versions)}
    return [one for one in versions if (one.id, one.version_at) not in known and found[one.id, one.version_at] is one]


def _read(file: Path) -> Mapping[str, Any]:
    try:
        with file.open("rb") as stream:
            data = read_json(stream.read(LONGEST_FILE))
        if not isinstance(data, dict):
            raise ValueError("it is no object of JSON")
        orjson.dumps(data)
    except (OSError, ValueError, TypeError) as error:
        raise FileError(
            "This file cannot be read",
            where=f"{file}: {str(error).splitlines()[0][:200]}",
            do="Give a data file as the reference server of OASIS has it.",
            code="bad_taxii_file",
        ) from error
    return data
