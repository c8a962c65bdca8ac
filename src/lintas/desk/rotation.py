"""New keys or another address for this node, and word of them to every node that trusts it."""

from dataclasses import replace
from datetime import timedelta

from lintas.desk import access, line, node_card, post, reasons
from lintas.desk.office import Office
from lintas.exchange import keys
from lintas.exchange.keys import Card
from lintas.model.errors import ConflictError, InputError
from lintas.model.handling import Handling
from lintas.model.officer import OWN_AGENCY, Officer
from lintas.store import peers
from lintas.store.peers import Peer


def rotate(office: Office, officer: Officer, *, is_compromised: bool = False) -> Card:
    """Make new keys; the card. What is on its way under the old ones is taken in for `keys.OVERLAP`.

    Every trusted node is told, in a message that the oldest good key signs; broken off between the two, it is done by
    calling this again. Of keys that were compromised nothing is taken in any more and nobody is told by them: the
    agencies meet anew. Raises NotFoundError before `node_card.init`.
    """
    access.require(office, officer, "node.keys", "rotate", {"is_compromised": is_compromised})
    at = office.now()
    overlap = timedelta() if is_compromised else keys.OVERLAP
    after = node_card.renew(office, lambda before: keys.rotated(before, at, overlap=overlap))
    if not is_compromised:
        _tell(office, after, officer)
    access.done(office, officer, "node.keys", "rotate", {"fingerprint": after.fingerprint})
    return after.public()


def move(office: Office, officer: Officer, address: str, *, is_pinned: bool = False) -> Card:
    """Be reached elsewhere from now on; every trusted node is told. `is_pinned`: as in `node_card.init`.

    Raises NotFoundError before that, InputError for an address that is none, ConflictError without a certificate.
    """
    access.require(office, officer, "node.keys", f"move {address[:200]}", {"is_pinned": is_pinned})
    address = node_card.checked(address, is_pinned)
    if is_pinned:
        line.require_line(office, node_card.own(office))
    after = node_card.renew(office, lambda before: replace(before, address=address, is_pinned=is_pinned))
    _tell(office, after, officer)
    access.done(office, officer, "node.keys", f"move {address}", {"is_pinned": is_pinned})
    return after.public()


def resume(office: Office, officer: Officer, node: str, reason: str) -> Peer:
    """Trust a suspended node as before, whatever the directory says of it; it is told of this node's keys.

    Raises NotFoundError; ConflictError when it is not suspended; InputError without a reason.
    """
    access.require(office, officer, "peers.change", f"resume {node[:64]}")
    reason = reasons.cleaned(reason)
    if len(reason) < reasons.MIN_REASON:
        raise InputError("A node is taken back for a reason", do="Write why, in a few words.", code="no_reason")
    with office.database.write() as connection:
        if peers.get(connection, node).status != "suspended":
            raise ConflictError(f"{node[:64]} is not suspended", do="See: lintas peers list.", code="not_suspended")
        peers.resume(connection, node)
        held = peers.get(connection, node)
    if held.status == "trusted":
        _tell(office, node_card.own(office), officer, (node,))
    access.done(office, officer, "peers.change", f"resume {node}", {"reason": reason})
    return held


def _tell(office: Office, card: Card, officer: Officer, only: tuple[str, ...] = ()) -> None:
    elder = card.elder(office.now())
    body = {"card": keys.sign(card, elder)}
    with office.database.write() as connection:
        for peer in peers.everybody(connection):
            if peer.status == "trusted" and (not only or peer.id in only):
                notice = post.Draft("key_notice", body, Handling("green"), "intelligence", peer=peer.id)
                post.put(office, connection, notice, by=officer.id, agency=OWN_AGENCY, signer=elder)
