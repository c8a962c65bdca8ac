"""Reading what others sent: JSON of a limited depth, and the parts of a compact JWS before its key is known."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import orjson

from lintas.exchange.refused import RefusedError


def parts(compact: str) -> tuple[dict[str, Any], bytes]:
    """Header and payload of a compact JWS that is not verified yet. Raises ValueError."""
    header, payload, _ = compact.split(".")
    told = orjson.loads(raw(header))
    if not isinstance(told, dict):
        raise ValueError("no header")
    return told, raw(payload)


def header(compact: str) -> dict[str, Any]:
    """What stands before the first dot. Raises RefusedError."""
    try:
        told = orjson.loads(raw(compact.split(".", 1)[0]))
    except ValueError as error:
        raise RefusedError("bad_envelope", str(error)) from error
    if not isinstance(told, dict):
        raise RefusedError("bad_envelope", "no header")
    return told


def require(header: Mapping[str, Any], wanted: Mapping[str, Any], *more: str) -> None:
    """A header says just what ours do: what it says beside (`zip`, `jwk`, `b64`) could only change its reading.

    `more`: what it may hold of any value. Raises RefusedError (downgraded).
    """
    other = {name for name in {*header, *wanted} - {*more} if header.get(name) != wanted.get(name)}
    if other:
        raise RefusedError("downgraded", ", ".join(sorted(other))[:200])


def raw(text: str) -> bytes:
    """base64url without padding, and only in its one form. Raises ValueError."""
    try:
        found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("no base64url") from error
    if said(found) != text:
        raise ValueError("not its one form")
    return found


def said(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
