"""What systems read here over TAXII 2.1: discovery, roots, collections, objects, manifests, versions, statuses."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lintas.desk import access, taxii_opening
from lintas.desk.office import Office
from lintas.exchange.taxii import asked, media, resources, times
from lintas.model.errors import NotFoundError
from lintas.model.officer import Officer
from lintas.model.taxii import ALL, DISCOVERY, Page, Version, Wanted
from lintas.store import taxii, taxii_objects

VERB = "taxii.read"
MEDIA_TYPE, is_accepted, is_taxii, written = media.TAXII, media.accepts, media.is_taxii, times.written  # for the face


def discovery(office: Office, officer: Officer) -> dict[str, Any]:
    """What the server says of itself. Raises NotFoundError while nothing is loaded."""
    access.require(office, officer, VERB, "discovery")
    with office.database.read() as connection:
        found = taxii.find_root(connection, DISCOVERY)
        if found is None:
            raise NotFoundError("Nothing is loaded here", do="See: lintas taxii load.", code="no_discovery")
        return found


def root(office: Office, officer: Officer, name: str) -> dict[str, Any]:
    """What a root says of itself. Raises NotFoundError."""
    access.require(office, officer, VERB, name[:64])
    with office.database.read() as connection:
        found = taxii.root(connection, name)
    return found | {"max_content_length": taxii_opening.most_bytes(found)}


def collections(office: Office, officer: Officer, name: str) -> dict[str, Any]:
    """The collections of a root, those too that may not be read. Raises NotFoundError."""
    access.require(office, officer, VERB, f"{name[:64]} collections")
    with office.database.read() as connection:
        taxii.root(connection, name)
        found = taxii.collections(connection, name)
    return {"collections": [resources.collection(one) for one in found]} if found else {}


def collection(office: Office, officer: Officer, name: str, id: str) -> dict[str, Any]:
    """One collection, by id or alias. Raises NotFoundError."""
    access.require(office, officer, VERB, f"{name[:64]} {id[:64]}")
    with office.database.read() as connection:
        return resources.collection(taxii_opening.opened(connection, name, id))


def objects(office: Office, officer: Officer, name: str, id: str, query: Mapping[str, str]) -> Page:
    """The objects of a collection. Raises NotFoundError, DeniedError, InputError for a filter that is none."""
    return _page(office, officer, (name, id), query, _OBJECTS)


def manifest(office: Office, officer: Officer, name: str, id: str, query: Mapping[str, str]) -> Page:
    """The same without their content."""
    return _page(office, officer, (name, id), query, _MANIFEST)


def object_(office: Office, officer: Officer, name: str, id: str, object_id: str, query: Mapping[str, str]) -> Page:
    """One object. Raises NotFoundError when no version of it is there, and as `objects` does."""
    return _page(office, officer, (name, id, object_id), query, _OBJECT)


def versions(office: Office, officer: Officer, name: str, id: str, object_id: str, query: Mapping[str, str]) -> Page:
    """The versions of one object, those added first first. Raises what `object_` does."""
    return _page(office, officer, (name, id, object_id), query, _VERSIONS)


def status(office: Office, officer: Officer, name: str, id: str) -> dict[str, Any]:
    """What became of what was sent. Raises NotFoundError."""
    access.require(office, officer, VERB, f"{name[:64]} status {id[:64]}")
    with office.database.read() as connection:
        taxii.root(connection, name)
        return taxii.status(connection, name, id)


@dataclass(frozen=True)
class _Paged:
    """A resource in pages. `filters`: those it has. `said`: what stands in its `list` of a version."""

    called: str
    list: str
    filters: Collection[str]
    said: Callable[[Version], Any]
    is_whole: bool = False  # `said` looks at the content
    has_all: bool = False  # whichever versions are asked for


_OBJECTS = _Paged("objects", "objects", asked.OF_OBJECTS, lambda one: one.content, is_whole=True)
_OBJECT = _Paged("object", "objects", asked.OF_OBJECT, lambda one: one.content, is_whole=True)
_MANIFEST = _Paged("manifest", "objects", asked.OF_OBJECTS, resources.manifest_record)
_VERSIONS = _Paged("versions", "versions", asked.OF_VERSIONS, lambda one: one.version, has_all=True)


def _page(office: Office, officer: Officer, about: tuple[str, ...], query: Mapping[str, str], resource: _Paged) -> Page:
    """A page. `about`: root, collection, and the object when it is of one."""
    access.require(office, officer, VERB, " ".join((resource.called, *(part[:300] for part in about))), dict(query))
    key = repr((resource.called, about))
    limit, after = asked.limit(query), asked.place(query, key)
    wanted = _wanted(query, resource, about[2:])
    with office.database.read() as connection:
        held = taxii_opening.opened(connection, about[0], about[1], ("can_read",))
        for object_id in about[2:]:
            taxii_opening.require_object(connection, held, object_id)
        found, end = taxii_objects.page(connection, held.number, wanted, after, limit, is_whole=resource.is_whole)
    token = None if end is None else asked.token(end, query, key)
    shown = resources.listed(resource.list, [*map(resource.said, found)], token)
    return Page(shown, found[0].added_at, found[-1].added_at) if found else Page(shown)


def _wanted(query: Mapping[str, str], resource: _Paged, of: tuple[str, ...]) -> Wanted:
    wanted = asked.wanted(query, resource.filters)
    words = frozenset({ALL}) if resource.has_all else wanted.words
    return replace(wanted, words=words, ids=of or wanted.ids)
