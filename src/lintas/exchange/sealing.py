"""The sealed part of an envelope, in one of two suites: hybrid to whom has such a key, else JOSE's classical one.

No sender goes down alone. The receiver refuses the classical suite from a node that has a hybrid key itself and that
knew the receiver's, unless an officer of the receiver chose it for that node, too: see decision 015.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.registry import HeaderParameter

from lintas.exchange import hybrid, wire
from lintas.exchange.keys import ENCRYPT, HYBRID, Card, Key
from lintas.exchange.refused import RefusedError

VERSION = 1
TYPE = "lintas-sealed"
KEY_WRAP, CIPHER = "ECDH-ES+A256KW", "A256GCM"
_CLASSICAL = {"alg": KEY_WRAP, "enc": CIPHER, "typ": TYPE, "lv": VERSION, "crit": ["lv"]}
_HYBRID = {"suite": hybrid.SUITE, "typ": TYPE, "lv": VERSION}
_OURS = {"lv": HeaderParameter("Version of the envelope", "int", True)}
_ENCRYPTS = jwe.JWERegistry(header_registry=_OURS, algorithms=[KEY_WRAP, CIPHER])


def seal(signed: str, to: Card, about: Mapping[str, Any], *, is_classical: bool = False) -> str:
    """A signed content for a node alone. `about`: issuer, recipient and id of its routing header.

    `is_classical`: an officer here chose the classical suite for that node.
    """
    if is_classical or not to.has(HYBRID):
        key = to.newest(ENCRYPT)
        return jwe.encrypt_compact(_CLASSICAL | {"kid": key.id}, signed.encode(), key.key, registry=_ENCRYPTS)
    key = to.newest(HYBRID)
    header = wire.said(orjson.dumps(_HYBRID | {"kid": key.id}, option=orjson.OPT_SORT_KEYS))
    return f"{header}.{wire.said(hybrid.encrypt(signed.encode(), key.jwk, _info(header, about)))}"


def opened(
    sealed: str, own: Card, sender: Card, about: Mapping[str, Any], at: datetime, *, is_classical: bool = False
) -> str:
    """The signed content. `is_classical`: an officer here chose the classical suite for the sender.

    Raises RefusedError.
    """
    header = wire.header(sealed)
    is_hybrid = "suite" in header
    wire.require(header, _HYBRID if is_hybrid else _CLASSICAL, *(("kid",) if is_hybrid else ("kid", "epk")))
    key = own.find(str(header.get("kid")), HYBRID if is_hybrid else ENCRYPT, at)
    if key is None:
        raise RefusedError("unknown_key", str(header.get("kid"))[:64])
    if not (is_hybrid or is_classical) and _could_hybrid(key, own, sender):
        raise RefusedError("downgraded", "the classical suite, from a node that has the hybrid one and knew ours")
    try:
        return (_decrypted(sealed, key, about) if is_hybrid else _unwrapped(sealed, key)).decode()
    except (JoseError, ValueError) as error:
        raise RefusedError("altered", str(error)) from error


def _could_hybrid(key: Key, own: Card, sender: Card) -> bool:
    """Whether who sealed to a key held a card of this node with a hybrid key: they are made together."""
    knew = any(one.curve == HYBRID and one.begins_at <= key.begins_at for one in own.keys)
    return knew and sender.has(HYBRID)


def _unwrapped(sealed: str, key: Key) -> bytes:
    return jwe.decrypt_compact(sealed, key.key, registry=_ENCRYPTS).plaintext or b""


def _decrypted(sealed: str, key: Key, about: Mapping[str, Any]) -> bytes:
    header, encrypted = sealed.split(".")
    return hybrid.decrypt(wire.raw(encrypted), key.jwk, _info(header, about))


def _info(header: str, about: Mapping[str, Any]) -> bytes:
    """What HPKE binds a ciphertext to: the header as it stands there, and between whom which message goes."""
    return "\n".join([header, about["issuer"], about["recipient"], about["id"]]).encode()
