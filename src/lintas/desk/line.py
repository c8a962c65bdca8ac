"""TLS between nodes: each shows a certificate of its own card, and believes those of the cards it trusts alone."""

import logging
import ssl
from collections.abc import Callable, Iterable
from tempfile import NamedTemporaryFile
from typing import Any

from lintas.desk import node_card, peers
from lintas.desk.office import Office
from lintas.exchange import certificates
from lintas.exchange.keys import Card
from lintas.model.errors import ConflictError
from lintas.store import peers as kept_peers

_LOG = logging.getLogger(__name__)


class Door(ssl.SSLContext):
    """A server's side that asks for each connection anew whom this node trusts; by itself it lets nobody in."""

    now: Callable[[], ssl.SSLContext]

    def wrap_bio(self, *parts: Any, **more: Any) -> ssl.SSLObject:
        """What asyncio calls for a connection; it drops one that fails here and says nothing, so this does."""
        try:
            return self.now().wrap_bio(*parts, **more)
        except Exception:
            _LOG.exception("a connection of another node was dropped: whom to trust could not be read")
            raise


def door(office: Office) -> Door:
    """The server's side of the exchange's own port.

    Raises NotFoundError before `node_card.init`, ConflictError for keys from before there were certificates.
    """
    require_line(office, node_card.own(office))
    held: list[tuple[object, ssl.SSLContext]] = []

    def now() -> ssl.SSLContext:
        own, trusted = node_card.own(office), _trusted(office)
        state = own, trusted, office.now().replace(minute=0, second=0, microsecond=0)  # a key may end meanwhile
        if not held or held[0][0] != state:
            held[:] = [(state, _context(office, ssl.PROTOCOL_TLS_SERVER, own, trusted))]
        return held[0][1]

    made = Door(ssl.PROTOCOL_TLS_SERVER)
    made.verify_mode = ssl.CERT_REQUIRED
    made.now = now
    now()
    return made


def to_peer(office: Office, peer: Card) -> ssl.SSLContext:
    """The client's side to a node whose address is pinned."""
    return _context(office, ssl.PROTOCOL_TLS_CLIENT, node_card.own(office), [peer])


def holders(office: Office, certificate: bytes) -> frozenset[str]:
    """The trusted nodes that pin a certificate (DER): several, when one copies another's onto its card."""
    try:
        pin = certificates.pin(certificate)
    except ValueError:
        return frozenset()
    at = office.now()
    return frozenset(one.id for one in _trusted(office) if any(key.id == pin for key in one.line(at)))


def require_line(office: Office, own: Card) -> None:
    """Raises ConflictError for keys from before there were certificates."""
    if not own.line(office.now()):
        raise ConflictError(
            "This node has no certificate for other nodes yet",
            do="Renew its keys: lintas node rotate.",
            code="no_certificate_key",
        )


def _trusted(office: Office) -> list[Card]:
    with office.database.read() as connection:
        return [peers.card_of(one) for one in kept_peers.everybody(connection) if one.status == "trusted"]


def _context(office: Office, side: int, own: Card, believed: Iterable[Card]) -> ssl.SSLContext:
    """TLS 1.3, both sides show a certificate, and a connection is never resumed past a check."""
    at = office.now()
    context = ssl.SSLContext(side)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname, context.verify_mode = False, ssl.CERT_REQUIRED  # the key is compared, not its name
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.options |= ssl.OP_NO_TICKET
    if side == ssl.PROTOCOL_TLS_SERVER:
        context.num_tickets = 0
    for one in believed:
        for key in one.line(at):
            context.load_verify_locations(cadata=certificates.der(key.jwk))
    for key in own.line(at)[:1]:
        with NamedTemporaryFile(
            dir=office.node / "keys", suffix=".part"
        ) as file:  # of this account alone; OpenSSL reads files only
            file.write(certificates.pem(key.jwk))
            file.flush()
            context.load_cert_chain(file.name)
    return context
