"""OFAC's SDN list: the legacy CSV files, the classic XML, and what is refused."""

import csv
import gzip
import io
import json
from collections import Counter
from pathlib import Path

import pytest

from lintas.model.entity import Entity
from lintas.model.errors import FileError
from lintas.model.listing import ParseNotes
from lintas.sources import catalogue
from lintas.sources.lists.us_ofac_sdn.build import dates, international
from lintas.sources.lists.us_ofac_sdn.parse import parse
from lintas.sources.lists.us_ofac_sdn.remarks import read_fact, segments

NAME = "us_ofac_sdn"
XML = Path(__file__).with_name("ofac_sdn_sample.xml")
NULL = "-0- "
SAMPLE = {path.stem.removeprefix("sample_"): path for path in catalogue.samples(NAME)}


def read(*files: Path) -> tuple[dict[str, Entity], ParseNotes]:
    notes = ParseNotes()
    return {entity.id: entity for entity in parse(files, notes)}, notes


def sdn_row(number: int, name: str, kind: str | None = None, remark: str | None = None) -> str:
    columns = [name, kind, "SDGT", None, None, None, None, None, None, None, remark]
    return ",".join([str(number), *(NULL if column is None else f'"{column}"' for column in columns)])


def write(folder: Path, name: str, *rows: str, end: str = "\r\n\x1a") -> Path:
    path = folder / name
    path.write_bytes(("\r\n".join(rows) + end).encode())
    return path


def refusal(*files: Path) -> FileError:
    with pytest.raises(FileError) as caught:
        list(parse(files, ParseNotes()))
    return caught.value


# What is read -------------------------------------------------------------------------------------


def test_files_are_told_apart_by_their_content_in_any_order_and_under_any_name(tmp_path: Path) -> None:
    renamed = [tmp_path / f"download-{n}" for n in range(4)]
    for path, source in zip(renamed, ("add", "comments", "alt", "sdn"), strict=True):
        path.write_bytes(SAMPLE[source].read_bytes())
    assert read(*renamed)[0].keys() == read(*SAMPLE.values())[0].keys()


def test_a_person_has_the_natural_order_and_the_published_one() -> None:
    person = read(*SAMPLE.values())[0]["us_ofac_sdn-990008"]
    name = next(s for s in person.statements if s.prop == "name")
    assert (name.value, name.original) == ("Crispin Reyes DELA HALIMBAWA Jr.", "DELA HALIMBAWA, Crispin Reyes, Jr.")
    assert person.first("lastName") == "DELA HALIMBAWA"
    assert person.first("firstName") == "Crispin Reyes"


def test_a_company_keeps_the_comma_of_its_name() -> None:
    assert read(*SAMPLE.values())[0]["us_ofac_sdn-990001"].first("name") == "EXAMPLE HARBOUR TRADING CO., LTD."


def test_a_passport_keeps_country_and_dates_beside_its_number() -> None:
    person = read(*SAMPLE.values())[0]["us_ofac_sdn-990002"]
    passport = next(s for s in person.statements if s.prop == "passportNumber")
    assert passport.value == "EX1234567"
    assert passport.original == "Passport EX1234567 (Thailand) issued 03 May 2015 expires 02 May 2020"
    assert "ae" in person.get("country")


def test_quoted_names_of_the_remark_are_weak_whatever_their_kind() -> None:
    found = read(*SAMPLE.values())[0]
    assert found["us_ofac_sdn-990002"].get("weakAlias") == ["RUN THE NIGHT"]
    assert found["us_ofac_sdn-990004"].get("weakAlias") == ["ERB"]
    assert found["us_ofac_sdn-990005"].get("weakAlias") == ["Lily O'Yang"]


def test_former_names_are_not_aliases() -> None:
    company = read(*SAMPLE.values())[0]["us_ofac_sdn-990001"]
    assert company.get("previousName") == ["SAMPLE PIER TRADING CO., LTD."]
    assert company.get("alias") == ["EXAMPLE HARBOR TRADING"]


def test_a_title_before_the_name_is_told_from_a_position() -> None:
    found = read(*SAMPLE.values())[0]
    assert found["us_ofac_sdn-990007"].get("title") == ["Maulawi", "Haji"]
    assert found["us_ofac_sdn-990002"].get("position") == ["Managing Director"]


def test_a_vessel_has_its_numbers_flags_and_owner() -> None:
    found = read(*SAMPLE.values())[0]
    vessel = found["us_ofac_sdn-990010"]
    assert vessel.get("imoNumber") == ["IMO9900019"]
    assert vessel.get("flag") == ["pa", "ck"]
    assert vessel.get("pastFlags") == ["km", "st"]
    assert vessel.get("tonnage") == ["318000"]
    assert found["us_ofac_sdn-990010-link-990009"].get("role") == ["Linked To", "Vessel owner"]


def test_wallets_are_held_by_the_entry_and_are_targets_themselves() -> None:
    found = read(*SAMPLE.values())[0]
    wallets = [entity for entity in found.values() if entity.schema == "CryptoWallet"]
    assert Counter(wallet.first("currency") for wallet in wallets) == {"XBT": 15, "ETH": 1}
    assert all(wallet.is_target and wallet.get("holder") == ["us_ofac_sdn-990005"] for wallet in wallets)


def test_the_measure_carries_programs_provisions_and_dates() -> None:
    sanction = read(*SAMPLE.values())[0]["us_ofac_sdn-990014-sanction"]
    assert sanction.get("program") == ["RUSSIA-EO14024"]
    assert sanction.get("provisions") == ["Executive Order 14024 Directive Information - Subject to Directive 3"]
    assert (sanction.get("listingDate"), sanction.get("startDate")) == (["2022-02-24"], ["2022-03-26"])


def test_russian_numbers_are_recognised_by_their_check_digits_only() -> None:
    found = read(*SAMPLE.values())[0]
    assert found["us_ofac_sdn-990014"].get("innCode") == ["9999000013"]
    assert found["us_ofac_sdn-990014"].get("ogrnCode") == ["1999900000010"]
    assert found["us_ofac_sdn-990015"].get("innCode") == []


def test_the_whole_remark_stays_in_the_notes() -> None:
    person = read(*SAMPLE.values())[0]["us_ofac_sdn-990008"]
    assert "currently incarcerated in the Philippines" in person.get("notes")[0]


def test_a_range_of_dates_gives_what_its_ends_have_in_common() -> None:
    assert dates("1958 to 1960") == ["1958", "1960"]
    assert dates("01 Jan 1955 to 31 Dec 1955") == ["1955"]
    assert dates("01 Feb 1960 to 29 Feb 1960") == ["1960-02"]
    assert dates("Mar 1962 to Feb 1963") == ["1962", "1963"]
    assert dates("circa 1979-1982") == ["1979", "1982"]
    assert dates("circa 1951") == ["circa 1951"]


def test_a_telephone_number_gets_a_plus_only_where_a_country_code_is_certain() -> None:
    assert international("(357)(22660766)") == "+35722660766"
    assert international("009613679153") == "+9613679153"
    assert international("03889402") == "03889402"


def test_a_semicolon_within_brackets_does_not_separate() -> None:
    assert segments("DOB 1950; (passport of another: DOB 1960; POB Rome); Gender Male.") == [
        "DOB 1950",
        "(passport of another: DOB 1960; POB Rome)",
        "Gender Male",
    ]
    assert segments("a.k.a. 'X('; Gender Male.") == ["a.k.a. 'X('", "Gender Male"]


def test_words_that_only_begin_like_a_label_are_no_fact() -> None:
    assert read_fact("Position also referred to as Minister") is None
    assert read_fact("Passports were revoked") is None
    assert read_fact("alt. Passport Booklet: EX1 (Pakistan)") is not None


def test_a_passport_without_a_number_is_text(tmp_path: Path) -> None:
    sdn = write(tmp_path, "sdn.csv", sdn_row(1, "CONTOH, Budi", "individual", "Passport and other papers were lost."))
    assert read(sdn)[0]["us_ofac_sdn-1"].get("passportNumber") == []


# Links --------------------------------------------------------------------------------------------


def test_a_link_to_a_name_that_two_entries_bear_is_not_guessed(tmp_path: Path) -> None:
    sdn = write(
        tmp_path,
        "sdn.csv",
        sdn_row(1, "EXAMPLE FRONT"),
        sdn_row(2, "EXAMPLE FRONT"),
        sdn_row(3, "CONTOH, Budi", "individual", "Linked To: EXAMPLE FRONT."),
    )
    found, _ = read(sdn)
    assert [entity for entity in found.values() if entity.schema == "UnknownLink"] == []
    assert found["us_ofac_sdn-3"].get("notes") == ["Linked To: EXAMPLE FRONT."]


def test_a_link_may_name_an_alias_when_nobody_bears_the_name(tmp_path: Path) -> None:
    sdn = write(tmp_path, "sdn.csv", sdn_row(1, "EXAMPLE FRONT"), sdn_row(2, "CONTOH", None, "Linked To: EF CO. LTD."))
    alt = write(tmp_path, "alt.csv", f'1,1,"aka","EF CO. LTD.",{NULL}')
    assert read(sdn, alt)[0]["us_ofac_sdn-2-link-1"].get("object") == ["us_ofac_sdn-1"]


# What is left over, cut or doubled ----------------------------------------------------------------


def test_an_alias_of_an_unknown_number_is_kept_and_counted(tmp_path: Path) -> None:
    sdn = write(tmp_path, "sdn.csv", sdn_row(1, "EXAMPLE FRONT"))
    alt = write(tmp_path, "alt.csv", f'7,1,"aka","NOBODY",{NULL}')
    add = write(tmp_path, "add.csv", f'8,1,{NULL},"Rome","Italy",{NULL}')
    _, notes = read(sdn, alt, add)
    assert [(left.kind, left.key) for left in notes.leftovers] == [("alias", "7"), ("address", "8")]
    assert "NOBODY" in notes.leftovers[0].record


def test_a_remark_that_the_publisher_cut_gives_no_half_wallet() -> None:
    found, notes = read(SAMPLE["sdn"])
    assert sum(entity.schema == "CryptoWallet" for entity in found.values()) == 10
    assert [(left.kind, left.key, left.record) for left in notes.leftovers] == [
        ("cut remark", "990005", "alt. Digital Curre")
    ]


def test_a_comment_continues_the_remark_where_it_was_cut() -> None:
    found, notes = read(SAMPLE["sdn"], SAMPLE["comments"])
    assert "us_ofac_sdn-990005-xbt-1Examp1eTraining0nLy11FictionaLxxxx" in found
    assert notes.leftovers == []


def test_the_same_row_twice_is_one_entry(tmp_path: Path) -> None:
    row = sdn_row(1, "EXAMPLE FRONT")
    found, notes = read(write(tmp_path, "sdn.csv", row, row))
    assert list(found) == ["us_ofac_sdn-1", "us_ofac_sdn-1-sanction"]
    assert notes.counts == {"entity": 1}


def test_one_number_with_two_contents_is_refused_naming_both_lines(tmp_path: Path) -> None:
    error = refusal(write(tmp_path, "sdn.csv", sdn_row(1, "A"), sdn_row(2, "B"), sdn_row(1, "C")))
    assert (error.code, error.where) == ("duplicate_id", "sdn.csv, line 1 and line 3")


def test_an_unknown_type_is_refused(tmp_path: Path) -> None:
    assert refusal(write(tmp_path, "sdn.csv", sdn_row(1, "A", "submarine"))).code == "unknown_type"


# Truncation ---------------------------------------------------------------------------------------


def test_a_file_cut_anywhere_within_its_last_row_is_refused(tmp_path: Path) -> None:
    rows = sdn_row(1, "EXAMPLE FRONT"), sdn_row(2, "CONTOH, Budi", "individual", "DOB 1950; nationality Iran.")
    whole = "\r\n".join(rows)
    for end in range(len(rows[0]) + 3, len(whole) - 1):
        error = refusal(write(tmp_path, "sdn.csv", whole[:end], end=""))
        assert (error.code, error.where) == ("truncated", "sdn.csv, line 2"), whole[:end]


def test_a_row_cut_within_its_last_null_is_refused(tmp_path: Path) -> None:
    row = sdn_row(1, "EXAMPLE FRONT")
    for n_lost in (2, 3, 4):
        assert refusal(write(tmp_path, "sdn.csv", row[:-n_lost], end="")).code == "truncated"


def test_a_whole_last_row_needs_no_line_end(tmp_path: Path) -> None:
    assert len(read(write(tmp_path, "sdn.csv", sdn_row(1, "A"), sdn_row(2, "B", None, "DOB 1950."), end=""))[0]) == 4


def test_a_row_with_a_column_less_is_refused_naming_its_line(tmp_path: Path) -> None:
    error = refusal(write(tmp_path, "sdn.csv", sdn_row(1, "A"), "2,B", sdn_row(3, "C")))
    assert (error.code, error.where) == ("truncated", "sdn.csv, line 2")


def test_a_quotation_mark_lost_in_the_middle_is_refused(tmp_path: Path) -> None:
    broken = sdn_row(2, "B", None, "DOB 1950.").removesuffix('"')
    error = refusal(write(tmp_path, "sdn.csv", sdn_row(1, "A"), broken, sdn_row(3, "C"), sdn_row(4, "D", None, "X.")))
    assert error.code == "truncated"
    assert error.where == "sdn.csv, line 2"


def test_bytes_that_are_no_text_are_refused_naming_their_line(tmp_path: Path) -> None:
    path = tmp_path / "sdn.csv"
    path.write_bytes((sdn_row(1, "A") + "\r\n").encode() + sdn_row(2, "CAF\xc9").encode("latin-1") + b"\r\n")
    error = refusal(path)
    assert (error.code, error.where) == ("bad_encoding", "sdn.csv, line 2")


@pytest.mark.parametrize("content", [b"name,type\r\nX,Y\r\n", b"ent_num,SDN_Name,c,d,e\r\n", b"just words\n"])
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    assert refusal(tmp_path / "x.csv").code == "foreign_file"


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert refusal(write(tmp_path, "sdn.csv", end="")).code == "empty"


def test_aliases_alone_are_no_list() -> None:
    assert refusal(SAMPLE["alt"]).code == "main_file_missing"


def test_two_files_of_one_kind_are_refused() -> None:
    assert refusal(SAMPLE["sdn"], SAMPLE["sdn"]).code == "same_file_twice"


# Classic XML --------------------------------------------------------------------------------------


def test_the_xml_gives_the_same_entities_as_the_csv_files() -> None:
    legacy, classic = read(*SAMPLE.values())[0], read(XML)[0]
    assert legacy.keys() == classic.keys()
    for entity_id, entity in legacy.items():
        # Only the notes differ: the legacy remark repeats every fact, that of the XML is what has no other place.
        expected = {prop: sorted(values) for prop, values in entity.properties.items() if prop != "notes"}
        found = {prop: sorted(values) for prop, values in classic[entity_id].properties.items() if prop != "notes"}
        assert found == expected, entity_id


def test_the_xml_dates_itself_and_keeps_what_has_no_label_in_the_notes() -> None:
    found, notes = read(XML)
    assert notes.published_at == "2024-05-03"
    assert notes.counts == {"entity": 6, "individual": 6, "vessel": 2, "aircraft": 1}
    assert "Chinese Commercial Code 7281 0001" in found["us_ofac_sdn-990003"].get("notes")


def test_the_older_namespace_is_read_too(tmp_path: Path) -> None:
    older = XML.read_text(encoding="utf-8").replace(
        "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML",
        "http://tempuri.org/sdnList.xsd",
    )
    (tmp_path / "sdn.xml").write_text(older, encoding="utf-8")
    assert read(tmp_path / "sdn.xml")[0].keys() == read(XML)[0].keys()


def changed(folder: Path, old: str, new: str) -> Path:
    text = XML.read_text(encoding="utf-8")
    assert old in text
    path = folder / "sdn.xml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<sdnType>", "<eyeColour>green</eyeColour><sdnType>", "unknown_field"),
        ("<idNumber>EX1234567</idNumber>", "<idNumber>EX1234567</idNumber><idPlace>Hat Yai</idPlace>", "unknown_field"),
        ("<callSign>", "<keelLaid>1998</keelLaid><callSign>", "unknown_field"),
        ("</sdnEntry>", "</sdnEntry><sdnFootnote>new</sdnFootnote>", "unknown_field"),
        ("</sdnList>", "<sdnFootnote>new</sdnFootnote></sdnList>", "unknown_field"),
        ("<sdnType>Individual", '<sdnType code="4">Individual', "unknown_field"),
        ("<idNumber>EX1234567", "<idNumber><part>EX</part>1234567", "unknown_field"),
        ("<sdnType>Individual", "<sdnType>Robot", "unknown_type"),
        ("<category>strong", "<category>middling", "unknown_type"),
        ("<Record_Count>15", "<Record_Count>16", "truncated"),
        ("<uid>990002</uid>", "<uid>990001</uid>", "duplicate_id"),
        ("<lastName>OUYANG</lastName>", "<lastName/>", "element_missing"),
        ("</sdnList>", "", "not_well_formed"),
        ("<sdnList ", "<!DOCTYPE sdnList><sdnList ", "document_type"),
    ],
)
def test_xml_that_is_not_as_its_schema_says_is_refused(tmp_path: Path, old: str, new: str, code: str) -> None:
    assert refusal(changed(tmp_path, old, new)).code == code


def test_xml_of_another_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "un.xml").write_text("<CONSOLIDATED_LIST/>", encoding="utf-8")
    assert refusal(tmp_path / "un.xml").code == "foreign_file"


def test_xml_and_csv_are_not_mixed() -> None:
    assert refusal(XML, SAMPLE["sdn"]).code == "mixed_formats"


# The real files -----------------------------------------------------------------------------------


def test_the_real_list_of_2024_reads_with_every_row_accounted_for(shared: Path) -> None:
    lists = shared / "data/lists"
    names = ("ofac_sdn_2024-05-03.csv", "ofac_alt_2025.csv", "ofac_add_2025.csv")
    found, notes = read(*(lists / name for name in names))
    assert notes.counts == {"entity": 6884, "individual": 6854, "vessel": 851, "aircraft": 376}
    assert Counter(left.kind for left in notes.leftovers) == {"alias": 2460, "address": 4893, "cut remark": 18}
    entries = [entity for entity in found.values() if entity.is_target and entity.schema != "CryptoWallet"]
    assert len(entries) == 14965
    assert sum(entity.schema == "CryptoWallet" for entity in found.values()) == 287
    assert sum(bool(entity.get("imoNumber")) for entity in entries) == 846
    assert found["us_ofac_sdn-15036-link-15117"].get("role") == ["Linked To"]  # ARTAVIL and its owner
    unclean = [s for entity in found.values() for s in entity.statements if not s.is_clean]
    assert len(unclean) < 60


@pytest.mark.long
def test_real_snapshots_written_back_as_csv_parse(shared: Path, tmp_path: Path) -> None:
    lists = shared / "data/lists"
    with (lists / "ofac_sdn_2021-08-18.csv").open(newline="", encoding="ascii") as file:
        rows = {row[0]: row for row in csv.reader(file) if len(row) == 12}
    with gzip.open(lists / "ofac_sdn_deltas_2021-08_2024-05.jsonl.gz", "rt", encoding="utf-8") as deltas:
        for number, line in enumerate(deltas, start=1):
            delta = json.loads(line)
            for row in (*delta["added"], *delta["changed"]):
                rows[row[0]] = row
            for uid in delta["removed"]:
                rows.pop(uid, None)
            if number in (1, 150, 307):
                out = io.StringIO()
                csv.writer(out).writerows(rows.values())
                path = tmp_path / f"{number}.csv"
                path.write_text(out.getvalue(), encoding="utf-8", newline="")
                _, notes = read(path)
                assert sum(notes.counts.values()) == len(rows) == delta["n"]
