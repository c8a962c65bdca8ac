"""The keys of a node, and the card that tells other nodes its public ones.

Signing (Ed25519), encryption (X25519, and the hybrid suite) and the line (TLS) have keys of their own. A card without
the last two is that of an older node. A key that was followed by a newer one goes on being accepted until it ends, so
that what is on its way when keys change still arrives.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from lintas.exchange import certificates, hybrid, wire
from lintas.model.errors import ConflictError, InputError

SIGN, ENCRYPT, HYBRID, LINE = "Ed25519", "X25519", hybrid.KIND, certificates.KIND
OVERLAP = timedelta(days=30)  # ours: longer than a node is away for repair, shorter than a post of an officer
CARD_TYPE = "lintas-card"
MAX_CARD = 16 * 1024  # characters
MOST_KEYS = 16
_ADDRESS = re.compile(r"^(https://[a-z0-9.-]{1,253}|http://(localhost|127\.0\.0\.1))(:[0-9]{1,5})?/?$")
FINGERPRINT = 16  # bytes: 12 words; as hard to meet by chance as the keys themselves (RFC 7748: 128 bits)


class _Form(Protocol):
    """What is done with the JWK of a kind that joserfc's OKPKey does not have."""

    KIND: str

    def public(self, jwk: Mapping[str, Any], /) -> dict[str, Any]: ...
    def thumbprint(self, jwk: Mapping[str, Any], /) -> str: ...
    def check(self, jwk: Mapping[str, Any], /) -> None: ...


_FORMS: Mapping[str, _Form] = {"AKP": hybrid, "EC": certificates}


@dataclass(frozen=True)
class Key:
    """One key of a node; `jwk` with its private part at home, without it on a card. `ends_at`: None while in use."""

    jwk: Mapping[str, Any]
    begins_at: datetime
    ends_at: datetime | None = None

    @property
    def id(self) -> str:
        """RFC 7638 thumbprint."""
        return self._form.thumbprint(self.jwk) if self._form else self.key.thumbprint()

    @property
    def key(self) -> OKPKey:
        """As joserfc has it, to sign or to encrypt classically."""
        return OKPKey.import_key(dict(self.jwk))

    @property
    def _form(self) -> _Form | None:
        return _FORMS.get(self.jwk["kty"])

    @property
    def curve(self) -> str:
        """SIGN, ENCRYPT, HYBRID or LINE."""
        return self._form.KIND if self._form else str(self.jwk["crv"])

    def is_good(self, at: datetime) -> bool:
        """Whether what was signed or encrypted with it is accepted at a time."""
        return self.ends_at is None or at < self.ends_at

    def public(self) -> "Key":
        """Without the private part."""
        return replace(self, jwk=self._form.public(self.jwk) if self._form else self.key.as_dict(private=False))

    def said(self) -> dict[str, Any]:
        """As it is written down."""
        ends = None if self.ends_at is None else self.ends_at.isoformat()
        return {"jwk": dict(self.jwk), "begins_at": self.begins_at.isoformat(), "ends_at": ends}


@dataclass(frozen=True)
class Card:
    """Who a node is and what its keys are. `id`: state and agency, as "id.fiu". `address`: empty: it fetches.

    `is_pinned`: at its address it shows a certificate of this card, and asks for one; else any that browsers believe.
    """

    id: str
    name: str
    address: str
    keys: tuple[Key, ...]
    is_pinned: bool = False

    def find(self, key_id: str, curve: str, at: datetime) -> Key | None:
        """The key of an id that is good at a time; None when there is none."""
        found = (one for one in self.keys if one.curve == curve and one.id == key_id and one.is_good(at))
        return next(found, None)

    def of(self, key_id: str, curve: str, at: datetime) -> OKPKey | None:
        """The same as joserfc has it."""
        found = self.find(key_id, curve, at)
        return None if found is None else found.key

    def has(self, curve: str) -> bool:
        """Whether there is a key of a kind."""
        return any(one.curve == curve for one in self.keys)

    def newest(self, curve: str) -> Key:
        """The key in use: keys stand in the order in which they were made."""
        return [one for one in self.keys if one.curve == curve][-1]

    def line(self, at: datetime) -> tuple[Key, ...]:
        """The keys for TLS that are good at a time, the oldest first: it is shown, since every node knows it."""
        return tuple(one for one in self.keys if one.curve == LINE and one.is_good(at))

    def elder(self, at: datetime) -> "Card":
        """The same with its oldest good signing key alone: one that every node knows that was told of any."""
        first = next(key for key in self.keys if key.curve == SIGN and key.is_good(at))
        return replace(self, keys=(first, *(key for key in self.keys if key.curve != SIGN)))

    @property
    def fingerprint(self) -> str:
        """What two agencies compare when they meet: of the name and the keys in use; hexadecimal."""
        used = [self.id, *(self.newest(curve).id for curve in (SIGN, ENCRYPT, HYBRID, LINE) if self.has(curve))]
        return sha256("\n".join(used).encode()).digest()[:FINGERPRINT].hex()

    def public(self) -> "Card":
        """As others may see it."""
        return replace(self, keys=tuple(key.public() for key in self.keys))

    def said(self) -> dict[str, Any]:
        """As it is written down, with private parts when there are any."""
        told = {"id": self.id, "name": self.name, "address": self.address, "keys": [key.said() for key in self.keys]}
        return told | ({"is_pinned": True} if self.is_pinned else {})


def read(told: Mapping[str, Any]) -> Card:
    """A card as `said` wrote it. Raises InputError."""
    try:
        keys = tuple(_key(one) for one in told["keys"])
        is_pinned = told.get("is_pinned", False) is True
        card = Card(str(told["id"]), str(told["name"]), str(told["address"]), keys, is_pinned)
        if card.is_pinned and not (card.address.startswith("https:") and card.has(LINE)):
            raise ValueError
        if not {SIGN, ENCRYPT} <= {key.curve for key in keys} or len(keys) > MOST_KEYS or not is_address(card.address):
            raise ValueError
    except (KeyError, TypeError, ValueError, JoseError) as error:
        raise bad_card() from error
    return card


def is_address(address: str) -> bool:
    """Whether a node may be reached there: https, or http on this machine; no path. Empty: it fetches."""
    return not address or _ADDRESS.match(address) is not None


def made(at: datetime) -> tuple[Key, ...]:
    """A new key of each kind."""
    pair = OKPKey.generate_key("Ed25519"), OKPKey.generate_key("X25519")
    held: list[Mapping[str, Any]] = [key.as_dict(private=True) for key in pair]
    return tuple(Key(jwk, at) for jwk in (*held, hybrid.made(), certificates.made(at)))


def rotated(card: Card, at: datetime, *, overlap: timedelta = OVERLAP) -> Card:
    """With new keys; those in use end after an overlap, and those that ended are gone. Zero: they are compromised.

    Raises ConflictError when the overlaps of many rotations would make a card that nobody reads.
    """
    left = [replace(key, ends_at=min(key.ends_at or at + overlap, at + overlap)) for key in card.keys]
    held = (*(key for key in left if key.is_good(at)), *made(at))
    if len(held) > MOST_KEYS:
        raise ConflictError(
            "The keys were renewed too often",
            do="Wait until the oldest ones have ended; keys that were stolen are ended with --compromised.",
            code="too_many_keys",
        )
    return replace(card, keys=held)


def sign(card: Card, signer: Card) -> str:
    """A card to be handed to others: a compact JWS by the newest key of `signer`, which is the node itself."""
    key = signer.newest(SIGN)
    header = {"alg": SIGN, "kid": key.id, "typ": CARD_TYPE}
    return jws.serialize_compact(header, orjson.dumps(card.public().said()), key.key, algorithms=[SIGN])


def open_card(signed: str, known: Callable[[str], OKPKey | None] | None = None) -> Card:
    """The card in a JWS. `known`: a key that is trusted already, by its id; else the card vouches for itself, and
    people compare its fingerprint. Raises InputError for any that is not signed by a key that it may be signed by.
    """
    if len(signed) > MAX_CARD:
        raise bad_card()
    try:
        header, payload = wire.parts(signed)
        card = read(orjson.loads(payload))
        key_id = str(header.get("kid"))
        key = known(key_id) if known else card.newest(SIGN).key if card.newest(SIGN).id == key_id else None
        if key is None or header.get("typ") != CARD_TYPE:
            raise bad_card()
        jws.deserialize_compact(signed, key, algorithms=[SIGN])
    except (JoseError, ValueError, TypeError) as error:
        raise bad_card() from error
    return card


def held(signed: str) -> Card:
    """The card in a JWS that was verified when it was taken in."""
    return read(orjson.loads(wire.parts(signed)[1]))


def bad_card() -> InputError:
    """What is said of a card that cannot be believed."""
    return InputError(
        "This is no card of a node, or it was changed",
        do="Ask the agency for the file that `lintas node card` prints.",
        code="bad_card",
    )


def _key(told: Mapping[str, Any]) -> Key:
    form = _FORMS.get(told["jwk"]["kty"])
    if form:
        form.check(told["jwk"])
    elif OKPKey.import_key(dict(told["jwk"])).curve_name not in (SIGN, ENCRYPT):
        raise ValueError
    begins, ends = (datetime.fromisoformat(told[name]) if told[name] else None for name in ("begins_at", "ends_at"))
    if begins is None or begins.tzinfo is None or (ends is not None and ends.tzinfo is None):
        raise ValueError
    return Key(told["jwk"], begins, ends)
