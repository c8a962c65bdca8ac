"""What systems add and remove here over TAXII 2.1. Every object that is sent is in the status, taken or not."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from lintas.desk import access, taxii_opening
from lintas.desk.office import Office
from lintas.exchange.taxii import asked, objects, resources, times
from lintas.exchange.taxii.resources import Told
from lintas.model.errors import InputError, NotFoundError, TooLargeError
from lintas.model.json_text import read_json
from lintas.model.officer import Officer
from lintas.model.taxii import Collection, Version
from lintas.model.text import storable
from lintas.store import taxii, taxii_objects

VERB = "taxii.write"
MOST_OBJECTS = 10_000  # of one envelope; ours: a status says something of each, and would be larger than what was sent
_TICK = timedelta(microseconds=1)


def add(office: Office, officer: Officer, name: str, id: str, body: bytes) -> dict[str, Any]:
    """Add the objects of an envelope to a collection; the status, which stays.

    Each object has a time of its own, later than that of all before it: who asks for what was added after the last
    object they have misses none. Raises NotFoundError, DeniedError, TooLargeError, InputError for a body that is none.
    """
    about = f"{name[:64]} {id[:64]}"
    access.require(office, officer, VERB, f"{about} add", {"size_bytes": len(body)})
    with office.database.read() as connection:
        taxii_opening.opened(connection, name, id, ("can_write",))
        most = taxii_opening.most_bytes(taxii.root(connection, name))
    if len(body) > most:
        raise TooLargeError("More is sent than this root takes at once", do=f"Send at most {most} bytes.")
    values = _values(body)
    with office.database.write() as connection:
        taxii.alone(connection)
        held = taxii_opening.opened(connection, name, id, ("can_write",))
        asked_at = office.now()
        told = _add(connection, held, values, asked_at)
        status = resources.status(_new_id(office), asked_at, told)
        taxii.put_status(connection, name, status["id"], status, at=asked_at)
    counts = {key: value for key, value in status.items() if key.endswith("_count")}
    access.done(office, officer, VERB, f"{about} add", counts | {"status": status["id"]})
    return status


def remove(office: Office, officer: Officer, name: str, id: str, object_id: str, query: Mapping[str, str]) -> int:
    """Remove the wanted versions of an object, the last one when nothing is said; how many there were.

    Raises NotFoundError, DeniedError unless the collection is read and written, InputError for a filter that is none.
    """
    about = f"{name[:64]} {id[:64]} remove {object_id[:300]}"
    access.require(office, officer, VERB, about, dict(query))
    wanted = replace(asked.wanted(query, asked.OF_OBJECT), ids=(object_id,))
    with office.database.write() as connection:
        taxii.alone(connection)
        held = taxii_opening.opened(connection, name, id)
        if not (held.can_read or held.can_write):
            raise NotFoundError("No such object is here", do="See the collections.", code="unknown_object")
        taxii_opening.opened(connection, name, id, ("can_read", "can_write"))
        taxii_opening.require_object(connection, held, object_id)
        n = taxii_objects.remove(connection, held.number, wanted)
        if n == 0:
            raise NotFoundError("No such version is here", do="See the object's versions.", code="unknown_object")
    access.done(office, officer, VERB, about, {"removed": n})
    return n


def _values(body: bytes) -> list[Any]:
    """The objects of an envelope, whatever they are."""
    try:
        envelope = read_json(body)
    except ValueError as error:
        raise InputError(
            "This is no JSON that can be read here",
            where=str(error).splitlines()[0][:200],
            do="Send JSON in UTF-8, every key once.",
            code="bad_json",
        ) from error
    values = envelope.get("objects") if isinstance(envelope, dict) else None
    if not isinstance(values, list) or not values:
        raise InputError("This is no envelope", do="Send one object or more in its list `objects`.", code="no_envelope")
    if len(values) > MOST_OBJECTS:
        raise TooLargeError("The envelope has too many objects", do=f"Send at most {MOST_OBJECTS} objects at once.")
    return values


def _new_id(office: Office) -> str:
    """A random UUID (RFC 9562, 5.4), as identifiers of TAXII are."""
    return str(uuid.UUID(bytes=sha256(office.secret().encode()).digest()[:16], version=4))


def _add(connection: Connection, held: Collection, values: list[Any], asked_at: datetime) -> list[Told]:
    newest = taxii_objects.newest(connection, held.number)
    at = asked_at if newest is None else max(asked_at, newest + _TICK)
    ids = [storable(objects.named(value, place)) for place, value in enumerate(values)]
    seen = _Seen(taxii_objects.known(connection, held.number, ids))
    told, new = list[Told](), list[Version]()
    for place, value in enumerate(values):
        one, said = _read(value, place, at + len(new) * _TICK, seen)
        told.append(said)
        if one is not None:
            new.append(one)
            seen.add(one)
    taxii_objects.put(connection, held.number, new)
    taxii.add_media_types(connection, held, {one.media_type for one in new})
    return told


class _Seen:
    """The versions that are kept or were sent before, and the objects that they are of."""

    def __init__(self, versions: set[tuple[str, datetime]]) -> None:
        self.versions = versions
        self.ids = {id for id, _ in versions}

    def add(self, one: Version) -> None:
        self.versions.add((one.id, one.version_at))
        self.ids.add(one.id)

    def has(self, one: Version) -> bool:
        """Whether it is there. What has no versions never changes."""
        return (one.id, one.version_at) in self.versions if objects.is_versioned(one.content) else one.id in self.ids


def _read(value: Any, place: int, at: datetime, seen: _Seen) -> tuple[Version | None, Told]:
    """What is to be kept of a value, if anything, and what is told of it."""
    try:
        one = objects.version_of(value, at)
    except InputError as error:
        why = f"{error.what} ({error.where}). {error.do}"
        return None, Told(objects.named(value, place), times.written(at), failed=why)
    if seen.has(one):
        return None, Told(one.id, one.version, note="It was here already")
    return one, Told(one.id, one.version)
