"""What is sealed goes in the suite that both can and nobody can talk down; the hybrid one is what its drafts say."""

import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha3_256, sha256, shake_256
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from lintas.exchange import envelope, hybrid, keys, sealing, wire
from lintas.exchange.keys import Card
from lintas.exchange.refused import REASONS, RefusedError
from lintas.model.errors import ConflictError, InputError
from tests.exchange.agencies import ARUNIA, BELUGA, NOW, message
from tests.exchange.test_envelope import STRANGER, opened, refusal, sent

ABOUT = {"issuer": ARUNIA.id, "recipient": BELUGA.id, "id": "m-1"}
SEALED = sealing.seal("what is said", BELUGA, ABOUT)


def without_hybrid(card: Card) -> Card:
    """As an older node has it."""
    return replace(card, keys=tuple(key for key in card.keys if key.curve != keys.HYBRID))


def read(sealed: str = SEALED, own: Card = BELUGA, sender: Card = ARUNIA, **changes: Any) -> str:
    return sealing.opened(sealed, own, sender, ABOUT | changes.pop("about", {}), NOW, **changes)


def why(sealed: str = SEALED, own: Card = BELUGA, sender: Card = ARUNIA, **changes: Any) -> str:
    with pytest.raises(RefusedError) as caught:
        read(sealed, own, sender, **changes)
    return caught.value.code


def crafted(change: dict[str, Any], *, key: keys.Key | None = None) -> str:
    """Sealed by hand under another header."""
    to = key or BELUGA.newest(keys.HYBRID)
    told = {"suite": hybrid.SUITE, "typ": sealing.TYPE, "lv": 1, "kid": to.id} | change
    header = wire.said(orjson.dumps({name: value for name, value in told.items() if value is not None}))
    info = "\n".join([header, *ABOUT.values()]).encode()
    return f"{header}.{wire.said(hybrid.encrypt(b'what is said', to.jwk, info))}"


def test_both_suites_come_back_as_what_was_sealed() -> None:
    assert read() == "what is said"
    classical = sealing.seal("what is said", BELUGA, ABOUT, is_classical=True)
    assert read(classical, is_classical=True) == "what is said"
    assert (len(SEALED.split(".")), len(classical.split("."))) == (2, 5)
    assert read(crafted({})) == "what is said", "what is crafted by hand opens when it is right"


def test_the_hybrid_suite_is_hpke_as_rfc_9180_and_the_draft_have_it() -> None:
    """Opened by hand: the KEM of draft-ietf-hpke-pq-03, then the key schedule of RFC 9180, 5.1, in base mode."""
    own, (header, text) = BELUGA.newest(keys.HYBRID), SEALED.split(".")
    encrypted, info = wire.raw(text), "\n".join([header, *ABOUT.values()]).encode()
    seed = shake_256(wire.raw(own.jwk["priv"])).digest(96)
    mlkem, x25519 = MLKEM768PrivateKey.from_seed_bytes(seed[:64]), X25519PrivateKey.from_private_bytes(seed[64:])
    far, rest = encrypted[1088:1120], encrypted[1120:]
    first = mlkem.decapsulate(encrypted[:1088])
    second = x25519.exchange(X25519PublicKey.from_public_bytes(far))
    shared = sha3_256(first + second + far + x25519.public_key().public_bytes_raw() + b"\\.//^\\").digest()
    suite = b"HPKE" + bytes.fromhex("647a 0001 0002")

    def extract(salt: bytes, label: bytes, key: bytes) -> bytes:
        return hmac.digest(salt, b"HPKE-v1" + suite + label + key, "sha256")

    def expand(key: bytes, label: bytes, about: bytes, n: int) -> bytes:
        return hmac.digest(key, n.to_bytes(2, "big") + b"HPKE-v1" + suite + label + about + b"\x01", "sha256")[:n]

    context = b"\x00" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared, b"secret", b"")
    key, nonce = expand(secret, b"key", context, 32), expand(secret, b"base_nonce", context, 12)
    assert AESGCM(key).decrypt(nonce, rest, b"") == b"what is said"
    assert own.id == wire.said(sha256(orjson.dumps(hybrid.public(own.jwk), option=orjson.OPT_SORT_KEYS)).digest())


@given(st.integers(0, len(SEALED) - 1), st.sampled_from("AZaz09-_.=+ é"))
def test_a_changed_letter_anywhere_is_refused(place: int, letter: str) -> None:
    if SEALED[place] != letter:
        assert why(SEALED[:place] + letter + SEALED[place + 1 :]) in REASONS


@given(st.integers(0, len(wire.raw(SEALED.split(".")[1])) - 1), st.integers(1, 255))
def test_a_changed_byte_of_the_ciphertext_is_refused(place: int, change: int) -> None:
    header, text = SEALED.split(".")
    data = bytearray(wire.raw(text))
    data[place] ^= change
    assert why(f"{header}.{wire.said(bytes(data))}") == "altered"


@pytest.mark.parametrize("about", [{"issuer": "xc.customs"}, {"recipient": "xc.customs"}, {"id": "m-2"}])
def test_it_opens_as_the_message_it_was_sealed_for_alone(about: dict[str, str]) -> None:
    assert why(about=about) == "altered"


def test_it_opens_with_no_other_key() -> None:
    assert why(own=STRANGER) == "unknown_key"
    foreign = crafted({"kid": BELUGA.newest(keys.HYBRID).id}, key=STRANGER.newest(keys.HYBRID))
    assert why(foreign) == "altered"
    assert why(crafted({"kid": BELUGA.newest(keys.ENCRYPT).id})) == "unknown_key"


@pytest.mark.parametrize(
    "change",
    [
        {"suite": "MLKEM768-X25519/HKDF-SHA256/AES-128-GCM"},
        {"lv": 0},
        {"lv": None},
        {"typ": envelope.CONTENT},
        {"alg": sealing.KEY_WRAP},
        {"zip": "DEF"},
        {"crit": ["lv"]},
        {"epk": {}},
    ],
)
def test_a_header_that_says_anything_else_is_refused(change: dict[str, Any]) -> None:
    assert why(crafted(change)) == "downgraded"


class TestNoSideGoesDownAlone:
    CLASSICAL = sealing.seal("what is said", BELUGA, ABOUT, is_classical=True)

    def test_the_classical_suite_is_refused_from_who_can_do_better(self) -> None:
        assert why(self.CLASSICAL) == "downgraded"
        assert refusal(sent(message(), to=without_hybrid(BELUGA))) == "downgraded"

    def test_unless_an_officer_here_chose_it_too(self) -> None:
        assert read(self.CLASSICAL, is_classical=True) == "what is said"
        assert read(SEALED, is_classical=True) == "what is said", "better than what was chosen is never refused"

    @pytest.mark.parametrize(("own", "sender"), [(without_hybrid, Card.public), (Card.public, without_hybrid)])
    def test_a_node_without_the_key_is_heard(self, own: Callable[[Card], Card], sender: Callable[[Card], Card]) -> None:
        receiver = without_hybrid(BELUGA) if own is without_hybrid else BELUGA
        assert read(self.CLASSICAL, receiver, sender(ARUNIA)) == "what is said"
        assert len(sealing.seal("x", without_hybrid(BELUGA), ABOUT).split(".")) == 5

    def test_what_was_sealed_before_the_first_hybrid_key_was_known_arrives(self) -> None:
        """An older node gets new keys while a message is on its way; after that the old way is closed."""
        before = without_hybrid(BELUGA)
        after = keys.rotated(before, NOW + timedelta(days=1))
        assert read(self.CLASSICAL, after) == "what is said"
        late = sealing.seal("what is said", after, ABOUT, is_classical=True)
        assert why(late, after) == "downgraded"


def test_what_was_on_its_way_when_keys_changed_arrives_and_after_the_overlap_it_does_not() -> None:
    what, later = sent(message()), keys.rotated(BELUGA, NOW)
    assert opened(what, own=later) == message()
    after = NOW + keys.OVERLAP
    late = sent(message(at=after, expires_at=after + timedelta(days=1)))
    assert refusal(late, own=later, at=after) == "unknown_key"
    assert opened(sent(message(), to=later.public()), own=later) == message()


def test_older_cards_are_read_and_damaged_hybrid_keys_are_not() -> None:
    old = without_hybrid(ARUNIA)
    assert keys.open_card(keys.sign(old, old)) == old.public()
    assert keys.rotated(old, NOW).has(keys.HYBRID)
    good = ARUNIA.newest(keys.HYBRID)
    other = hybrid.made()
    changes: list[dict[str, Any]] = [
        {"pub": good.jwk["pub"][:-4]},
        {"pub": ""},
        {"pub": other["pub"]},
        {"alg": "ML-KEM-768"},
        {"kty": "OKP"},
        {"use": "enc"},
        {"priv": "AAAA"},
        {"pub": wire.said(b"\xff" * 1216)},
    ]
    for change in changes:
        told = ARUNIA.said()
        told["keys"][2]["jwk"] = dict(good.jwk) | change
        with pytest.raises(InputError):
            keys.read(told)


def test_keys_that_are_renewed_too_often_say_so_and_the_card_stays_readable() -> None:
    card = ARUNIA
    while len(card.keys) + len(ARUNIA.keys) <= keys.MOST_KEYS:
        card = keys.rotated(card, NOW)
    with pytest.raises(ConflictError) as caught:
        keys.rotated(card, NOW)
    assert caught.value.code == "too_many_keys"
    assert keys.open_card(keys.sign(card, card)) == card.public()
    assert len(keys.sign(card, card)) < 20_000, "what a notice of new keys may hold"
    assert len(keys.rotated(card, NOW, overlap=timedelta()).keys) == len(ARUNIA.keys)
