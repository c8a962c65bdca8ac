"""A parcel is read as it was packed, or refused; whatever the bytes, nothing else happens."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.exchange import envelope, parcel
from lintas.exchange.refused import REASONS, RefusedError
from lintas.model.message import Envelope
from tests.exchange.agencies import ARUNIA, BELUGA, NOW, message

SAID, ENCRYPTED = parcel.attach("tags", b"a set of tags")
MESSAGE = message(attachments=(SAID,))
WHOLE = envelope.seal(envelope.sign(MESSAGE, ARUNIA), MESSAGE, ARUNIA, BELUGA, (ENCRYPTED,))
PACKED = parcel.pack(WHOLE)


def refusal(what: Envelope) -> str:
    with pytest.raises(RefusedError) as caught:
        envelope.open_(what, BELUGA, ARUNIA.public(), NOW)
    return caught.value.code


@given(st.text(max_size=20), st.text(max_size=20), st.lists(st.binary(max_size=50), max_size=5))
def test_it_is_read_as_it_was_packed(routing: str, sealed: str, beside: list[bytes]) -> None:
    what = Envelope(
        routing.encode("ascii", "ignore").decode(), sealed.encode("ascii", "ignore").decode(), tuple(beside)
    )
    assert parcel.unpack(parcel.pack(what)) == what


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda tail: parcel.MAGIC + tail))
def test_bytes_that_are_no_parcel_are_refused(data: bytes) -> None:
    with pytest.raises(RefusedError) as caught:
        parcel.unpack(data)
    assert caught.value.code == "bad_envelope"


@given(st.integers(0, len(PACKED) - 1), st.integers(1, 255))
def test_a_byte_that_was_changed_on_the_way_is_found(place: int, by: int) -> None:
    damaged = bytearray(PACKED)
    damaged[place] ^= by
    with pytest.raises(RefusedError) as caught:
        envelope.open_(parcel.unpack(bytes(damaged)), BELUGA, ARUNIA.public(), NOW)
    assert caught.value.code in REASONS


def test_what_travels_beside_is_what_the_message_says_or_nothing_is() -> None:
    assert envelope.open_(parcel.unpack(PACKED), BELUGA, ARUNIA.public(), NOW).attachments == (b"a set of tags",)
    _, other = parcel.attach("tags", b"another set.")
    assert refusal(replace(WHOLE, attachments=(other,))) == "altered"
    assert refusal(replace(WHOLE, attachments=())) == "altered"
    assert refusal(replace(WHOLE, attachments=(ENCRYPTED, ENCRYPTED))) == "altered"


def test_the_same_thing_is_encrypted_otherwise_each_time() -> None:
    assert parcel.attach("tags", b"a set of tags")[1] != ENCRYPTED


def test_one_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(RefusedError) as caught:
        parcel.unpack(PACKED + bytes(parcel.MAX_BYTES))
    assert caught.value.code == "too_large"


def test_a_thousand_questions_cross_in_forty_kilobytes() -> None:
    said, encrypted = parcel.attach("elements", bytes(32 * 1000))
    body = {"name": "account-holders", "n": 1000, "commitment": "0" * 64, "legal_basis": "Article 12"}
    asked = message("match_batch", body, reply_to="m-0", attachments=(said,))
    sealed = envelope.seal(envelope.sign(asked, ARUNIA), asked, ARUNIA, BELUGA, (encrypted,))
    assert len(parcel.pack(sealed)) <= 40_000
