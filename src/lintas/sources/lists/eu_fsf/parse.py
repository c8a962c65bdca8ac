"""The EU's consolidated list of financial sanctions, XML 1.1 (`export`) of the Financial Sanctions Files."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from lxml import etree

from lintas.model.entity import Entity
from lintas.model.listing import ParseNotes
from lintas.sources.fields import Fields
from lintas.sources.lists.eu_fsf.entry import read_entry
from lintas.sources.xml import Seen, local_name, records, refusal

LIST = "eu_fsf"
ROOT = "export"
ENTRY = "sanctionEntity"
# `globalFileId` numbers the publisher's exports and says nothing of the entries.
_IGNORED_IN_ROOT = frozenset({"@globalFileId", ENTRY})
# `logicalId` of a part numbers it within the publisher's database and `regulationLanguage` says in which
# language the act was read: neither says anything of the one listed. `regulationSummary` names the act that
# stated this one part; the entry's own `regulation` is kept.
_IGNORED = frozenset({"@logicalId", "@regulationLanguage", "regulationSummary"})


def parse(files: Sequence[Path], notes: ParseNotes) -> Iterator[Entity]:
    """Every listed person and enterprise with its sanction.

    `notes.counts` holds person and enterprise as the publisher counts. Raises FileError for a file that is
    damaged, foreign or of a changed format.
    """
    seen = Seen()
    for path in files:
        n_before = notes.counts.total()
        for element in records(path, ROOT, frozenset({ROOT, ENTRY})):
            if local_name(element) == ENTRY:
                yield from _entities(element, path, seen, notes)
            else:
                root = Fields(element, path, ignored=_IGNORED_IN_ROOT)
                notes.published_at = root.text("@generationDate")
                root.close()
        if notes.counts.total() == n_before:
            raise refusal("The list has no entries", path, code="empty")


def _entities(element: etree._Element, path: Path, seen: Seen, notes: ParseNotes) -> Iterator[Entity]:
    fields = Fields(element, path, ignored=_IGNORED, clean=_said)
    # The reference is what other publishers cite; an entry without one is known by the number in the database.
    reference = fields.text("@euReferenceNumber")
    number = reference or f"logical-{element.get('logicalId')}"
    if not seen.is_new(number, element, path):
        return
    subject, sanction = read_entry(fields, f"{LIST}-{number}", reference)
    fields.close()
    notes.counts["person" if subject.schema == "Person" else "enterprise"] += 1
    yield subject.build()
    yield sanction.build()


def _said(text: str) -> str:
    text = text.strip()
    return "" if text == "-" else text  # the publisher writes a dash where there is no city
