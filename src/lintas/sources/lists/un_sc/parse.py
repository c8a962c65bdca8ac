"""The UN Security Council's consolidated list, XML (`CONSOLIDATED_LIST`), one file."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from lxml import etree

from lintas.model.entity import Draft, Entity
from lintas.model.errors import FileError
from lintas.model.listing import ParseNotes
from lintas.sources.lists.un_sc.entry import SCHEMATA, Entry, read_entry
from lintas.sources.lists.un_sc.fields import unknown_field
from lintas.sources.xml import local_name, records

ROOT = "CONSOLIDATED_LIST"
GROUPS = frozenset({"INDIVIDUALS", "ENTITIES"})
_KNOWN = GROUPS | SCHEMATA.keys()
# The schema's address says nothing of the entries.
_ROOT_ATTRIBUTES = frozenset({"dateGenerated", "{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation"})
_Seen = dict[str, tuple[str, str]]  # entity id: digests, line


def parse(files: Sequence[Path], notes: ParseNotes) -> Iterator[Entity]:
    """Every listed person and entity with its sanction, then the links between entries.

    `notes.counts` holds INDIVIDUAL and ENTITY as the publisher counts. Raises FileError for a file that is
    damaged, foreign or of a changed format.
    """
    seen: _Seen = {}
    ids: dict[str, str] = {}  # reference: entity id
    mentions: list[tuple[str, str, str]] = []  # entity id, reference, sentence
    for source in files:
        for entry in _entries(source, notes):
            ids[entry.reference] = entry.subject.id
            if _is_new(entry, seen, source):
                mentions += [(entry.subject.id, *mention) for mention in entry.mentions]
                yield entry.subject
                yield entry.sanction
    yield from _links(mentions, ids)


def _entries(source: Path, notes: ParseNotes) -> Iterator[Entry]:
    groups: set[str] = set()
    for element in records(source, ROOT, _KNOWN | {ROOT}):
        tag = local_name(element)
        if tag in SCHEMATA:
            _refuse_strangers(element.itersiblings(preceding=True), source)
            notes.counts[tag] += 1
            yield read_entry(element, source)
        else:  # the end of a group or of the whole list: what else stood in it?
            _refuse_strangers((*element.itersiblings(preceding=True), *element), source)
            groups.add(tag)
            if tag == ROOT:
                _close_list(element, groups, notes, source)


def _close_list(root: etree._Element, groups: set[str], notes: ParseNotes, source: Path) -> None:
    if missing := sorted(GROUPS - groups):
        raise FileError(
            f"The list has no <{missing[0]}>",
            where=f"{source.name}, line {root.sourceline}",
            do="Part of the file is missing; fetch it from the publisher again. Nothing was changed.",
            code="element_missing",
        )
    if unknown := sorted(set(map(str, root.attrib)) - _ROOT_ATTRIBUTES):
        raise unknown_field(root, source, f"<{ROOT}> has the unknown attribute {unknown[0]!r}")
    generated = root.get("dateGenerated")
    notes.published_at = max(filter(None, (notes.published_at, generated)), default=None)


def _refuse_strangers(elements: Iterable[etree._Element], source: Path) -> None:
    for element in elements:
        if local_name(element) not in _KNOWN and isinstance(element.tag, str):
            raise unknown_field(element, source)


def _is_new(entry: Entry, seen: _Seen, source: Path) -> bool:
    digests = entry.subject.digest + entry.sanction.digest
    known = seen.get(entry.subject.id)
    if known is not None and known[0] != digests:
        raise FileError(
            f"The number {entry.subject.id.removeprefix('un_sc-')} stands twice, with different content",
            where=f"{source.name}, lines {known[1]} and {entry.line}",
            do="Give one version of the list at a time, or ask the publisher which entry holds. Nothing was changed.",
            code="duplicate_id",
        )
    seen[entry.subject.id] = (digests, entry.line)
    return known is None


def _links(mentions: list[tuple[str, str, str]], ids: dict[str, str]) -> Iterator[Entity]:
    """A link for every entry that another one names by its reference; a delisted one stays text in the notes."""
    for entity_id, reference, sentence in mentions:
        if (other := ids.get(reference)) is not None:
            link = Draft("UnknownLink", f"{entity_id}-{other.removeprefix('un_sc-')}-mention")
            link.add("subject", entity_id)
            link.add("object", other)
            link.add("role", "named in the entry")
            link.add("description", sentence)
            yield link.build()
