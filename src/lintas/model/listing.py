"""A list, its source, its versions and what changed between two of them."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from lintas.model.entity import Entity, Statement


@dataclass(frozen=True)
class ListSource:
    """What `source.toml` says of a list: the publisher's habits and our guards."""

    name: str
    title: str
    publisher: str
    homepage: str
    licence: str
    formats: tuple[str, ...]
    urls: tuple[str, ...]  # where `lintas lists refresh` downloads; empty when only a file can be given
    hosts: tuple[str, ...]  # that may be asked for it: those of `urls`, and those that the publisher leads on to
    every_h: int  # how often the publisher is asked, hours
    min_entries: int  # fewer entries than this is half a file
    max_shrink: float  # share of the entries that may vanish between two versions
    tried_on: str  # on which real file the parser was run, or that none was at hand


@dataclass(frozen=True)
class Leftover:
    """A record that belongs to no entry, such as an alias of an unknown number. Kept, counted, reported."""

    kind: str
    key: str
    record: str


@dataclass
class ParseNotes:
    """What a parser noticed beside the entities. Handed in empty, filled while the entities are drawn."""

    published_at: str | None = None  # as the publisher dates the file: ISO date or time
    leftovers: list[Leftover] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)  # entries as the publisher counts them: INDIVIDUAL, ENTITY...


@dataclass(frozen=True)
class RawFile:
    """A file as it came, kept by its SHA-256."""

    sha256: str
    name: str
    size_bytes: int


@dataclass(frozen=True)
class ListVersion:
    """One load of one list. `content_sha256` is over the entities, so equal content has an equal hash."""

    list: str
    number: int
    loaded_at: datetime
    loaded_by: str
    published_at: str | None
    files: tuple[RawFile, ...]
    content_sha256: str
    n_entries: int
    n_entities: int
    n_added: int
    n_changed: int
    n_removed: int
    n_unclean: int
    n_leftovers: int
    counts: dict[str, int]
    is_fictional: bool


@dataclass(frozen=True)
class FieldChange:
    """One value that came or went."""

    prop: str
    value: str
    is_added: bool


@dataclass(frozen=True)
class Change:
    """One entity that a version added, changed or removed, field by field."""

    entity_id: str
    schema: str
    caption: str
    kind: str  # added, changed, removed
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class ListedEntity:
    """An entity as one list states it now, and since when."""

    list: str
    entity: Entity
    first_seen_at: datetime
    changed_at: datetime
    seen_at: datetime
    is_fictional: bool


@dataclass(frozen=True)
class Fact:
    """One statement with its source: which list says it, and in which of its versions, loaded when."""

    list: str
    statement: Statement
    since_version: int
    since_at: datetime
    until_version: int | None = None
