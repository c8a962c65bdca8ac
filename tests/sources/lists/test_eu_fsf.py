"""The EU's Financial Sanctions Files: what is read from their XML, and what is refused."""

from pathlib import Path

import pytest

from lintas.model.entity import Entity
from lintas.model.errors import FileError
from lintas.model.listing import ParseNotes
from lintas.sources import catalogue
from lintas.sources.lists.eu_fsf.parse import parse

SAMPLE = catalogue.samples("eu_fsf")[0]


def read(path: Path = SAMPLE) -> tuple[dict[str, Entity], ParseNotes]:
    notes = ParseNotes()
    return {entity.id: entity for entity in parse([path], notes)}, notes


def changed(folder: Path, old: str, new: str) -> Path:
    text = SAMPLE.read_text(encoding="utf-8")
    assert old in text
    path = folder / "eu.xml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def refusal(path: Path) -> FileError:
    with pytest.raises(FileError) as caught:
        list(parse([path], ParseNotes()))
    return caught.value


def test_the_list_dates_itself_and_counts_as_its_publisher_does() -> None:
    _, notes = read()
    assert notes.published_at == "2026-08-05T16:47:04.449+02:00"
    assert notes.counts == {"person": 4, "enterprise": 4}


def test_the_first_strong_name_is_the_name_and_its_parts_are_kept() -> None:
    person = read()[0]["eu_fsf-EU.99001.1"]
    assert person.get("name") == ["Yusuf Abd al-Karim Al-Mithali"]
    assert (person.get("firstName"), person.get("lastName")) == (["Yusuf"], ["Al-Mithali"])
    assert person.get("alias") == ["يوسف عبد الكريم المثالي"]


def test_a_name_is_weak_when_it_is_not_strong_or_a_remark_says_so() -> None:
    assert read()[0]["eu_fsf-EU.99001.1"].get("weakAlias") == ["Abou Mithal", "The Farmer"]


def test_names_carry_their_language() -> None:
    bank = read()[0]["eu_fsf-EU.99002.7"]
    assert {s.value: s.lang for s in bank.statements if s.prop in ("name", "alias")} == {
        "Example Ryongsong Bank": "eng",
        "Banque exemple Ryongsong": "fra",
        "Примерна банка Рьонсон": "bul",
    }


def test_dates_of_birth_whole_partial_about_and_between() -> None:
    found, _ = read()
    person = found["eu_fsf-EU.99001.1"]
    assert person.get("birthDate") == ["1954-09-05", "1955", "1956", "1958"]
    originals = {s.value: s.original for s in person.statements if s.prop == "birthDate"}
    assert originals["1955"] == "circa 1955"
    assert originals["1956"] == "1956 to 1958"
    assert found["eu_fsf-EU.99005.5"].get("birthDate") == ["1980-07"]


def test_a_year_of_another_calendar_is_a_note_and_no_date() -> None:
    assert "Date of birth (ISLAMIC calendar): 1374" in read()[0]["eu_fsf-EU.99001.1"].get("notes")


def test_a_document_says_what_is_known_against_it() -> None:
    found, _ = read()
    passport = next(s for s in found["eu_fsf-EU.99001.1"].statements if s.prop == "passportNumber")
    assert passport.value == "EX1234567"
    assert passport.original is not None
    assert "reported lost" in passport.original
    assert any("known to be false" in note for note in found["eu_fsf-EU.99005.5"].get("notes"))


def test_a_number_is_kept_in_both_scripts() -> None:
    assert read()[0]["eu_fsf-EU.99001.1"].get("idNumber") == ["٠٠٧٥٢", "EX-00752"]


def test_numbers_go_to_the_property_of_their_type() -> None:
    found, _ = read()
    assert found["eu_fsf-EU.99002.7"].get("swiftBic") == ["EXRYKPPY"]
    assert found["eu_fsf-EU.99003.3"].get("taxNumber") == ["EX770000000001"]
    assert found["eu_fsf-EU.99004.9"].get("imoNumber") == ["IMO9900019"]
    assert found["eu_fsf-EU.99008.4"].get("licenseNumber") == ["EX-4410"]


def test_a_dash_is_no_city_and_unknown_is_no_country() -> None:
    person = read()[0]["eu_fsf-EU.99001.1"]
    assert person.get("birthPlace") == ["Basrah, IRAQ"]
    assert person.get("birthCountry") == ["iq"]


def test_contacts_are_split_and_a_fax_stays_in_the_notes() -> None:
    found, _ = read()
    assert found["eu_fsf-EU.99002.7"].get("email") == ["office@bank.example.com", "desk@bank.example.com"]
    assert "Fax: 662 38 14" in found["eu_fsf-EU.99001.1"].get("notes")


def test_only_the_act_that_began_the_measure_gives_its_start() -> None:
    found, _ = read()
    assert found["eu_fsf-EU.99002.7-sanction"].get("startDate") == ["2022-12-08"]
    assert found["eu_fsf-EU.99001.1-sanction"].get("startDate") == []
    assert found["eu_fsf-EU.99001.1-sanction"].get("listingDate") == ["2011-01-25"]
    assert "in force 2024-01-16" in found["eu_fsf-EU.99001.1-sanction"].get("summary")[0]


def test_an_entry_without_a_reference_is_known_by_its_number_in_the_database() -> None:
    assert read()[0]["eu_fsf-logical-990006"].get("name") == ["Yayasan Contoh Bersama"]


def test_the_same_entry_twice_is_one(tmp_path: Path) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    first = text[text.index("    <sanctionEntity ") : text.index("</sanctionEntity>") + len("</sanctionEntity>\n")]
    found, notes = read(changed(tmp_path, "</export>", f"{first}</export>"))
    assert found.keys() == read()[0].keys()
    assert notes.counts["person"] == 4


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('nameLanguage="AR"', 'nameLanguage="AR" nameScript="Arab"', "unknown_field"),
        ('poBox="99"', 'poBox="99" floor="9"', "unknown_field"),
        ("<contactInfo key", "<geo/><contactInfo key", "unknown_field"),
        ("<subjectType", "<listingReason>X</listingReason><subjectType", "unknown_field"),
        ("</sanctionEntity>", "</sanctionEntity><vessel/>", "unknown_field"),
        ("</export>", "<vessel/></export>", "unknown_field"),
        (' globalFileId="990001"', ' globalFileId="990001" edition="2"', "unknown_field"),
        ('strong="false"', 'strong="perhaps"', "unknown_field"),
        ('code="person"', 'code="vessel"', "unknown_type"),
        ('<subjectType code="person" classificationCode="P"/>', "", "unknown_type"),
        ('euReferenceNumber="EU.99002.7"', 'euReferenceNumber="EU.99001.1"', "duplicate_id"),
        ("</export>", "", "not_well_formed"),
        ("<export ", "<!DOCTYPE export><export ", "document_type"),
    ],
)
def test_a_file_that_is_not_as_its_schema_says_is_refused(tmp_path: Path, old: str, new: str, code: str) -> None:
    error = refusal(changed(tmp_path, old, new))
    assert error.code == code
    assert error.where is not None
    assert error.where.startswith("eu.xml, line ")


def test_an_entry_without_a_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "eu.xml").write_text(
        '<export><sanctionEntity euReferenceNumber="EU.1.1"><subjectType code="person"/></sanctionEntity></export>'
    )
    assert refusal(tmp_path / "eu.xml").code == "element_missing"


def test_a_list_without_entries_is_refused(tmp_path: Path) -> None:
    (tmp_path / "eu.xml").write_text('<export generationDate="2026-08-05"/>')
    assert refusal(tmp_path / "eu.xml").code == "empty"


def test_another_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "uk.xml").write_text("<Designations/>")
    assert refusal(tmp_path / "uk.xml").code == "foreign_file"
