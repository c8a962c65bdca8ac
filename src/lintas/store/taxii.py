"""What a TAXII server shows: roots, their collections, and what became of what was sent."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, text, update

from lintas.model.errors import NotFoundError
from lintas.model.taxii import DISCOVERY, Collection
from lintas.store.tables import taxii_collections, taxii_objects, taxii_roots, taxii_statuses


def put_root(connection: Connection, name: str, information: Mapping[str, Any]) -> None:
    """Keep a root, or what the server says of itself; anew when it is kept already."""
    connection.execute(delete(taxii_roots).where(taxii_roots.c.name == name))
    connection.execute(insert(taxii_roots).values(name=name, information=information))


def find_root(connection: Connection, name: str) -> dict[str, Any] | None:
    """What is said of a root; None when there is none of that name."""
    found = connection.execute(select(taxii_roots.c.information).where(taxii_roots.c.name == name)).scalar_one_or_none()
    return None if found is None else dict(found)


def root(connection: Connection, name: str) -> dict[str, Any]:
    """The same. Raises NotFoundError."""
    found = find_root(connection, name)
    if found is None:
        raise NotFoundError(f"No API root {name[:64]!r} is here", do="See /taxii2/.", code="unknown_root")
    return found


def roots(connection: Connection) -> list[str]:
    """The names of all roots."""
    query = select(taxii_roots.c.name).where(taxii_roots.c.name != DISCOVERY).order_by(taxii_roots.c.name)
    return list(connection.scalars(query))


def put_collection(connection: Connection, root: str, one: Collection) -> int:
    """Keep a collection, anew when it is kept already; its number, which stays."""
    said = {name: getattr(one, name) for name in ("title", "description", "alias", "can_read", "can_write")}
    values = said | {"media_types": list(one.media_types)}
    this = (taxii_collections.c.root == root) & (taxii_collections.c.id == one.id)
    number = connection.scalar(update(taxii_collections).where(this).values(**values).returning(_NUMBER))
    if number is None:
        added = insert(taxii_collections).values(root=root, id=one.id, **values).returning(_NUMBER)
        number = connection.execute(added).scalar_one()
    return int(number)


def collections(connection: Connection, root: str) -> list[Collection]:
    """The collections of a root, as they came."""
    query = select(taxii_collections).where(taxii_collections.c.root == root).order_by(_NUMBER)
    return [_collection(row) for row in connection.execute(query)]


def collection(connection: Connection, root: str, id: str) -> Collection:
    """One of them, by its id or alias. Raises NotFoundError."""
    held = collections(connection, root)
    found = next((one for name in ("id", "alias") for one in held if getattr(one, name) == id), None)
    if found is None:
        raise NotFoundError(
            f"No collection {id[:64]!r} is in {root[:64]!r}",
            do=f"See /{root[:64]}/collections/.",
            code="unknown_collection",
        )
    return found


def add_media_types(connection: Connection, held: Collection, media_types: Iterable[str]) -> None:
    """A collection has objects of these media types too."""
    new = sorted(set(media_types) - set(held.media_types))
    if new:
        changed = update(taxii_collections).where(taxii_collections.c.number == held.number)
        connection.execute(changed.values(media_types=[*held.media_types, *new]))


def put_status(connection: Connection, root: str, id: str, content: Mapping[str, Any], *, at: datetime) -> None:
    """Keep what became of what was sent, anew when it is kept already."""
    this = (taxii_statuses.c.root == root) & (taxii_statuses.c.id == id)
    connection.execute(delete(taxii_statuses).where(this))
    connection.execute(insert(taxii_statuses).values(root=root, id=id, at=at, content=content))


def status(connection: Connection, root: str, id: str) -> dict[str, Any]:
    """What became of what was sent. Raises NotFoundError."""
    this = (taxii_statuses.c.root == root) & (taxii_statuses.c.id == id)
    found = connection.execute(select(taxii_statuses.c.content).where(this)).scalar_one_or_none()
    if found is None:
        raise NotFoundError(f"No status {id[:64]!r} is here", do="Use the id that the answer gave.", code="no_status")
    return dict(found)


def alone(connection: Connection) -> None:
    """One process at a time adds objects, so that nobody who reads meanwhile is past a time that comes later.

    On SQLite every writer is alone.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {taxii_objects.name} IN SHARE ROW EXCLUSIVE MODE"))


_NUMBER = taxii_collections.c.number


def _collection(row: Row[Any]) -> Collection:
    return Collection(
        row.id,
        row.title,
        row.can_read,
        row.can_write,
        tuple(row.media_types),
        row.description,
        row.alias,
        row.number,
    )
