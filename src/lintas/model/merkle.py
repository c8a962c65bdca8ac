"""A Merkle tree over rows that are only ever added: its root, and proofs about it (RFC 9162, section 2.1; as RFC 6962).

The tree is kept as its complete subtrees, whose hashes never change. Sizes and places count rows; places begin at 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

Node = tuple[int, int]  # of a complete subtree: its level (0: one row), and its place among those of the level
EMPTY = sha256().digest()  # the root of no rows
SIZE = 32  # bytes of a hash


def leaf(data: bytes) -> bytes:
    """The hash of a row."""
    return sha256(b"\0" + data).digest()


def inner(left: bytes, right: bytes) -> bytes:
    """The hash of what stands over two subtrees."""
    return sha256(b"\1" + left + right).digest()


def joined(row: bytes, lefts: Iterable[bytes]) -> list[bytes]:
    """The subtrees that a row completes, from level 1 up. `lefts`: what stands left of them, from level 0 up."""
    made = [row]
    for left in lefts:
        made.append(inner(left, made[-1]))
    return made[1:]


def n_completed(size: int) -> int:
    """How many subtrees the last row of so many completes; they are of the levels from 1 on."""
    return (size & -size).bit_length() - 1


class Growth:
    """A tree while rows are added one after another, without holding them."""

    def __init__(self) -> None:
        self.size = 0
        self._lefts = list[bytes]()  # the complete subtrees that no larger one holds, the largest first

    def add(self, row: bytes) -> list[bytes]:
        """The subtrees that a row completes, from level 1 up."""
        self.size += 1
        made = joined(row, [self._lefts.pop() for _ in range(n_completed(self.size))])
        self._lefts.append(made[-1] if made else row)
        return made


def pieces(span: range) -> tuple[Node, ...]:
    """The complete subtrees that a span of rows is made of, from the left. It is one that the tree is split into."""
    found, begin = list[Node](), span.start
    for level in reversed(range(len(span).bit_length())):
        if len(span) >> level & 1:
            found.append((level, begin >> level))
            begin += 1 << level
    return tuple(found)


def root(span: range, nodes: Mapping[Node, bytes]) -> bytes:
    """The hash over a span of rows. `nodes`: at least its `pieces`."""
    hashes = [nodes[one] for one in pieces(span)]
    found = hashes.pop() if hashes else EMPTY
    while hashes:
        found = inner(hashes.pop(), found)
    return found


def inclusion(place: int, size: int) -> tuple[range, ...]:
    """The spans whose roots prove that a row is in the tree of a size, in the order of the proof."""
    found, begin, end = list[range](), 0, size
    while end - begin > 1:
        middle = begin + _left(end - begin)
        if place < middle:
            found.append(range(middle, end))
            end = middle
        else:
            found.append(range(begin, middle))
            begin = middle
    return tuple(reversed(found))


def consistency(old: int, size: int) -> tuple[range, ...]:
    """The spans whose roots prove that the tree of a size begins with the tree of an older size."""
    if not 0 < old < size:
        return ()
    found, begin, end = list[range](), 0, size
    while end != old:
        middle = begin + _left(end - begin)
        if old <= middle:
            found.append(range(middle, end))
            end = middle
        else:
            found.append(range(begin, middle))
            begin = middle
    return tuple(reversed([*found, range(begin, end)] if begin else found))


def holds(place: int, size: int, row: bytes, path: Sequence[bytes], root: bytes) -> bool:
    """Whether a path proves that a row (its leaf hash) stands at a place of the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= place < size:
        return False
    found, last = row, size - 1
    for one in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = inner(one, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = inner(found, one)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def continues(old: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> bool:
    """Whether a path proves that a tree begins with an older one: nothing was changed or dropped (2.1.4.2)."""
    if not 0 < old < size:
        return 0 <= old <= size and not path and old_root == (root if old else EMPTY)
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    rest = list(path) if old & (old - 1) else [old_root, *path]
    if not rest:
        return False
    older = newer = rest[0]
    for one in rest[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            older, newer = inner(one, older), inner(one, newer)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            newer = inner(newer, one)
        at, last = at >> 1, last >> 1
    return (older, newer, last) == (old_root, root, 0)


def _left(size: int) -> int:
    """How many of so many rows, two at least, stand on the left: the largest power of two that leaves some."""
    return int(1 << (size - 1).bit_length() - 1)
