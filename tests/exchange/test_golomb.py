"""Sets in Golomb's code."""

import math
import struct
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.exchange import golomb
from lintas.model.errors import InputError, TooLargeError


@st.composite
def sets(draw: st.DrawFn) -> tuple[golomb.Numbers, int]:
    bits = draw(st.integers(1, 64))
    numbers = draw(st.sets(st.integers(0, 2**bits - 1), max_size=60))
    return np.array(sorted(numbers), np.uint64), bits


def _spread(n: int, bits: int, seed: int = 1) -> golomb.Numbers:
    return np.unique(np.random.default_rng(seed).integers(0, 2**bits, n, np.uint64))


def _outcome(data: bytes) -> tuple[golomb.Numbers, int] | None:
    try:
        return golomb.decode(data)
    except InputError as error:
        codes = {"bad_set", "too_large"} - {error.code}
    assert len(codes) == 1
    return None


@given(sets())
def test_a_set_comes_back(given_set: tuple[golomb.Numbers, int]) -> None:
    numbers, bits = given_set
    found, found_bits = golomb.decode(golomb.encode(numbers, bits))
    assert found.tolist() == numbers.tolist()
    assert (found.dtype, found_bits) == (np.dtype("uint64"), bits)


@pytest.mark.parametrize(
    ("numbers", "bits"),
    [
        ([], 1),
        ([], 64),
        ([0], 64),
        ([2**64 - 1], 64),
        ([0, 2**64 - 1], 64),
        ([2**64 - 2, 2**64 - 1], 64),
        ([0, 1], 1),
        (range(256), 8),
    ],
)
def test_the_ends_of_a_range_come_back(numbers: list[int], bits: int) -> None:
    found, _ = golomb.decode(golomb.encode(np.array(list(numbers), np.uint64), bits))
    assert found.tolist() == list(numbers)


@pytest.mark.parametrize("n", [1, 8, 1000, (1 << 18) + 3])  # the last: more than one chunk
@pytest.mark.parametrize("bits", [20, 47, 64])
def test_sets_of_chance_come_back_in_few_bits(n: int, bits: int) -> None:
    numbers = _spread(n, bits)
    data = golomb.encode(numbers, bits)
    assert np.array_equal(golomb.decode(data)[0], numbers)
    if n >= 1000:
        share = len(numbers) / 2**bits
        rest = (1 - share) * math.log1p(-share) / math.log(2)
        entropy = -(math.log2(share) + rest / share)  # bits a number, at best
        assert entropy < 8 * len(data) / len(numbers) < entropy + 0.2


def test_the_layout_is_the_one_that_is_written_down() -> None:
    # 4 numbers below 32: the mean gap of 8 times ln 2 is 5.5, so 2 low bits. Gaps 3 0 9 4: high 0 0 2 1, low 3 0 1 0.
    data = golomb.encode(np.array([3, 4, 14, 19], np.uint64), 5)
    assert data == struct.pack(">BI", 5, 4) + bytes([0b1_1_001_01_0, 0b11_00_01_00])


@given(st.binary(max_size=80))
def test_any_bytes_are_the_only_encoding_of_a_set_or_refused(data: bytes) -> None:
    if (found := _outcome(data)) is not None:
        assert golomb.encode(*found) == data


@given(sets(), st.data())
def test_a_damaged_set_is_a_set_or_refused(given_set: tuple[golomb.Numbers, int], draws: st.DataObject) -> None:
    data = bytearray(golomb.encode(*given_set))
    at = draws.draw(st.integers(0, len(data) - 1))
    data[at] ^= draws.draw(st.integers(1, 255))
    if (found := _outcome(bytes(data))) is not None:
        assert golomb.encode(*found) == data


@given(sets(), st.data())
def test_a_set_that_was_cut_off_or_added_to_is_another_set_or_refused(
    given_set: tuple[golomb.Numbers, int], draws: st.DataObject
) -> None:
    data = golomb.encode(*given_set)
    cut = data[: draws.draw(st.integers(0, len(data) - 1))]
    for other in (cut, data + draws.draw(st.binary(min_size=1, max_size=9))):
        if (found := _outcome(other)) is not None:
            assert golomb.encode(*found) == other


@given(st.integers(0, 255), st.integers(0, 2**32 - 1), st.binary(max_size=40))
def test_a_header_that_promises_much_takes_no_memory_and_no_time(bits: int, n: int, rest: bytes) -> None:
    started = perf_counter()
    _outcome(struct.pack(">BI", bits, n) + rest)
    assert perf_counter() - started < 1


@pytest.mark.parametrize(
    ("n", "unary"),
    [
        (2, 0b00000110),  # a high part of 5, of 2 bits at most: shifted by 62 it would lose its head
        (3, 0b0001000100010000),  # three gaps of 3 * 2**61: together over 2**64
    ],
)
def test_gaps_that_run_over_the_range_are_refused(n: int, unary: int) -> None:
    high = unary.to_bytes(n - 1)
    width = {2: 62, 3: 61}[n]
    with pytest.raises(InputError) as refused:
        golomb.decode(struct.pack(">BI", 64, n) + high + bytes((n * width + 7) // 8))
    assert refused.value.code == "bad_set"


def test_a_set_over_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(TooLargeError):
        golomb.decode(struct.pack(">BI", 64, golomb.MAX_NUMBERS + 1))


@pytest.mark.parametrize(("numbers", "bits"), [([1, 1], 8), ([2, 1], 8), ([256], 8), ([1], 0), ([1], 65)])
def test_what_is_no_set_is_not_written(numbers: list[int], bits: int) -> None:
    with pytest.raises(InputError) as refused:
        golomb.encode(np.array(numbers, np.uint64), bits)
    assert refused.value.code == "bad_set"


def test_a_million_numbers_are_written_and_read_in_seconds() -> None:
    numbers = _spread(1_000_000, 50)
    started = perf_counter()
    data = golomb.encode(numbers, 50)
    found, _ = golomb.decode(data)
    assert perf_counter() - started < 10  # half a second on an idle core
    assert np.array_equal(found, numbers)
    assert len(data) < 4_100_000
