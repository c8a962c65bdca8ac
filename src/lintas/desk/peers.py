"""Nodes of other agencies: met by two officers, each of whom compares the fingerprint with the other agency."""

from lintas.desk import access, node_card, reasons
from lintas.desk.office import Office
from lintas.exchange import keys
from lintas.exchange.keys import HYBRID, Card
from lintas.exchange.refused import RefusedError
from lintas.model.errors import ConflictError, InputError
from lintas.model.officer import Officer
from lintas.store import heads, peers
from lintas.store.peers import Peer

SUITES = ("classical", "hybrid")


def everybody(office: Office, officer: Officer) -> list[Peer]:
    """Every node that was met, by id."""
    access.require(office, officer, "peers.read", "all peers")
    with office.database.read() as connection:
        return peers.everybody(connection)


def show(office: Office, officer: Officer, node: str) -> tuple[Peer, Card]:
    """One of them, with its keys. Raises NotFoundError."""
    access.require(office, officer, "peers.read", node[:64])
    with office.database.read() as connection:
        held = peers.get(connection, node)
    return held, card_of(held)


def add(office: Office, officer: Officer, signed: str) -> Card:
    """Meet a node by the card that its agency gave; it counts once a second officer has compared its words.

    Raises InputError for a card that is none or is this node's own, ConflictError for one that is trusted or suspended.
    """
    access.require(office, officer, "peers.change", "add", {"length": len(signed)})
    card = keys.open_card(signed.strip())
    if card.id == node_card.own(office).id:
        raise InputError("This is this node's own card", do="Give it to the other agency.", code="own_card")
    with office.database.write() as connection:
        held = peers.find(connection, card.id)
        if held is not None and held.status == "suspended":
            raise ConflictError(
                f"{card.id} is suspended",
                do="Revoke it first; then both agencies meet anew.",
                code="peer_is_suspended",
            )
        if held is not None and held.status == "trusted":
            raise ConflictError(
                f"{card.id} is trusted already",
                do="Revoke it first; then both agencies meet anew.",
                code="peer_is_trusted",
            )
        peers.put(connection, card.id, card.name, signed.strip(), by=officer.id, at=office.now())
        heads.begin_anew(connection, card.id)
    access.done(office, officer, "peers.change", f"add {card.id}", {"fingerprint": card.fingerprint})
    return card


def confirm(office: Office, officer: Officer, node: str, words: str) -> Peer:
    """A second officer writes the words that the other agency reads out: from now on the node is trusted.

    Raises NotFoundError; ConflictError when it does not wait for this, or waits for another officer than the first;
    InputError when the words are others.
    """
    access.require(office, officer, "peers.confirm", node[:64])
    with office.database.write() as connection:
        held = peers.get(connection, node)
        if held.status != "met" or held.added_by == officer.id:
            raise ConflictError(
                f"{node[:64]} does not wait for your words",
                do="A node that was met waits for a second officer, once.",
                code="not_yours_to_confirm",
            )
        if words.lower().split() != node_card.in_words(card_of(held)).split():
            raise InputError(
                "The words are not those of the card that was added",
                do="Compare them with the other agency again; if they differ, somebody changed the card on its way.",
                code="other_words",
            )
        peers.confirm(connection, node, by=officer.id, at=office.now())
        held = peers.get(connection, node)
    access.done(office, officer, "peers.confirm", node)
    return held


def revoke(office: Office, officer: Officer, node: str, reason: str) -> Peer:
    """Take nothing more from a node, from now on. Raises NotFoundError, InputError without a reason."""
    access.require(office, officer, "peers.change", f"revoke {node[:64]}")
    reason = reasons.cleaned(reason)
    if len(reason) < reasons.MIN_REASON:
        raise InputError("A node is revoked for a reason", do="Write why, in a few words.", code="no_reason")
    with office.database.write() as connection:
        peers.get(connection, node)
        peers.revoke(connection, node, by=officer.id, at=office.now(), reason=reason)
        held = peers.get(connection, node)
    access.done(office, officer, "peers.change", f"revoke {node}", {"reason": reason})
    return held


def choose_suite(office: Office, officer: Officer, node: str, suite: str) -> Peer:
    """How what goes to a node is encrypted. `suite`: classical, or hybrid where the other node can.

    What comes from a node in the classical suite is refused while both sides can do better, until officers of both
    chose it. Raises NotFoundError, InputError.
    """
    access.require(office, officer, "peers.change", f"suite {node[:64]} {suite[:16]}")
    if suite not in SUITES:
        raise InputError("There is no such suite", where=suite[:64], do="Use classical or hybrid.", code="bad_suite")
    with office.database.write() as connection:
        peers.get(connection, node)
        peers.choose_suite(connection, node, "classical" if suite == "classical" else None)
        held = peers.get(connection, node)
    access.done(office, officer, "peers.change", f"suite {node} {suite}")
    return held


def suite_of(peer: Peer) -> str:
    """How what goes to it is encrypted."""
    return "hybrid" if card_of(peer).has(HYBRID) and not is_classical(peer) else "classical"


def is_classical(peer: Peer | None) -> bool:
    """Whether an officer here chose the classical suite for it."""
    return peer is not None and peer.suite == "classical"


def card_of(peer: Peer) -> Card:
    """The keys of a node that is held. It was verified when it was taken in."""
    return keys.held(peer.card)


def trusted(peer: Peer | None) -> Card:
    """The keys of a node that may be believed. Raises RefusedError."""
    if peer is None or peer.status == "met":
        raise RefusedError("unknown_peer")
    if peer.status == "revoked":
        raise RefusedError("revoked_peer")
    if peer.status == "suspended":
        raise RefusedError("suspended_peer")
    return card_of(peer)
