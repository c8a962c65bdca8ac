"""One INDIVIDUAL or ENTITY of the UN list as entities: the subject, its sanction, and whom it mentions."""

from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from lintas.model.entity import Draft, Entity
from lintas.sources.fields import Fields
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
from lintas.sources.lists.un_sc.names import native_names
from lintas.sources.lists.un_sc.remarks import add_comment, mentions
from lintas.sources.xml import local_name

AUTHORITY = "United Nations Security Council"
SCHEMATA = {"INDIVIDUAL": "Person", "ENTITY": "Organization"}
# The parts of a name are positions, not family and given names: a Korean FIRST_NAME is the family's.
_MORE_NAME_PARTS = (
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
    fields = Fields(element, source, ignored=_IGNORED, clean=_one_line)
    entity_id = f"un_sc-{_number(fields)}"
    reference = fields.required("REFERENCE_NUMBER")
    texts = (text for text in element.itertext() if isinstance(text, str))
    found = tuple((ref, sentence) for ref, sentence in mentions(texts).items() if ref != reference)
    sanction = Draft("Sanction", f"{entity_id}-sanction")
    sanction.add("entity", entity_id)
    _add_sanction(sanction, fields, reference)
    subject = Draft(SCHEMATA[tag], entity_id)
    _add_subject(subject, fields)
    for pattern, add in _REPEATED:
        for group in fields.children(pattern.format(tag=tag)):
            add(subject, group)
    fields.close()
    return Entry(subject.build(), sanction.build(), reference, found, line)


def _number(fields: Fields) -> str:
    number = fields.required("DATAID")
    if not (number.isascii() and number.isdigit()):
        raise fields.refusal(f"<DATAID> is {number[:40]!r}, not a number", "bad_id")
    return number


def _one_line(text: str) -> str:
    return " ".join(text.split())  # line breaks inside a text are the software's, not the author's


def _add_sanction(sanction: Draft, fields: Fields, reference: str) -> None:
    sanction.add("authority", AUTHORITY)
    sanction.add("program", fields.text("UN_LIST_TYPE"))
    sanction.add("unscId", reference)
    for prop, tag in (("listingDate", "LISTED_ON"), ("endDate", "DELISTED_ON"), ("date", "SUBMITTED_ON")):
        for date in fields.texts(tag):
            sanction.add(prop, xml_date(date), original=date)
    for date in fields.texts("LAST_DAY_UPDATED", "VALUE"):
        sanction.add("modifiedAt", xml_date(date), original=date)
    for state in fields.texts("SUBMITTED_BY"):
        sanction.add("summary", f"Submitted by: {state}")
    for kind in fields.texts("LIST_TYPE", "VALUE"):
        if kind != "UN List":  # every entry of every file so far says just that
            sanction.add("summary", f"Kind of list: {kind}")


def _add_subject(subject: Draft, fields: Fields) -> None:
    subject.add("topics", "sanction")
    _add_name(subject, fields)
    for original_script in fields.texts("NAME_ORIGINAL_SCRIPT"):
        subject.add("name", native_names(original_script), original=original_script)
    for comment in fields.texts("COMMENTS1"):
        add_comment(subject, comment)
    titles, positions = fields.texts("TITLE", "VALUE"), fields.texts("DESIGNATION", "VALUE")
    nationalities = fields.texts("NATIONALITY", "VALUE") + fields.texts("NATIONALITY2", "VALUE")
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
    parts = {"firstName": fields.required("FIRST_NAME")}
    parts |= {prop: part for tag, prop in _MORE_NAME_PARTS if (part := fields.text(tag))}
    published = " ".join(parts.values())
    if subject.schema == "Person":
        subject.add("name", published)
        for prop, part in parts.items():
            subject.add(prop, part)
        return
    add_organisation_name(subject, "name", published)
