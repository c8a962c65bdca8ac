"""Objects that this node makes, into a collection: what changed becomes a new version, what did not stays."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from lintas.desk import taxii_opening
from lintas.desk.office import Office
from lintas.exchange.taxii import objects
from lintas.model.batch import batched
from lintas.model.errors import ConflictError
from lintas.model.taxii import ALL, Place, Version, Wanted
from lintas.store import taxii, taxii_objects

AT_ONCE = 500  # versions in one question
_TICK = timedelta(microseconds=1)

Object = Mapping[str, Any]
Kept = Mapping[str, Sequence[Version]]


def keep(office: Office, root: str, id: str, made: Sequence[Object], source: Object) -> int:
    """Keep objects in one transaction; how many were new. `source`: the report that they are of.

    Raises ConflictError when a newer report is kept, or another content under the same time; what has no time of its
    own, and what changed under its own, has that of its report.
    """
    with office.database.write() as connection:
        taxii.alone(connection)
        held = taxii_opening.opened(connection, root, id, ("can_write",))
        kept = _kept(connection, held.number, [one["id"] for one in made])
        newest = taxii_objects.newest(connection, held.number)
        at = office.now() if newest is None else max(office.now(), newest + _TICK)
        if any(one.version_at > objects.version_of(source, at).version_at for one in kept.get(source["id"], ())):
            raise _conflict("A newer state of it is in this collection", source)
        new = list[Version]()
        for one in made:
            changed = _changed(one, kept.get(one["id"], ()), at + len(new) * _TICK, source)
            new.extend([changed] if changed else [])
        taxii_objects.put(connection, held.number, new)
        taxii.add_media_types(connection, held, {one.media_type for one in new})
    return len(new)


def newest(office: Office, root: str, id: str, most: int) -> list[Object]:
    """The newest version of each object of a collection that is read, at most so many and one."""
    found, after = list[Object](), None
    with office.database.read() as connection:
        held = taxii_opening.opened(connection, root, id, ("can_read",))
        while len(found) <= most:
            page, after = taxii_objects.page(connection, held.number, Wanted(), after, AT_ONCE)
            found += [one.content for one in page]
            if after is None:
                break
    return found


def _changed(one: Object, kept: Sequence[Version], at: datetime, source: Object) -> Version | None:
    version = objects.version_of(one, at)
    if not objects.is_versioned(one):
        return None if kept and kept[-1].content == one else version
    same = [old.content for old in kept if old.version_at == version.version_at]
    if not same:
        return version
    if one in same:
        return None
    later = objects.version_of({**one, "modified": source.get("modified")}, at) if "modified" in one else version
    if any(old.version_at == later.version_at and old.content != later.content for old in kept):
        raise _conflict("It changed, and its time did not", one)
    return None if any(old.version_at == later.version_at for old in kept) else later


def _kept(connection: Connection, number: int, ids: Sequence[str]) -> Kept:
    found = defaultdict[str, list[Version]](list)
    for some in batched(sorted(set(ids)), AT_ONCE):
        wanted, after = Wanted(ids=tuple(some), words=frozenset({ALL})), None
        while True:
            page, after = _page(connection, number, wanted, after)
            for one in page:
                found[one.id].append(one)
            if after is None:
                break
    return found


def _page(
    connection: Connection, number: int, wanted: Wanted, after: Place | None
) -> tuple[list[Version], Place | None]:
    return taxii_objects.page(connection, number, wanted, after, AT_ONCE)


def _conflict(what: str, one: Object) -> ConflictError:
    return ConflictError(
        what,
        where=str(one["id"])[:80],
        do="Publish the event anew in MISP, or use another collection.",
        code="no_new_time",
    )
