"""The head of a node's log as it signs it for others, so that two of them can tell when it shows them two logs."""

from datetime import date, datetime

import orjson
from joserfc import jws
from joserfc.errors import JoseError

from lintas.exchange import wire
from lintas.exchange.keys import SIGN, Card
from lintas.exchange.refused import RefusedError
from lintas.model import merkle
from lintas.model.message import TreeHead

TYPE = "lintas-head"
MOST_KNOWN = 8  # sizes that one message asks proof for; ours: a proof is up to 1 kB for a million rows
MAX_HEAD = 1024  # characters
MOST_TOLD = 20  # heads of other nodes in a receipt; ours: 11 kB


def sign(head: TreeHead, own: Card) -> str:
    """A head as a compact JWS."""
    key = own.newest(SIGN)
    payload = orjson.dumps(head, option=orjson.OPT_SORT_KEYS)
    return jws.serialize_compact({"alg": SIGN, "kid": key.id, "typ": TYPE}, payload, key.key, algorithms=[SIGN])


def node_of(signed: str) -> str:
    """Whose head it says to be; nothing is proved yet. Raises RefusedError."""
    return held(signed).node


def read(signed: str, node: Card, at: datetime) -> TreeHead:
    """A head that its node signed. Raises RefusedError."""
    found = held(signed)
    try:
        header, _ = wire.parts(signed)
        key = node.of(str(header.get("kid")), SIGN, at)
        if key is None or header.get("typ") != TYPE or found.node != node.id:
            raise ValueError("no head of this node")
        jws.deserialize_compact(signed, key, algorithms=[SIGN])
    except (JoseError, ValueError) as error:
        raise RefusedError("bad_signature", f"head: {error}") from error
    return found


def held(signed: str) -> TreeHead:
    """The head in a JWS whose signature was, or is to be, verified. Raises RefusedError when it is none."""
    try:
        if len(signed) > MAX_HEAD:
            raise ValueError("too long")
        found = TreeHead(**orjson.loads(wire.parts(signed)[1]))
        is_root = len(bytes.fromhex(found.root)) == merkle.SIZE and found.root == found.root.lower()
        if type(found.size) is not int or not 0 < found.size < 2**53 or not is_root:
            raise ValueError("no head")
        if not isinstance(found.node, str) or not found.node:
            raise ValueError("no node")
        date.fromisoformat(found.day)
    except (ValueError, TypeError, AttributeError) as error:
        raise RefusedError("bad_signature", f"head: {error}") from error
    return found
