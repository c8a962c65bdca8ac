import pytest

from lintas.screening.normalise import MAX_TOKENS, normalise_name


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("Ahmad bin ISMAIL", ("ahmad", "bin", "ismail")),
        ("Nguyễn Văn Khải", ("nguyen", "van", "khai")),
        ("Мухаммад", ("muhammad",)),
        ("Straße, Jürgen", ("strasse", "jurgen")),
        ("O'Neil-Smith", ("oneil", "smith")),
        ("ＡＣＭＥ", ("acme",)),
    ],
)
def test_case_marks_and_scripts_are_folded(name: str, tokens: tuple[str, ...]) -> None:
    assert normalise_name(name, "Person").tokens == tokens


@pytest.mark.parametrize("name", ["សុខ វណ្ណារ៉េត", "ລາວ"])
def test_a_script_that_cannot_be_written_in_latin_keeps_its_letters(name: str) -> None:
    assert normalise_name(name, "Person").tokens
    assert not any("?" in token for token in normalise_name(name, "Person").tokens)


def test_a_title_of_a_person_is_set_apart() -> None:
    form = normalise_name("Dr. Maung Aye", "Person")
    assert form.tokens == ("maung", "aye")
    assert form.titles == ("dr",)


def test_a_title_is_part_of_the_name_of_a_ship() -> None:
    assert normalise_name("Dr. Maung Aye", "Vessel").tokens == ("dr", "maung", "aye")


@pytest.mark.parametrize(
    ("long", "short"),
    [("Acme Limited Liability Company", "ACME LLC"), ("Gazprom Public Joint Stock Company", "Gazprom PJSC")],
)
def test_two_spellings_of_a_legal_form_are_one(long: str, short: str) -> None:
    assert normalise_name(long, "Company") == normalise_name(short, "Company")


def test_a_name_that_is_only_a_legal_form_is_still_a_name() -> None:
    assert normalise_name("LLC", "Company").tokens


@pytest.mark.parametrize("name", ["", " ", "\u0301\u0301", "--", "\u200b"])
def test_what_has_no_word_has_no_tokens(name: str) -> None:
    assert normalise_name(name, "Person").tokens == ()


def test_a_name_of_ten_thousand_letters_is_cut_and_not_refused() -> None:
    assert len(normalise_name("ab " * 10_000, "Person").tokens) <= MAX_TOKENS
