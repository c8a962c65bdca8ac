"""One sanctionEntity: the one listed and its sanction."""

import re
from functools import cache

from lintas.model.entity import Draft, clean_value, property_of, schema_of
from lintas.sources.fields import Fields

AUTHORITY = "European Union"
SCHEMATA = {"person": "Person", "enterprise": "Organization"}
# Codes of identification types, as public readers of the file list them; any other is an identity number.
DOCUMENTS = {
    "passport": ("passportNumber", "idNumber"),
    "fiscalcode": ("taxNumber",),
    "imo": ("imoNumber", "idNumber"),
    "regnumber": ("registrationNumber",),
    "ssn": ("socialSecurityNumber", "idNumber"),
    "swiftbic": ("swiftBic", "registrationNumber"),
    "tradelic": ("licenseNumber",),
}
CONTACTS = {"PHONE": "phone", "EMAIL": "email", "WEB": "website"}
GREGORIAN = "GREGORIAN"
UNKNOWN_COUNTRY = frozenset({"UNKNOWN", "00"})
LOW_QUALITY = "low quality"  # in the remark on a name, taken over from lists of the United Nations

_SEPARATORS = re.compile(r"\s*[;,]\s*")
_DOCUMENT_DETAILS = (
    ("name on the document", "@nameOnDocument"),
    ("issued by", "@issuedBy"),
    ("issued", "@issueDate"),
    ("issued", "@issuedDate"),
    ("valid from", "@validFrom"),
    ("valid to", "@validTo"),
    ("region", "@region"),
)
_DOCUMENT_FLAGS = {
    "@diplomatic": "diplomatic",
    "@knownExpired": "known to have expired",
    "@knownFalse": "known to be false",
    "@reportedLost": "reported lost",
    "@revokedByIssuer": "revoked by its issuer",
}


def read_entry(fields: Fields, entity_id: str, reference: str | None) -> tuple[Draft, Draft]:
    """The one listed and its sanction. All fields are taken. Raises FileError for an unknown type of subject."""
    kinds = [(kind.required("@code"), kind.text("@classificationCode")) for kind in fields.children("subjectType")]
    if len(kinds) != 1 or kinds[0][0] not in SCHEMATA:
        raise fields.refusal(f"{kinds!r} is no type of subject", "unknown_type")
    subject = Draft(SCHEMATA[kinds[0][0]], entity_id)
    _read_names(fields, subject)
    subject.add("topics", "sanction")
    subject.add("notes", fields.texts("remark"))
    _note(subject, "Designation details", fields.text("@designationDetails"))
    sanction = _read_sanction(fields, subject.id, reference)
    for citizenship in fields.children("citizenship"):
        _add(subject, "citizenship", _country(citizenship), "Citizenship")
        _note(subject, "Region of citizenship", citizenship.text("@region"))
        _remark(subject, "citizenship", citizenship)
    for birth in fields.children("birthdate"):
        _read_birth(birth, subject)
    for document in fields.children("identification"):
        _read_document(document, subject)
    for address in fields.children("address"):
        _read_address(address, subject)
    return subject, sanction


def _read_names(fields: Fields, subject: Draft) -> None:
    for name in fields.children("nameAlias"):
        parts = [name.text("@firstName"), name.text("@middleName"), name.text("@lastName")]
        whole = name.text("@wholeName") or " ".join(part for part in parts if part)
        remarks = name.texts("remark")
        is_weak = name.flag("@strong") is False or any(LOW_QUALITY in remark.lower() for remark in remarks)
        is_first = not subject.has("name") and not is_weak
        language = name.text("@nameLanguage")
        code = _language(language)
        prop = "weakAlias" if is_weak else "name" if is_first else "alias"
        subject.add(prop, whole, lang=code)
        if is_first:
            for part, value in zip(("firstName", "middleName", "lastName"), parts, strict=True):
                _add(subject, part, value, part)
        if language is not None and code is None:
            _note(subject, f"Language of {whole}", language)
        subject.add("notes", [f"Remark on the name {whole}: {remark}" for remark in remarks])
        _add(subject, "title", name.text("@title"), "Title")
        _add(subject, "position", name.text("@function"), "Function")
        _add(subject, "gender", name.text("@gender"), "Gender")
    if not (subject.has("name") or subject.has("alias") or subject.has("weakAlias")):
        raise fields.refusal("The entry has no name", "element_missing")


def _language(code: str | None) -> str | None:
    return None if code is None else clean_value(property_of("Person", "spokenLanguage"), code.lower())


def _read_sanction(fields: Fields, entity_id: str, reference: str | None) -> Draft:
    sanction = Draft("Sanction", f"{entity_id}-sanction")
    sanction.add("entity", entity_id)
    sanction.add("authority", AUTHORITY)
    sanction.add("authorityId", reference)
    sanction.add("recordId", fields.text("@logicalId"))
    sanction.add("unscId", fields.text("@unitedNationId"))
    sanction.add("listingDate", fields.text("@designationDate"))
    for regulation in fields.children("regulation"):
        kind, title = regulation.text("@regulationType"), regulation.text("@numberTitle")
        issuer, published = regulation.text("@organisationType"), regulation.text("@publicationDate")
        in_force = regulation.text("@entryIntoForceDate")
        sanction.add("program", regulation.text("@programme"))
        sanction.add("sourceUrl", regulation.texts("publicationUrl"))
        # An amendment came into force later than the measure, so its date is not that of the measure's start.
        sanction.add("startDate", in_force if kind == "regulation" else None)
        dates = (f"published {published}" if published else None, f"in force {in_force}" if in_force else None)
        sanction.add("summary", ", ".join(part for part in (title, issuer, kind, *dates) if part))
        sanction.add("summary", regulation.texts("remark"))
    return sanction


def _country(fields: Fields) -> str | None:
    """The country of a part by its description, or by its code where only that is understood."""
    code, name = fields.text("@countryIso2Code"), fields.text("@countryDescription")
    known = [text for text in (name, code) if text and text not in UNKNOWN_COUNTRY]
    return next((text for text in known if _understands_country(text)), known[0] if known else None)


@cache
def _understands_country(text: str) -> bool:
    return clean_value(property_of("Person", "country"), text) is not None


def _read_birth(birth: Fields, subject: Draft) -> None:
    day, month, year = birth.text("@dayOfMonth"), birth.text("@monthOfYear"), birth.text("@year")
    whole, calendar = birth.text("@birthdate"), birth.text("@calendarType") or GREGORIAN
    ends = [end for end in (birth.text("@yearRangeFrom"), birth.text("@yearRangeTo")) if end]
    partial = "-".join(part.zfill(2) for part in (year, month, day if month else None) if part) if year else None
    dates = [whole] if whole else [partial] if partial else ends
    published = " to ".join(dates)
    if birth.flag("@circa"):
        published = f"circa {published}"
    if calendar == GREGORIAN:
        for date in dates:
            _add(subject, "birthDate", date, "Date of birth", original=published)
    else:  # a year of another calendar is no year of birth until somebody converts it
        _note(subject, f"Date of birth ({calendar} calendar)", published or None)
    country = _country(birth)
    place = [birth.text(f"@{name}") for name in ("place", "city", "zipCode", "region")]
    _add(subject, "birthPlace", ", ".join(part for part in (*place, country) if part), "Place of birth")
    _add(subject, "birthCountry", country, "Country of birth")
    _remark(subject, "birth", birth)


def _read_document(document: Fields, subject: Draft) -> None:
    code, kind = document.text("@identificationTypeCode") or "other", document.text("@identificationTypeDescription")
    numbers = [document.text("@number"), document.text("@latinNumber")]
    country = _country(document)
    details = [f"{label} {value}" for label, name in _DOCUMENT_DETAILS if (value := document.text(name))]
    details += [words for name, words in _DOCUMENT_FLAGS.items() if document.flag(name)]
    details += document.texts("remark")
    stated = " / ".join(dict.fromkeys(number for number in numbers if number)) or "number not given"
    published = ", ".join((f"{kind or code} {stated}" + (f" ({country})" if country else ""), *details))
    for number in numbers:
        _add_first(subject, DOCUMENTS.get(code.lower(), ("idNumber",)), number, published)
    subject.add("country", country, original=published)
    if details or not any(numbers):
        subject.add("notes", published)


def _add_first(subject: Draft, candidates: tuple[str, ...], number: str | None, published: str) -> None:
    had = [prop for prop in candidates if _has(subject.schema, prop)]
    fitting = [prop for prop in had if number and clean_value(property_of(subject.schema, prop), number) is not None]
    if number and not had:
        subject.add("notes", published)
    elif number:
        subject.add((fitting or had)[0], number, original=published)


def _read_address(address: Fields, subject: Draft) -> None:
    country = _country(address)
    box = address.text("@poBox")
    names = ("street", "place", "city", "zipCode", "region")
    parts = [f"PO Box {box}" if box else None, *(address.text(f"@{name}") for name in names)]
    line = ", ".join(part for part in (*parts, country) if part)
    if any(parts):  # a country alone is no address
        subject.add("address", line)
    subject.add("country", country)
    if address.flag("@asAtListingTime"):
        _note(subject, "Address at the time of listing", line or None)
    for contact in address.children("contactInfo"):
        _read_contact(contact, subject)
    _remark(subject, "address", address)


def _read_contact(contact: Fields, subject: Draft) -> None:
    key, value = contact.required("@key"), contact.text("@value")
    prop = CONTACTS.get(key)
    if prop is None:
        _note(subject, key.capitalize(), value)
        return
    for part in _SEPARATORS.split(value or ""):
        _add(subject, prop, part, key.capitalize(), original=value)


def _remark(subject: Draft, part: str, fields: Fields) -> None:
    subject.add("notes", [f"Remark on the {part}: {remark}" for remark in fields.texts("remark")])


def _note(subject: Draft, label: str, value: str | None) -> None:
    subject.add("notes", f"{label}: {value}" if value else None)


def _add(subject: Draft, prop: str, value: str | None, label: str, original: str | None = None) -> None:
    """Add to `prop`, or, where the schema has none (an organisation's title), to the notes under `label`."""
    if _has(subject.schema, prop):
        subject.add(prop, value, original=original)
    else:
        _note(subject, label, value)


@cache
def _has(schema: str, prop: str) -> bool:
    return schema_of(schema).get(prop) is not None
