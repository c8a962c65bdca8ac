"""What is a STIX object, and of which version."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.exchange.taxii import objects, resources
from lintas.exchange.taxii.resources import Told
from lintas.model.errors import InputError

AT = datetime(2026, 5, 5, tzinfo=UTC)
UUID = "0a1b2c3d-0000-4000-8000-000000000001"
CREATED, MODIFIED = "2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.123Z"
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def made(**more: Any) -> dict[str, Any]:
    whole = {"type": "indicator", "id": f"indicator--{UUID}", "created": CREATED, "modified": MODIFIED} | more
    return {name: value for name, value in whole.items() if value is not None}


@pytest.mark.parametrize(
    ("value", "spec", "version"),
    [
        (made(spec_version="2.1"), "2.1", MODIFIED),
        (made(), "2.0", MODIFIED),
        (made(modified=None, spec_version="2.1"), "2.1", CREATED),
        (made(created=None, modified=None), "2.1", "2026-05-05T00:00:00.000000Z"),
    ],
)
def test_an_object_says_its_version(value: dict[str, Any], spec: str, version: str) -> None:
    found = objects.version_of(value, AT)
    assert (found.spec_version, found.version, found.added_at) == (spec, version, AT)
    assert found.media_type == f"application/stix+json;version={spec}"
    assert found.content is value


@pytest.mark.parametrize(
    "broken",
    [
        {"type": None},
        {"type": "no"},
        {"type": "Indicator"},
        {"type": "malware"},
        {"id": f"indicator-{UUID}"},
        {"id": f"indicator--{UUID}0"},
        {"id": UUID},
        {"id": None},
        {"spec_version": "1.2"},
        {"spec_version": 2.1},
        {"created": "2026"},
        {"modified": []},
        {"modified": "0001-01-01T00:00:00Z"},
        {"modified": "9999-12-31T23:59:59Z"},
        {"number": 2**64},
    ],
)
def test_what_is_no_object_of_stix(broken: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        objects.version_of(made(**broken), AT)


@given(
    json_values, st.dictionaries(st.sampled_from(["type", "id", "spec_version", "created", "modified"]), json_values)
)
def test_any_value_is_an_object_or_an_error_of_the_house(value: Any, fields: dict[str, Any]) -> None:
    for one in (value, fields, made() | fields):
        assert objects.named(one, 7)
        with suppress(InputError):
            assert objects.version_of(one, AT).content is one


@given(st.lists(st.booleans()))
def test_a_status_counts_every_object_once(fates: list[bool]) -> None:
    told = [Told(str(n), "v", failed=None if is_kept else "why") for n, is_kept in enumerate(fates)]
    said = resources.status("id", AT, told)
    assert said["success_count"] + said["failure_count"] == said["total_count"] == len(fates)
    listed = [one["id"] for name in ("successes", "failures") for one in said.get(name, [])]
    assert sorted(listed) == sorted(str(n) for n in range(len(fates)))
