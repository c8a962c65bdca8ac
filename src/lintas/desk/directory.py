"""The signed directory of nodes at this node: it proposes whom to meet, and says whose listing ended. It trusts nobody.

Who holds the directory is pinned once. A node that is listed is met; to be trusted takes two officers and the 12 words,
as always. New keys of a trusted node are taken from it if the node's known keys sign for them, too. A trusted node
that it lists no more, or with other keys, is suspended until an officer here decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root

from lintas.desk import access, directory_client, node_card, peers, seal
from lintas.desk import directory_folder as folders
from lintas.desk.office import Office
from lintas.exchange import keys
from lintas.exchange.keys import HYBRID, SIGN, Card
from lintas.model.errors import InputError, NotFoundError
from lintas.model.officer import Officer
from lintas.store import peers as kept_peers
from lintas.store import settings

SETTING = "directory"
VANISHED, OTHER_KEYS = "vanished", "other_keys"  # why a node is suspended: not listed, or with keys not signed for


@dataclass(frozen=True)
class Listed:
    """A node of the directory. `cards`: signed by its newest key, then by older ones."""

    cards: tuple[str, ...]
    card: Card


@dataclass(frozen=True)
class Seen:
    """What became of a node at reading.

    met: it waits for a second officer. same. renewed: newer keys of a trusted one. Nothing was done of it: differs (an
    officer added another card, which waits), older (than what is known), revoked, own, own_differs (somebody lists
    another card under this node's name). suspended: now or before.
    """

    node: str
    what: str


@dataclass(frozen=True)
class Directory:
    """What this node holds of it. `words`: of the root; `read_at`: None before the first reading."""

    words: str
    root_version: int
    source: str
    read_at: datetime | None
    expires_at: datetime | None
    nodes: tuple[str, ...]


def pin(office: Office, officer: Officer, root: bytes) -> str:
    """Believe the directory that this root holds, from now on; its 12 words, to be compared with who holds it.

    What was read before is forgotten, and with it the memory of what is older. Raises InputError for what is no root
    or is not signed by the keys that it names.
    """
    access.require(office, officer, "node.keys", "directory pin", {"length": len(root)})
    words = _words(_root(root))
    value: dict[str, Any] = {
        "held": {"root": root.decode()},
        "pinned": words,
        "source": "",
        "read_at": None,
        "nodes": [],
    }
    with office.database.write() as connection:
        settings.put(connection, SETTING, value, by=officer.id, at=office.now())
    access.done(office, officer, "node.keys", "directory pin", {"root": sha256(root).hexdigest()})
    return words


def read(office: Office, officer: Officer, source: str) -> list[Seen]:
    """Take in what the directory says now. `source`: its folder, or an https address. All of it or nothing.

    Raises NotFoundError before `pin`, InputError as `directory_client.read`, and for a card that is none.
    """
    access.require(office, officer, "peers.change", f"directory {source[:200]}")
    before = _held(office)
    found = directory_client.read(source.rstrip("/"), before["held"], office.scratch)
    listed = dict(_listed(path, data) for path, data in found.cards.items())
    at = office.now()
    with office.database.write() as connection:
        seen = _applied(office, connection, officer, listed, at)
        after = before | {"held": found.held, "source": source, "read_at": at.isoformat(), "nodes": sorted(listed)}
        settings.put(connection, SETTING, after, by=officer.id, at=at)
    access.done(office, officer, "peers.change", "directory read", {one.node: one.what for one in seen})
    return seen


def show(office: Office, officer: Officer) -> Directory:
    """What is held of it. Raises NotFoundError before `pin`."""
    access.require(office, officer, "peers.read", "directory")
    told = _held(office)
    root = Metadata[Root].from_bytes(told["held"]["root"].encode()).signed
    ends = [Metadata[Any].from_bytes(text.encode()).signed.expires for text in told["held"].values()]
    read_at = datetime.fromisoformat(told["read_at"]) if told["read_at"] else None
    return Directory(
        told["pinned"], root.version, told["source"], read_at, min(ends) if read_at else None, tuple(told["nodes"])
    )


def _held(office: Office) -> dict[str, Any]:
    with office.database.read() as connection:
        found: dict[str, Any] | None = settings.get(connection, SETTING, None)
    if found is None:
        raise NotFoundError(
            "This node believes no directory yet",
            do="Pin the root that those who hold it hand out: lintas directory pin 1.root.json.",
            code="no_directory",
        )
    return found


def _root(data: bytes) -> Metadata[Root]:
    try:
        whole = Metadata[Root].from_bytes(data)
        whole.signed.verify_delegate(Root.type, whole.signed_bytes, whole.signatures)
    except (RepositoryError, ValueError, AttributeError) as error:
        raise InputError(
            "This is no root of a directory, or its holders did not sign it",
            where=str(error)[:200],
            do="Name the file N.root.json in the folder metadata of the directory.",
            code="bad_directory",
        ) from error
    return whole


def _words(root: Metadata[Root]) -> str:
    """Of what is signed: who signed it is no part of it."""
    return seal.in_words(sha256(root.signed_bytes).digest()[: keys.FINGERPRINT].hex())


def _listed(path: str, data: bytes) -> tuple[str, Listed]:
    """A node by what its file says. Raises InputError when the file is none, or another node's."""
    held = tuple(folders.lines(data))
    card = keys.open_card(held[0])
    if folders.place(card.id) != path:
        raise InputError(
            "A card of the directory is of another node",
            where=f"{path}: {card.id}"[:300],
            do="Read no more from this directory, and tell those who hold it.",
            code="directory_foreign_node",
        )
    return card.id, Listed(held, card)


def _applied(
    office: Office, connection: Connection, officer: Officer, listed: Mapping[str, Listed], at: datetime
) -> list[Seen]:
    own = node_card.own(office).public()
    seen = list[Seen]()
    for node, one in sorted(listed.items()):
        if node == own.id:
            seen.append(Seen(node, "own" if one.card == own else "own_differs"))
            continue
        seen.append(Seen(node, _met(connection, officer, one, at)))
        kept_peers.list_(connection, node, at=at)
    for peer in kept_peers.everybody(connection):
        if peer.listed_at and peer.id not in listed and peer.status in ("met", "trusted"):
            kept_peers.suspend(connection, peer.id, at=at, reason=VANISHED)
            seen.append(Seen(peer.id, "suspended"))
    return seen


def _met(connection: Connection, officer: Officer, one: Listed, at: datetime) -> str:
    """What a listing does to a peer."""
    held = kept_peers.find(connection, one.card.id)
    if held is not None and held.status in ("revoked", "suspended"):
        return held.status
    known = None if held is None else peers.card_of(held)
    if known == one.card:
        return "same"
    if held is not None and held.status == "met" and not held.listed_at:
        return "differs"
    if known is None or held is None or held.status == "met":
        kept_peers.put(connection, one.card.id, one.card.name, one.cards[0], by=officer.id, at=at)
        return "met"
    if one.card.newest(SIGN).begins_at < known.newest(SIGN).begins_at:
        return "older"
    signed = _signed_for(known, one, at)
    if signed is None or (known.has(HYBRID) and not one.card.has(HYBRID)):
        kept_peers.suspend(connection, one.card.id, at=at, reason=OTHER_KEYS)
        return "suspended"
    kept_peers.renew(connection, one.card.id, signed)
    return "renewed"


def _signed_for(known: Card, one: Listed, at: datetime) -> str | None:
    """The card as a key signed it that is known; None when none did."""
    for signed in one.cards:
        try:
            if keys.open_card(signed, lambda key_id: known.of(key_id, SIGN, at)) == one.card:
                return signed
        except InputError:
            continue
    return None
