import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lintas.screening.names import compare_names, explain_names
from lintas.screening.normalise import normalise_name

THRESHOLD = 0.7
WORDS = st.lists(st.text(alphabet="abdehiklmnorstu", min_size=1, max_size=9), min_size=1, max_size=5)


def likeness(a: str, b: str, schema: str = "Person") -> float:
    return compare_names(normalise_name(a, schema), normalise_name(b, schema))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Kim Jong Un", "KIM Jong-un"),
        ("Bashir Abu Bakar", "Abu Bakar Bashir"),
        ("Abdulrahman Yasin", "Abdul Rahman Yasin"),
        ("Osama bin Laden", "Usama Bin Ladin"),
        ("J. Ramirez Santos", "Jose Ramirez Santos"),
        ("Xi Jinping", "Xi Jin Ping"),
        ("Mohammed Hassan Ali", "Mohamed Hassan Ali"),
    ],
)
def test_one_person_in_two_spellings_is_a_match(a: str, b: str) -> None:
    assert likeness(a, b) >= THRESHOLD
    assert likeness(a, b) == likeness(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Kim Jong Un", "Kim Jong Il"),
        ("Hassan", "Hassan Ali Omar"),
        ("Maria Santos", "Mario Cruz"),
        ("Budi Hartono", "Siti Rahayu"),
        ("Tan Kok Wah", "Tan Ah Seng"),
    ],
)
def test_two_persons_with_a_common_word_are_no_match(a: str, b: str) -> None:
    assert likeness(a, b) < THRESHOLD


def test_a_number_in_a_name_must_be_the_same() -> None:
    assert likeness("Ocean Star 12", "Ocean Star 12", "Vessel") == 1.0
    assert likeness("Ocean Star 12", "Ocean Star 13", "Vessel") < 1.0
    assert likeness("Unit 42", "Unit 43", "Organization") < THRESHOLD


def test_a_missing_legal_form_costs_nothing_and_another_one_costs() -> None:
    assert likeness("Harbour Lantern Trading", "Harbour Lantern Trading LLC", "Company") >= 0.99
    other = likeness("Harbour Lantern Trading GmbH", "Harbour Lantern Trading LLC", "Company")
    assert THRESHOLD < other < 1.0


def test_the_words_that_met_are_named() -> None:
    pairs = explain_names(normalise_name("Dr. A. Rahman Yusof", "Person"), normalise_name("Ahmad Rahmen", "Person"))
    found = {(pair.query, pair.listed): pair.relation for pair in pairs}
    assert found == {
        ("dr", None): "title",
        ("a", "ahmad"): "initial",
        ("rahman", "rahmen"): "spelling",
        ("yusof", None): "only_query",
    }


@given(WORDS, WORDS)
def test_a_comparison_stays_between_nothing_and_all_and_is_the_same_both_ways(a: list[str], b: list[str]) -> None:
    score = likeness(" ".join(a), " ".join(b))
    assert 0.0 <= score <= 1.0
    assert score == pytest.approx(likeness(" ".join(b), " ".join(a)))


@given(WORDS)
def test_a_name_is_wholly_itself_in_any_order(words: list[str]) -> None:
    # A title at the front is set apart ("dr a"), one behind is not: the same words then are not the same name.
    assume(not any(normalise_name(" ".join(some), "Person").titles for some in (words, words[::-1])))
    assert likeness(" ".join(words), " ".join(words)) == 1.0
    assert likeness(" ".join(words), " ".join(reversed(words))) == pytest.approx(1.0)
