"""Maritime Mobile Service Identities of ships."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.model import mmsi


@pytest.mark.parametrize("text", ["563012345", "MMSI 563012345", "563 012 345", "563-012-345", " mmsi: 563012345"])
def test_an_identity_is_read_however_it_is_written(text: str) -> None:
    assert mmsi.parse(text) == "563012345"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("005630001", "a coast station"),
        ("056300001", "a group of ships"),
        ("111563001", "an aircraft"),
        ("856301234", "a hand-held radio"),
        ("995631234", "an aid to navigation"),
        ("970123456", "a distress beacon"),
        ("200123456", "no administration"),
        ("776123456", "no administration"),
        ("56301234", "too short"),
        ("5630123456", "too long"),
        ("", "nothing"),
    ],
)
def test_what_is_no_ship_is_none(text: str, what: str) -> None:
    assert mmsi.parse(text) is None, what


@given(st.integers(201_000_000, 775_999_999))
def test_every_number_in_the_range_of_ships_is_one(number: int) -> None:
    assert mmsi.parse(str(number)) == str(number)


@given(st.text())
def test_any_text_is_an_identity_or_none(text: str) -> None:
    found = mmsi.parse(text)
    assert found is None or (len(found) == 9 and found.isascii() and found.isdigit())
