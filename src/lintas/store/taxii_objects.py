"""The objects of collections: one row for each version, found by the filters of TAXII 2.1, page by page."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, func, insert, or_, select

from lintas.model.batch import batched
from lintas.model.taxii import ALL, FIRST, LAST, Place, Version, Wanted
from lintas.store.tables import taxii_objects

PAGE_BYTES = 16 * 1024**2  # of objects in one page, but for one that is larger alone; ours
MANY = 200  # rows after which PostgreSQL is told anew what the table holds; ours
AT_ONCE = 500  # ids in one question: a database takes so many values and no more
_FIELDS = ("id", "type", "spec_version", "version", "version_at", "added_at", "media_type")


def put(connection: Connection, collection: int, versions: Iterable[Version]) -> None:
    """Keep versions, in their order."""
    rows = [
        {name: getattr(one, name) for name in _FIELDS}
        | {"collection": collection, "content": one.content, "size_bytes": len(orjson.dumps(one.content))}
        for one in versions
    ]
    if rows:
        connection.execute(insert(taxii_objects), rows)
    if len(rows) >= MANY and connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ANALYZE taxii_objects")  # without it a page of a new collection takes a second


def known(connection: Connection, collection: int, ids: Iterable[str]) -> set[tuple[str, datetime]]:
    """Which versions of these objects are kept."""
    found = set[tuple[str, datetime]]()
    for some in batched(sorted(set(ids)), AT_ONCE):
        this = (taxii_objects.c.collection == collection) & taxii_objects.c.id.in_(some)
        query = select(taxii_objects.c.id, taxii_objects.c.version_at).where(this)
        found |= {(row.id, row.version_at) for row in connection.execute(query)}
    return found


def newest(connection: Connection, collection: int) -> datetime | None:
    """When the newest of a collection was added; None for an empty one."""
    query = select(func.max(taxii_objects.c.added_at)).where(taxii_objects.c.collection == collection)
    found: datetime | None = connection.scalar(query)
    return found


def count(connection: Connection, collection: int) -> int:
    """How many versions a collection holds."""
    return connection.scalar(select(func.count()).where(taxii_objects.c.collection == collection)) or 0


def page(
    connection: Connection,
    collection: int,
    wanted: Wanted,
    after: Place | None,
    limit: int,
    *,
    is_whole: bool = True,
) -> tuple[list[Version], Place | None]:
    """At most `limit` versions, those added first first; and where the page ended, None when nothing follows.

    `is_whole`: with their content; a page of contents ends early when it has PAGE_BYTES.
    """
    held = taxii_objects
    condition = _matching(held, collection, wanted)
    if after is not None:
        behind = and_(held.c.added_at == after.added_at, held.c.number > after.number)
        # The first part says no more than the second; by it alone a database finds its way in the index.
        condition = and_(condition, held.c.added_at >= after.added_at, or_(held.c.added_at > after.added_at, behind))
    query = select(held.c.number, held.c.added_at, held.c.size_bytes).where(condition)
    found = connection.execute(query.order_by(held.c.added_at, held.c.number).limit(limit + 1)).all()
    n = min(limit, _fitting([row.size_bytes for row in found]) if is_whole else limit)
    taken = found[:n]
    end = Place(taken[-1].added_at, taken[-1].number) if len(found) > n else None
    return _read(connection, [row.number for row in taken], is_whole=is_whole), end


def remove(connection: Connection, collection: int, wanted: Wanted) -> int:
    """Forget the versions that are wanted; how many there were."""
    numbers = select(taxii_objects.c.number).where(_matching(taxii_objects, collection, wanted))
    gone = list(connection.scalars(numbers))
    for some in batched(gone, AT_ONCE):
        connection.execute(delete(taxii_objects).where(taxii_objects.c.number.in_(some)))
    return len(gone)


def _read(connection: Connection, numbers: Sequence[int], *, is_whole: bool) -> list[Version]:
    columns = [taxii_objects.c[name] for name in (*_FIELDS, "number", *(["content"] if is_whole else []))]
    found = dict[int, Version]()
    for some in batched(numbers, AT_ONCE):
        for row in connection.execute(select(*columns).where(taxii_objects.c.number.in_(some))):
            values = {name: getattr(row, name) for name in _FIELDS}
            found[row.number] = Version(content=row.content if is_whole else {}, **values)
    return [found[number] for number in numbers]


def _fitting(sizes: Sequence[int]) -> int:
    """How many fit into a page; one always does."""
    total, n = 0, 0
    for size in sizes:
        total += size
        if n and total > PAGE_BYTES:
            break
        n += 1
    return n


def _matching(held: Table, collection: int, wanted: Wanted) -> ColumnElement[bool]:
    """Of those that match everything else, the wanted versions of each object."""
    parts = [_candidate(held, collection, wanted)]
    if ALL not in wanted.words:
        other = taxii_objects.alias("other")
        same = and_(_candidate(other, collection, wanted), other.c.id == held.c.id)
        either: list[ColumnElement[bool]] = [held.c.version_at.in_(wanted.versions)] if wanted.versions else []
        if FIRST in wanted.words:
            either.append(~exists().where(same, other.c.version_at < held.c.version_at))
        if LAST in wanted.words:
            either.append(~exists().where(same, other.c.version_at > held.c.version_at))
        parts.append(or_(*either))
    return and_(*parts)


def _candidate(held: Any, collection: int, wanted: Wanted) -> ColumnElement[bool]:
    """Matches every filter but that of versions. One that nothing is said of matches."""
    parts: list[ColumnElement[bool]] = [held.c.collection == collection]
    if wanted.ids:
        parts.append(held.c.id.in_(wanted.ids))
    if wanted.types:
        parts.append(held.c.type.in_(wanted.types))
    if wanted.added_after is not None:
        parts.append(held.c.added_at > wanted.added_after)
    if wanted.spec_versions:
        parts.append(held.c.spec_version.in_(wanted.spec_versions))
    else:
        newer = taxii_objects.alias()
        same = and_(newer.c.collection == collection, newer.c.id == held.c.id)
        parts.append(~exists().where(same, newer.c.spec_version > held.c.spec_version))
    return and_(*parts)
