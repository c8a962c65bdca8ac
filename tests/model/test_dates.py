"""Dates as lists and customer files write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.model.dates import is_buddhist, parse_date


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("1970", "1970"),
        ("1970-05", "1970-05"),
        ("1970-05-06", "1970-05-06"),
        ("1970/5/6", "1970-05-06"),
        ("06/05/1970", "1970-05-06"),
        ("6.5.1970", "1970-05-06"),
        ("06 May 1970", "1970-05-06"),
        ("6-MAY-1970", "1970-05-06"),
        ("May 6, 1970", "1970-05-06"),
        ("May 1970", "1970-05"),
        ("circa 1970", "1970"),
        ("1970-05-06T00:00:00Z", "1970-05-06"),
        ("1970-05-06 12:30", "1970-05-06"),
        ("1970-00-00", "1970"),
        ("1970-05-00", "1970-05"),
        ("29/02/1972", "1972-02-29"),
    ],
)
def test_a_date_is_read_with_the_precision_that_it_has(text: str, iso: str) -> None:
    assert parse_date(text) == iso


def test_day_comes_first_unless_it_cannot() -> None:
    assert parse_date("07/08/1970") == "1970-08-07"
    assert parse_date("07/25/1970") == "1970-07-25"


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2517", "1974"),
        ("06/05/2517", "1974-05-06"),
        ("พ.ศ. 2517", "1974"),
        ("2517 B.E.", "1974"),
        ("๒๕๑๗", "1974"),
        ("29/02/2515", "1972-02-29"),
    ],
)
def test_a_year_of_the_buddhist_era_is_543_ahead(text: str, iso: str) -> None:
    assert parse_date(text) == iso
    assert is_buddhist(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "unknown",
        "31/02/1970",
        "31 Feb 1970",
        "29/02/1970",
        "1970-13-01",
        "0",
        "19700506",
        "1 1 70",
        "9999",
        "32/13/1970",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_date(text) is None


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_every_day_reads_the_same_in_each_way_of_writing_it(day: date) -> None:
    written = (
        day.isoformat(),
        f"{day.day}/{day.month}/{day.year}",
        f"{day:%d %b %Y}",
        f"{day.day:02d}/{day.month:02d}/{day.year + 543}",
    )
    assert {parse_date(text) for text in written} == {day.isoformat()}


@given(st.text() | st.text("0123456789-/. ", max_size=12))
def test_any_text_is_a_date_or_none_and_a_date_reads_as_itself(text: str) -> None:
    found = parse_date(text)
    assert found is None or parse_date(found) == found
