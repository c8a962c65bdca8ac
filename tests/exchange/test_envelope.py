"""An envelope opens for its recipient and nobody else; whatever was done to it on the way is refused with a reason."""

import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OKPKey
from jwcrypto.jwe import JWE, InvalidJWEData
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS, JWSEHeaderParameter

from lintas.exchange import contents, envelope, keys, sealing, types, wire
from lintas.exchange.refused import REASONS, RefusedError
from lintas.model import shelf
from lintas.model.errors import InputError
from lintas.model.message import Envelope, Message
from tests.exchange.agencies import ARUNIA, BELUGA, NOW, message

STRANGER = keys.Card("xc.customs", "Customs of Cendana", "", keys.made(NOW))


def sent(what: Message, *, by: keys.Card = ARUNIA, to: keys.Card = BELUGA) -> Envelope:
    return envelope.seal(envelope.sign(what, by), what, by, to)


def opened(what: Envelope, **changes: Any) -> Message:
    told: dict[str, Any] = {"own": BELUGA, "sender": ARUNIA.public(), "at": NOW} | changes
    return envelope.open_(what, **told).message


def refusal(what: Envelope, **changes: Any) -> str:
    with pytest.raises(RefusedError) as caught:
        opened(what, **changes)
    return caught.value.code


def test_what_was_sent_is_what_is_opened() -> None:
    assert opened(sent(message())) == message()


def test_it_is_encrypted_anew_each_time_and_is_the_same_message() -> None:
    signed = envelope.sign(message(), ARUNIA)
    first, second = (envelope.seal(signed, message(), ARUNIA, BELUGA) for _ in range(2))
    assert first.sealed != second.sealed
    assert (
        envelope.open_(first, BELUGA, ARUNIA, NOW).sha256
        == envelope.open_(second, BELUGA, ARUNIA, NOW).sha256
        == envelope.digest(signed)
    )


def test_an_implementation_that_is_not_ours_reads_it() -> None:
    """jwcrypto decrypts and verifies it and finds the same content; not knowing our version, it refuses."""
    what = envelope.seal(envelope.sign(message(), ARUNIA), message(), ARUNIA, BELUGA, is_classical=True)
    key = JWK(**BELUGA.newest(keys.ENCRYPT).jwk)
    stranger = JWE(algs=[sealing.KEY_WRAP, sealing.CIPHER])
    with pytest.raises(InvalidJWEData, match="lv"):
        stranger.deserialize(what.sealed, key)
    ours = {"lv": JWSEHeaderParameter("version", True, True, None)}
    known = JWE(algs=[sealing.KEY_WRAP, sealing.CIPHER], header_registry=ours)
    known.deserialize(what.sealed, key)
    signed = JWS(header_registry={"lv": JWSEHeaderParameter("version", True, True, None)})
    signed.allowed_algs = ["Ed25519", "EdDSA"]
    signed.deserialize(known.payload.decode(), JWK(**ARUNIA.public().newest(keys.SIGN).jwk))
    assert contents.read(signed.payload) == message()


@given(st.data())
def test_a_changed_byte_anywhere_is_refused(data: st.DataObject) -> None:
    what = WHOLE
    part = data.draw(st.sampled_from(["routing", "sealed"]))
    text = getattr(what, part)
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("AZaz09-_.=+ é").filter(lambda one: one != text[place]))
    changed = replace(what, **{part: text[:place] + letter + text[place + 1 :]})
    assert refusal(changed) in REASONS


WHOLE = sent(message())


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("not_for_us", lambda: sent(message(recipient=STRANGER.id))),
        ("unknown_key", lambda: sent(message(), to=replace(STRANGER, id=BELUGA.id))),
        ("bad_signature", lambda: sent(message(), by=replace(STRANGER, id=ARUNIA.id))),
        ("altered", lambda: replace(WHOLE, sealed=sent(message(id="m-2")).sealed)),
        ("altered", lambda: envelope.seal(envelope.sign(message(id="m-2"), ARUNIA), message(), ARUNIA, BELUGA)),
        ("altered", lambda: sent(message(issuer=STRANGER.id))),
        ("expired", lambda: sent(message(expires_at=NOW - timedelta(minutes=11)))),
        ("from_the_future", lambda: sent(message(at=NOW + timedelta(minutes=11)))),
        ("unknown_type", lambda: sent(message("gossip"))),
        ("bad_body", lambda: sent(message(body={"subject": "x"}))),
        ("bad_body", lambda: sent(message(body={**message().body, "more": "x"}))),
        ("bad_body", lambda: sent(message(body={**message().body, "facts": "x" * 20_001}))),
        ("bad_handling", lambda: sent(message(handling=replace(message().handling, uses=frozenset({"border"}))))),
        ("bad_envelope", lambda: Envelope("", "")),
        ("bad_envelope", lambda: replace(WHOLE, routing="a.b")),
    ],
)
def test_a_forgery_is_refused_with_its_reason(code: str, made: Callable[[], Envelope]) -> None:
    assert refusal(made()) == code


def test_clocks_may_differ_by_ten_minutes() -> None:
    assert opened(sent(message(at=NOW + timedelta(minutes=9)))).id == "m-1"
    assert opened(sent(message(expires_at=NOW - timedelta(minutes=9)))).id == "m-1"


def crafted(header: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """The routing header of the whole envelope under another header, signed by hand."""
    begun = f"{wire.said(orjson.dumps(header))}.{WHOLE.routing.split('.')[1]}"
    return f"{begun}.{wire.said(sign(begun.encode()))}"


def by_arunia(data: bytes) -> bytes:
    private = ARUNIA.newest(keys.SIGN).key.private_key
    assert isinstance(private, Ed25519PrivateKey)
    return private.sign(data)


HEADER = {"alg": keys.SIGN, "kid": ARUNIA.newest(keys.SIGN).id, "typ": envelope.ROUTING, "lv": 1, "crit": ["lv"]}
PUBLIC = wire.raw(ARUNIA.public().newest(keys.SIGN).jwk["x"])


def test_what_is_crafted_by_hand_opens_when_it_is_right() -> None:
    assert opened(replace(WHOLE, routing=crafted(HEADER, by_arunia))) == message()


@pytest.mark.parametrize(
    ("change", "sign"),
    [
        ({"alg": "none"}, lambda _: b""),
        ({"alg": "HS256"}, lambda data: hmac.digest(PUBLIC, data, "sha256")),  # the public key as a shared secret
        ({"alg": "EdDSA"}, by_arunia),  # the older name, which means more than one algorithm
        ({"lv": 0}, by_arunia),
        ({"lv": None}, by_arunia),
        ({"crit": None}, by_arunia),
        ({"typ": envelope.CONTENT}, by_arunia),  # what was signed as one thing is not passed off as another
    ],
)
def test_another_algorithm_version_or_kind_is_refused(change: dict[str, Any], sign: Callable[[bytes], bytes]) -> None:
    header = {name: value for name, value in (HEADER | change).items() if value is not None}
    assert refusal(replace(WHOLE, routing=crafted(header, sign))) == "downgraded"


@pytest.mark.parametrize(
    "more", [{"jwk": {}}, {"b64": False, "crit": ["lv", "b64"]}, {"crit": ["lv", "exp"], "exp": 1}]
)
def test_a_header_with_more_than_ours_is_refused(more: dict[str, Any]) -> None:
    assert refusal(replace(WHOLE, routing=crafted(HEADER | more, by_arunia))) == "downgraded"


def test_keys_that_were_followed_by_newer_ones_are_good_until_they_end() -> None:
    later = keys.rotated(BELUGA, NOW)
    assert opened(WHOLE, own=later) == message(), "what was on its way when the keys changed"
    after = NOW + keys.OVERLAP
    late = sent(message(at=after, expires_at=after + timedelta(days=1)))
    assert refusal(late, own=later, at=after) == "unknown_key"
    renewed = keys.rotated(ARUNIA, NOW)
    assert opened(WHOLE, sender=renewed.public()) == message()
    assert opened(sent(message(), by=renewed), sender=renewed.public()) == message()


def test_a_compromised_key_ends_at_once() -> None:
    renewed = keys.rotated(ARUNIA, NOW, overlap=timedelta())
    assert refusal(WHOLE, sender=renewed.public()) == "bad_signature"


def test_a_card_vouches_for_itself_and_for_its_successor() -> None:
    assert keys.open_card(keys.sign(ARUNIA, ARUNIA)) == ARUNIA.public()
    successor = keys.rotated(ARUNIA, NOW)
    signed = keys.sign(successor, ARUNIA)

    def known(key_id: str) -> OKPKey | None:
        return ARUNIA.public().of(key_id, keys.SIGN, NOW)

    assert keys.open_card(signed, known) == successor.public()
    for card, who in ((signed, None), (keys.sign(successor, STRANGER), known), ("x" * 20_000, None), ("a.b.c", None)):
        with pytest.raises(Exception, match="no card of a node") as caught:
            keys.open_card(card, who)
        assert caught.value.code == "bad_card"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "address",
    ["http://10.0.0.1", "ftp://fiu.example", "https://fiu.example/path", "https://u:p@fiu.example", "x", "//x"],
)
def test_a_card_leads_nowhere_but_to_a_node(address: str) -> None:
    card = replace(ARUNIA, address=address)
    with pytest.raises(InputError) as caught:
        keys.open_card(keys.sign(card, card))
    assert caught.value.code == "bad_card"


def test_a_card_tells_no_secret() -> None:
    text = wire.parts(keys.sign(ARUNIA, ARUNIA))[1]
    for key, name in zip(ARUNIA.keys, ("d", "d", "priv", "d"), strict=True):
        assert f'"{name}"'.encode() not in text
        assert key.jwk[name].encode() not in text


def test_fingerprints_differ_with_the_name_and_with_any_key() -> None:
    fresh, (sign, encrypt, hybrid, line) = keys.made(NOW), ARUNIA.keys
    cards = [
        ARUNIA,
        replace(ARUNIA, id="xa.police"),
        replace(ARUNIA, keys=(fresh[0], encrypt, hybrid, line)),
        replace(ARUNIA, keys=(sign, fresh[1], hybrid, line)),
        replace(ARUNIA, keys=(sign, encrypt, fresh[2], line)),
        replace(ARUNIA, keys=(sign, encrypt, hybrid, fresh[3])),
        replace(ARUNIA, keys=(sign, encrypt, line)),
        replace(ARUNIA, keys=(sign, encrypt)),
    ]
    assert len({card.fingerprint for card in cards}) == 8
    assert {len(card.fingerprint) for card in cards} == {32}


@pytest.mark.parametrize("name", types.names())
def test_the_sample_of_each_type_crosses_and_arrives_the_same(name: str) -> None:
    body = orjson.loads((shelf.folder(types.SHELF, name) / "sample.json").read_bytes())
    what = message(name, body, reply_to=None if types.of(name).opens else "m-0")
    assert opened(sent(what)) == what
    with pytest.raises(RefusedError) as caught:
        contents.check(replace(what, body={**body, "and": "something else"}))
    assert caught.value.code == "bad_body"
