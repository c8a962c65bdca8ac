"""The repeated parts of a UN entry: aliases, addresses, dates and places of birth, documents."""

import re

from lintas.model.dates import parse_date
from lintas.model.entity import Draft
from lintas.sources.fields import Fields
from lintas.sources.lists.un_sc.names import has_native, has_remark, names_and_acronyms, split_names
from lintas.sources.lists.un_sc.remarks import LONGEST_REMARK, add_alias_note

# "Good" and "a.k.a." are the strong qualities. Empty and unheard-of ones are searched as strong too, and noted.
_ALIAS_PROPS = {"Good": "alias", "Low": "weakAlias", "a.k.a.": "alias", "f.k.a.": "previousName"}
_NATIVE_NOTE = re.compile(r"(?:original script|in\s+arabic(?:\s+script)?)\s*:\s*(.+)$", re.IGNORECASE | re.DOTALL)
_YEAR = re.compile(r"\b(?:1[6-9]|20)\d{2}\b")
_LONGEST_NUMBER = 200  # characters; the longest so far has 80
_TAIL_NUMBER = re.compile(r"[^a-z”)]*\d[^a-z]*$")
# The first kind that the text of a document names; a type of document that names none is an idNumber.
_DOCUMENT_PROPS = (
    ("passportNumber", re.compile(r"pass(?:e?port|aporte)|pasaporte", re.IGNORECASE)),
    ("socialSecurityNumber", re.compile(r"social security", re.IGNORECASE)),
    ("taxNumber", re.compile(r"fiscal code|\btax\b", re.IGNORECASE)),
    ("idNumber", re.compile(r"ident|licen[cs]e|card|permit|certificate|laissez|travel document|\bID\b", re.IGNORECASE)),
)


def add_alias(draft: Draft, fields: Fields) -> None:
    """One INDIVIDUAL_ALIAS or ENTITY_ALIAS: the names, and in `notes` whatever else is said of them."""
    published, quality, note = (fields.text(tag) for tag in ("ALIAS_NAME", "QUALITY", "NOTE"))
    born = [fields.text(tag) for tag in ("DATE_OF_BIRTH", "CITY_OF_BIRTH", "COUNTRY_OF_BIRTH")]
    where_born = f"born {join(*born)}" if any(born) else None
    if published is None:  # most entries without an alias have an empty one
        if any((quality, where_born, note)):
            add_note(draft, "Alias without a name", quality, where_born, note)
        return
    prop = _ALIAS_PROPS.get(quality or "", "alias")
    if draft.schema == "Person":
        draft.add(prop, split_names(published), original=published)
        draft.add("birthDate", born[0])
        add_alias_note(draft, published)
        add_alias_note(draft, note or "")
    else:
        add_organisation_name(draft, prop, published)
    for name in _names_in_note(note or ""):
        draft.add(prop, name, original=note)
    odd_quality = None if quality is None or quality in _ALIAS_PROPS else f"quality {quality}"
    if any((odd_quality, where_born, note, has_remark(published))):
        add_note(draft, f"Alias {published}", odd_quality, where_born, note)


def add_organisation_name(draft: Draft, prop: str, published: str) -> None:
    """The names in `published` under `prop`; their acronyms, which many others share, as weak aliases."""
    names, acronyms = names_and_acronyms(published)
    draft.add(prop, names, original=published)
    draft.add("weakAlias", acronyms, original=published)


def _names_in_note(note: str) -> list[str]:
    """Native script (`original script: ...`) and lists of spellings (`A; B; C`) in the note of an alias."""
    if len(note) > LONGEST_REMARK:
        return []
    if found := _NATIVE_NOTE.search(note):
        return [name for name in split_names(found[1]) if has_native(name)]
    bracketed = re.search(r"\(([^()]*;[^()]*)\)", note)
    text = bracketed[1] if bracketed else note
    is_list = ";" in text and not re.search(r"[\d:]", text)
    return split_names(text) if is_list else []


def add_address(draft: Draft, fields: Fields) -> None:
    """One address: a line, its country, and its note."""
    parts = [fields.text(tag) for tag in ("STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE")]
    country, note = fields.text("COUNTRY"), fields.text("NOTE")
    line = join(*parts, country)
    if any(parts):  # a country alone is no address
        draft.add("address", line)
    draft.add("country", country)
    if note:
        add_note(draft, f"Address {line}".strip(), note)


def add_birth_place(draft: Draft, fields: Fields) -> None:
    """One place of birth."""
    parts = [fields.text(tag) for tag in ("STREET", "CITY", "STATE_PROVINCE")]
    country, note = fields.text("COUNTRY"), fields.text("NOTE")
    line = join(*parts, country)
    if any(parts):
        draft.add("birthPlace", line)
    draft.add("birthCountry", country)
    if note:
        add_note(draft, f"Place of birth {line}".strip(), note)


def add_birth_date(draft: Draft, fields: Fields) -> None:
    """One date of birth: EXACT, APPROXIMATELY, BETWEEN two years, or SUBSET of several.

    The published kind stays readable in `original`; a range gives both its years.
    """
    kind, note = fields.text("TYPE_OF_DATE"), fields.text("NOTE")
    dates = [text for tag in ("DATE", "YEAR", "FROM_YEAR", "TO_YEAR") for text in fields.texts(tag)]
    published = " ".join(filter(None, (None if kind == "EXACT" else kind, " - ".join(dates), note)))
    for date in dates:
        refined = note and parse_date(f"{note} {date}")  # NOTE "Sep." beside YEAR 1976
        draft.add("birthDate", refined or xml_date(date), original=date if published == date else published)
        if note and not refined:
            add_note(draft, f"Date of birth {date}", note)
    if note and not dates:
        draft.add("birthDate", parse_date(note) or _YEAR.findall(note) or note, original=published)


def add_document(draft: Draft, fields: Fields) -> None:
    """One document: its number under the property of its kind, all else in `notes`."""
    kind, kind2, number = (fields.text(tag) for tag in ("TYPE_OF_DOCUMENT", "TYPE_OF_DOCUMENT2", "NUMBER"))
    issuing, country = fields.text("ISSUING_COUNTRY"), fields.text("COUNTRY_OF_ISSUE")
    city, date, note = (fields.text(tag) for tag in ("CITY_OF_ISSUE", "DATE_OF_ISSUE", "NOTE"))
    if not any((kind, kind2, number, issuing, country, city, date, note)):
        return
    stated = number or (kind2 if kind2 and re.search(r"\d", kind2) else None)  # "Residential card number 665"
    if stated:
        draft.add(_document_prop(number, kind2, kind), _bare_number(stated), original=stated)
    about = (
        issuing and f"issuing country {issuing}",
        country and f"country of issue {country}",
        city and f"issued in {city}",
        date and f"issued on {date}",
        note,
    )
    if any((kind2, *about, not stated)):
        add_note(draft, join(kind, kind2, number) or "Document", *about)


def _document_prop(*texts: str | None) -> str:
    for text in filter(None, texts):
        for prop, pattern in _DOCUMENT_PROPS:
            if pattern.search(text):
                return prop
    return "idNumber"


def _bare_number(text: str) -> str:
    """The number alone, of `Libyan passport No. 513519` or `381110042 (Expired 25 Jan. 2016)` or `R0012, Sudan`."""
    if " " not in text or len(text) > _LONGEST_NUMBER:
        return text
    bare = re.sub(r",\s*[A-Za-z ]+$", "", re.sub(r"\s*\([^()]*\)$", "", text))
    bare = re.sub(r"(?<=\d) No\. (?=\d)", " ", bare)
    found = _TAIL_NUMBER.search(bare)
    return (found[0].strip(" .:#,") or text) if found else text


def xml_date(text: str) -> str:
    """A date without the time zone that the publisher's software sometimes appends: `1973-12-25-05:00`."""
    return text[:10] if re.fullmatch(r"\d{4}-\d{2}-\d{2}([+-]\d{2}:\d{2}|Z)", text) else text


def join(*parts: str | None) -> str:
    """The parts that are there, with commas."""
    return ", ".join(filter(None, parts))


def add_note(draft: Draft, label: str, *parts: str | None) -> None:
    """What has no property of its own, under a short label."""
    text = "; ".join(filter(None, parts))
    draft.add("notes", f"{label}: {text}" if text else label)
