"""What of a passphrase counts: nothing of names, dates, rows of keys, repeats, or words that all try first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.desk import guessable, passphrases
from lintas.desk.office import Office
from lintas.model.errors import InputError
from lintas.model.officer import Officer
from tests.desk.cast import enlist

RINA = Officer("rina.w", frozenset({"analyst"}), "Rina Wijaya Kusuma", "bea-cukai")
CONTEXT = ("Rina Wijaya Kusuma", "ppatk", "desk.agency.example")
WORDS = (
    "heron lantern mango tide copper violin glacier pepper tunnel orchid saddle marble cobalt thimble walnut".split()
)
EASY = (
    *("password", "P@ssw0rd", "lintas", "L1nt4s", "Rahasia", "katasandi", "Wijaya", "PPATK", "agency"),
    *("qwerty", "asdfgh", "poiuyt", "1qaz2wsx", "12345678", "987654321", "abcdef", "90123", "zyxwv"),
    *("1999", "2026", "January", "agustus", "Monday", "Jumat", "Desember2024"),
)


@given(st.lists(st.sampled_from(EASY), min_size=1, max_size=12), st.sampled_from(["", " ", "-", "!!", "_", "\u00a0"]))
def test_of_what_everybody_tries_nothing_is_left_however_it_is_joined(parts: list[str], between: str) -> None:
    assert guessable.n_hard(between.join(parts), CONTEXT) <= len(between) * (len(parts) > 1)


@given(st.text(min_size=1, max_size=passphrases.HARD - 1), st.integers(2, 30))
def test_the_same_again_and_again_counts_once(part: str, n: int) -> None:
    assert guessable.n_hard(part * n) <= len("".join(guessable._letters(part)))


@given(st.lists(st.sampled_from(WORDS), min_size=3, max_size=8, unique=True))
def test_three_words_of_no_list_are_enough(words: list[str]) -> None:
    assert guessable.n_hard(" ".join(words), CONTEXT) >= passphrases.HARD


@given(st.text(max_size=300), st.lists(st.text(max_size=30), max_size=4))
def test_any_text_is_counted_and_never_for_more_than_it_has(text: str, context: list[str]) -> None:
    assert 0 <= guessable.n_hard(text, context) <= len("".join(guessable._letters(text)))


@pytest.mark.parametrize(
    "passphrase",
    [
        "passwordpassword",
        "P@ssw0rd P@ssw0rd 2026",
        "iloveyouiloveyou",
        "qwertyuiop12345",
        "1qaz2wsx3edc4rfv",
        "January February 2026",
        "lintas bea cukai 2026",
        "Wijaya Kusuma 1999 desk",
        "PPATK officer node",
        "desk.agency.example",
        "monday tuesday wednesday",
    ],
)
def test_no_officer_keeps_such_a_one(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch, passphrase: str) -> None:
    monkeypatch.setenv("LINTAS_NAMES", "PPATK, Bea Cukai")
    monkeypatch.setenv("LINTAS_ORIGIN", "https://desk.agency.example")
    enlist(sqlite_office, RINA)
    with pytest.raises(InputError) as caught:
        passphrases.set_own(sqlite_office, RINA, passphrase)
    assert (caught.value.code, "easy to guess" in caught.value.what) == ("weak_passphrase", True)
    passphrases.set_own(sqlite_office, RINA, f"{passphrase} heron lantern")
