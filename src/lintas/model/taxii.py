"""What a TAXII 2.1 server keeps and is asked for (OASIS Standard, 10 June 2021): roots, collections, STIX objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

FIRST, LAST, ALL = "first", "last", "all"  # what match[version] may say beside a time
DISCOVERY = "/discovery"  # what a data file calls that which is no root


@dataclass(frozen=True)
class Wanted:
    """Which versions of which objects may come back. Empty: any.

    `spec_versions` empty: of each object the newest version of STIX that is kept. `words`: of FIRST, LAST and ALL;
    they and `versions` (the times of versions) add to each other.
    """

    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    words: frozenset[str] = frozenset({LAST})
    versions: tuple[datetime, ...] = ()
    spec_versions: tuple[str, ...] = ()
    added_after: datetime | None = None  # exclusive


@dataclass(frozen=True, order=True)
class Place:
    """Where a page ended: objects come in this order, and no two stand in the same place."""

    added_at: datetime
    number: int


@dataclass(frozen=True)
class Version:
    """One version of an object. `version`: its time as the object writes it, `version_at`: the same to a microsecond.

    An object that has no versions has the time at which it was added.
    """

    id: str
    type: str
    spec_version: str
    version: str
    version_at: datetime
    added_at: datetime
    media_type: str
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Collection:
    """Objects that are read and written together. `number`: of this node; 0 before it is kept."""

    id: str
    title: str
    can_read: bool
    can_write: bool
    media_types: tuple[str, ...]
    description: str | None = None
    alias: str | None = None
    number: int = 0


@dataclass(frozen=True)
class Root:
    """An API root as a data file has it. `information`: title, versions, max_content_length and more."""

    name: str
    information: Mapping[str, Any]
    collections: tuple[tuple[Collection, tuple[Version, ...]], ...]
    statuses: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Page:
    """A resource of the protocol. `first`, `last`: when its first and last object were added; None for no object."""

    resource: Mapping[str, Any]
    first: datetime | None = None
    last: datetime | None = None
