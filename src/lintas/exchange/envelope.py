"""An envelope: content that its originator signed, encrypted to one node, under a signed routing header.

The inner signature carries authority and goes to court with the content. The outer one lets a node refuse what is not
for it before it decrypts. Both are Ed25519 (RFC 8037 with the name of RFC 9864); what is sealed is in one of the two
suites of `sealing`. No other algorithm is accepted, and `crit` makes a reader that does not know our version refuse.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.registry import HeaderParameter

from lintas.exchange import contents, parcel, sealing, wire
from lintas.exchange.heads import MOST_KNOWN
from lintas.exchange.keys import SIGN, Card, Key
from lintas.exchange.refused import RefusedError
from lintas.exchange.sealing import VERSION
from lintas.model.message import Envelope, Message

SKEW = timedelta(minutes=10)  # between the clocks of two nodes
ROUTING, CONTENT = "lintas-routing", "lintas-content"
_OURS = {"lv": HeaderParameter("Version of the envelope", "int", True)}
_SIGNS = jws.JWSRegistry(header_registry=_OURS, algorithms=[SIGN])


@dataclass(frozen=True)
class Routing:
    """What the routing header says. `sha256`: of what is sealed.

    `knows`: the sizes of the recipient's log for which its sender wants proof that the log as it is begins with them.
    """

    id: str
    issuer: str
    recipient: str
    sha256: str
    knows: tuple[int, ...]


@dataclass(frozen=True)
class Opened:
    """A message with what proves it: `signed` is the originator's JWS over the content, `sha256` its digest.

    `attachments`: what came beside it, opened and found to be what the message says.
    """

    message: Message
    signed: str
    attachments: tuple[bytes, ...] = ()
    knows: tuple[int, ...] = ()  # as `Routing` has it

    @property
    def sha256(self) -> str:
        """Of the signed content; the same however often it is encrypted anew."""
        return digest(self.signed)


def digest(signed: str) -> str:
    """SHA-256 of a signed content, hexadecimal."""
    return sha256(signed.encode()).hexdigest()


def sign(message: Message, own: Card) -> str:
    """The content as its originator signs it, once and for all."""
    return _signed(contents.said(message), own.newest(SIGN), CONTENT)


def seal(
    signed: str,
    message: Message,
    own: Card,
    to: Card,
    attachments: tuple[bytes, ...] = (),
    *,
    is_classical: bool = False,
) -> Envelope:
    """Encrypt a signed content to a node, and sign the header over it. `attachments`: as `parcel.attach` made them.

    `is_classical`: an officer here chose the classical suite for that node.
    """
    told = {"issuer": message.issuer, "recipient": message.recipient, "id": message.id}
    sealed = sealing.seal(signed, to, told, is_classical=is_classical)
    routing = told | {"sha256": digest(sealed), "knows": ()}
    return Envelope(_signed(routing, own.newest(SIGN), ROUTING), sealed, attachments)


def knowing(routing: str, knows: tuple[int, ...], own: Card, at: datetime) -> str:
    """The routing header with what is known by now, by the key that signed it: its recipient may know no newer one.

    As it was when that key is good no more.
    """
    header, payload = wire.parts(routing)
    key = next((one for one in own.keys if one.id == header["kid"] and one.is_good(at)), None)
    return routing if key is None else _signed(orjson.loads(payload) | {"knows": knows}, key, ROUTING)


def issuer_of(envelope: Envelope) -> str:
    """Who says to have sent it; nothing is proved yet. Raises RefusedError."""
    try:
        told = orjson.loads(wire.parts(envelope.routing)[1])
        return str(told["issuer"])
    except (ValueError, TypeError, KeyError) as error:
        raise RefusedError("bad_envelope", str(error)) from error


def routing_of(envelope: Envelope, own: Card, sender: Card, at: datetime) -> Routing:
    """What the routing header says, once its signature holds. Raises RefusedError."""
    told = orjson.loads(_verified(envelope.routing, ROUTING, sender, at))
    if not isinstance(told, dict) or set(told) != set(Routing.__dataclass_fields__) or not _is_known(told["knows"]):
        raise RefusedError("bad_envelope", "the routing header")
    if told["recipient"] != own.id:
        raise RefusedError("not_for_us", str(told["recipient"])[:64])
    knows = tuple(told.pop("knows"))
    return Routing(**{name: str(value) for name, value in told.items()}, knows=knows)


def open_(envelope: Envelope, own: Card, sender: Card, at: datetime, *, is_classical: bool = False) -> Opened:
    """The message inside, when everything about it is as it should be. Raises RefusedError.

    `is_classical`: an officer here chose the classical suite for the sender.
    """
    routing = routing_of(envelope, own, sender, at)
    if routing.sha256 != digest(envelope.sealed):
        raise RefusedError("altered", "the digest of the routing header")
    signed = sealing.opened(envelope.sealed, own, sender, vars(routing), at, is_classical=is_classical)
    message = contents.read(_verified(signed, CONTENT, sender, at))
    if (message.issuer, message.recipient, message.id) != (sender.id, own.id, routing.id):
        raise RefusedError("altered", "routing header and content differ")
    if message.expires_at <= at - SKEW:
        raise RefusedError("expired", message.expires_at.isoformat())
    if message.at > at + SKEW:
        raise RefusedError("from_the_future", message.at.isoformat())
    if len(message.attachments) != len(envelope.attachments):
        raise RefusedError("altered", "the number of attachments")
    pairs = zip(message.attachments, envelope.attachments, strict=True)
    beside = tuple(parcel.opened(said, encrypted) for said, encrypted in pairs)
    return Opened(message, signed, beside, routing.knows)


def _is_known(told: Any) -> bool:
    is_list = isinstance(told, list) and len(told) <= MOST_KNOWN and all(type(one) is int for one in told)
    return is_list and told == sorted(set(told)) and (not told or 0 < told[0] <= told[-1] < 2**53)


def _signed(told: Mapping[str, Any], key: Key, kind: str) -> str:
    header = {"alg": SIGN, "kid": key.id, "typ": kind, "lv": VERSION, "crit": ["lv"]}
    return jws.serialize_compact(header, orjson.dumps(told, option=orjson.OPT_SORT_KEYS), key.key, registry=_SIGNS)


def _verified(compact: str, kind: str, sender: Card, at: datetime) -> bytes:
    header = wire.header(compact)
    wire.require(header, {"alg": SIGN, "typ": kind, "lv": VERSION, "crit": ["lv"]}, "kid")
    key = sender.of(str(header.get("kid")), SIGN, at)
    if key is None:
        raise RefusedError("bad_signature", f"key {header.get('kid')} is not in use")
    try:
        return jws.deserialize_compact(compact, key, registry=_SIGNS).payload
    except (JoseError, ValueError) as error:
        raise RefusedError("bad_signature", str(error)) from error
