"""The hybrid suite: what is sealed with it stays closed as long as either ML-KEM-768 or X25519 holds.

HPKE in base mode, single-shot (RFC 9180) with the KEM MLKEM768-X25519 of draft-ietf-hpke-pq, number 0x647a. A key is
a JWK of kind AKP: `priv` is the 32 bytes from which SHAKE256 makes both private keys, `pub` the two public ones.
"""

import os
from collections.abc import Mapping
from hashlib import sha256, shake_256
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from lintas.exchange import wire

KIND = "MLKEM768-X25519"
SUITE = f"{KIND}/HKDF-SHA256/AES-256-GCM"
N_SEED, N_MLKEM_SEED, N_MLKEM, N_X25519 = 32, 64, 1184, 32  # bytes; FIPS 203 (7.1, 8), RFC 7748 (5)
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def made() -> dict[str, str]:
    """A new key with its private part."""
    return _of_seed(os.urandom(N_SEED))


def public(jwk: Mapping[str, Any]) -> dict[str, Any]:
    """Without the private part."""
    return {name: jwk[name] for name in ("alg", "kty", "pub")}


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """RFC 7638 over the members that a key of kind AKP must have: alg, kty, pub."""
    return wire.said(sha256(orjson.dumps(public(jwk), option=orjson.OPT_SORT_KEYS)).digest())


def check(jwk: Mapping[str, Any]) -> None:
    """Raises ValueError for what is no key of this kind."""
    if set(jwk) - {"priv"} != {"alg", "kty", "pub"} or (jwk["alg"], jwk["kty"]) != (KIND, "AKP"):
        raise ValueError("members")
    if "priv" in jwk and _of_seed(wire.raw(jwk["priv"])) != dict(jwk):
        raise ValueError("the private part is of another key")
    _public(jwk)


def encrypt(data: bytes, to: Mapping[str, Any], info: bytes) -> bytes:
    """For the holder of a key. `info`: what it belongs to; it opens with the same alone."""
    return _SUITE.encrypt(data, _public(to), info=info)


def decrypt(data: bytes, own: Mapping[str, Any], info: bytes) -> bytes:
    """Back. Raises ValueError for anything that `encrypt` did not make for this key and this `info`."""
    try:
        return _SUITE.decrypt(data, MLKEM768X25519PrivateKey(*_private(wire.raw(own["priv"]))), info=info)
    except InvalidTag as error:
        raise ValueError("the ciphertext") from error


def _of_seed(seed: bytes) -> dict[str, str]:
    mlkem, x25519 = _private(seed)
    held = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
    return {"kty": "AKP", "alg": KIND, "pub": wire.said(held), "priv": wire.said(seed)}


def _private(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    if len(seed) != N_SEED:
        raise ValueError("the private part")
    spread = shake_256(seed).digest(N_MLKEM_SEED + N_X25519)
    mlkem = MLKEM768PrivateKey.from_seed_bytes(spread[:N_MLKEM_SEED])
    return mlkem, X25519PrivateKey.from_private_bytes(spread[N_MLKEM_SEED:])


def _public(jwk: Mapping[str, Any]) -> MLKEM768X25519PublicKey:
    held = wire.raw(jwk["pub"])
    if len(held) != N_MLKEM + N_X25519:
        raise ValueError("the public part")
    mlkem = MLKEM768PublicKey.from_public_bytes(held[:N_MLKEM])
    return MLKEM768X25519PublicKey(mlkem, X25519PublicKey.from_public_bytes(held[N_MLKEM:]))
