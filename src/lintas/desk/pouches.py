"""Pouches: what an agency that opens no port fetches, and what a closed network carries by hand."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from lintas.desk import access, inward, node_card, outward, peers, witness
from lintas.desk.office import Office
from lintas.exchange import pouch
from lintas.exchange.keys import Card
from lintas.exchange.pouch import Pouch
from lintas.exchange.refused import RefusedError
from lintas.model.errors import InputError, LintasError
from lintas.model.officer import Officer
from lintas.store import messages
from lintas.store import peers as kept_peers

VERB = "exchange.carry"
PATH = "/exchange/pouches"
MAX_BYTES = pouch.MAX_BYTES
MOST_ROUNDS = 50  # pouches that are fetched from one node in one go
Wire = Callable[[Card, bytes], bytes]  # hands a pouch to a node; its pouch. Raises httpx.HTTPError, OSError
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Taken:
    """What a pouch came to. `answer`: the pouch to carry back. `codes`: of each parcel, in their order."""

    issuer: str
    answer: bytes
    codes: tuple[str, ...]
    n_receipts: int


def make(office: Office, officer: Officer, peer: str) -> bytes:
    """What waits for a peer, to be carried to it by hand; it goes on waiting until its receipt is carried back.

    Raises RefusedError for a node that is not trusted.
    """
    access.require(office, officer, VERB, f"make for {peer[:64]}")
    data = _made(office, _trusted(office, peer), ())
    access.done(office, officer, VERB, f"make for {peer}", {"bytes": len(data)})
    return data


def take(office: Office, officer: Officer, data: bytes) -> Taken:
    """Take in what was carried from a peer. Raises RefusedError for a pouch as a whole; each parcel has a code."""
    access.require(office, officer, VERB, "take", {"bytes": len(data)})
    taken = _taken(office, data)
    counts = {"codes": list(taken.codes[:100]), "n_receipts": taken.n_receipts}
    access.done(office, officer, VERB, f"take of {taken.issuer}", counts)
    return taken


def handed_in(office: Office, data: bytes, carrier: inward.Carrier = None) -> bytes:
    """The same for a node that fetches: its pouch is taken in, and it gets what waits for it.

    Raises RefusedError, logged.
    """
    try:
        if carrier is not None and pouch.issuer_of(data) not in carrier:
            raise RefusedError("other_carrier", f"carried by {inward.named(carrier)}")
        return _taken(office, data).answer
    except RefusedError as error:
        access.refused(
            office, Officer(inward.named(carrier), via="exchange"), VERB, f"{error.code}: {error.detail}"[:500]
        )
        raise


def fetch(office: Office, wire: Wire | None = None) -> int:
    """Fetch from every trusted node what waits there, when this node opens no port itself; how many messages came."""
    wire = wire or (lambda to, body: outward.posted(office, to, PATH, body, pouch.MAX_BYTES))
    try:
        own = node_card.own(office)
    except LintasError:
        return 0  # it has no name yet
    if own.address:
        return 0
    with office.database.read() as connection:
        cards = [peers.card_of(one) for one in kept_peers.everybody(connection) if one.status == "trusted"]
    return sum(_fetched(office, to, wire) for to in cards if to.address)


def _fetched(office: Office, to: Card, wire: Wire) -> int:
    n, receipts = 0, tuple[str, ...]()
    try:
        for _ in range(MOST_ROUNDS):
            came = _opened(office, wire(to, _made(office, to, receipts)))
            if came.issuer != to.id:
                raise RefusedError("bad_signature", f"a pouch of {came.issuer}")
            _, receipts, _ = _applied(office, to, came)
            n += len(came.parcels)
            if not came.parcels:
                break
    except (httpx.HTTPError, OSError, InputError) as error:
        _LOG.warning("nothing could be fetched from %s: %s", to.id, type(error).__name__)
    return n


def _taken(office: Office, data: bytes) -> Taken:
    came = _opened(office, data)
    sender = _trusted(office, came.issuer)
    codes, receipts, n_settled = _applied(office, sender, came)
    return Taken(came.issuer, _made(office, sender, receipts), codes, n_settled)


def _opened(office: Office, data: bytes) -> Pouch:
    own = node_card.own(office)
    return pouch.unpack(data, own, _trusted(office, pouch.issuer_of(data)[:64]), office.now())


def _applied(office: Office, sender: Card, came: Pouch) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """Let a pouch take effect: codes of its parcels, receipts for them, and how many receipts were believed."""
    n_settled = sum(outward.believe(office, sender, one) for one in came.receipts)
    log_size = witness.size(office)  # one head for all receipts: each is proved from what the other node knew before
    told = [inward.receive(office, one, frozenset({sender.id}), log_size) for one in came.parcels]
    return tuple(one.code for one in told), tuple(one.receipt for one in told if one.receipt), n_settled


def _made(office: Office, to: Card, receipts: tuple[str, ...]) -> bytes:
    own = node_card.own(office)
    with office.database.read() as connection:
        is_split = witness.is_split(connection, to.id)
        waiting = [] if is_split else messages.waiting(connection, to.id, pouch.MOST_RECEIPTS)
    parcels = pouch.filled(outward.packed(office, one) for one in waiting)
    elder = own.elder(office.now())  # word of a newer key may be in this very pouch
    return pouch.pack(Pouch(own.id, to.id, office.now(), parcels, receipts), elder)


def _trusted(office: Office, peer: str) -> Card:
    with office.database.read() as connection:
        return peers.trusted(kept_peers.find(connection, peer))
