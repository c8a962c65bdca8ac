"""One designation: the one designated, its sanction, and the names of others that it states."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from lintas.model.entity import Draft, clean_value, property_of, schema_of
from lintas.sources.fields import Fields

AUTHORITY = "Foreign, Commonwealth and Development Office"
SCHEMATA = {"individual": "Person", "entity": "Organization", "ship": "Vessel"}
# NameType, whose letter case varies in the published file; a spelling variation of the primary name is an alias.
NAME_TYPES = {"primary name": "name", "primary name variation": "alias", "alias": "alias"}
WEAK = "low quality"  # AliasStrength: "Good quality a.k.a", "Low quality a.k.a"

_PARTIAL_DATE = re.compile(r"^dd/(?P<month>mm|\d\d)/(?P<year>\d{4})$", re.IGNORECASE)  # dd/mm/1957, dd/09/1958
_IN_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")  # AssetFreeze: asset freeze
_EMAIL_SEPARATORS = re.compile(r"[;,\s]+")
_NUMBER_LABEL = re.compile(r"^(?P<label>[A-Za-z][A-Za-z/. ]*?)\s*(?:No\.?|Number)?\s*:\s*(?P<number>.+)$")
# As the list writes a state that has another name elsewhere.
COUNTRIES = {"congo (democratic republic)": "Democratic Republic of the Congo"}
# Labels within the free text of a business registration number; anything else is a registration number.
NUMBERS = {
    "inn": ("innCode", "taxNumber"),
    "ogrn": ("ogrnCode", "registrationNumber"),
    "swift": ("swiftBic", "registrationNumber"),
    "swift/bic": ("swiftBic", "registrationNumber"),
    "lei": ("leiCode", "registrationNumber"),
    "tin": ("taxNumber",),
    "vat": ("vatCode",),
    "imo": ("imoNumber",),
}


@dataclass
class Entry:
    """One designation, read."""

    subject: Draft
    sanction: Draft
    named: list[tuple[str, str]] = field(default_factory=list)  # name of another, role

    def name_other(self, names: Iterable[str], role: str) -> None:
        """Another that the designation names: kept in the notes, and as a candidate for a link."""
        for name in names:
            self.named.append((name, role))
            self.subject.add("notes", f"{role}: {name}", original=name)


def read_entry(fields: Fields, entity_id: str, unique_id: str) -> Entry:
    """The designation under `fields`, all of whose elements are taken. Raises FileError for an unknown type."""
    kind = fields.required("IndividualEntityShip")
    if kind.lower() not in SCHEMATA:
        raise fields.refusal(f"{kind!r} is no type of designation", "unknown_type")
    subject = Draft(SCHEMATA[kind.lower()], entity_id)
    entry = Entry(subject, Draft("Sanction", f"{entity_id}-sanction"))
    _read_names(fields, subject)
    subject.add("topics", "sanction")
    _read_sanction(fields, entry, unique_id)
    _add(subject, "title", fields.texts("Titles", "Title"), "Title")
    subject.add("notes", fields.texts("OtherInformation"))
    _read_contact(fields, subject)
    for person in fields.children("IndividualDetails", "Individual"):
        _read_person(person, subject)
    for company in fields.children("EntityDetails", "Entity"):
        _read_company(company, entry)
    for ship in fields.children("ShipDetails", "Ship"):
        _read_ship(ship, entry)
    return entry


def _read_names(fields: Fields, subject: Draft) -> None:
    for name in fields.children("Names", "Name"):
        parts = [name.text(f"Name{number}") for number in range(1, 7)]
        kind, strength = name.text("NameType") or "Alias", name.text("AliasStrength") or ""
        prop = NAME_TYPES.get(kind.lower())
        if prop is None:
            raise name.refusal(f"{kind!r} is no type of name", "unknown_type")
        if prop != "name" and strength.lower().startswith(WEAK):
            prop = "weakAlias"
        subject.add(prop, " ".join(part for part in parts if part))
        if prop == "name" and subject.schema == "Person":
            subject.add("firstName", parts[0])
            subject.add("middleName", parts[1:5])  # given names and father's names, which the list does not tell apart
            subject.add("lastName", parts[5])
    for native in fields.children("NonLatinNames", "NonLatinName"):
        _read_native_name(native, subject)


def _read_native_name(native: Fields, subject: Draft) -> None:
    name, language = native.text("NameNonLatinScript"), native.text("NonLatinScriptLanguage")
    native.texts("NonLatinScriptType")  # not kept: the characters of the name show their script themselves
    code = _language(language)
    subject.add("alias", name, lang=code)
    if language is not None and code is None:
        subject.add("notes", f"Language of {name}: {language}")


def _language(name: str | None) -> str | None:
    return None if name is None else clean_value(property_of("Person", "spokenLanguage"), name)


def _read_sanction(fields: Fields, entry: Entry, unique_id: str) -> None:
    sanction = entry.sanction
    sanction.add("entity", entry.subject.id)
    sanction.add("authority", AUTHORITY)
    sanction.add("authorityId", unique_id)
    sanction.add("unscId", fields.text("UNReferenceNumber"))
    group = fields.text("OFSIGroupID")
    sanction.add("recordId", group, original=f"OFSI Group ID {group}")
    sanction.add("program", fields.text("RegimeName"))
    source = fields.text("DesignationSource")
    sanction.add("summary", f"Designation source: {source}" if source else None, original=source)
    sanction.add("listingDate", fields.text("DateDesignated"))
    sanction.add("modifiedAt", fields.text("LastUpdated"))
    sanction.add("reason", fields.text("UKStatementofReasons"))
    measures = [part.strip() for part in (fields.text("SanctionsImposed") or "").split("|")]
    sanction.add("provisions", measures)
    known = {measure.casefold() for measure in measures}
    # The indicators repeat the measures; one that does not is a measure too.
    for indicators in fields.children("SanctionsImposedIndicators"):
        said = [_IN_WORDS.sub(" ", tag).capitalize() for tag in indicators.left() if indicators.flag(tag)]
        sanction.add("provisions", [measure for measure in said if measure.casefold() not in known])


def _read_contact(fields: Fields, subject: Draft) -> None:
    for address in fields.children("Addresses", "Address"):
        lines = [address.text(f"AddressLine{number}") for number in range(1, 7)]
        postcode, country = address.text("AddressPostalCode"), address.text("AddressCountry")
        if any((*lines, postcode)):  # a country alone is no address
            subject.add("address", ", ".join(part for part in (*lines, postcode, country) if part))
        _add(subject, "country", [country or ""], "Country")
    _add(subject, "phone", fields.texts("PhoneNumbers", "PhoneNumber"), "Telephone")
    for emails in fields.texts("EmailAddresses", "EmailAddress"):
        _add(subject, "email", _EMAIL_SEPARATORS.split(emails), "Email", original=emails)
    _add(subject, "website", fields.texts("Websites", "Website"), "Website")


def _read_person(person: Fields, subject: Draft) -> None:
    for born in person.texts("DOBs", "DOB"):
        _add(subject, "birthDate", [_date(born)], "Date of birth", original=born)
    for place in person.children("BirthDetails", "Location"):
        town, country = place.text("TownOfBirth"), place.text("CountryOfBirth")
        _add(subject, "birthPlace", [", ".join(part for part in (town, country) if part)], "Place of birth")
        _add(subject, "birthCountry", [country or ""], "Country of birth")
    _add(subject, "nationality", person.texts("Nationalities", "Nationality"), "Nationality")
    _add(subject, "gender", person.texts("Genders", "Gender"), "Gender")
    _add(subject, "position", person.texts("Positions", "Position"), "Position")
    for document in person.children("PassportDetails", "Passport"):
        _read_document(document, subject, "Passport", "passportNumber")
    for document in person.children("NationalIdentifierDetails", "NationalIdentifier"):
        _read_document(document, subject, "NationalIdentifier", "idNumber")


def _date(text: str) -> str:
    partial = _PARTIAL_DATE.match(text)
    if partial is None:
        return text
    return partial["year"] if partial["month"].lower() == "mm" else f"{partial['year']}-{partial['month']}"


def _read_document(document: Fields, subject: Draft, tag: str, prop: str) -> None:
    number, information = document.text(f"{tag}Number"), document.text(f"{tag}AdditionalInformation")
    label = "Passport" if tag == "Passport" else "National identifier"
    published = " | ".join(part for part in (number, information) if part)
    _add(subject, prop, [number or ""], label, original=published)
    if information is not None:
        subject.add("notes", f"{label} {number}: {information}" if number else f"{label}: {information}")


def _read_company(company: Fields, entry: Entry) -> None:
    for numbers in company.texts("BusinessRegistrationNumbers", "BusinessRegistrationNumber"):
        for number in numbers.splitlines():
            _read_number(number.strip(), entry.subject, numbers)
    _add(entry.subject, "legalForm", company.texts("TypeOfEntities", "TypeOfEntity"), "Type of entity")
    entry.name_other(company.texts("ParentCompanies", "ParentCompany"), "Parent company")
    entry.name_other(company.texts("Subsidiaries", "Subsidiary"), "Subsidiary")


def _read_number(text: str, subject: Draft, published: str) -> None:
    labelled = _NUMBER_LABEL.match(text)
    label, number = (labelled["label"].lower(), labelled["number"].strip()) if labelled else ("", text)
    candidates = NUMBERS.get(label, ("registrationNumber",))
    fitting = (prop for prop in candidates if clean_value(property_of("Organization", prop), number) is not None)
    _add(subject, next(fitting, candidates[-1]), [number], "Registration number", original=published)


def _read_ship(ship: Fields, entry: Entry) -> None:
    subject = entry.subject
    _add(subject, "imoNumber", ship.texts("IMONumbers", "IMONumber"), "IMO number")
    _add(subject, "registrationNumber", ship.texts("HullIdentificationNumbers", "HullIdentificationNumber"), "Hull")
    entry.name_other(ship.texts("CurrentOwnerOperators", "CurrentOwnerOperator"), "Current owner or operator")
    entry.name_other(ship.texts("PreviousOwnerOperators", "PreviousOwnerOperator"), "Previous owner or operator")
    _add(subject, "flag", ship.texts("CurrentBelievedFlagOfShips", "CurrentBelievedFlagOfShip"), "Flag")
    _add(subject, "pastFlags", ship.texts("PreviousFlags", "PreviousFlag"), "Previous flag")
    _add(subject, "type", ship.texts("TypeOfShipDetails", "TypeOfShip"), "Type of ship")
    for tonnage in ship.texts("TonnageOfShipDetails", "TonnageOfShip"):
        _add(subject, "tonnage", [tonnage.replace(",", "")], "Tonnage", original=tonnage)
    subject.add("notes", [f"Length of ship: {text}" for text in ship.texts("LengthOfShipDetails", "LengthOfShip")])
    _add(subject, "buildDate", ship.texts("YearsBuilt", "YearBuilt"), "Year built")


def _add(subject: Draft, prop: str, values: Iterable[str], label: str, original: str | None = None) -> None:
    """Add to `prop`, or, where the schema has none (a ship's title), to the notes under `label`."""
    for value in values:
        if _has(subject.schema, prop):
            subject.add(prop, COUNTRIES.get(value.strip().casefold(), value), original=original or value)
        elif value.strip():
            subject.add("notes", f"{label}: {original or value}", original=original or value)


@cache
def _has(schema: str, prop: str) -> bool:
    return schema_of(schema).get(prop) is not None
