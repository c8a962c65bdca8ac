from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.model.errors import InputError
from lintas.screening.features import FEATURES
from lintas.screening.query import Subject, subject
from lintas.screening.score import check_weights, score

LISTED = {
    "name": ["Ahmad bin Ismail"],
    "weakAlias": ["Abu Ali"],
    "birthDate": ["1970-03-05"],
    "nationality": ["my"],
    "passportNumber": ["A1234567"],
    "gender": ["male"],
}


def person(**changes: Any) -> Subject:
    return subject("Person", {**LISTED, **changes})


def reasons(query: Subject, listed: Subject) -> dict[str, float]:
    return {reason.feature: reason.contribution for reason in score(query, listed).reasons()}


def test_a_name_alone_is_never_certain() -> None:
    assert score(subject("Person", {"name": ["Ahmad bin Ismail"]}), person()).total == 0.9


def test_a_weak_alias_alone_is_worth_less() -> None:
    assert score(subject("Person", {"name": ["Abu Ali"]}), person()).total == 0.8


def test_another_birth_year_and_gender_speak_against() -> None:
    found = reasons(person(birthDate=["1999"], gender=["female"]), person())
    assert found["date_other_year"] == -0.2
    assert found["gender_differs"] == -0.2


@pytest.mark.parametrize(
    ("stated", "feature"),
    [
        ("1970-03-05", "date_same_day"),
        ("1970", "date_same_year"),
        ("1970-03", "date_same_year"),
        ("1970-05-03", "date_same_year"),
        ("1970-11-30", "date_other_day"),
        ("1971-01-01", "date_other_day"),
        ("1955", "date_other_year"),
    ],
)
def test_a_date_is_read_as_precisely_as_it_is_given(stated: str, feature: str) -> None:
    found = reasons(person(birthDate=[stated], name=["Ahmad Ismael"]), person())
    assert [name for name in found if name.startswith("date_")] == [feature]


def test_an_exact_number_carries_a_match_whose_names_differ_and_says_so() -> None:
    query = subject("Person", {"name": ["Wholly Different"], "idNumber": ["a-123 4567"]})
    found = reasons(query, person())
    assert found == {"document_match": 0.9, "no_name_agrees": -0.2}


def test_a_ship_of_the_same_name_with_another_imo_number_is_no_match() -> None:
    mine = subject("Vessel", {"name": ["Selat Biru"], "imoNumber": ["IMO9999993"]})
    theirs = subject("Vessel", {"name": ["SELAT BIRU"], "imoNumber": ["IMO9074729"]})
    assert score(mine, theirs).total == 0.65


def test_a_wallet_is_compared_with_its_case() -> None:
    mine = subject("CryptoWallet", {"publicKey": ["TQ7mExampleWalletf9k"]})
    assert score(mine, subject("CryptoWallet", {"publicKey": ["TQ7mExampleWalletf9k"]})).total == 0.98
    assert score(mine, subject("CryptoWallet", {"publicKey": ["tq7mexamplewalletf9k"]})).total == 0.0


def test_a_short_number_is_no_identifier() -> None:
    assert score(subject("Person", {"idNumber": ["1234"]}), person(idNumber=["1234"])).total == 0.0


def test_weights_stand_in_for_those_declared() -> None:
    query = person(birthDate=["1955"])
    assert score(query, person(), {"date_other_year": 0.0}).total > score(query, person()).total
    check_weights({"date_other_year": 0.0})
    with pytest.raises(InputError, match="not a feature"):
        check_weights({"nonsense": 1.0})
    with pytest.raises(InputError, match="from 0 to 1"):
        check_weights({"name_match": float("nan")})


def test_the_words_that_met_are_shown_as_each_side_writes_them() -> None:
    found = score(subject("Person", {"name": ["ĐOÀN Văn Khuyet"]}), subject("Person", {"name": ["Doan Van Khuyết"]}))
    (reason,) = found.reasons()
    assert [(pair.query, pair.listed) for pair in reason.tokens] == [
        ("ĐOÀN", "Doan"),
        ("Văn", "Van"),
        ("Khuyet", "Khuyết"),
    ]


def test_every_feature_is_declared_once_and_in_words() -> None:
    names = [feature.name for feature in FEATURES]
    assert len(names) == len(set(names))
    assert all(feature.words and 0 < feature.weight <= 1 for feature in FEATURES)


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.lists(st.sampled_from(["Ahmad bin Ismail", "Ismail Ahmad", "Abu Ali", "Tan Kok Wah"]), max_size=2),
        "birthDate": st.lists(st.sampled_from(["1970", "1970-03-05", "1970-05-03", "1999"]), max_size=2),
        "nationality": st.lists(st.sampled_from(["my", "sg", "th"]), max_size=2),
        "passportNumber": st.lists(st.sampled_from(["A1234567", "B7654321"]), max_size=1),
        "gender": st.lists(st.sampled_from(["male", "female"]), max_size=1),
    },
)


@given(VALUES, VALUES)
def test_the_contributions_of_the_reasons_are_the_score(a: dict[str, list[str]], b: dict[str, list[str]]) -> None:
    found = score(subject("Person", a), subject("Person", b))
    assert 0.0 <= found.total <= 1.0
    assert sum(reason.contribution for reason in found.reasons()) == pytest.approx(found.total, abs=1e-6)
