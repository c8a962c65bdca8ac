"""A set of uniformly spread numbers in few bytes: the gaps between them, in Golomb's code with a power of two.

About log2(range / n) + 1.5 bits a number; whoever holds the bytes can list the set. Layout, all big-endian: one byte
`bits` (the numbers are below 2 ** bits), four bytes n; then for each gap its high part, unary (so many zeros, a one),
padded to a byte with zeros; then for each gap its low part, of `width` bits, padded likewise. A gap counts the numbers
left out between two of the set, or before the first. A set has exactly one encoding.
"""

import struct
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from lintas.model.errors import InputError, TooLargeError

MAX_NUMBERS = 1 << 24  # ours: 16.8 million, which take 1.3 GB to read
MAX_BITS = 64
_HEADER = struct.Struct(">BI")
_CHUNK = 1 << 18  # numbers whose bits are spread out at once (16 MB); a multiple of 8, so that it fills whole bytes

Numbers = npt.NDArray[np.uint64]
Bits = npt.NDArray[np.uint8]


def encode(numbers: Numbers, bits: int) -> bytes:
    """The bytes of strictly rising numbers below 2 ** bits. Raises InputError `bad_set`, TooLargeError."""
    n = len(numbers)
    _limit(n)
    if not 1 <= bits <= MAX_BITS or (n and int(numbers[-1]) >> bits) or not bool((numbers[1:] > numbers[:-1]).all()):
        raise InputError("This is no set", do="Give rising numbers that fit the bits.", code="bad_set")
    gaps = np.diff(numbers, prepend=np.uint64(0)) - (np.arange(n) > 0).astype(np.uint64)
    width = _width(n, bits)
    return _HEADER.pack(bits, n) + _unary(gaps >> np.uint64(width)) + b"".join(_low(gaps, width))


def decode(data: bytes) -> tuple[Numbers, int]:
    """The numbers of a set, rising, and their bits; takes 80 bytes of memory a number at most.

    Raises InputError `bad_set` for what `encode` does not write, TooLargeError.
    """
    bits, n, width, unary, packed = _parts(data)
    high, after_first = _highs(unary, n), np.arange(n) > 0
    if n and int(high.max()) > ((1 << bits) - 1) >> width:
        raise _damaged()
    gaps = (high << np.uint64(width)) | _lows(packed, n, width)
    numbers = np.cumsum(gaps + after_first.astype(np.uint64), dtype=np.uint64)
    if n and (int(numbers[-1]) >> bits or not bool((numbers[1:] > numbers[:-1]).all())):  # it ran over
        raise _damaged()
    return numbers, bits


def _parts(data: bytes) -> tuple[int, int, int, Bits, Bits]:
    """Bits, n, width, and the high and the low parts, once their sizes fit one another."""
    if len(data) < _HEADER.size:
        raise _damaged()
    bits, n = _HEADER.unpack_from(data)
    _limit(n)
    width = _width(n, bits)
    n_high = len(data) - _HEADER.size - (n * width + 7) // 8
    if not 1 <= bits <= MAX_BITS or not n <= n_high * 8 <= n + ((1 << bits) >> width) + 7:
        raise _damaged()
    rest = np.frombuffer(data, np.uint8)[_HEADER.size :]
    return bits, n, width, rest[:n_high], rest[n_high:]


def _width(n: int, bits: int) -> int:
    """Bits of the low part, 0 to 63: log2 of the mean gap times ln 2, the best for gaps of chance (Golomb 1966)."""
    return max(0, ((1 << bits) * 45426 // 65536 // max(1, n)).bit_length() - 1)


def _unary(high: Numbers) -> bytes:
    ends = np.cumsum(high + np.uint64(1), dtype=np.uint64)
    spread = np.zeros(int(ends[-1]) if len(ends) else 0, np.uint8)
    spread[ends.astype(np.int64) - 1] = 1
    return np.packbits(spread).tobytes()


def _highs(unary: Bits, n: int) -> Numbers:
    ones = np.flatnonzero(np.unpackbits(unary))
    if len(ones) != n or len(unary) != (int(ones[-1]) // 8 + 1 if n else 0):
        raise _damaged()
    return (np.diff(ones, prepend=-1) - 1).astype(np.uint64)


def _low(gaps: Numbers, width: int) -> Iterator[bytes]:
    for start in range(0, len(gaps) if width else 0, _CHUNK):
        spread = np.unpackbits(gaps[start : start + _CHUNK].astype(">u8").view(np.uint8).reshape(-1, 8), axis=1)
        yield np.packbits(spread[:, MAX_BITS - width :]).tobytes()


def _lows(packed: Bits, n: int, width: int) -> Numbers:
    low = np.zeros(n, np.uint64)
    for start in range(0, n if width else 0, _CHUNK):
        count = min(_CHUNK, n - start)
        spread = np.unpackbits(packed[start * width // 8 :][: (count * width + 7) // 8])
        if spread[count * width :].any():
            raise _damaged()
        whole = np.zeros((count, MAX_BITS), np.uint8)
        whole[:, MAX_BITS - width :] = spread[: count * width].reshape(count, width)
        low[start : start + count] = np.packbits(whole, axis=1).view(">u8").ravel()
    return low


def _limit(n: int) -> None:
    if n > MAX_NUMBERS:
        raise TooLargeError("This set is too large", do=f"Give at most {MAX_NUMBERS} numbers.")


def _damaged() -> InputError:
    return InputError("This set is damaged", do="Ask the sender again.", code="bad_set")
