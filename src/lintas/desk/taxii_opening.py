"""Collections as they are opened: whether they are there, open for what is to be done, and how much they take."""

from collections.abc import Collection as Many
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from lintas.model.errors import DeniedError, NotFoundError
from lintas.model.taxii import Collection
from lintas.store import taxii, taxii_objects

MAX_BYTES = 8 * 1024**2  # of what is sent at once, whatever a root says: as any body that the API takes


def opened(connection: Connection, name: str, id: str, needs: Many[str] = ()) -> Collection:
    """A collection. `needs`: can_read, can_write. Raises NotFoundError, DeniedError when it is closed for that."""
    taxii.root(connection, name)
    found = taxii.collection(connection, name, id)
    for need in needs:
        if not getattr(found, need):
            raise DeniedError(
                "This collection is not read here" if need == "can_read" else "This collection is not written to here",
                where=found.id,
                do="See what it says of itself.",
                code="closed",
            )
    return found


def most_bytes(information: Mapping[str, Any]) -> int:
    """How much may be sent to a root at once."""
    said = information.get("max_content_length")
    return min(said, MAX_BYTES) if isinstance(said, int) and said > 0 else MAX_BYTES


def require_object(connection: Connection, held: Collection, object_id: str) -> None:
    """Raises NotFoundError when no version of an object is in a collection."""
    if not taxii_objects.known(connection, held.number, [object_id]):
        raise NotFoundError(
            f"No object {object_id[:64]!r} is in this collection", do="See its manifest.", code="unknown_object"
        )
