"""Groups of at most n. Stands in for itertools.batched until Python 3.12 is the oldest we run on."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], n: int) -> Iterator[tuple[T, ...]]:
    """Tuples of `n` items, the last one shorter."""
    rest = iter(items)
    while group := tuple(islice(rest, n)):
        yield group
