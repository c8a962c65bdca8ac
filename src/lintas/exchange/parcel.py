"""An envelope as bytes, and what travels beside its message: encrypted with a key of its own that the message names."""

import struct
from hashlib import sha256

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lintas.exchange import wire
from lintas.exchange.refused import RefusedError
from lintas.model.message import Attachment, Envelope

MAGIC = b"lintas-parcel-1\n"
MAX_BYTES = 8 * 1024 * 1024  # of a parcel with all that is in it; ours
_ONCE = bytes(12)  # the nonce: a key encrypts one thing (NIST SP 800-38D, 8.2)
_KEY_BITS, _SIZE = 256, struct.Struct(">I")


def attach(name: str, data: bytes) -> tuple[Attachment, bytes]:
    """What a message says of a thing beside it, and the thing encrypted (A256GCM)."""
    key = AESGCM.generate_key(_KEY_BITS)
    said = Attachment(name, sha256(data).hexdigest(), len(data), wire.said(key))
    return said, AESGCM(key).encrypt(_ONCE, data, None)


def opened(said: Attachment, encrypted: bytes) -> bytes:
    """The thing itself, when it is what the message says. Raises RefusedError."""
    try:
        data = AESGCM(wire.raw(said.key)).decrypt(_ONCE, encrypted, None)
    except (InvalidTag, ValueError) as error:
        raise RefusedError("altered", f"attachment {said.name[:64]}") from error
    if (sha256(data).hexdigest(), len(data)) != (said.sha256, said.size_bytes):
        raise RefusedError("altered", f"attachment {said.name[:64]}")
    return data


def pack(envelope: Envelope) -> bytes:
    """An envelope as it crosses the wire: a head in JSON with the sizes of what follows it."""
    sizes = [len(one) for one in envelope.attachments]
    head = orjson.dumps({"routing": envelope.routing, "sealed": envelope.sealed, "attachments": sizes})
    return b"".join([MAGIC, _SIZE.pack(len(head)), head, *envelope.attachments])


def unpack(data: bytes) -> Envelope:
    """Back. Raises RefusedError."""
    if len(data) > MAX_BYTES:
        raise RefusedError("too_large")
    try:
        begins = len(MAGIC) + _SIZE.size
        (size,) = _SIZE.unpack(data[len(MAGIC) : begins])
        head = orjson.loads(data[begins : begins + size])
        sizes = head["attachments"]
        is_whole = data.startswith(MAGIC) and begins + size + sum(sizes) == len(data)
        if not is_whole or set(head) != {"routing", "sealed", "attachments"} or any(one < 0 for one in sizes):
            raise ValueError("sizes")
        routing, sealed = head["routing"], head["sealed"]
        if not isinstance(routing, str) or not isinstance(sealed, str):
            raise TypeError("parts")
        return Envelope(routing, sealed, tuple(_cut(data[begins + size :], sizes)))
    except (ValueError, TypeError, KeyError, struct.error) as error:
        raise RefusedError("bad_envelope", str(error)) from error


def _cut(data: bytes, sizes: list[int]) -> list[bytes]:
    parts, at = list[bytes](), 0
    for size in sizes:
        parts.append(data[at : at + size])
        at += size
    return parts
