"""A node's signed word on what became of a message: proof for the other one, even against this one's later denial."""

from datetime import datetime

import orjson
from joserfc import jws
from joserfc.errors import JoseError

from lintas.exchange import wire
from lintas.exchange.keys import SIGN, Card
from lintas.exchange.refused import RefusedError
from lintas.model.message import Receipt

TYPE = "lintas-receipt"
KEPT = "kept"
MAX_RECEIPT = 8 * 1024  # characters


def sign(receipt: Receipt, own: Card) -> str:
    """A receipt as a compact JWS."""
    key = own.newest(SIGN)
    payload = orjson.dumps(receipt, option=orjson.OPT_SORT_KEYS)
    return jws.serialize_compact({"alg": SIGN, "kid": key.id, "typ": TYPE}, payload, key.key, algorithms=[SIGN])


def read(signed: str, giver: Card, at: datetime) -> Receipt:
    """A receipt that its giver signed. Raises RefusedError."""
    try:
        if len(signed) > MAX_RECEIPT:
            raise ValueError("too long")
        header, payload = wire.parts(signed)
        key = giver.of(str(header.get("kid")), SIGN, at)
        if key is None or header.get("typ") != TYPE:
            raise ValueError("no receipt of this node")
        jws.deserialize_compact(signed, key, algorithms=[SIGN])
        told = orjson.loads(payload)
        return Receipt(**told | {"at": datetime.fromisoformat(told["at"])})
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise RefusedError("bad_signature", f"receipt: {error}") from error
