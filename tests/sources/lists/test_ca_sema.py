"""Canada's list: the real file of 2025, both spellings of its element names, its names, and hostile files."""

from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from lintas.model.entity import Entity
from lintas.model.errors import FileError, LintasError
from lintas.model.listing import ParseNotes
from lintas.model.text import clean_text
from lintas.sources.lists.ca_sema.names import organisation_aliases, organisation_names, person_aliases
from lintas.sources.lists.ca_sema.parse import parse

PERSON = "<Country>Russia / Russie</Country><LastName>SOLOV</LastName><GivenName>Andrey</GivenName><Item>1</Item>"
ORGANISATION = "<Country>Iran</Country><EntityOrShip>{name}</EntityOrShip><Item>2</Item>"
BILINGUAL = {
    "Country": "Country-Pays",
    "LastName": "LastName-NomDeFamille",
    "GivenName": "GivenName-Prenom",
    "EntityOrShip": "EntityOrShip-EntiteOuNavire",
    "Aliases": "Aliases-Alias",
    "TitleOrShip": "TitleOrShipType-TitreOuTypeDeNavire",
    "ShipIMONumber": "ShipIMONumber-NumeroOMIDuNavire",
    "DateOfBirthOrShipBuildDate": "DateOfBirthOrShipBuildDate-DateDeNaissanceOuDateDeConstructionDuNavire",
    "Schedule": "Schedule-Annexe",
    "Item": "Item-NumeroDarticle",
    "DateOfListing": "DateOfListing-DateDinscription",
}


def write(folder: Path, *records: str) -> Path:
    path = folder / "some file.bin"  # a list is known by its content, not by its name
    inner = "".join(f"<record>\n{record}</record>\n" for record in records)
    path.write_text(f"<data-set>{inner}</data-set>", encoding="utf-8")
    return path


def read(path: Path) -> list[Entity]:
    return list(parse([path], ParseNotes()))


def refusal(path: Path) -> FileError:
    with pytest.raises(FileError) as caught:
        read(path)
    return caught.value


def test_the_real_list_gives_an_entity_and_a_sanction_for_each_of_its_records(shared: Path) -> None:
    notes = ParseNotes()
    entities = list(parse([shared / "data/lists/canada_sema_2025.xml"], notes))
    assert dict(notes.counts) == {"person": 3334, "entity": 1316, "ship": 109}
    assert Counter(e.schema for e in entities) == {
        "Person": 3334,
        "Organization": 1316,
        "Vessel": 109,
        "Sanction": 4759,
    }
    assert len({e.id for e in entities}) == len(entities)
    unclean = [s.value for e in entities for s in e.statements if not s.is_clean]
    assert unclean == ["Sep-99", "born in the early 1970s"]


def test_every_field_of_a_real_ship_and_a_real_person_is_found_again(shared: Path) -> None:
    entities = {e.id: e for e in read(shared / "data/lists/canada_sema_2025.xml")}
    ship, sanction = entities["ca_sema-russia-1.1-2"], entities["ca_sema-russia-1.1-2-sanction"]
    assert (ship.schema, ship.get("name"), ship.get("imoNumber")) == ("Vessel", ["Musa Jalil"], ["IMO8846814"])
    assert (ship.get("type"), ship.get("buildDate")) == (["General Cargo / Multi Purpose"], ["1989"])
    assert sanction.get("recordId") == ["Russia, Schedule 1.1, Item 2"]
    assert sanction.get("country") == ["ru"]
    person = entities["ca_sema-iran-1-part-2.1-107"]
    assert person.get("name") == ["Siamak Rahpeik"]
    assert person.get("alias")[:3] == ["Siyamak Rahpeyk", "Siamak Rahpiek", "Siyamak Rah-Peyk"]
    assert person.get("birthDate") == ["1963", "1964"]


def test_no_text_of_the_real_list_is_lost(shared: Path) -> None:
    path = shared / "data/lists/canada_sema_2025.xml"
    entities = read(path)
    kept = {
        subject.id: squeeze("|".join(f"{s.value}|{s.original}" for e in (subject, sanction) for s in e.statements))
        for subject, sanction in zip(entities[::2], entities[1::2], strict=True)
    }
    lost = [
        (entity_id, field.tag, field.text)
        for (entity_id, text), record in zip(kept.items(), etree.parse(str(path)).iter("record"), strict=True)
        for field in record
        if squeeze(field.text or "") not in text
    ]
    assert lost == []


def squeeze(text: str) -> str:
    return "".join(clean_text(text).replace('"', "").split())


def test_the_real_list_reads_the_same_under_the_bilingual_element_names(shared: Path, tmp_path: Path) -> None:
    text = (shared / "data/lists/canada_sema_2025.xml").read_text(encoding="utf-8")
    for old, new in BILINGUAL.items():
        text = text.replace(f"<{old}>", f"<{new}>").replace(f"</{old}>", f"</{new}>")
    (tmp_path / "new.xml").write_text(text, encoding="utf-8")
    before = read(shared / "data/lists/canada_sema_2025.xml")
    assert [e.digest for e in read(tmp_path / "new.xml")] == [e.digest for e in before]


def test_the_id_is_the_place_in_the_law_however_it_is_spaced(tmp_path: Path) -> None:
    spellings = ("1, Part 3", "1,Part 3", " 1,  Part 3 ")
    ids = {read(write(tmp_path, f"{PERSON}<Schedule>{text}</Schedule>"))[0].id for text in spellings}
    assert ids == {"ca_sema-russia-1-part-3-1"}
    assert read(write(tmp_path, f"{PERSON}<Schedule>1.1</Schedule>"))[0].id == "ca_sema-russia-1.1-1"
    assert read(write(tmp_path, PERSON))[0].id == "ca_sema-russia-1"


def test_the_country_of_the_regulation_is_not_said_to_be_that_of_the_person(tmp_path: Path) -> None:
    person, sanction = read(write(tmp_path, PERSON))
    assert (person.get("country"), person.get("nationality")) == ([], [])
    assert sanction.get("country") == ["ru"]
    assert [(s.value, s.original) for s in sanction.statements if s.prop == "program"] == [
        ("Russia", "Russia / Russie")
    ]


def test_a_regulation_about_no_country_gives_none(tmp_path: Path) -> None:
    text = PERSON.replace("Russia / Russie", "Hamas Terrorist Attacks / Attaques terroristes du Hamas")
    sanction = read(write(tmp_path, text))[1]
    assert [s.value for s in sanction.statements if s.prop == "country"] == []
    assert sanction.get("program") == ["Hamas Terrorist Attacks"]


def test_a_ship_is_known_by_its_number_or_its_type(tmp_path: Path) -> None:
    plain = ORGANISATION.format(name="Nebyl")
    number, kind = "<ShipIMONumber>9900019</ShipIMONumber>", "<TitleOrShip>Oil Tanker | Pétrolier</TitleOrShip>"
    assert read(write(tmp_path, plain))[0].schema == "Organization"
    assert read(write(tmp_path, plain + number))[0].get("imoNumber") == ["IMO9900019"]
    ship = read(write(tmp_path, plain + kind))[0]
    assert [(s.value, s.lang) for s in ship.statements if s.prop == "type"] == [
        ("Oil Tanker", "eng"),
        ("Pétrolier", "fra"),
    ]


def test_a_wrong_imo_number_is_kept_and_not_matched_on(tmp_path: Path) -> None:
    ship = read(write(tmp_path, ORGANISATION.format(name="Nebyl") + "<ShipIMONumber>9900018</ShipIMONumber>"))[0]
    assert ship.get("imoNumber") == []
    assert [s.value for s in ship.statements if not s.is_clean] == ["9900018"]


def test_a_name_in_the_column_of_ship_numbers_is_noted_and_given_to_nobody(tmp_path: Path) -> None:
    person = read(write(tmp_path, PERSON + "<ShipIMONumber>أندريه</ShipIMONumber>"))[0]
    assert (person.schema, person.get("alias"), person.get("weakAlias")) == ("Person", [], [])
    assert person.get("notes") == ["Ship IMO number: أندريه"]


def test_one_word_that_spells_part_of_the_name_is_completed_and_another_stays_weak(tmp_path: Path) -> None:
    person = read(write(tmp_path, PERSON + "<Aliases>Andrei; SOLOW; Batya</Aliases>"))[0]
    assert person.get("alias") == ["Andrei SOLOV", "Andrey SOLOW"]
    assert person.get("weakAlias") == ["Batya"]
    assert {s.original for s in person.statements if s.prop == "alias"} == {"Andrei; SOLOW; Batya"}


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        (
            "Siyavash Parvar,Siavash Par-Var; سیاوش",
            [("Siyavash Parvar", None), ("Siavash Par-Var", None), ("سیاوش", None)],
        ),
        (
            "Tarig Al-Wahmi and Tarik Wahmy Arabic:طارق الوهمي",
            [("Tarig Al-Wahmi", None), ("Tarik Wahmy", None), ("طارق الوهمي", "ara")],
        ),
        ("Belarusian: Ян Вiд, Russian: Иван Вид", [("Ян Вiд", "bel"), ("Иван Вид", "rus")]),
        ("Russian: Иван Вид/ Ян Вiд", [("Иван Вид", "rus"), ("Ян Вiд", None)]),
        ("(Юрий Вид / Юрiй Вид", [("Юрий Вид", None), ("Юрiй Вид", None)]),
        ("Ilia Vasilyevich or Vasilievich", [("Ilia Vasilyevich or Vasilievich", None)]),
        ("Баранов, Олег Анатольевич", [("Баранов, Олег Анатольевич", None)]),
        ("Jan (Janek) Wid", [("Jan (Janek) Wid", None)]),
        ("Abbas Wid\n عباس", [("Abbas Wid", None), ("عباس", None)]),
        ("Mohamed El\nAmin", [("Mohamed El Amin", None)]),
    ],
)
def test_the_aliases_of_a_person_are_told_apart(published: str, expected: list[tuple[str, str | None]]) -> None:
    assert [(name.value, name.lang) for name in person_aliases(published)] == expected


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        ("Silver Co. Ltd., SIL, Zilver Co.", ["Silver Co. Ltd.", "SIL", "Zilver Co."]),
        ("Вымысел, ООО", ["Вымысел, ООО"]),
        ("РЗП, ОАО «Завод»", ["РЗП", "ОАО «Завод»"]),
        ("Институт химии, физики и «Луч, Свет»", ["Институт химии, физики и «Луч, Свет»"]),
        ('АО "Завод "Вымысел"/ ВЫМЫСЕЛ', ['АО "Завод "Вымысел"', "ВЫМЫСЕЛ"]),
        ("First in Utopia or Primul in Utopia", ["First in Utopia", "Primul in Utopia"]),
        ("VMP Avitec JSC and Joint Stock Company Vymysel", ["VMP Avitec JSC", "Joint Stock Company Vymysel"]),
        ("Army, Navy and air force (land, sea)", ["Army", "Navy and air force (land, sea)"]),
    ],
)
def test_the_aliases_of_an_organisation_are_told_apart(published: str, expected: list[str]) -> None:
    assert [name.value for name in organisation_aliases(published)] == expected


def test_a_legal_form_alone_is_noted_and_never_searched(tmp_path: Path) -> None:
    record = (
        ORGANISATION.format(name="Initsiativy OOO")
        + "<Aliases>Общество c ограниченной oтветственностью (ООО) </Aliases>"
    )
    organisation = read(write(tmp_path, record))[0]
    assert (organisation.get("alias"), organisation.get("weakAlias")) == ([], [])
    assert organisation.get("notes") == ["Alias: Общество c ограниченной oтветственностью (ООО)"]


@pytest.mark.parametrize(
    ("published", "names", "aliases"),
    [
        ("Iranian Navy/Force navale iranienne", [("Iranian Navy", "eng"), ("Force navale iranienne", "fra")], []),
        ("M/V Nebyl", [("M/V Nebyl", None)], []),
        ("Steel Mills (Hmaw/Pyi/Ywama)", [("Steel Mills (Hmaw/Pyi/Ywama)", None)], []),
        ("Utopian Space Research (USR)", [("Utopian Space Research", None)], ["USR"]),
        ("Alfa-Bank (Belarus)", [("Alfa-Bank (Belarus)", None)], []),
        (
            "Vymysel-\nYam JSC (also\nknown as AO Vymysel and\nOAO Wymysel",
            [("Vymysel-Yam JSC", None)],
            ["AO Vymysel", "OAO Wymysel"],
        ),
        ("General Directorate;", [("General Directorate", None)], []),
    ],
)
def test_the_name_of_an_organisation_may_hold_two_languages_and_other_names(
    published: str, names: list[tuple[str, str | None]], aliases: list[str]
) -> None:
    found_names, found_aliases = organisation_names(published)
    assert [(name.value, name.lang) for name in found_names] == names
    assert [name.value for name in found_aliases] == aliases


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (PERSON + "<Hat>bowler</Hat>", "unknown_field"),
        (PERSON + "<Item>2</Item>", "unknown_field"),
        (PERSON + "<Aliases>A<b>c</b></Aliases>", "unknown_field"),
        ("loose text" + PERSON, "unknown_field"),
        (PERSON.replace("<Item>1</Item>", ""), "element_missing"),
        (PERSON.replace("Russia / Russie", " "), "element_missing"),
        (PERSON.replace("SOLOV", "").replace("Andrey", ""), "element_missing"),
        (PERSON + "<EntityOrShip>Nebyl</EntityOrShip>", "element_missing"),
        (PERSON.replace("<Item>1", "<Item>2020-09-28"), "bad_value"),
        (PERSON.replace("Russia / Russie", "R" * 300), "bad_value"),
        (PERSON.replace("Russia / Russie", "Россия"), "bad_value"),
    ],
)
def test_a_record_of_another_shape_is_refused_with_its_line(tmp_path: Path, record: str, code: str) -> None:
    error = refusal(write(tmp_path, ORGANISATION.format(name="Nebyl"), record))
    assert error.code == code
    assert error.where is not None
    assert "line" in error.where


def test_the_same_record_twice_is_one_and_two_of_one_place_are_refused(tmp_path: Path) -> None:
    assert len(read(write(tmp_path, PERSON, PERSON))) == 2  # one person, one sanction
    error = refusal(write(tmp_path, PERSON, PERSON.replace("Andrey", "Boris")))
    assert error.code == "duplicate_id"
    assert error.where is not None
    assert "line 1 and 3" in error.where


def test_what_stands_beside_the_records_is_refused(tmp_path: Path) -> None:
    for text in (
        f"<data-set><record>{PERSON}</record><ship/></data-set>",
        f"<data-set><ship/><record>{PERSON}</record></data-set>",
    ):
        path = tmp_path / "list.xml"
        path.write_text(text)
        assert refusal(path).code == "unknown_field"


BOMB = """<?xml version="1.0"?><!DOCTYPE data-set [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><data-set>&c;</data-set>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE data-set [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<data-set><record><Country>&x;</Country></record></data-set>"""


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (BOMB.encode(), "document_type"),
        (OUTSIDE.encode(), "document_type"),
        (b"", "not_well_formed"),
        (b"\x00" * 100, "not_well_formed"),
        (b"<data-set>\x00</data-set>", "not_well_formed"),
        (b"<data-set/>", "empty_list"),
        (b"<CONSOLIDATED_LIST/>", "foreign_file"),
        (b"<html><body>Maintenance</body></html>", "foreign_file"),
        (b'<?xml version="1.0" encoding="UTF-16"?><data-set/>', "not_well_formed"),
        ('<?xml version="1.0" encoding="UTF-16"?><data-set/>'.encode("utf-16"), "empty_list"),
        (f"<data-set><record>{PERSON}</record>".encode(), "not_well_formed"),
    ],
)
def test_a_hostile_empty_cut_or_foreign_file_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "file.xml"
    path.write_bytes(content)
    assert refusal(path).code == code


def test_a_list_in_utf_16_reads_as_in_utf_8(tmp_path: Path) -> None:
    path = write(tmp_path, PERSON + "<Aliases>Андрей Солов</Aliases>")
    before = [e.digest for e in read(path)]
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16"))
    assert [e.digest for e in read(path)] == before


def test_no_broken_json_file_is_taken_for_a_list(shared: Path) -> None:
    for path in sorted((shared / "data/badinputs/JSONTestSuite/test_parsing").glob("*.json")):
        with pytest.raises(LintasError):
            read(path)
