"""A data file is read as it is, or refused with the place that is wrong."""

import copy
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.exchange.taxii import data_file
from lintas.model.errors import FileError
from tests.api import taxii_data as held

SMALL = held.data("http://localhost")
for _one in SMALL[held.ROOT]["collections"]:
    _one["objects"], _one["manifest"] = _one["objects"][:6], _one["manifest"][:6]
SMALL[held.ROOT]["status"] = [{"id": "s", "request_timestamp": "2026-01-01T00:00:00Z"}]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, one in inner for found in places(one, (*path, key)))]


PLACES = [path for path in places(SMALL) if path]


def with_(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """The file with another value in one place."""
    whole = copy.deepcopy(SMALL)
    inner: Any = whole
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return whole


def test_a_file_is_read_in_the_order_in_which_things_were_added() -> None:
    assert data_file.discovery(SMALL) == SMALL["/discovery"]
    (root,) = data_file.roots(SMALL)
    assert (root.name, len(root.collections), len(root.statuses)) == (held.ROOT, 5, 1)
    feed, versions = root.collections[0]
    assert (feed.alias, feed.can_read, feed.can_write) == (held.READ_ONLY, True, False)
    assert len(versions) == len(held.HELD)
    assert [one.added_at for one in versions] == sorted(one.added_at for one in versions)
    old = {one.version: one.spec_version for one in versions if one.id == held.OLD}
    assert old == {held.VERSIONS[0]: "2.1", held.VERSIONS[2]: "2.0"}


@given(st.sampled_from(PLACES), st.none() | st.booleans() | st.integers() | st.text() | st.just([]) | st.just({}))
def test_one_wrong_value_is_taken_or_refused_as_a_file(path: tuple[Any, ...], value: Any) -> None:
    data = with_(path, value)
    with suppress(FileError):
        data_file.discovery(data)
        assert all(root.name in data for root in data_file.roots(data))


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ((held.ROOT, "information"), None, "selat information"),
        ((held.ROOT, "collections", 0, "can_read"), "yes", "selat"),
        ((held.ROOT, "collections", 0, "id"), "x" * 65, "selat"),
        ((held.ROOT, "collections", 0, "manifest"), [], "objects[0]"),
        ((held.ROOT, "collections", 0, "objects", 0, "type"), "malware", "objects[0]"),
        ((held.ROOT, "collections", 0, "manifest", 0, "date_added"), "now", "objects[0]"),
        (("A Root",), {"information": {}}, "root A Root"),
    ],
)
def test_what_is_wrong_is_said(path: tuple[Any, ...], value: Any, where: str) -> None:
    with pytest.raises(FileError) as caught:
        list(data_file.roots(with_(path, value)))
    assert where in str(caught.value.where)
