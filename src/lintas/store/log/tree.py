"""The Merkle tree over the log: leaf n is the hash of row n, as text. Kept as the subtrees that are complete."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from sqlalchemy import Connection, insert, select

from lintas.model import merkle
from lintas.model.errors import FileError
from lintas.model.merkle import Node
from lintas.store.log.beside import Beside
from lintas.store.log.tables import log, log_tree

Path = tuple[bytes, ...]  # the hashes that lead to a root
_HASH = re.compile(r"[0-9a-f]{64}\Z")


def grow(connection: Connection, number: int, before: str, digest: str) -> None:
    """Keep what a row completes, in the transaction that adds it. `before`: the hash of the row before.

    In a table that somebody changed it leaves what is there, and leaves out what it cannot make: to be found.
    """
    levels = range(1, merkle.n_completed(number))
    if not merkle.n_completed(number):
        return
    there = _kept(connection, [number, *(number - (1 << level) for level in levels)])
    lefts = [leaf_of(before)]
    for level in levels:
        if not (left := there.get((number - (1 << level), level))):
            break
        lefts.append(left)
    made = enumerate(merkle.joined(leaf_of(digest), lefts), 1)
    new = [{"number": number, "level": at, "hash": one.hex()} for at, one in made if (number, at) not in there]
    if new:
        connection.execute(insert(log_tree), new)


def leaf_of(digest: str) -> bytes:
    """The leaf of the row of a hash."""
    return merkle.leaf(digest.encode())


def root(connection: Connection, size: int) -> bytes:
    """Of the first rows. Raises FileError when the table or the log does not hold them."""
    return grown(connection, size, ())[0]


def grown(connection: Connection, size: int, olds: Sequence[int]) -> tuple[bytes, dict[int, Path]]:
    """The root, and a path from each older size that proves that the tree begins with that. Raises as `root`."""
    found, paths = _proved(connection, size, [merkle.consistency(old, size) for old in olds])
    return found, dict(zip(olds, paths, strict=True))


def inclusion(connection: Connection, number: int, size: int) -> Path:
    """That the row of a number is among the first ones. Raises as `root`."""
    return _proved(connection, size, [merkle.inclusion(number - 1, size)])[1][0]


class Check:
    """The table beside the rows: does it hold what the rows make?"""

    def __init__(self, connection: Connection) -> None:
        query = select(log_tree.c.number, log_tree.c.level, log_tree.c.hash)
        self._there = Beside(connection, query.order_by(log_tree.c.number, log_tree.c.level))
        self._growth = merkle.Growth()

    def fits(self, number: int, digest: str) -> bool:
        """Whether exactly what the next row completes is there."""
        made = self._growth.add(leaf_of(digest))
        return self._there.of(number) == [(level, one.hex()) for level, one in enumerate(made, 1)]

    def left(self) -> int | None:
        """The first row that the table has and the log has not."""
        return self._there.left()


def _proved(connection: Connection, size: int, proofs: Sequence[tuple[range, ...]]) -> tuple[bytes, list[Path]]:
    whole = range(size)
    nodes = _nodes(connection, {one for span in (whole, *chain(*proofs)) for one in merkle.pieces(span)})
    return merkle.root(whole, nodes), [tuple(merkle.root(span, nodes) for span in spans) for spans in proofs]


def _nodes(connection: Connection, wanted: Iterable[Node]) -> Mapping[Node, bytes]:
    ends = {(level, place): (place + 1) << level for level, place in wanted}
    rows = [number for (level, _), number in ends.items() if level == 0]
    query = select(log.c.number, log.c.hash).where(log.c.number.in_(rows))
    there = {(number, 0): leaf_of(digest) for number, digest in connection.execute(query)} if rows else {}
    there |= _kept(connection, [number for (level, _), number in ends.items() if level])
    found = {node: there.get((number, node[0]), b"") for node, number in ends.items()}
    if not all(found.values()):
        raise FileError(
            "The tree over the log does not hold a part that is asked for",
            where=f"row {min(number for node, number in ends.items() if not found[node])}",
            do="Run: lintas audit verify.",
            code="log_broken",
        )
    return found


def _kept(connection: Connection, numbers: list[int]) -> dict[tuple[int, int], bytes]:
    """The subtrees that rows completed, by the row's number and the level."""
    if not numbers:
        return {}
    found = connection.execute(select(log_tree).where(log_tree.c.number.in_(numbers)))
    return {(number, level): _hash(digest) for number, level, digest in found}


def _hash(kept: object) -> bytes:
    """Nothing for what is no hash: SQLite lets anything into a column."""
    return bytes.fromhex(kept) if isinstance(kept, str) and _HASH.match(kept) else b""
