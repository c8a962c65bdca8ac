"""The tree is RFC 6962's: its roots are the published ones, and its proofs those of the definition."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.model import merkle
from lintas.model.merkle import Growth, Node

# The leaves that the tests of Certificate Transparency's own implementations use, and the roots they name.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
sizes = st.integers(1, 200)


def rows(n: int) -> list[bytes]:
    return [b"row %d" % number for number in range(n)]


def kept(data: list[bytes]) -> dict[Node, bytes]:
    """The complete subtrees, as they come to be while rows are added."""
    growth, found = Growth(), dict[Node, bytes]()
    for place, one in enumerate(data):
        found[0, place] = merkle.leaf(one)
        for level, made in enumerate(growth.add(merkle.leaf(one)), 1):
            found[level, place >> level] = made
    return found


def path(spans: tuple[range, ...], nodes: dict[Node, bytes]) -> list[bytes]:
    return [merkle.root(span, nodes) for span in spans]


# ---- The definition, word by word (RFC 6962, 2.1)


def mth(data: list[bytes]) -> bytes:
    if len(data) < 2:
        return sha256(b"\0" + data[0]).digest() if data else sha256().digest()
    k = split(len(data))
    return sha256(b"\1" + mth(data[:k]) + mth(data[k:])).digest()


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def audit(m: int, data: list[bytes]) -> list[bytes]:
    if len(data) == 1:
        return []
    k = split(len(data))
    return [*audit(m, data[:k]), mth(data[k:])] if m < k else [*audit(m - k, data[k:]), mth(data[:k])]


def proof(m: int, data: list[bytes], is_whole: bool = True) -> list[bytes]:
    if m == len(data):
        return [] if is_whole else [mth(data)]
    k = split(len(data))
    if m <= k:
        return [*proof(m, data[:k], is_whole), mth(data[k:])]
    return [*proof(m - k, data[k:], False), mth(data[:k])]


# ---- Laws


@pytest.mark.parametrize("n", range(9))
def test_the_roots_are_the_published_ones(n: int) -> None:
    data = [bytes.fromhex(one) for one in LEAVES[:n]]
    assert merkle.root(range(n), kept(data)).hex() == ROOTS[n] == mth(data).hex()


@given(sizes, st.data())
def test_a_row_is_proved_to_be_there_as_the_definition_has_it(n: int, data: st.DataObject) -> None:
    place, held = data.draw(st.integers(0, n - 1)), rows(n)
    told = path(merkle.inclusion(place, n), kept(held))
    assert told == audit(place, held)
    found, whole = merkle.leaf(held[place]), mth(held)
    assert merkle.holds(place, n, found, told, whole)
    other = data.draw(st.integers(0, n - 1).filter(lambda one: one != place or n == 1))
    assert merkle.holds(other, n, found, told, whole) == (other == place)
    assert not merkle.holds(place, n, merkle.leaf(b"another"), told, whole)
    assert not merkle.holds(place, n, found, [*told, whole], whole)
    assert not merkle.holds(n, n, found, told, whole)
    if told:
        changed = data.draw(st.integers(0, len(told) - 1))
        assert not merkle.holds(place, n, found, [*told[:changed], whole, *told[changed + 1 :]], whole)
        assert not merkle.holds(place, n, found, told[:-1], whole)


@given(sizes, st.data())
def test_a_tree_is_proved_to_begin_with_an_older_one(n: int, data: st.DataObject) -> None:
    old, held = data.draw(st.integers(1, n)), rows(n)
    told = path(merkle.consistency(old, n), kept(held))
    assert told == proof(old, held)
    before, whole = mth(held[:old]), mth(held)
    assert merkle.continues(old, before, n, whole, told)
    assert not merkle.continues(old, before, n, mth([*held[:-1], b"another"]), told)
    assert not merkle.continues(old, mth([b"another", *held[1:old]]), n, whole, told)
    assert not merkle.continues(n, whole, old, before, told) or old == n
    assert not merkle.continues(old, before, n, whole, [*told, whole])
    if told:
        assert not merkle.continues(old, before, n, whole, told[:-1])
        assert not merkle.continues(old, before, n, whole, [whole, *told[1:]])


@given(sizes, st.data())
def test_no_path_joins_two_histories(n: int, data: st.DataObject) -> None:
    """Who shows another row to somebody else finds no proof from the one tree to the other, theirs least of all."""
    old = data.draw(st.integers(1, n))
    changed = data.draw(st.integers(0, old - 1))
    held = rows(n)
    other = [*held[:changed], b"another", *held[changed + 1 :]]
    for one in (held, other):
        told = path(merkle.consistency(old, n), kept(one))
        assert not merkle.continues(old, mth(held[:old]), n, mth(other), told)


def test_nothing_begins_every_tree() -> None:
    assert merkle.continues(0, merkle.EMPTY, 5, mth(rows(5)), [])
    assert merkle.continues(0, merkle.EMPTY, 0, merkle.EMPTY, [])
    assert not merkle.continues(0, merkle.EMPTY, 5, mth(rows(5)), [b"x"])
    assert not merkle.continues(0, mth(rows(1)), 5, mth(rows(5)), [])
    assert merkle.consistency(0, 5) == merkle.consistency(5, 5) == merkle.consistency(6, 5) == ()


@given(st.integers(1, 10**12), st.data())
def test_a_proof_needs_few_hashes_however_large_the_tree(n: int, data: st.DataObject) -> None:
    spans = [
        *merkle.inclusion(data.draw(st.integers(0, n - 1)), n),
        *merkle.consistency(data.draw(st.integers(1, n)), n),
    ]
    assert len(spans) <= 2 * n.bit_length() + 1
    for span in spans:
        assert sum(1 << level for level, _ in merkle.pieces(span)) == len(span)
        assert all(place << level >= span.start for level, place in merkle.pieces(span))
