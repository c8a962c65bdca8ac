"""The UN Security Council's list: real files of three dates, small files for each rule, and hostile ones."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from lintas.model.entity import Entity
from lintas.model.errors import FileError, LintasError
from lintas.model.listing import ParseNotes
from lintas.model.text import clean_text
from lintas.sources.lists.un_sc.names import native_names, split_acronym, split_names
from lintas.sources.lists.un_sc.parse import parse

List = Callable[..., Path]
PERSON = "<DATAID>{id}</DATAID><FIRST_NAME>MARA</FIRST_NAME><REFERENCE_NUMBER>QDi.{id}</REFERENCE_NUMBER>"


@pytest.fixture
def write(tmp_path: Path) -> List:
    """Writes a list of the given persons and entities (the XML inside each) and returns its path."""

    def write_list(*persons: str, entities: tuple[str, ...] = (), root: str = "", groups: str = "") -> Path:
        individuals = "".join(f"<INDIVIDUAL>\n{inner}</INDIVIDUAL>\n" for inner in persons)
        others = "".join(f"<ENTITY>\n{inner}</ENTITY>\n" for inner in entities)
        path = tmp_path / "some file.bin"  # a list is known by its content, not by its name
        path.write_text(
            f'<CONSOLIDATED_LIST dateGenerated="2026-01-02T03:04:05Z" {root}><INDIVIDUALS>{individuals}</INDIVIDUALS>'
            f"<ENTITIES>{others}</ENTITIES>{groups}</CONSOLIDATED_LIST>",
            encoding="utf-8",
        )
        return path

    return write_list


def person(inner: str = "", number: int = 901) -> str:
    return PERSON.format(id=number) + inner


def read(path: Path) -> list[Entity]:
    return list(parse([path], ParseNotes()))


def first(path: Path) -> Entity:
    return read(path)[0]


def refusal(path: Path) -> FileError:
    with pytest.raises(FileError) as caught:
        read(path)
    return caught.value


@pytest.mark.parametrize(
    ("date", "published_at", "n_individuals", "n_entities"),
    [
        ("2026-02-27", "2026-02-27T00:00:09.554Z", 730, 273),
        ("2025-04-19", "2025-04-19T23:00:04.625Z", 684, 193),
        ("2020-11-30", "2020-11-30T20:31:19.923-05:00", 713, 305),
    ],
)
def test_a_real_list_has_as_many_entries_as_the_publisher_counts(
    shared: Path, date: str, published_at: str, n_individuals: int, n_entities: int
) -> None:
    notes = ParseNotes()
    entities = list(parse([shared / f"data/lists/un_consolidated_{date}.xml"], notes))
    assert dict(notes.counts) == {"INDIVIDUAL": n_individuals, "ENTITY": n_entities}
    assert notes.published_at == published_at
    assert sum(e.is_target for e in entities) == n_individuals + n_entities
    assert sum(e.schema == "Sanction" for e in entities) == n_individuals + n_entities
    assert len({e.id for e in entities}) == len(entities)


def test_every_word_of_a_real_entry_is_found_again_in_its_entities(shared: Path) -> None:
    entities = {e.id: e for e in read(shared / "data/lists/un_consolidated_2026-02-27.xml")}
    person_, sanction = entities["un_sc-6908489"], entities["un_sc-6908489-sanction"]
    assert person_.get("name") == ["AKHMED RAJAPOVICH CHATAEV", "Ахмед Ражапович Чатаев"]
    assert person_.get("alias")[:2] == ["Akhmad Shishani", "Ахмад Шишани"]
    assert person_.get("weakAlias") == ["Odnorukiy", "Однорукий"]
    assert person_.get("birthDate") == ["1980-07-04"]
    assert person_.get("passportNumber") == ["9600133195"]  # "National Identification Number", in fact a passport
    assert person_.get("country") == ["sy", "iq"]
    assert any("issued by Department of Internal Affairs" in note for note in person_.get("notes"))
    assert sanction.get("unscId") == ["QDi.365"]
    assert sanction.get("listingDate") == ["2015-10-02"]
    assert sanction.get("modifiedAt") == ["2015-12-10", "2015-12-30", "2020-11-24"]


def test_no_text_of_a_real_list_is_lost(shared: Path) -> None:
    # These are not kept as text: the property says what they say (alias, weakAlias, passportNumber...).
    told_otherwise = {"VERSIONNUM", "DATAID", "QUALITY", "TYPE_OF_DATE", "TYPE_OF_DOCUMENT"}
    path = shared / "data/lists/un_consolidated_2026-02-27.xml"
    entities = {e.id: e for e in read(path)}
    lost = []
    for entry in etree.parse(str(path)).iter("INDIVIDUAL", "ENTITY"):
        subject = entities[f"un_sc-{entry.findtext('DATAID')}"]
        kept = squeeze(
            "|".join(
                f"{s.value}|{s.original}" for e in (subject, entities[f"{subject.id}-sanction"]) for s in e.statements
            )
        )
        lost += [
            (subject.id, leaf.tag, leaf.text)
            for leaf in entry.iter()
            if leaf.tag not in told_otherwise and squeeze(leaf.text or "") not in kept and leaf.text != "UN List"
        ]
    assert lost == []


def squeeze(text: str) -> str:
    return "".join(clean_text(text).replace('"', "").split())


def test_a_company_number_in_a_real_comment_becomes_an_imo_number(shared: Path) -> None:
    entities = read(shared / "data/lists/un_consolidated_2026-02-27.xml")
    assert sum(e.schema == "Organization" and bool(e.get("imoNumber")) for e in entities) >= 14


def test_a_damaged_real_list_is_refused_naming_line_and_column(shared: Path) -> None:
    error = refusal(shared / "data/lists/un_consolidated_damaged.xml")
    assert error.code == "not_well_formed"
    assert error.where is not None
    assert "line 53, column" in error.where


def test_a_list_cut_anywhere_is_refused(shared: Path, tmp_path: Path) -> None:
    whole = (shared / "data/lists/un_consolidated_2026-02-27.xml").read_bytes()
    for share in (0.1, 0.5, 0.999):
        cut = tmp_path / "cut.xml"
        cut.write_bytes(whole[: int(len(whole) * share)])
        assert refusal(cut).code == "not_well_formed"


def test_alias_quality_says_which_kind_of_name_an_alias_is(write: List) -> None:
    alias = "<{0}_ALIAS><QUALITY>{1}</QUALITY><ALIAS_NAME>{2}</ALIAS_NAME></{0}_ALIAS>"
    aliases = [alias.format("INDIVIDUAL", *pair) for pair in (("Good", "Mara Sol"), ("Low", "Star"), ("", "Marah Sol"))]
    subject = first(write(person("".join(aliases))))
    assert subject.get("alias") == ["Mara Sol", "Marah Sol"]
    assert subject.get("weakAlias") == ["Star"]
    company = person("".join(alias.format("ENTITY", *pair) for pair in (("a.k.a.", "New Co"), ("f.k.a.", "Old Co"))))
    subject = first(write(entities=(company,)))
    assert subject.get("alias") == ["New Co"]
    assert subject.get("previousName") == ["Old Co"]


def test_an_alias_of_an_unheard_of_quality_is_searched_and_the_quality_noted(write: List) -> None:
    alias = "<QUALITY>Murky</QUALITY><ALIAS_NAME>Mara Sol</ALIAS_NAME>"
    subject = first(write(person(f"<INDIVIDUAL_ALIAS>{alias}</INDIVIDUAL_ALIAS>")))
    assert subject.get("alias") == ["Mara Sol"]
    assert subject.get("notes") == ["Alias Mara Sol: quality Murky"]


def test_an_empty_alias_address_or_document_says_nothing(write: List) -> None:
    alias = "<INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>"
    address = "<INDIVIDUAL_ADDRESS><COUNTRY/></INDIVIDUAL_ADDRESS>"
    subject = first(write(person(alias + address + "<INDIVIDUAL_DOCUMENT/>")))
    assert subject.as_dict()["properties"] == {"topics": ["sanction"], "name": ["MARA"], "firstName": ["MARA"]}


@pytest.mark.parametrize(
    ("inner", "dates", "original"),
    [
        ("<TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1980-07-04</DATE>", ["1980-07-04"], None),
        ("<TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1980-07-04-05:00</DATE>", ["1980-07-04"], "1980-07-04-05:00"),
        ("<TYPE_OF_DATE>EXACT</TYPE_OF_DATE><YEAR>1980</YEAR>", ["1980"], None),
        ("<TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1980</YEAR>", ["1980"], "APPROXIMATELY 1980"),
        ("<TYPE_OF_DATE>SUBSET</TYPE_OF_DATE><YEAR>1980</YEAR>", ["1980"], "SUBSET 1980"),
        (
            "<TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1958</FROM_YEAR><TO_YEAR>1963</TO_YEAR>",
            ["1958", "1963"],
            "BETWEEN 1958 - 1963",
        ),
        ("<TYPE_OF_DATE>EXACT</TYPE_OF_DATE><NOTE>Nov. 1973 </NOTE>", ["1973-11"], "Nov. 1973"),
        ("<TYPE_OF_DATE>EXACT</TYPE_OF_DATE><YEAR>1976</YEAR><NOTE>Sep.</NOTE>", ["1976-09"], "1976 Sep."),
        ("<NOTE>Between Aug. and Sep. 1977</NOTE>", ["1977"], "Between Aug. and Sep. 1977"),
    ],
)
def test_a_date_of_birth_keeps_its_precision_and_what_was_published(
    write: List, inner: str, dates: list[str], original: str | None
) -> None:
    subject = first(write(person(f"<INDIVIDUAL_DATE_OF_BIRTH>{inner}</INDIVIDUAL_DATE_OF_BIRTH>")))
    assert subject.get("birthDate") == dates
    assert {s.original for s in subject.statements if s.prop == "birthDate"} == {original}


def test_a_date_of_another_calendar_is_kept_and_not_matched_on(write: List) -> None:
    note = "<NOTE>24/06/1402 (Hijri Calendar)</NOTE>"
    subject = first(write(person(f"<INDIVIDUAL_DATE_OF_BIRTH>{note}</INDIVIDUAL_DATE_OF_BIRTH>")))
    assert subject.get("birthDate") == []
    assert [s.value for s in subject.statements if not s.is_clean] == ["24/06/1402 (Hijri Calendar)"]


@pytest.mark.parametrize(
    ("kind", "number", "prop", "value"),
    [
        ("Passport", "EX1234567", "passportNumber", "EX1234567"),
        ("Numéro de passeport ", "EX1234567", "passportNumber", "EX1234567"),
        ("Número de pasaporte", "EX1234567", "passportNumber", "EX1234567"),
        ("Passport", "Libyan passport No. 990019", "passportNumber", "990019"),
        ("Passport", "990042 (Expired 25 Jan. 2016)", "passportNumber", "990042"),
        ("Passport", "R0099042, South Sudan", "passportNumber", "R0099042"),
        ("Passport", "OB 0990042", "passportNumber", "OB 0990042"),
        ("Passport", "Counterfeit Danish driving licence number 990042", "idNumber", "990042"),
        ("National Identification Number", "99-04 2", "idNumber", "99-04 2"),
        ("National Identification Number", "French passport number 05EX00042", "passportNumber", "05EX00042"),
    ],
)
def test_a_document_goes_to_the_property_of_its_kind_with_its_bare_number(
    write: List, kind: str, number: str, prop: str, value: str
) -> None:
    document = f"<TYPE_OF_DOCUMENT>{kind}</TYPE_OF_DOCUMENT><NUMBER>{number}</NUMBER>"
    subject = first(write(person(f"<INDIVIDUAL_DOCUMENT>{document}</INDIVIDUAL_DOCUMENT>")))
    found = [s for s in subject.statements if s.prop == prop]
    assert [(s.value, s.original or s.value) for s in found] == [(value, number)]


def test_what_a_document_says_beside_its_number_stays_in_the_notes(write: List) -> None:
    document = (
        "<TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>EX1</NUMBER><ISSUING_COUNTRY>Oman</ISSUING_COUNTRY>"
        "<DATE_OF_ISSUE>2014-05-04</DATE_OF_ISSUE><CITY_OF_ISSUE>Muscat</CITY_OF_ISSUE>"
        "<COUNTRY_OF_ISSUE>Yemen</COUNTRY_OF_ISSUE><NOTE>cancelled</NOTE>"
    )
    subject = first(write(person(f"<INDIVIDUAL_DOCUMENT>{document}</INDIVIDUAL_DOCUMENT>")))
    assert subject.get("notes") == [
        "Passport, EX1: issuing country Oman; country of issue Yemen; issued in Muscat; issued on 2014-05-04; cancelled"
    ]


def test_native_script_is_a_name_and_the_language_beside_it_is_none() -> None:
    assert native_names("صقر النهر") == ["صقر النهر"]
    assert native_names("ፍትዊ (Tigrinya)") == ["ፍትዊ"]


@pytest.mark.parametrize(
    ("published", "names"),
    [
        ("Mara Sol", ["Mara Sol"]),
        ("Sol, Mara", ["Sol, Mara"]),
        ("Mara Sol; Marah Zol b) M. Sol", ["Mara Sol", "Marah Zol", "M. Sol"]),
        ("Mara Sol (مارا سول)", ["Mara Sol", "مارا سول"]),
        ("Mara Sol (original script: Мара Сол)", ["Mara Sol", "Мара Сол"]),
        ("مارا (Mara; Marah)", ["مارا", "Mara", "Marah"]),
        ("Mara Foundation (Kenya)", ["Mara Foundation (Kenya)"]),
        ("Mara Sol (previously listed as)", ["Mara Sol"]),
        ("Mara Sol, born 1 Jan. 1953 (Oman passport no.0099)", ["Mara Sol"]),
        ("Voice in Arabic Ltd", ["Voice in Arabic Ltd"]),
        ("M" * 5000 + ";", ["M" * 5000 + ";"]),
    ],
)
def test_a_field_of_names_is_taken_apart_only_where_it_lists_several(published: str, names: list[str]) -> None:
    assert split_names(published) == names


def test_an_acronym_is_told_from_a_branch_by_its_letters() -> None:
    assert split_acronym("SILENT RIVER FRONT (SRF)") == ("SILENT RIVER FRONT", "SRF")
    assert split_acronym("SILENT RIVER FRONT (PAKISTAN)") == ("SILENT RIVER FRONT (PAKISTAN)", None)


def test_an_entry_that_names_another_is_linked_to_it_once(write: List) -> None:
    comment = "<COMMENTS1>Works for Dr. Sol (QDi.902). Brother of QDi.902, enemy of QDi.777.</COMMENTS1>"
    entities = read(write(person(comment), person(number=902)))
    links = [e for e in entities if e.schema == "UnknownLink"]
    assert [(e.get("subject"), e.get("object")) for e in links] == [(["un_sc-901"], ["un_sc-902"])]
    assert "QDi.777" in entities[0].get("notes")[0]


def test_facts_in_a_comment_are_found_and_the_comment_stays_whole(write: List) -> None:
    comment = "Gender: Female. Father’s name is Idris bin Salim and mother’s name: Nadira al-Bahri. Email: a@b.example"
    subject = first(write(person(f"<COMMENTS1>{comment}</COMMENTS1>")))
    assert subject.get("gender") == ["female"]
    assert subject.get("fatherName") == ["Idris bin Salim"]
    assert subject.get("motherName") == ["Nadira al-Bahri"]
    assert subject.get("email") == ["a@b.example"]
    assert subject.get("notes") == [comment]


@pytest.mark.parametrize(
    "inner",
    [
        "<SHOE_SIZE>43</SHOE_SIZE>",
        "<INDIVIDUAL_ADDRESS><PLANET>Earth</PLANET></INDIVIDUAL_ADDRESS>",
        "<GENDER>Male<MORE>x</MORE></GENDER>",
        "<INDIVIDUAL_DOCUMENT>loose text</INDIVIDUAL_DOCUMENT>",
        "loose text",
    ],
)
def test_an_unknown_element_or_loose_text_in_an_entry_is_refused_with_its_line(write: List, inner: str) -> None:
    error = refusal(write(person(), person("\n" + inner, 902)))
    assert error.code == "unknown_field"
    assert error.where is not None
    assert "line" in error.where


def test_an_unknown_group_beside_the_persons_and_entities_is_refused(write: List) -> None:
    assert refusal(write(person(), groups="<VESSELS><VESSEL/></VESSELS>")).code == "unknown_field"
    assert refusal(write(person(), root='shape="round"')).code == "unknown_field"


def test_a_list_without_its_entities_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "half.xml"
    path.write_text("<CONSOLIDATED_LIST><INDIVIDUALS/></CONSOLIDATED_LIST>")
    assert refusal(path).code == "element_missing"


def test_the_same_entry_twice_is_one_and_two_of_one_number_are_refused(write: List) -> None:
    assert len(read(write(person(), person()))) == 2  # one person, one sanction
    error = refusal(write(person(), person("<GENDER>Male</GENDER>")))
    assert error.code == "duplicate_id"
    assert error.where is not None
    assert "lines 1 and" in error.where


@pytest.mark.parametrize("missing", ["DATAID", "FIRST_NAME", "REFERENCE_NUMBER"])
def test_an_entry_without_number_name_or_reference_is_refused(write: List, missing: str) -> None:
    inner = person().replace(f"<{missing}>", f"<{missing}/><SORT_KEY>").replace(f"</{missing}>", "</SORT_KEY>")
    assert refusal(write(inner)).code == "element_missing"


def test_a_number_that_is_none_is_refused(write: List) -> None:
    assert refusal(write(person().replace("<DATAID>901", "<DATAID>9 0 1"))).code == "bad_id"


def test_two_files_are_one_list_in_any_order(write: List, tmp_path: Path) -> None:
    one = write(person("<COMMENTS1>See QDi.902.</COMMENTS1>")).rename(tmp_path / "one")
    two = write(person(number=902)).rename(tmp_path / "two")
    forth, back = ({e.id for e in parse(files, ParseNotes())} for files in ([one, two], [two, one]))
    assert forth == back
    assert "un_sc-901-902-mention" in forth


BOMB = """<?xml version="1.0"?><!DOCTYPE CONSOLIDATED_LIST [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><CONSOLIDATED_LIST>&d;</CONSOLIDATED_LIST>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE CONSOLIDATED_LIST [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><DATAID>&x;</DATAID></INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>"""


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (BOMB.encode(), "document_type"),
        (OUTSIDE.encode(), "document_type"),
        (b"", "not_well_formed"),
        (b"\x00" * 100, "not_well_formed"),
        (b"<CONSOLIDATED_LIST>\x00</CONSOLIDATED_LIST>", "not_well_formed"),
        (b"\xef\xbb\xbf", "not_well_formed"),
        (b"<data-set/>", "foreign_file"),
        (b"<html><body>Sign in</body></html>", "foreign_file"),
        (b'<?xml version="1.0" encoding="UTF-16"?><CONSOLIDATED_LIST/>', "not_well_formed"),
        ('<?xml version="1.0" encoding="UTF-16"?><CONSOLIDATED_LIST/>'.encode("utf-16"), "element_missing"),
        (b'<?xml version="1.0" encoding="no-such"?><CONSOLIDATED_LIST/>', "not_well_formed"),
        (b"<CONSOLIDATED_LIST>" + b"<a>" * 100_000, "not_well_formed"),
    ],
)
def test_a_hostile_empty_or_foreign_file_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "file.xml"
    path.write_bytes(content)
    assert refusal(path).code == code


def test_a_list_in_utf_16_reads_as_in_utf_8(write: List) -> None:
    path = write(person("<NAME_ORIGINAL_SCRIPT>مارا</NAME_ORIGINAL_SCRIPT>"))
    before = [e.digest for e in read(path)]
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16"))
    assert [e.digest for e in read(path)] == before


def test_no_broken_json_file_is_taken_for_a_list(shared: Path) -> None:
    for path in sorted((shared / "data/badinputs/JSONTestSuite/test_parsing").glob("*.json")):
        with pytest.raises(LintasError):
            read(path)


def test_a_huge_field_is_kept_without_taking_long(write: List) -> None:
    name = "<INDIVIDUAL_ALIAS><ALIAS_NAME>" + "(1234" * 200_000 + "</ALIAS_NAME></INDIVIDUAL_ALIAS>"
    path = write(person(name + "<COMMENTS1>" + "a." * 400_000 + "</COMMENTS1>"))
    begun = time.perf_counter()
    subject = first(path)
    assert time.perf_counter() - begun < 5  # seconds; it takes 0.1, and searching it would take hours
    assert [s.prop for s in subject.statements if not s.is_clean] == ["notes", "alias"]
