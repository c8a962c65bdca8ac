"""The UK Sanctions List: what is read from its XML, and what is refused."""

from pathlib import Path

import pytest

from lintas.model.entity import Entity
from lintas.model.errors import FileError
from lintas.model.listing import ParseNotes
from lintas.sources import catalogue
from lintas.sources.lists.gb_uksl.parse import parse

SAMPLE = catalogue.samples("gb_uksl")[0]


def read(path: Path = SAMPLE) -> tuple[dict[str, Entity], ParseNotes]:
    notes = ParseNotes()
    return {entity.id: entity for entity in parse([path], notes)}, notes


def changed(folder: Path, old: str, new: str) -> Path:
    text = SAMPLE.read_text(encoding="utf-8")
    assert old in text
    path = folder / "uk.xml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def refusal(path: Path) -> FileError:
    with pytest.raises(FileError) as caught:
        list(parse([path], ParseNotes()))
    return caught.value


def test_the_list_dates_itself_and_counts_as_its_publisher_does() -> None:
    _, notes = read()
    assert notes.published_at == "2026-08-14"
    assert notes.counts == {"Individual": 5, "Entity": 2, "Ship": 1}


def test_a_name_is_its_six_parts_in_the_order_in_which_they_are_said() -> None:
    person = read()[0]["gb_uksl-EXA0001"]
    assert person.get("name") == ["YUSUF ABD AL-KARIM AL-MITHALI"]
    assert person.get("firstName") == ["YUSUF"]
    assert person.get("middleName") == ["ABD", "AL-KARIM"]
    assert person.get("lastName") == ["AL-MITHALI"]


def test_a_spelling_variation_is_an_alias_and_a_low_quality_one_is_weak_whatever_its_letter_case() -> None:
    person = read()[0]["gb_uksl-EXA0001"]
    assert "Yousef AL-METHALI" in person.get("alias")
    assert person.get("weakAlias") == ["Abu Mithal"]


def test_a_name_in_another_script_keeps_its_language() -> None:
    found, _ = read()
    languages = {s.value: s.lang for e in found.values() for s in e.statements if s.prop == "alias" and s.lang}
    assert languages["한철무학"] == "kor"
    assert languages["欧阳例诗"] == "zho"


def test_a_language_that_has_no_code_stays_in_the_notes() -> None:
    assert "Language of АО «ПРИМЕР ТРАНС»: Example dialect" in read()[0]["gb_uksl-EXA0003"].get("notes")


def test_dates_with_unknown_parts_keep_what_is_known() -> None:
    person = read()[0]["gb_uksl-EXA0001"]
    assert person.get("birthDate") == ["1954", "1955-09", "1955-06-05"]
    assert [s.value for s in person.statements if s.prop == "birthDate" and not s.is_clean] == ["15/08/19yy"]


def test_a_passport_without_a_number_is_a_note() -> None:
    person = read()[0]["gb_uksl-EXA0001"]
    assert person.get("passportNumber") == ["EX1234567"]
    assert "Passport: Second passport, number not known" in person.get("notes")


def test_the_congo_is_understood_as_this_list_writes_it() -> None:
    assert read()[0]["gb_uksl-EXA0001"].get("nationality") == ["iq", "cd"]


def test_a_country_alone_is_no_address() -> None:
    person = read()[0]["gb_uksl-EXA0001"]
    assert person.get("address") == ["9 Example Street, Basrah, 61001, Iraq"]
    assert person.get("country") == ["iq", "ae"]


def test_several_numbers_in_one_field_are_told_apart_by_their_labels() -> None:
    company = read()[0]["gb_uksl-EXA0003"]
    assert company.get("ogrnCode") == ["1999900000010"]
    assert company.get("innCode") == ["9999000013"]
    assert company.get("registrationNumber") == ["999901001", "EX-77-001"]


def test_measures_that_only_the_indicators_name_are_measures_too() -> None:
    found, _ = read()
    assert found["gb_uksl-EXA0002-sanction"].get("provisions") == ["Asset freeze", "Trust services sanctions"]
    assert found["gb_uksl-EXA0001-sanction"].get("provisions") == ["Asset freeze", "Travel Ban"]


def test_a_ship_has_its_number_flags_and_listed_owner() -> None:
    found, _ = read()
    ship = found["gb_uksl-EXA0005"]
    assert ship.get("imoNumber") == ["IMO9900021"]
    assert (ship.get("flag"), ship.get("pastFlags")) == (["km"], ["ck", "ag"])
    assert found["gb_uksl-EXA0005-link-EXA0004"].get("role") == ["Current owner or operator"]


def test_one_named_who_is_not_listed_stays_in_the_notes_without_a_link() -> None:
    found, _ = read()
    assert "Previous owner or operator: Halimbawa Shipping Lines Inc." in found["gb_uksl-EXA0005"].get("notes")
    assert sorted(e.id for e in found.values() if e.schema == "UnknownLink") == [
        "gb_uksl-EXA0003-link-EXA0004",
        "gb_uksl-EXA0005-link-EXA0004",
    ]


def test_a_name_that_two_designations_bear_is_not_linked(tmp_path: Path) -> None:
    found, _ = read(changed(tmp_path, "<Name6>JSC PRIMER TRANS</Name6>", "<Name6>Example Holding Group</Name6>"))
    assert "gb_uksl-EXA0005-link-EXA0004" not in found


def test_the_same_designation_twice_is_one(tmp_path: Path) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    first = text[text.index("  <Designation>") : text.index("</Designation>") + len("</Designation>\n")]
    found, notes = read(changed(tmp_path, "</Designations>", f"{first}</Designations>"))
    assert found.keys() == read()[0].keys()
    assert notes.counts["Individual"] == 5


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<Titles>", "<EyeColours><EyeColour>green</EyeColour></EyeColours><Titles>", "unknown_field"),
        ("<TownOfBirth>", "<VillageOfBirth>X</VillageOfBirth><TownOfBirth>", "unknown_field"),
        ("<LengthOfShipDetails>", "<KeelLaid>1998</KeelLaid><LengthOfShipDetails>", "unknown_field"),
        ("<AssetFreeze>true", "<AssetFreeze>partly", "unknown_field"),
        ("<UniqueID>EXA0002", '<UniqueID kind="new">EXA0002', "unknown_field"),
        ("</Designation>", "</Designation><Footnote>new</Footnote>", "unknown_field"),
        ("</Designations>", "<Footnote>new</Footnote></Designations>", "unknown_field"),
        ("<Designations ", '<Designations edition="2" ', "unknown_field"),
        ("<IndividualEntityShip>Ship", "<IndividualEntityShip>Balloon", "unknown_type"),
        ("<NameType>ALias", "<NameType>Nickname", "unknown_type"),
        ("<UniqueID>EXA0002</UniqueID>", "", "element_missing"),
        ("<UniqueID>EXA0002", "<UniqueID>EXA0001", "duplicate_id"),
        ("</Designations>", "", "not_well_formed"),
        ("<Designations ", "<!DOCTYPE Designations><Designations ", "document_type"),
    ],
)
def test_a_file_that_is_not_as_its_schema_says_is_refused(tmp_path: Path, old: str, new: str, code: str) -> None:
    error = refusal(changed(tmp_path, old, new))
    assert error.code == code
    assert error.where is not None
    assert error.where.startswith("uk.xml, line ")


def test_a_list_without_designations_is_refused(tmp_path: Path) -> None:
    (tmp_path / "uk.xml").write_text("<Designations><DateGenerated>01/01/2026</DateGenerated></Designations>")
    assert refusal(tmp_path / "uk.xml").code == "empty"


def test_another_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "eu.xml").write_text("<export/>")
    assert refusal(tmp_path / "eu.xml").code == "foreign_file"
