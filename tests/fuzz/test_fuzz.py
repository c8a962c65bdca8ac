"""The targets of `make fuzz` in short: their seeds, and seeds that were broken a little, in the same way every time."""

import random
from collections.abc import Iterator

import pytest

from lintas.sources import catalogue
from tests.fuzz.targets import BETWEEN, Target, targets

TARGETS = targets()
N_SHORT, N_LONG = 60, 3000  # broken inputs of each target
PIECES = (b"\x00", b"\xff", b'"', b"<", b"&", b"\n", b",", b"{", b"]", b"\xe0\xb8\x81", b"9" * 30, b"-", b"=", BETWEEN)


def broken(seed: bytes, chance: random.Random) -> bytes:
    """A seed with some of it cut out, doubled, moved, or overwritten."""
    content = bytearray(seed)
    for _ in range(chance.randint(1, 6)):
        at, n = chance.randrange(len(content) + 1), chance.choice((1, 1, 2, 8, 64, 512))
        kind = chance.randrange(5)
        if kind == 0:
            del content[at : at + n]
        elif kind == 1:
            content[at:at] = content[at : at + n]
        elif kind == 2:
            content[at:at] = chance.choice(PIECES)
        elif kind == 3:
            content[at : at + 1] = bytes((chance.randrange(256),))
        else:
            to = chance.randrange(len(content) + 1)
            content[to : to + n] = content[at : at + n]
    return bytes(content)


def inputs(target: Target, n: int) -> Iterator[bytes]:
    chance = random.Random(20261122)
    yield from (b"", *target.seeds)
    for number in range(n):
        yield broken(target.seeds[number % len(target.seeds)], chance)


@pytest.mark.parametrize("n", [N_SHORT, pytest.param(N_LONG, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", TARGETS)
def test_nothing_but_an_error_of_ours_comes_out(name: str, n: int) -> None:
    target, n_read = TARGETS[name], 0
    for content in inputs(target, n):
        try:
            target.run(content)
            n_read += 1
        except target.allowed:
            continue
    assert n_read > 0, "not even the seeds are read"


def test_every_list_of_the_shelf_is_fuzzed() -> None:
    assert {f"list {source.name}" for source in catalogue.sources()} <= set(TARGETS)
