"""A pouch: everything that one node has for another, in one file: parcels, and receipts for what came before.

It is what an agency that opens no port fetches, and what a closed network carries by hand. What is in it proves itself;
the signature over the whole says that nothing was taken out on the way.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import orjson
from joserfc import jws
from joserfc.errors import JoseError

from lintas.exchange import parcel, wire
from lintas.exchange.keys import SIGN, Card
from lintas.exchange.refused import RefusedError

MAGIC = b"lintas-pouch-1\n"
TYPE = "lintas-pouch"
MAX_BYTES = 16 * 1024 * 1024  # ours: one parcel of the largest size and a few more
ROOM = MAX_BYTES - 1024 * 1024  # for parcels; the rest for what is said about them
MOST_RECEIPTS = 400
_SIZE = struct.Struct(">I")


@dataclass(frozen=True)
class Pouch:
    """`parcels`: as `parcel.pack` made them, in their order. `receipts`: compact JWS."""

    issuer: str
    recipient: str
    at: datetime
    parcels: tuple[bytes, ...] = ()
    receipts: tuple[str, ...] = ()


def pack(pouch: Pouch, own: Card) -> bytes:
    """A pouch as a file."""
    key = own.newest(SIGN)
    told = {
        "issuer": pouch.issuer,
        "recipient": pouch.recipient,
        "at": pouch.at.isoformat(),
        "parcels": [[len(one), sha256(one).hexdigest()] for one in pouch.parcels],
        "receipts": list(pouch.receipts),
    }
    header = {"alg": SIGN, "kid": key.id, "typ": TYPE}
    head = jws.serialize_compact(header, orjson.dumps(told), key.key, algorithms=[SIGN]).encode()
    return b"".join([MAGIC, _SIZE.pack(len(head)), head, *pouch.parcels])


def filled(parcels: Iterable[bytes]) -> tuple[bytes, ...]:
    """As many of some parcels, from the first on, as one pouch takes; no more of them are made."""
    taken, size = list[bytes](), 0
    for one in parcels:
        size += len(one)
        if size > ROOM:
            break
        taken.append(one)
    return tuple(taken)


def issuer_of(data: bytes) -> str:
    """Who says to have made it; nothing is proved yet. Raises RefusedError."""
    try:
        return str(orjson.loads(wire.parts(_head(data)[0])[1])["issuer"])
    except (ValueError, TypeError, KeyError) as error:
        raise RefusedError("bad_envelope", str(error)) from error


def unpack(data: bytes, own: Card, sender: Card, at: datetime) -> Pouch:
    """Back, when its sender signed it for this node and all of it is there. Raises RefusedError."""
    head, rest = _head(data)
    try:
        header, payload = wire.parts(head)
        key = sender.of(str(header.get("kid")), SIGN, at)
        if key is None or header.get("typ") != TYPE:
            raise RefusedError("bad_signature", f"key {header.get('kid')} is not in use")
        jws.deserialize_compact(head, key, algorithms=[SIGN])
        told = orjson.loads(payload)
        if told["recipient"] != own.id:
            raise RefusedError("not_for_us", str(told["recipient"])[:64])
        made_at, listed = datetime.fromisoformat(told["at"]), [(int(size), str(sum_)) for size, sum_ in told["parcels"]]
        receipts = tuple(map(str, told["receipts"]))
    except JoseError as error:
        raise RefusedError("bad_signature", str(error)) from error
    except (ValueError, TypeError, KeyError) as error:
        raise RefusedError("bad_envelope", str(error)) from error
    return Pouch(sender.id, own.id, made_at, tuple(_parcels(rest, listed)), receipts)


def _head(data: bytes) -> tuple[str, bytes]:
    if len(data) > MAX_BYTES:
        raise RefusedError("too_large")
    try:
        begins = len(MAGIC) + _SIZE.size
        (size,) = _SIZE.unpack(data[len(MAGIC) : begins])
        if not data.startswith(MAGIC):
            raise ValueError("no pouch")
        return data[begins : begins + size].decode("ascii"), data[begins + size :]
    except (ValueError, struct.error) as error:
        raise RefusedError("bad_envelope", str(error)) from error


def _parcels(rest: bytes, listed: Sequence[tuple[int, str]]) -> list[bytes]:
    found, at = list[bytes](), 0
    for size, digest in listed:
        one = rest[at : at + size] if 0 < size <= parcel.MAX_BYTES else b""
        if sha256(one).hexdigest() != digest:
            raise RefusedError("altered", "a parcel of the pouch")
        found.append(one)
        at += size
    if at != len(rest):
        raise RefusedError("altered", "what follows the parcels")
    return found
