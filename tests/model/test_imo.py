"""Numbers of ships."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.model import imo


@pytest.mark.parametrize(
    "text", ["9319466", "IMO9319466", "IMO 9319466", " imo: 9319466 ", "IMO No. 9319466", "I.M.O. 9319466"]
)
def test_a_number_is_read_however_it_is_written(text: str) -> None:
    assert imo.parse(text) == "IMO9319466"


@pytest.mark.parametrize(
    "text",
    [
        "9319467",  # wrong check digit
        "0000000",  # right check digit, and no ship
        "0112232",  # of a company
        "931946",
        "93194660",
        "IMO 9319466 and more",
        "９３１９４６６",
        "",
        "unknown",
    ],
)
def test_what_is_no_number_of_a_ship_is_none(text: str) -> None:
    assert imo.parse(text) is None


@given(st.integers(1, 999_999))
def test_exactly_one_check_digit_of_ten_is_right(first_six: int) -> None:
    assert sum(imo.parse(f"{first_six:06d}{digit}") is not None for digit in range(10)) == 1


@given(st.text())
def test_any_text_is_a_number_or_none_and_a_number_reads_as_itself(text: str) -> None:
    found = imo.parse(text)
    assert found is None or imo.parse(found) == found
