"""One INDIVIDUAL or ENTITY of the UN list as entities: the subject, its sanction, and whom it mentions."""

from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from lintas.model.entity import Draft, Entity
from lintas.model.errors import FileError
from lintas.sources.lists.un_sc.details import (
    add_address,
    add_alias,
    add_birth_date,
    add_birth_place,
    add_document,
    add_note,
    add_organisation_name,
    xml_date,
)
from lintas.sources.lists.un_sc.fields import Fields
from lintas.sources.lists.un_sc.names import native_names
from lintas.sources.lists.un_sc.remarks import add_comment, mentions
from lintas.sources.xml import local_name, require

AUTHORITY = "United Nations Security Council"
SCHEMATA = {"INDIVIDUAL": "Person", "ENTITY": "Organization"}
# The parts of a name are positions, not family and given names: a Korean FIRST_NAME is the family's.
_NAME_PARTS = (
    ("FIRST_NAME", "firstName"),
    ("SECOND_NAME", "secondName"),
    ("THIRD_NAME", "middleName"),
    ("FOURTH_NAME", "lastName"),
)
_REPEATED = (
    ("{tag}_ALIAS", add_alias),
    ("{tag}_ADDRESS", add_address),
    ("{tag}_DATE_OF_BIRTH", add_birth_date),
    ("{tag}_PLACE_OF_BIRTH", add_birth_place),
    ("{tag}_DOCUMENT", add_document),
)
# Bookkeeping of the publisher's software: the version number was 1 in all 2,898 entries of three files,
# the sort keys were empty. They say nothing of the person or entity.
_IGNORED = frozenset({"VERSIONNUM", "SORT_KEY", "SORT_KEY_LAST_MOD"})


@dataclass(frozen=True)
class Entry:
    """One listed person or entity. `mentions` are references to other entries, each with its sentence."""

    subject: Entity
    sanction: Entity
    reference: str
    mentions: tuple[tuple[str, str], ...]
    line: str


def read_entry(element: etree._Element, source: Path) -> Entry:
    """Read one entry. Raises FileError for an entry without number, name or reference, or with unknown elements."""
    tag, line = local_name(element), str(element.sourceline)
    entity_id = f"un_sc-{_number(element, source)}"
    reference = require(element, "REFERENCE_NUMBER", source)
    require(element, "FIRST_NAME", source)
    texts = (text for text in element.itertext() if isinstance(text, str))
    found = tuple((ref, sentence) for ref, sentence in mentions(texts).items() if ref != reference)
    fields = Fields(element, source)
    fields.text("DATAID")
    sanction = Draft("Sanction", f"{entity_id}-sanction")
    sanction.add("entity", entity_id)
    _add_sanction(sanction, fields)
    subject = Draft(SCHEMATA[tag], entity_id)
    _add_subject(subject, fields)
    for pattern, add in _REPEATED:
        for group in fields.groups(pattern.format(tag=tag)):
            add(subject, group)
    fields.close(_IGNORED)
    return Entry(subject.build(), sanction.build(), reference, found, line)


def _number(element: etree._Element, source: Path) -> str:
    number = require(element, "DATAID", source)
    if not (number.isascii() and number.isdigit()):
        raise FileError(
            f"<DATAID> is {number[:40]!r}, not a number",
            where=f"{source.name}, line {element.sourceline}",
            do="The file is damaged or not the publisher's; fetch it again. Nothing was changed.",
            code="bad_id",
        )
    return number


def _add_sanction(sanction: Draft, fields: Fields) -> None:
    sanction.add("authority", AUTHORITY)
    sanction.add("program", fields.text("UN_LIST_TYPE"))
    sanction.add("unscId", fields.text("REFERENCE_NUMBER"))
    for prop, tag in (("listingDate", "LISTED_ON"), ("endDate", "DELISTED_ON"), ("date", "SUBMITTED_ON")):
        for date in fields.texts(tag):
            sanction.add(prop, xml_date(date), original=date)
    for date in fields.values("LAST_DAY_UPDATED"):
        sanction.add("modifiedAt", xml_date(date), original=date)
    for state in fields.texts("SUBMITTED_BY"):
        sanction.add("summary", f"Submitted by: {state}")
    for kind in fields.values("LIST_TYPE"):
        if kind != "UN List":  # every entry of every file so far says just that
            sanction.add("summary", f"Kind of list: {kind}")


def _add_subject(subject: Draft, fields: Fields) -> None:
    subject.add("topics", "sanction")
    _add_name(subject, fields)
    for original_script in fields.texts("NAME_ORIGINAL_SCRIPT"):
        subject.add("name", native_names(original_script), original=original_script)
    for comment in fields.texts("COMMENTS1"):
        add_comment(subject, comment)
    titles, positions = fields.values("TITLE"), fields.values("DESIGNATION")
    nationalities = fields.values("NATIONALITY") + fields.values("NATIONALITY2")
    genders = fields.texts("GENDER")
    if subject.schema == "Person":
        subject.add("title", titles)
        subject.add("position", positions)
        subject.add("nationality", nationalities)
        subject.add("gender", genders)
    else:  # never seen on an entity, but should it come it shall not be lost
        subject.add("country", nationalities)
        for label, values in (("Title", titles), ("Designation", positions), ("Gender", genders)):
            if values:
                add_note(subject, label, *values)


def _add_name(subject: Draft, fields: Fields) -> None:
    parts = {prop: fields.text(tag) for tag, prop in _NAME_PARTS}
    published = " ".join(part for part in parts.values() if part)
    if subject.schema == "Person":
        subject.add("name", published)
        for prop, part in parts.items():
            subject.add(prop, part)
        return
    add_organisation_name(subject, "name", published)
