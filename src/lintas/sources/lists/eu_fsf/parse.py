"""The EU's consolidated list of financial sanctions, XML 1.1 (`export`) of the Financial Sanctions Files."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from lxml import etree

from lintas.model.entity import Entity
from lintas.model.errors import FileError
from lintas.model.listing import ParseNotes
from lintas.sources.lists.eu_fsf.entry import read_entry
from lintas.sources.lists.eu_fsf.fields import Fields
from lintas.sources.xml import local_name, records

LIST = "eu_fsf"
ROOT = "export"
ENTRY = "sanctionEntity"
# `globalFileId` numbers the publisher's exports and says nothing of the entries.
_ROOT_ATTRIBUTES = frozenset({"generationDate", "globalFileId"})

_Seen = dict[str, tuple[str, str]]  # entity id: digest of its element, line


def parse(files: Sequence[Path], notes: ParseNotes) -> Iterator[Entity]:
    """Every listed person and enterprise with its sanction.

    `notes.counts` holds person and enterprise as the publisher counts. Raises FileError for a file that is
    damaged, foreign or of a changed format.
    """
    seen: _Seen = {}
    for path in files:
        n_before = len(seen)
        for element in records(path, ROOT, frozenset({ROOT, ENTRY})):
            _refuse_strangers(element, path)
            if local_name(element) == ENTRY:
                yield from _entities(element, path, seen, notes)
            else:
                notes.published_at = element.get("generationDate")
        if len(seen) == n_before:
            raise FileError(
                "The list has no entries",
                where=path.name,
                do="Fetch it from the publisher again. Nothing was changed.",
                code="empty",
            )


def _entities(element: etree._Element, path: Path, seen: _Seen, notes: ParseNotes) -> Iterator[Entity]:
    fields = Fields(element, path)
    # The reference is what other publishers cite; an entry without one is known by the number in the database.
    reference = fields.get("euReferenceNumber")
    entity_id = f"{LIST}-{reference}" if reference else f"{LIST}-logical-{element.get('logicalId')}"
    if not _is_new(element, entity_id, fields, seen):
        return
    subject, sanction = read_entry(fields, entity_id, reference)
    fields.close()
    notes.counts["person" if subject.schema == "Person" else "enterprise"] += 1
    yield subject.build()
    yield sanction.build()


def _is_new(element: etree._Element, entity_id: str, fields: Fields, seen: _Seen) -> bool:
    digest = sha256(etree.tostring(element, method="c14n", with_comments=False, with_tail=False)).hexdigest()
    known = seen.setdefault(entity_id, (digest, str(element.sourceline)))
    if known[0] != digest:
        number = entity_id.removeprefix(f"{LIST}-")
        what = f"{number!r} stands twice, with different content (lines {known[1]} and {element.sourceline})"
        raise fields.error(what, element, "duplicate_id")
    return known[1] == str(element.sourceline)


def _refuse_strangers(element: etree._Element, path: Path) -> None:
    """Refuse what stands in the list and is no part of it; entries that were read are gone by then."""
    is_root = local_name(element) == ROOT
    unknown = [str(name) for name in element.attrib if is_root and name not in _ROOT_ATTRIBUTES]
    unknown += [
        local_name(other)
        for other in (element if is_root else element.itersiblings(preceding=True))
        if isinstance(other.tag, str) and local_name(other) != ENTRY
    ]
    if unknown:
        raise FileError(
            f"{unknown[0]!r} is a part of the list that this parser does not know",
            where=f"{path.name}, line {element.sourceline}",
            do="The publisher's format changed; nothing was changed.",
            code="unknown_field",
        )
