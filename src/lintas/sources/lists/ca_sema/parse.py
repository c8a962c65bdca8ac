"""Canada's consolidated list of autonomous sanctions, XML (`data-set` of flat `record`s), one file.

The element names were English until August 2026 (`LastName`) and carry both languages since
(`LastName-NomDeFamille`). Both are read.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from lxml import etree

from lintas.model.entity import Entity
from lintas.model.listing import ParseNotes
from lintas.sources.fields import Fields
from lintas.sources.lists.ca_sema.record import Record, read_record
from lintas.sources.xml import records, refusal

ROOT, RECORD = "data-set", "record"
_FIELDS = {
    "Country-Pays": "country",
    "LastName-NomDeFamille": "last_name",
    "GivenName-Prenom": "given_name",
    "EntityOrShip-EntiteOuNavire": "entity_or_ship",
    "Aliases-Alias": "aliases",
    "TitleOrShipType-TitreOuTypeDeNavire": "title_or_ship_type",
    "ShipIMONumber-NumeroOMIDuNavire": "ship_imo_number",
    "DateOfBirthOrShipBuildDate-DateDeNaissanceOuDateDeConstructionDuNavire": "birth_or_build_date",
    "Schedule-Annexe": "schedule",
    "Item-NumeroDarticle": "item",
    "DateOfListing-DateDinscription": "listing_date",
}
_TAGS = {
    **_FIELDS,
    **{tag.partition("-")[0]: field for tag, field in _FIELDS.items()},
    "TitleOrShip": "title_or_ship_type",
}
# An item of a schedule, as Canadian regulations number them: 12, and 12.1 for one put in between.
_ITEM = re.compile(r"\d+(?:\.\d+)*")
LONGEST_PLACE = 200  # characters; it becomes the id, and the longest so far has 79
_Seen = dict[str, tuple[str, str]]  # entity id: digests, line


def parse(files: Sequence[Path], notes: ParseNotes) -> Iterator[Entity]:
    """Every listed person, organisation and ship with its sanction.

    The publisher gives no number of its own, so the id is the place in the law: regulation, schedule, item.
    `notes.counts` holds person, entity and ship; the file does not date itself. Raises FileError for a file
    that is damaged, foreign or of a changed format, and for a record without its place in the law.
    """
    seen: _Seen = {}
    for source in files:
        n_before = notes.counts.total()
        for element in records(source, ROOT, frozenset({RECORD})):
            yield from _new_entities(element, source, seen, notes)
        if notes.counts.total() == n_before:
            raise refusal("The list has no records", source, code="empty_list")


def _new_entities(element: etree._Element, source: Path, seen: _Seen, notes: ParseNotes) -> Iterator[Entity]:
    record = _record(element, source)
    found = read_record(record, _entity_id(record))
    notes.counts[found.kind] += 1
    digests, line = found.subject.digest + found.sanction.digest, str(element.sourceline)
    known = seen.get(found.subject.id)
    if known is None:
        seen[found.subject.id] = (digests, line)
        yield found.subject
        yield found.sanction
    elif known[0] != digests:
        what = f"{record.place!r} stands twice, with different content"
        raise refusal(what, source, f"{known[1]} and {line}", "duplicate_id")


def _record(element: etree._Element, source: Path) -> Record:
    fields = Fields(element, source)
    values: dict[str, str] = {}
    for tag, field in _TAGS.items():
        for text in fields.texts(tag):
            if field in values:
                raise fields.refusal(f"A record has more than one {field}")
            values[field] = text
    fields.close()
    record = Record(**values)
    for field in ("country", "item"):
        if field not in values:
            raise fields.refusal(f"A record ({record.name or 'without a name'}) has no {field}", "element_missing")
    if not _slug(record.regime) or len(record.place) > LONGEST_PLACE:
        raise fields.refusal(f"{record.place[:80]!r} is no place in Canadian law", "bad_value")
    if not _ITEM.fullmatch(record.item):  # the publisher's export has once shifted values between columns
        raise fields.refusal(f"The item {record.item[:40]!r} of {record.name!r} is no number", "bad_value")
    if not record.name or (record.entity_or_ship and (record.last_name or record.given_name)):
        what = f"{record.place!r} has no name, or that of a person beside that of an entity"
        raise fields.refusal(what, "element_missing")
    return record


def _entity_id(record: Record) -> str:
    return "-".join(filter(None, ("ca_sema", _slug(record.regime), _slug(record.schedule), record.item)))


def _slug(text: str) -> str:
    """`1, Part 1` and `1,Part 1` as `1-part-1`; points stay, since `1.1` is not `1, 1`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9.]+", "-", plain).strip("-")
