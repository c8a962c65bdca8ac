"""FollowTheMoney entities as JSON lines: `entities.ftm.json`, `targets.nested.json`, or a list of one's own.

One entity a line. Ids are kept as given, so that they can be looked up where the file came from.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from lintas.model.entity import Entity, property_of
from lintas.model.errors import FileError, InputError
from lintas.model.listing import ParseNotes
from lintas.sources.lists.ftm.lines import Line, read_lines
from lintas.sources.lists.ftm.nested import DATASETS_LABEL, flatten


@dataclass(frozen=True)
class _Seen:
    """What is remembered of a line: enough to tell a repetition from a contradiction."""

    place: str
    digest: str
    facts: str


@dataclass
class _Known:
    lines: dict[str, _Seen] = field(default_factory=dict)
    nested: dict[str, tuple[str, Entity]] = field(default_factory=dict)  # id: place, the entity so far


def parse(files: Sequence[Path], notes: ParseNotes) -> Iterator[Entity]:
    """The entities of all lines, then those that were nested in them and have no line of their own.

    `notes.counts` holds the entities that can be matched, by schema; `published_at` is the latest `last_seen`.
    Raises FileError for a line that is no entity, has a schema or property that this version of FollowTheMoney
    does not know, or a key that this format does not have; and for an id that stands for two different things.
    """
    known = _Known()
    for source in files:
        n_before = notes.counts.total()
        for line in read_lines(source):
            yield from _line_entity(line, known, notes)
        if notes.counts.total() == n_before:
            raise FileError(
                "The file holds no entity",
                where=source.name,
                do="Fetch it again; a list of FollowTheMoney entities has one JSON object a line.",
                code="empty_list",
            )
    yield from _nested_entities(known)


def _line_entity(line: Line, known: _Known, notes: ParseNotes) -> Iterator[Entity]:
    try:
        nodes = flatten(line.data)
        first, *nested = [node.draft().build() for node in nodes]
    except InputError as error:
        raise FileError(error.what, where=line.place, do=error.do, code=error.code) from error
    if first.is_matchable:
        notes.counts[first.schema] += 1
    notes.published_at = max(filter(None, (notes.published_at, nodes[0].last_seen)), default=None)
    for entity in nested:
        _merge(entity, line.place, known)
    seen = _Seen(line.place, first.digest, _facts(first))
    before = known.lines.setdefault(first.id, seen)
    if before.digest != seen.digest:
        raise _contradiction(first.id, before.place, line.place)
    if before is seen:
        yield first


def _merge(entity: Entity, place: str, known: _Known) -> None:
    """Join a nested entity with what was nested under its id before.

    Where an entity is nested, the file leaves out what it is nested in. So the same entity, nested in two
    places, may lack one reference here and another there; all else must be equal.
    """
    before_place, before = known.nested.setdefault(entity.id, (place, entity))
    if _facts(before) != _facts(entity):
        raise _contradiction(entity.id, before_place, place)
    statements = tuple(dict.fromkeys((*before.statements, *entity.statements)))
    known.nested[entity.id] = (before_place, Entity(entity.id, entity.schema, statements))


def _nested_entities(known: _Known) -> Iterator[Entity]:
    for entity_id, (place, entity) in known.nested.items():
        line = known.lines.get(entity_id)
        if line is None:
            yield entity
        elif line.facts != _facts(entity):
            raise _contradiction(entity_id, line.place, place)


def _facts(entity: Entity) -> str:
    """SHA-256 over all that is said of an entity but its references to others and the sources of it."""
    lines = sorted(
        f"{s.prop}\x1f{s.value}"
        for s in entity.statements
        if property_of(entity.schema, s.prop).type.name != "entity" and not s.value.startswith(DATASETS_LABEL)
    )
    return sha256("\x1e".join((entity.schema, *lines)).encode()).hexdigest()


def _contradiction(entity_id: str, place: str, other: str) -> FileError:
    return FileError(
        f"The id {entity_id!r} stands twice, with different content",
        where=place if place == other else f"{place}, and {other}",
        do="Give one version of the list at a time, or ask its maker which one holds. Nothing was loaded.",
        code="duplicate_id",
    )
