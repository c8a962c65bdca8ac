"""A node's signed word on what became of a message: proof for the other one, even against this one's later denial."""

from datetime import datetime
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError

from lintas.exchange import wire
from lintas.exchange.heads import MOST_KNOWN, MOST_TOLD
from lintas.exchange.keys import SIGN, Card
from lintas.exchange.refused import RefusedError
from lintas.model.message import Receipt

TYPE = "lintas-receipt"
KEPT = "kept"
TEXTS = ("message", "issuer", "recipient", "sha256", "code", "head")
MAX_RECEIPT = 48 * 1024  # characters: 20 heads of 600, and 8 paths of 80 hashes, in base64


def sign(receipt: Receipt, own: Card) -> str:
    """A receipt as a compact JWS."""
    key = own.newest(SIGN)
    paths = [[size, [wire.said(one) for one in path]] for size, path in receipt.paths.items()]
    payload = orjson.dumps(vars(receipt) | {"paths": paths}, option=orjson.OPT_SORT_KEYS)
    return jws.serialize_compact({"alg": SIGN, "kid": key.id, "typ": TYPE}, payload, key.key, algorithms=[SIGN])


def read(signed: str, giver: Card, at: datetime) -> Receipt:
    """A receipt that its giver signed. Raises RefusedError."""
    found = held(signed)
    try:
        header, _ = wire.parts(signed)
        key = giver.of(str(header.get("kid")), SIGN, at)
        if key is None or header.get("typ") != TYPE:
            raise ValueError("no receipt of this node")
        jws.deserialize_compact(signed, key, algorithms=[SIGN])
    except (JoseError, ValueError) as error:
        raise RefusedError("bad_signature", f"receipt: {error}") from error
    return found


def held(signed: str) -> Receipt:
    """The receipt in a JWS whose signature was, or is to be, verified. Raises RefusedError when it is none."""
    try:
        if len(signed) > MAX_RECEIPT:
            raise ValueError("too long")
        told = orjson.loads(wire.parts(signed)[1])
        paths = {_size(size): tuple(map(wire.raw, path)) for size, path in told["paths"]}
        heads = tuple(map(str, told["heads"]))
        if len(told["paths"]) > MOST_KNOWN or len(heads) > MOST_TOLD:
            raise ValueError("too many heads")
        if not all(isinstance(told[name], str) for name in TEXTS):
            raise TypeError("texts")
        at = datetime.fromisoformat(told["at"])
        return Receipt(**told | {"at": at, "paths": paths, "heads": heads})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RefusedError("bad_signature", f"receipt: {error}") from error


def _size(told: Any) -> int:
    if type(told) is not int:
        raise ValueError("no size")
    return told
