"""The UN Security Council's consolidated list, XML (`CONSOLIDATED_LIST`), one file."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from lintas.model.entity import Draft, Entity
from lintas.model.errors import FileError
from lintas.model.listing import ParseNotes
from lintas.sources.fields import Fields
from lintas.sources.lists.un_sc.entry import SCHEMATA, Entry, read_entry
from lintas.sources.xml import local_name, records

ROOT = "CONSOLIDATED_LIST"
GROUPS = frozenset({"INDIVIDUALS", "ENTITIES"})
_TAGS = GROUPS | SCHEMATA.keys() | {ROOT}
# The schema's address says nothing of the entries; the groups and what stands in them are read by themselves.
_IGNORED_IN_ROOT = _TAGS | {"@{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation"}
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
    for element in records(source, ROOT, _TAGS, GROUPS):
        tag = local_name(element)
        if tag in SCHEMATA:
            notes.counts[tag] += 1
            yield read_entry(element, source)
        elif tag in GROUPS:
            groups.add(tag)
        else:
            _close_list(Fields(element, source, ignored=_IGNORED_IN_ROOT), groups, notes)


def _close_list(root: Fields, groups: set[str], notes: ParseNotes) -> None:
    if missing := sorted(GROUPS - groups):
        raise root.refusal(f"The list has no <{missing[0]}>", "element_missing")
    notes.published_at = max(filter(None, (notes.published_at, root.text("@dateGenerated"))), default=None)
    root.close()


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
