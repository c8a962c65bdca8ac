"""Customer files: how columns and rows are read, and that nothing in them is lost."""

import tomllib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from lintas.model.customer import Customer
from lintas.model.entity import schema_of
from lintas.model.errors import InputError
from lintas.reference.columns import fold
from lintas.sources.customers import read as customers_room
from lintas.sources.customers.header import properties
from lintas.sources.customers.read import CustomerFile, open_customers

SAMPLE = Path(customers_room.__file__).with_name("sample.csv")
Open = Callable[..., CustomerFile]


def only(file: CustomerFile) -> Customer:
    (customer,) = file.rows()
    return customer


# Columns


@pytest.mark.parametrize(
    ("header", "prop"),
    [
        ("Name*", "name"),
        ("Full Name (as in passport)", "name"),
        ("DATE_OF_BIRTH", "birthDate"),
        ("Tgl. Lahir", "birthDate"),
        ("Nama / Name", "name"),
        ("ชื่อ-สกุล", "name"),
        ("Họ và tên", "name"),
        ("HO VA TEN", "name"),
        ("No. KTP", "idNumber"),
        ("เลขประจำตัวประชาชน", "idNumber"),
        ("Số hộ chiếu", "passportNumber"),
        ("Apelyido", "lastName"),
        ("Fecha de nacimiento", "birthDate"),
        ("birthDate", "birthDate"),
        ("A/C No", "accountNumber"),
        ("Favourite colour", None),
        ("", None),
    ],
)
def test_a_column_is_read_by_its_usual_name_in_the_languages_of_the_region(
    opened: Open, header: str, prop: str | None
) -> None:
    file = opened(f'name,"{header}",x\nBudi,1,2\n')
    assert file.columns[1].prop == prop
    assert file.columns[1].why == ("empty" if not header else "usual_name" if prop else "unknown")


def test_no_usual_name_means_two_things_and_every_property_exists() -> None:
    facts = tomllib.loads(files("lintas.reference").joinpath("columns.toml").read_text(encoding="utf-8"))
    for table in ("headers", "schemata"):
        words = [(fold(word), key) for key, listed in facts[table].items() for word in listed]
        assert len({word for word, _ in words}) == len({(word, key) for word, key in words})
    assert set(facts["headers"]) - {"id", "schema"} <= set(properties())
    assert {prop for wider in facts["stand_ins"].values() for prop in wider} <= set(properties())
    assert {schema_of(schema).name for schema in (*facts["schemata"], *facts["implied"])}
    assert set(facts["about"]) == {"source", "certainty", "checked_on"}


def test_two_columns_of_one_meaning_are_both_used(opened: Open) -> None:
    assert only(opened("name,nama\nBudi,Boedi\n")).entity.get("name") == ["Budi", "Boedi"]


def test_a_column_that_nobody_reads_is_kept_unread(opened: Open) -> None:
    assert only(opened("name,Saldo,\nBudi,100,x\n")).unread == (("Saldo", "100"), ("column 3", "x"))


def test_an_officer_says_what_a_column_is(opened: Open) -> None:
    file = opened("A,B,C,name\nBudi,secret,P-1,wrong\n", {"A": "name", "B": "ignore", "C": "id", "name": "notes"})
    customer = only(file)
    assert (customer.id, customer.entity.get("name"), customer.entity.get("notes")) == ("P-1", ["Budi"], ["wrong"])
    assert customer.unread == ()
    assert {column.why for column in file.columns} == {"given"}


def test_a_mapping_of_a_column_that_is_not_there_is_refused_by_name(opened: Open) -> None:
    with pytest.raises(InputError, match="'Nama Ibu'"):
        opened("name\nBudi\n", {"Nama Ibu": "motherName"})


def test_a_mapping_to_a_property_that_is_none_is_refused_by_name(opened: Open) -> None:
    with pytest.raises(InputError, match="'surname'"):
        opened("name,x\nBudi,1\n", {"x": "surname"})


def test_a_file_without_name_or_identifier_is_refused_with_its_columns_and_an_example(opened: Open) -> None:
    with pytest.raises(InputError) as caught:
        opened("colour,date of birth\nred,1970\n")
    assert "'colour', 'date of birth'" in str(caught.value)
    assert '{"colour": "name"}' in caught.value.do


# Rows


def test_rows_are_numbered_as_a_spreadsheet_does_and_empty_ones_are_skipped(opened: Open) -> None:
    file = opened("\nname,dob\n\nBudi,1970\n , \nSiti,1971\n")
    assert [customer.row for customer in file.rows()] == [4, 6]
    assert file.n_rows == 2


def test_a_row_with_too_few_or_too_many_cells_is_kept_and_says_so(opened: Open) -> None:
    short, long = opened("name,dob,nationality\nBudi,1970\nSiti,1971,ID,extra,\n").rows()
    assert short.problems == ("the row has 2 cells, the header 3; cells may stand under a wrong header",)
    assert long.problems == ("the row has 5 cells, the header 3; the extra ones are kept unread",)
    assert long.unread == (("column 4", "extra"),)


def test_a_second_row_with_the_same_id_is_kept_and_says_so(opened: Open) -> None:
    first, second = opened("id,name\nC1,Budi\nC1,Siti\n").rows()
    assert (first.id, second.id) == ("C1", "C1")
    assert first.problems == ()
    assert second.problems == ("id: 'C1' is also of an earlier row",)
    assert first.entity.id != second.entity.id


def test_a_row_without_id_is_called_by_its_number(opened: Open) -> None:
    assert only(opened("name\nBudi\n")).id == "row-2"


def test_a_row_with_nothing_to_screen_by_is_kept_and_says_so(opened: Open) -> None:
    customer = only(opened("name,notes\n,hello\n"))
    assert customer.problems == ("nothing to screen by: no name and no identifier",)


def test_an_impossible_date_is_kept_not_used_and_said_in_words(opened: Open) -> None:
    customer = only(opened("name,dob\nBudi,31 Feb 1970\n"))
    assert customer.problems == ("birthDate: '31 Feb 1970' is no date; kept as written, not used",)
    assert customer.entity.get("birthDate") == []
    assert any(s.value == "31 Feb 1970" and not s.is_clean for s in customer.entity.statements)


def test_a_year_of_the_buddhist_era_is_read_and_said(opened: Open) -> None:
    customer = only(opened("ชื่อ,วันเกิด\nสมชาย,2517\n"))
    assert customer.entity.get("birthDate") == ["1974"]
    assert customer.problems == ("birthDate: 2517 read as Buddhist era, 1974",)


def test_a_date_that_can_only_be_month_first_raises_a_doubt_about_the_others(opened: Open) -> None:
    assert "month first" in only(opened("name,dob\nBudi,07/25/1970\n")).problems[0]


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("country", "Atlantis", "is no country that we know"),
        ("gender", "blue", "is no word for a gender"),
        ("email", "nobody", "is no e-mail address"),
        ("phone", "0812", "is no phone number with the code of its country"),
        ("lei", "529900T8BM49AURSDO56", "has not the form or the check digit"),
        ("name", "x" * 400, "is longer than 384 characters"),
    ],
)
def test_a_value_that_is_not_understood_is_said_in_words(opened: Open, column: str, value: str, words: str) -> None:
    customer = only(opened(f"alias,{column}\nBudi,{value}\n"))
    assert words in customer.problems[0]
    assert [s.value for s in customer.entity.statements if not s.is_clean] == [value]


@pytest.mark.parametrize(
    ("column", "value"),
    [("imo", "9319467"), ("mmsi", "123456789"), ("wallet", "1NEDqZPvTWRaoho48qXuLLsrYomMXPABfX")],
)
def test_a_number_whose_check_fails_is_still_looked_for_because_lists_carry_wrong_ones(
    opened: Open, column: str, value: str
) -> None:
    customer = only(opened(f"{column},x\n{value},\n"))
    assert customer.problems[0].endswith("; looked for as written")
    assert customer.entity.values_of("identifier") == [value]


def test_the_imo_number_of_a_company_passes_for_a_company_and_not_for_a_ship(opened: Open) -> None:
    company, ship = opened("type,name,imo\ncompany,PT Contoh,0112232\nvessel,CONTOH,0112232\n").rows()
    assert (company.entity.get("imoNumber"), company.problems) == (["IMO0112232"], ())
    assert (ship.entity.get("imoNumber"), len(ship.problems)) == (["0112232"], 1)


def test_words_of_the_region_for_gender_and_citizenship_are_read(opened: Open) -> None:
    customer = only(opened("nama,jenis kelamin,kewarganegaraan\nBudi,L,WNI\n"))
    assert customer.entity.get("gender") == ["male"]
    assert customer.entity.get("nationality") == ["id"]
    assert {s.original for s in customer.entity.statements} >= {"L", "WNI"}


def test_control_characters_are_taken_out_and_said(opened: Open) -> None:
    customer = only(opened("name,x\nBu\x00di\u202e,a\x1bb\n"))
    assert customer.entity.get("name") == ["Budi"]
    assert customer.unread == (("x", "ab"),)
    assert customer.problems == (
        "name: invisible characters were taken out (U+0000, U+202E)",
        "x: invisible characters were taken out (U+001B)",
    )


# Kinds of customers


@pytest.mark.parametrize(
    ("header", "row", "schema"),
    [
        ("name", "Budi", "LegalEntity"),
        ("name,dob", "Budi,1970", "Person"),
        ("name,passport", "Budi,X1234567", "Person"),
        ("first name,last name", "Budi,Santoso", "Person"),
        ("name,nationality", "Budi,ID", "LegalEntity"),
        ("name,birth place", "Budi,Jakarta", "Person"),
        ("name,imo", "SINAR,9319466", "Vessel"),
        ("name,mmsi", "SINAR,525999001", "Vessel"),
        ("vessel name,x", "SINAR,", "Vessel"),
        ("wallet,x", "0x8589427373D6D84E98730D7795D8f6f8731FDA16,", "CryptoWallet"),
        ("iban,x", "GB82WEST12345698765432,", "BankAccount"),
        ("name,isin", "PT Contoh,US0378331005", "Company"),
        ("type,name", "orang,Budi", "Person"),
        ("type,name", "PT,Contoh", "Company"),
        ("type,name", "kapal,Contoh", "Vessel"),
        ("type,name", "Airplane,X", "Airplane"),
        ("type,name,dob", "entity,Budi,1970", "Person"),
        ("type,name,imo", "company,Contoh,1234567", "Company"),
    ],
)
def test_the_kind_of_a_customer_is_what_its_row_says_or_carries(
    opened: Open, header: str, row: str, schema: str
) -> None:
    assert only(opened(f"{header}\n{row}\n")).entity.schema == schema


def test_a_kind_that_is_unknown_is_said_and_the_row_decides(opened: Open) -> None:
    customer = only(opened("type,name,dob\nwizard,Budi,1970\n"))
    assert customer.entity.schema == "Person"
    assert customer.problems == ("schema: 'wizard' is no kind of customer that we know; read as Person",)


def test_a_value_that_the_kind_has_no_place_for_is_kept_unread_and_said(opened: Open) -> None:
    customer = only(opened("type,name,call sign\nperson,Budi,YZ9921\n"))
    assert customer.unread == (("call sign", "YZ9921"),)
    assert customer.problems == ("callSign: 'YZ9921' is not used: Person has no callSign",)


def test_several_aliases_and_countries_in_one_cell_are_taken_apart(opened: Open) -> None:
    customer = only(opened('name,alias,nationality\n"Budi","Abu Sayap; Pak, Budi","Iran, Pakistan"\n'))
    assert customer.entity.get("alias") == ["Abu Sayap", "Pak, Budi"]
    assert customer.entity.values_of("country") == ["ir", "pk"]
    assert only(opened('name,nationality\nBudi,"Korea, North"\n')).entity.values_of("country") == ["kp"]


def test_a_wallet_and_an_account_of_a_person_are_screened_with_the_person(opened: Open) -> None:
    customer = only(opened("name,dob,iban,wallet\nBudi,1970,GB82WEST12345698765432,1Examp1e\n"))
    assert customer.entity.schema == "Person"
    assert [(held.schema, held.caption) for held in customer.holds] == [
        ("BankAccount", "GB82WEST12345698765432"),
        ("CryptoWallet", "1Examp1e"),
    ]
    assert customer.unread == ()
    assert len(customer.problems) == 1  # the wallet's check sum


def test_a_wider_property_stands_in_where_the_kind_lacks_one(opened: Open) -> None:
    assert only(opened("type,name,nationality\nPT,Contoh,ID\n")).entity.get("country") == ["id"]


def test_a_name_is_made_of_its_parts_where_there_is_no_whole_one(opened: Open) -> None:
    customer = only(opened("last name,first name,middle name\nSantoso,Budi,Rahmat\n"))
    assert customer.entity.get("name") == ["Budi Rahmat Santoso"]


def test_the_sample_has_25_customers_and_every_kind_of_them() -> None:
    file = open_customers(SAMPLE, "sample.csv")
    customers = list(file.rows())
    assert file.n_rows == len(customers) == 25
    kinds = {customer.entity.schema for customer in customers}
    assert kinds == {"Person", "Company", "Organization", "Vessel", "CryptoWallet"}
    assert {column.column for column in file.columns if column.prop is None} == {"Branch"}
    said = " ".join(problem for customer in customers for problem in customer.problems)
    assert all(words in said for words in ("Buddhist era", "is no date", "is no IMO number"))
