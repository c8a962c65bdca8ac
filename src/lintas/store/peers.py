"""Nodes of other agencies, as two officers here met them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from lintas.model.errors import NotFoundError
from lintas.store.tables import peers


@dataclass(frozen=True)
class Peer:
    """A node of another agency. `card`: its keys, as it signed them."""

    id: str
    name: str
    card: str
    added_by: str
    added_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    revoked_by: str | None
    revoked_at: datetime | None
    reason: str | None
    agreement: str | None
    suite: str | None  # "classical" when an officer here chose that; else hybrid, where the other node can
    listed_at: datetime | None  # when the directory of nodes was last seen to list it
    suspended_at: datetime | None
    suspended_for: str | None  # vanished or other_keys: what the directory says of it
    heads_told_on: str | None = None

    @property
    def status(self) -> str:
        """met: one officer here compared its fingerprint; trusted: two did; suspended: an officer decides; revoked."""
        if self.revoked_at is not None:
            return "revoked"
        if self.suspended_at is not None:
            return "suspended"
        return "met" if self.confirmed_at is None else "trusted"


def put(connection: Connection, node: str, name: str, card: str, *, by: str, at: datetime) -> None:
    """A node that is met, anew when it was before: then it is trusted again only after a second officer."""
    connection.execute(delete(peers).where(peers.c.id == node))
    connection.execute(insert(peers).values(id=node, name=name, card=card, added_by=by, added_at=at))


def confirm(connection: Connection, node: str, *, by: str, at: datetime) -> None:
    """A second officer compared its fingerprint too."""
    connection.execute(update(peers).where(peers.c.id == node).values(confirmed_by=by, confirmed_at=at))


def revoke(connection: Connection, node: str, *, by: str, at: datetime, reason: str) -> None:
    """Nothing of it is taken in from now on."""
    values = {"revoked_by": by, "revoked_at": at, "reason": reason}
    connection.execute(update(peers).where(peers.c.id == node).values(**values))


def choose_suite(connection: Connection, node: str, suite: str | None) -> None:
    """How what goes to it is encrypted."""
    connection.execute(update(peers).where(peers.c.id == node).values(suite=suite))


def list_(connection: Connection, node: str, *, at: datetime) -> None:
    """The directory lists it."""
    connection.execute(update(peers).where(peers.c.id == node).values(listed_at=at))


def suspend(connection: Connection, node: str, *, at: datetime, reason: str) -> None:
    """Nothing of it is taken in until an officer decides."""
    values = {"suspended_at": at, "suspended_for": reason}
    connection.execute(update(peers).where(peers.c.id == node).values(**values))


def resume(connection: Connection, node: str) -> None:
    """As it was before; that the directory listed it is forgotten, or the next reading would suspend it again."""
    values = {"listed_at": None, "suspended_at": None, "suspended_for": None}
    connection.execute(update(peers).where(peers.c.id == node).values(**values))


def renew(connection: Connection, node: str, card: str) -> None:
    """Its new keys, which it announced with those that were known."""
    connection.execute(update(peers).where(peers.c.id == node).values(card=card))


def assign(connection: Connection, node: str, agreement: str) -> None:
    """Reckon deadlines with a node by an agreement."""
    connection.execute(update(peers).where(peers.c.id == node).values(agreement=agreement))


def tell_heads(connection: Connection, node: str, day: str) -> bool:
    """Whether it was not told the heads of others on a day yet; from now on it was."""
    this = (peers.c.id == node) & (func.coalesce(peers.c.heads_told_on, "") != day)
    return connection.execute(update(peers).where(this).values(heads_told_on=day)).rowcount > 0


def everybody(connection: Connection) -> list[Peer]:
    """All of them, by id."""
    return [Peer(**row._mapping) for row in connection.execute(select(peers).order_by(peers.c.id))]


def find(connection: Connection, node: str) -> Peer | None:
    """One of them; None when it was never met."""
    row = connection.execute(select(peers).where(peers.c.id == node)).one_or_none()
    return None if row is None else Peer(**row._mapping)


def get(connection: Connection, node: str) -> Peer:
    """One of them. Raises NotFoundError."""
    found = find(connection, node)
    if found is None:
        raise NotFoundError(f"No node {node[:64]!r} was met", do="See the list of peers.", code="unknown_peer")
    return found
