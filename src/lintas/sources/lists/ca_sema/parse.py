"""Canada's consolidated list of autonomous sanctions, XML (`data-set` of flat `record`s), one file.

The element names were English until August 2026 (`LastName`) and carry both languages since
(`LastName-NomDeFamille`). Both are read.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from lxml import etree

from lintas.model.entity import Entity
from lintas.model.errors import FileError
from lintas.model.listing import ParseNotes
from lintas.sources.lists.ca_sema.record import Record, read_record
from lintas.sources.xml import local_name, records

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
        for element in records(source, ROOT, frozenset({ROOT, RECORD})):
            _refuse_strangers((*element.itersiblings(preceding=True), *_children_of_root(element)), source)
            if local_name(element) == RECORD:
                yield from _new_entities(element, source, seen, notes)
        if notes.counts.total() == n_before:
            raise _file_error("The list has no records", source, 1, "empty_list")


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
        raise _file_error(what, source, f"{known[1]} and {line}", "duplicate_id")


def _record(element: etree._Element, source: Path) -> Record:
    values: dict[str, str] = {}
    if element.attrib or (element.text or "").strip():
        raise _file_error("<record> has attributes or text of its own", source, element.sourceline, "unknown_field")
    for child in element:
        if not isinstance(child.tag, str):  # comments and processing instructions state nothing
            continue
        field = _TAGS.get(local_name(child))
        if field is None or len(child) or child.attrib or field in values:
            what = f"<{local_name(child)}> is not what this parser knows by that name in a <record>"
            raise _file_error(what, source, child.sourceline, "unknown_field")
        values[field] = (child.text or "").strip()
    record = Record(**values)
    for field in ("country", "item"):
        if not values.get(field):
            what = f"A record ({record.name or 'without a name'}) has no {field}"
            raise _file_error(what, source, element.sourceline, "element_missing")
    if not _slug(record.regime) or len(record.place) > LONGEST_PLACE:
        what = f"{record.place[:80]!r} is no place in Canadian law"
        raise _file_error(what, source, element.sourceline, "bad_value")
    if not _ITEM.fullmatch(record.item):  # the publisher's export has once shifted values between columns
        what = f"The item {record.item[:40]!r} of {record.name!r} is no number"
        raise _file_error(what, source, element.sourceline, "bad_value")
    if not record.name or (record.entity_or_ship and (record.last_name or record.given_name)):
        what = f"{record.place!r} has no name, or that of a person beside that of an entity"
        raise _file_error(what, source, element.sourceline, "element_missing")
    return record


def _entity_id(record: Record) -> str:
    return "-".join(filter(None, ("ca_sema", _slug(record.regime), _slug(record.schedule), record.item)))


def _slug(text: str) -> str:
    """`1, Part 1` and `1,Part 1` as `1-part-1`; points stay, since `1.1` is not `1, 1`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9.]+", "-", plain).strip("-")


def _children_of_root(element: etree._Element) -> Iterable[etree._Element]:
    return element if local_name(element) == ROOT else ()


def _refuse_strangers(elements: Iterable[etree._Element], source: Path) -> None:
    for element in elements:
        if isinstance(element.tag, str) and local_name(element) != RECORD:
            what = f"<{local_name(element)}> is an element that this parser does not know"
            raise _file_error(what, source, element.sourceline, "unknown_field")


def _file_error(what: str, source: Path, line: object, code: str) -> FileError:
    return FileError(
        what,
        where=f"{source.name}, line {line}",
        do="The file is damaged or the publisher changed it; nothing was loaded. Fetch it again, or report this.",
        code=code,
    )
