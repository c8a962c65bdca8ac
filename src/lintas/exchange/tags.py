"""What a holder lets one peer know of its register for one epoch: a set of tags that nobody can guess into.

A tag is the first `bits` bits of the OPRF output of a text, so a peer learns whether a text is held only where the
holder evaluated it. The set has no order, no counts, and a size of few values: it is filled with tags of chance to the
next bucket. Equal texts give equal tags under one key alone, so every peer and epoch has a key of its own.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import ceil, log2
from multiprocessing import get_context

import numpy as np

from lintas.exchange import golomb, oprf
from lintas.exchange.golomb import Numbers
from lintas.model.errors import InputError

VERSION = b"lintas-tags-1\n"
MIN_BUCKET = 64  # ours: tags; the smallest size that is shown, and the least step between two sizes
STEPS = 16  # ours: sizes from one power of two to the next, so a set grows by 1/16 at most
MAX_RATE = 2**-10  # ours: at this rate already one text in a thousand is found that is not held
SPREAD_FROM = 200_000  # ours: texts, ten seconds of one core; for fewer, new processes cost more than they save
_CHUNK = 2_000  # texts handed to a process at once
_SPARE = 8  # tags of chance that are drawn beyond twice those that are missing
_WORD = 8  # bytes of an output that a tag is cut from


@dataclass(frozen=True, eq=False)
class TagSet:
    """`tags`: rising, each below 2 ** bits."""

    tags: Numbers
    bits: int

    @property
    def rate(self) -> float:
        """How likely a text that is not held is found: n / 2 ** bits. A peer's set may be any; its reader looks."""
        return len(self) / float(2**self.bits)

    def __len__(self) -> int:
        return len(self.tags)

    def __contains__(self, output: bytes) -> bool:
        return self.holds([output])[0]

    def holds(self, outputs: Sequence[bytes]) -> list[bool]:
        """Whether the texts of OPRF outputs (64 bytes each) are held. Raises InputError `bad_output`."""
        if any(len(output) != oprf.N_OUTPUT for output in outputs):
            raise InputError("This is no output", do="Finish the exchange first.", code="bad_output")
        asked = _cut(b"".join(output[:_WORD] for output in outputs), self.bits)
        at = np.searchsorted(self.tags, asked)
        within = at < len(self.tags)
        within[within] = self.tags[at[within]] == asked[within]
        return [bool(one) for one in within]

    def tags_of(self, outputs: Sequence[bytes]) -> list[int]:
        """The tags of OPRF outputs, as they stand in this set when they are held."""
        return [int(one) for one in _cut(b"".join(output[:_WORD] for output in outputs), self.bits)]

    def to_bytes(self) -> bytes:
        """The version, then `golomb` with bits and n: about log2(1 / rate) + 2 bits a tag. Raises TooLargeError."""
        return VERSION + golomb.encode(self.tags, self.bits)


def from_bytes(data: bytes) -> TagSet:
    """A set as a peer published it. Raises InputError `bad_version`, `bad_set`; TooLargeError."""
    if not data.startswith(VERSION):
        do = "Ask the peer for a set in the version that this node reads."
        raise InputError("This is no set of tags that this node can read", do=do, code="bad_version")
    return TagSet(*golomb.decode(data[len(VERSION) :]))


def build(
    secret: bytes,
    texts: Iterable[bytes],
    *,
    mode: oprf.Mode,
    rate: float,
    draw: Callable[[int], bytes],
    processes: int = 1,
) -> TagSet:
    """The set of distinct texts. `rate`: at most so likely is a text that is not held found, 1e-9 for one in a billion.

    `draw(n)`: n bytes of chance. Within one epoch they must be the same each time, as from a key of the holder's
    (`shake_256(seed).digest`), or what stays from one publication to the next tells tags from chance. Raises InputError
    `bad_rate`, `bad_chance`, `bad_scalar`; TooLargeError.
    """
    distinct = list(set(texts))
    size = bucket(len(distinct))
    bits = bits_for(size, rate)
    held = np.unique(_cut(_words(secret, mode, distinct, processes), bits))
    return TagSet(_filled(held, size, bits, draw), bits)


def among(secret: bytes, texts: Iterable[bytes], of: TagSet, *, mode: oprf.Mode) -> TagSet:
    """The tags of some of the texts of a set, and no others."""
    return TagSet(np.unique(_cut(_first_words(secret, mode, list(texts)), of.bits)), of.bits)


def bucket(n: int) -> int:
    """The size a set of n tags is filled to: the next multiple of 1/16 of the power of two in n, of 64 at least."""
    step = max(MIN_BUCKET, (1 << max(n, 1).bit_length() - 1) // STEPS)
    return max(1, -(-n // step)) * step


def bits_for(n: int, rate: float) -> int:
    """Bits of a tag: ceil(log2(n / rate)), so that n tags fill at most `rate` of the range. Raises InputError."""
    if not 0 < rate <= MAX_RATE or (bits := ceil(log2(n / rate))) > golomb.MAX_BITS:
        do = f"Give a rate up to {MAX_RATE}, and one that leaves a tag {golomb.MAX_BITS} bits."
        raise InputError("This rate of false hits cannot be had", do=do, code="bad_rate")
    return bits


def _words(secret: bytes, mode: oprf.Mode, texts: Sequence[bytes], processes: int) -> bytes:
    work = partial(_first_words, secret, mode)
    if processes == 1 or len(texts) < SPREAD_FROM:
        return work(texts)
    chunks = [texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK)]
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:  # a fork would take locks of other threads along
        return b"".join(pool.map(work, chunks))


def _first_words(secret: bytes, mode: oprf.Mode, texts: Sequence[bytes]) -> bytes:
    return b"".join(oprf.output(secret, text, mode=mode)[:_WORD] for text in texts)


def _cut(words: bytes, bits: int) -> Numbers:
    return np.frombuffer(words, ">u8").astype(np.uint64) >> np.uint64(golomb.MAX_BITS - bits)


def _filled(held: Numbers, size: int, bits: int, draw: Callable[[int], bytes]) -> Numbers:
    """`held` with the first tags of chance that are not in it; at MAX_RATE too few are drawn once in 10 ** 27 sets."""
    missing = size - len(held)
    drawn = _cut(draw((2 * missing + _SPARE) * _WORD), bits)
    fresh = dict.fromkeys(drawn[~np.isin(drawn, held)].tolist())
    if len(fresh) < missing:
        raise InputError("What was drawn is not chance", do="Give a sound source.", code="bad_chance")
    return np.sort(np.concatenate([held, np.array(list(fresh)[:missing], np.uint64)]))
