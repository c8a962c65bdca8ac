"""The UK Sanctions List, XML (`Designations`) as the Foreign, Commonwealth and Development Office publishes it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from lxml import etree

from lintas.model.dates import parse_date
from lintas.model.entity import Draft, Entity
from lintas.model.listing import ParseNotes
from lintas.sources.fields import Fields
from lintas.sources.lists.gb_uksl.entry import Entry, read_entry
from lintas.sources.xml import Seen, local_name, records, refusal

LIST = "gb_uksl"
ROOT = "Designations"
_PARTS = frozenset({"DateGenerated", "Designation"})
# The schema's address says nothing of the entries; the date stands in an element, too, which older files have alone.
_IGNORED_IN_ROOT = _PARTS | {"@dateGenerated", "@{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation"}


def parse(files: Sequence[Path], notes: ParseNotes) -> Iterator[Entity]:
    """Every designation with its sanction, then the links to parents, subsidiaries and owners that are listed, too.

    `notes.counts` holds Individual, Entity and Ship as the publisher counts. Raises FileError for a file that is
    damaged, foreign or of a changed format.
    """
    reader = _Reader(notes)
    for path in files:
        yield from reader.entities(path)
    yield from reader.links()


class _Reader:
    """What must be remembered from one designation to the next."""

    def __init__(self, notes: ParseNotes) -> None:
        self.notes = notes
        self.seen = Seen()
        self.bearers: defaultdict[str, set[str]] = defaultdict(set)  # name: entity ids
        self.named: list[tuple[str, str, str]] = []  # entity id, name of another, role

    def entities(self, path: Path) -> Iterator[Entity]:
        n_before = self.notes.counts.total()
        for element in records(path, ROOT, _PARTS | {ROOT}):
            tag = local_name(element)
            if tag == "DateGenerated":
                self.notes.published_at = parse_date(element.text or "")
            elif tag == ROOT:
                Fields(element, path, ignored=_IGNORED_IN_ROOT).close()
            elif (entry := self.entry(element, path)) is not None:
                yield entry.subject.build()
                yield entry.sanction.build()
        if self.notes.counts.total() == n_before:
            raise refusal("The list has no designations", path, code="empty")

    def entry(self, element: etree._Element, path: Path) -> Entry | None:
        """The designation; None for the identical twin of one that was read already."""
        fields = Fields(element, path)
        unique_id = fields.required("UniqueID")
        if not self.seen.is_new(unique_id, element, path):
            return None
        entry = read_entry(fields, f"{LIST}-{unique_id}", unique_id)
        fields.close()
        self.notes.counts[_kind(element)] += 1
        self.remember(entry)
        return entry

    def remember(self, entry: Entry) -> None:
        subject = entry.subject.build()
        for name in subject.get("name") or subject.get("alias")[:1]:
            self.bearers[_key(name)].add(subject.id)
        self.named += [(subject.id, name, role) for name, role in entry.named]

    def links(self) -> Iterator[Entity]:
        """A link for every name that exactly one other designation bears."""
        drafts: dict[str, Draft] = {}
        for entity_id, name, role in self.named:
            others = self.bearers.get(_key(name), set()) - {entity_id}
            if len(others) == 1:
                other = next(iter(others))
                link_id = f"{entity_id}-link-{other.removeprefix(f'{LIST}-')}"
                link = drafts.setdefault(link_id, Draft("UnknownLink", link_id))
                link.add("subject", entity_id)
                link.add("object", other)
                link.add("role", role, original=name)
        yield from (link.build() for link in drafts.values())


def _kind(element: etree._Element) -> str:
    return (element.findtext("{*}IndividualEntityShip") or "").strip()


def _key(name: str) -> str:
    return " ".join(name.casefold().split())
