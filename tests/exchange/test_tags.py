"""Sets of tags."""

import os
from collections.abc import Iterable
from hashlib import shake_256

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lintas.exchange import golomb, oprf, tags
from lintas.exchange.oprf import Mode
from lintas.exchange.tags import TagSet
from lintas.model.errors import InputError, TooLargeError

RATE = 1e-9
PAIR = oprf.derive_key_pair(b"\x01" * 32, b"", mode=Mode.VOPRF)
OTHER = oprf.derive_key_pair(b"\x02" * 32, b"", mode=Mode.VOPRF)
CHANCE = shake_256(b"chance").digest
few_texts = st.sets(st.binary(max_size=20), max_size=12)


def _build(texts: Iterable[bytes], secret: bytes = PAIR.secret, processes: int = 1) -> TagSet:
    return tags.build(secret, texts, mode=Mode.VOPRF, rate=RATE, draw=CHANCE, processes=processes)


def _outputs(texts: Iterable[bytes], secret: bytes = PAIR.secret) -> list[bytes]:
    return [oprf.output(secret, text, mode=Mode.VOPRF) for text in texts]


def _numbered(n: int) -> list[bytes]:
    return [b"passport|MY|A%07d" % i for i in range(n)]


@given(few_texts, few_texts)
def test_what_is_held_is_found_and_nothing_else(held: set[bytes], asked: set[bytes]) -> None:
    built = _build(held)
    assert built.holds(_outputs(held)) == [True] * len(held)
    assert built.holds(_outputs(sorted(asked))) == [text in held for text in sorted(asked)]
    assert built.holds(_outputs(sorted(held), OTHER.secret)) == [False] * len(held)


def test_what_is_asked_in_the_dark_is_found() -> None:
    built = _build(_numbered(3))
    for text, is_held in ((b"passport|MY|A0000002", True), (b"passport|MY|A0000003", False)):
        scalar, element = oprf.blind(text, mode=Mode.VOPRF)
        assert (oprf.finalize(text, scalar, *oprf.evaluate(PAIR.secret, [element])) in built) is is_held


@given(st.lists(st.binary(max_size=20), max_size=12), st.randoms())
def test_order_and_repetition_do_not_show(texts: list[bytes], chance: object) -> None:
    mixed = texts + texts[: len(texts) // 2]
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert _build(mixed).to_bytes() == _build(sorted(set(texts))).to_bytes()


def test_a_text_given_a_thousand_times_is_one_tag() -> None:
    assert _build([b"A1234567"] * 1000).to_bytes() == _build([b"A1234567"]).to_bytes()


def test_chance_that_hits_a_tag_does_not_make_the_set_smaller() -> None:
    words = b"".join(output[:8] for output in _outputs(_numbered(9)))
    built = tags.build(
        PAIR.secret,
        _numbered(50),
        mode=Mode.VOPRF,
        rate=RATE,
        draw=lambda n: (words + CHANCE(n))[:n],
    )
    assert len(np.unique(built.tags)) == 64


@given(few_texts)
def test_a_set_comes_back_from_its_bytes(texts: set[bytes]) -> None:
    built = _build(texts)
    found = tags.from_bytes(built.to_bytes())
    assert np.array_equal(found.tags, built.tags)
    assert (found.bits, found.rate) == (built.bits, built.rate)


@given(st.integers(0, 10**7))
def test_a_bucket_holds_its_tags_and_is_one_of_few(n: int) -> None:
    size = tags.bucket(n)
    assert max(n, 64) <= size <= max(n + 64, n * 17 / 16)
    assert size % 64 == 0
    assert size <= 1024 or len(f"{size:b}".rstrip("0")) <= 5  # sixteen sizes from one power of two to the next
    assert tags.bucket(size) == size
    assert tags.bucket(n + 1) >= size


def test_the_buckets_that_are_written_down() -> None:
    given_sizes = [0, 1, 64, 65, 1000, 1024, 1025, 2048, 2049, 1_000_000]
    assert [tags.bucket(n) for n in given_sizes] == [64, 64, 64, 128, 1024, 1024, 1088, 2048, 2176, 1_015_808]


def test_sets_of_one_bucket_have_one_size_and_one_rate() -> None:
    one, other = _build(_numbered(65)), _build(_numbered(128))
    assert (len(one), one.bits) == (len(other), other.bits) == (128, 37)


@given(st.integers(1, 10**6), st.floats(1e-12, tags.MAX_RATE))
def test_the_bits_keep_the_rate(n: int, rate: float) -> None:
    bits = tags.bits_for(n, rate)
    assert rate / 2 < n / 2**bits <= rate


def test_so_many_texts_that_are_not_held_are_found_as_the_rate_says() -> None:
    built = tags.build(PAIR.secret, _numbered(10), mode=Mode.VOPRF, rate=2**-10, draw=CHANCE)
    assert built.rate == 2**-10
    noise = np.frombuffer(np.random.default_rng(5).bytes(64 * 200_000), "S64")
    found = sum(built.holds([bytes(one).ljust(64, b"\0") for one in noise]))
    assert 130 < found < 265  # 195 expected; beyond this is five standard deviations


def test_tags_of_chance_look_like_tags_and_stay_from_one_publication_to_the_next() -> None:
    before, after = _build(_numbered(10)), _build(_numbered(11))
    assert len(np.setdiff1d(after.tags, before.tags)) == 1
    assert len(np.setdiff1d(before.tags, after.tags)) == 1  # one of chance gave way
    empty = _build([])
    assert empty.bits == before.bits
    assert 0.3 < float(np.mean(empty.tags / 2**empty.bits)) < 0.7


def test_other_chance_gives_another_filling_and_the_same_answers() -> None:
    built = tags.build(PAIR.secret, _numbered(10), mode=Mode.VOPRF, rate=RATE, draw=os.urandom)
    assert len(np.intersect1d(built.tags, _build(_numbered(10)).tags)) == 10
    assert all(built.holds(_outputs(_numbered(10))))


def test_several_processes_build_the_same_set(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = _build(_numbered(300))
    monkeypatch.setattr(tags, "SPREAD_FROM", 100)
    monkeypatch.setattr(tags, "_CHUNK", 70)
    assert _build(_numbered(300), processes=2).to_bytes() == alone.to_bytes()


@settings(max_examples=300)
@given(st.binary(max_size=60), st.data())
def test_a_damaged_set_is_a_set_or_refused(junk: bytes, draws: st.DataObject) -> None:
    whole = _build([]).to_bytes()
    at = draws.draw(st.integers(0, len(whole)))
    for data in (junk, tags.VERSION + junk, whole[:at], whole[:at] + junk + whole[at + len(junk) :]):
        written, code = data, ""
        try:
            written = tags.from_bytes(data).to_bytes()
        except InputError as error:
            code = error.code
        assert written == data
        assert code in {"", "bad_version", "bad_set", "too_large"}


@pytest.mark.parametrize("rate", [0.0, -1.0, 2**-9, 1.0, 1e-30, float("nan")])
def test_a_rate_that_cannot_be_had_is_refused(rate: float) -> None:
    with pytest.raises(InputError) as refused:
        tags.build(PAIR.secret, [b"a"], mode=Mode.VOPRF, rate=rate, draw=CHANCE)
    assert refused.value.code == "bad_rate"


def test_a_source_that_repeats_itself_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        tags.build(PAIR.secret, [b"a"], mode=Mode.VOPRF, rate=RATE, draw=bytes)
    assert refused.value.code == "bad_chance"


def test_an_output_of_another_length_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        _build([]).holds([bytes(63)])
    assert refused.value.code == "bad_output"


def test_a_set_over_the_limit_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(golomb, "MAX_NUMBERS", 63)
    with pytest.raises(TooLargeError):
        _build([]).to_bytes()


def test_a_key_that_is_none_is_refused_before_anything_is_computed() -> None:
    with pytest.raises(InputError) as refused:
        _build([b"a"], secret=bytes(32))
    assert refused.value.code == "bad_scalar"
