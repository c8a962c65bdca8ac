"""Text as it crosses the border."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.model.text import clean_text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  Budi \t Santoso\n", "Budi Santoso"),
        ("Bu\x00di", "Budi"),
        ("Tan \u202eAh Kow\u202c", "Tan Ah Kow"),
        ("\ufeffBudi\u200b", "Budi"),
        ("Nguye\u0302\u0303n", "Nguyễn"),
        ("ชื่อ", "ชื่อ"),
        ("\u00a0Budi\u3000Santoso", "Budi Santoso"),
        ("", ""),
        ("\u200d\u200c", ""),
    ],
)
def test_what_cannot_be_seen_is_taken_out_and_what_can_stays(text: str, clean: str) -> None:
    assert clean_text(text) == clean


def test_joiners_stay_inside_words_of_scripts_that_need_them() -> None:
    assert clean_text("ශ්\u200dරී") == "ශ්\u200dරී"


@given(st.text())
def test_nothing_invisible_is_left_of_any_text(text: str) -> None:
    clean = clean_text(text)
    assert clean == clean.strip()
    assert all(c in "\u200c\u200d" or unicodedata.category(c)[0] != "C" for c in clean)
    assert "  " not in clean


@given(st.text(st.characters(exclude_categories=["C"])))
def test_cleaning_text_without_invisible_characters_twice_changes_nothing(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
