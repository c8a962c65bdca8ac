"""What a request over TAXII asks for."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.exchange.taxii import asked, media, times
from lintas.model.errors import InputError
from lintas.model.taxii import ALL, FIRST, LAST, Place, Wanted

moments = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
queries = st.dictionaries(st.sampled_from(["added_after", "match[id]", "match[type]", "limit"]), st.text(max_size=20))


@given(moments)
def test_a_time_is_read_as_it_was_written(at: datetime) -> None:
    text = times.written(at)
    assert times.read(text) == at
    assert len(text) == len("2026-01-01T00:00:00.000000Z")


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2026-01-01T00:00:00Z", 0),
        ("2026-01-01T00:00:00.5Z", 500_000),
        ("2026-01-01T00:00:00.1234567899Z", 123_456),
    ],
)
def test_a_time_of_any_precision(text: str, micros: int) -> None:
    assert times.read(text) == datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)


@given(st.text(max_size=40))
def test_another_text_is_a_time_or_an_error_of_the_house(text: str) -> None:
    with suppress(InputError):
        assert times.read(text).tzinfo is UTC


@given(moments.filter(lambda at: at.year > 1), st.integers(0, 2**31 - 1), queries)
def test_a_next_leads_to_where_the_page_ended(at: datetime, number: int, query: dict[str, str]) -> None:
    token = asked.token(Place(at, number), query, "objects")
    assert asked.place({**query, "next": token, "limit": "7"}, "objects") == Place(at, number)
    with pytest.raises(InputError):
        asked.place({**query, "next": token}, "manifest")
    with pytest.raises(InputError):
        asked.place({**query, "next": token, "match[version]": "all"}, "objects")


def test_a_next_takes_the_same_values_in_another_order() -> None:
    token = asked.token(Place(datetime(2026, 1, 1, tzinfo=UTC), 1), {"match[type]": "a,b"}, "")
    assert asked.place({"match[type]": "b,a", "next": token}, "") is not None


@given(st.text(max_size=60))
def test_any_next_is_a_place_or_an_error_of_the_house(text: str) -> None:
    with suppress(InputError):
        assert asked.place({"next": text}, "") is None


def test_filters_have_their_defaults() -> None:
    assert asked.wanted({}, asked.OF_OBJECTS) == Wanted()
    assert Wanted().words == {LAST}
    said = {"match[version]": "first,all", "match[id]": "a, b,a", "match[type]": "x"}
    found = asked.wanted(said, asked.OF_OBJECTS)
    assert found == Wanted(ids=("a", "b"), types=("x",), words=frozenset({FIRST, ALL}))
    assert asked.wanted(said, asked.OF_VERSIONS) == Wanted()
    dated = asked.wanted({"match[version]": "2026-01-01T00:00:00Z"}, asked.OF_OBJECT)
    assert (dated.words, dated.versions) == (frozenset(), (datetime(2026, 1, 1, tzinfo=UTC),))


def test_a_page_has_an_end() -> None:
    assert asked.limit({}) == asked.PAGE
    assert asked.limit({"limit": "3"}) == 3
    assert asked.limit({"limit": "999999"}) == asked.LONGEST_PAGE


@pytest.mark.parametrize(
    ("header", "is_taken"),
    [
        (None, True),
        ("*/*", True),
        ("application/*;q=0.5", True),
        ("application/taxii+json", True),
        ('Application/TAXII+json; version="2.1"', True),
        ("text/html,application/taxii+json;version=2.1;q=0.3", True),
        ("application/taxii+json;version=2.1;q=0", False),
        ("application/taxii+json;version=2.0", False),
        ("application/json", False),
        ("", False),
    ],
)
def test_who_takes_version_2_1(header: str | None, is_taken: bool) -> None:
    assert media.accepts(header) is is_taken
