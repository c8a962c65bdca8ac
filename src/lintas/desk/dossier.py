"""Everything the node holds on one listed entity: facts with their source, conflicts, links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from lintas.desk import access, fields, intake, lookup
from lintas.desk.office import Office
from lintas.desk.paging import check_page
from lintas.model.entity import property_of, schema_of
from lintas.model.errors import NotFoundError
from lintas.model.listing import Fact, ListedEntity
from lintas.model.officer import Officer
from lintas.model.text import storable
from lintas.store import entities

MAX_DRAWN = 300  # entities in a picture of a network; the rest are counted
# Properties of which a person or thing has one: two values that are not the same conflict.
SINGLE = frozenset(
    {"birthDate", "birthPlace", "birthCountry", "gender", "deathDate", "imoNumber", "buildDate", "incorporationDate"}
)


@dataclass(frozen=True)
class FactRow:
    """One value of one property and every list that states it. `is_in_conflict`: another value excludes it."""

    prop: str
    label: str
    type: str  # FollowTheMoney type: name, date, country, identifier, entity, text...
    value: str
    is_clean: bool
    originals: tuple[str, ...]
    facts: tuple[Fact, ...]
    is_in_conflict: bool
    is_former: bool  # no list states it any more


@dataclass(frozen=True)
class Link:
    """A relation between two entities, as one list states it."""

    source: str
    target: str
    words: str


@dataclass(frozen=True)
class Node:
    """An entity in a network."""

    id: str
    caption: str
    schema: str
    is_target: bool


@dataclass(frozen=True)
class Network:
    """Related entities; `n_not_shown` counts those over MAX_DRAWN."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    n_not_shown: int


@dataclass(frozen=True)
class Dossier:
    """One entity, all lists together and each by itself."""

    id: str
    caption: str
    schema: str
    document: Mapping[str, Any]
    listed: tuple[ListedEntity, ...]
    sanctions: tuple[ListedEntity, ...]
    rows: tuple[FactRow, ...]
    network: Network
    is_fictional: bool
    shelf: tuple[intake.ListStatus, ...]  # the lists that name it


def show(office: Office, officer: Officer, entity_id: str) -> Dossier:
    """Open a dossier. Raises NotFoundError when no list names that id now."""
    access.require(office, officer, "entities.read", entity_id, subjects=[f"entity:{entity_id}"])
    with office.database.read() as connection:
        listed = _get(connection, entity_id)
        rows = _rows(entities.facts(connection, entity_id), listed)
        linking = entities.several(connection, entities.linking_to(connection, entity_id))
        around = [its[0] for its in linking.values()]
        network = _network(connection, listed, around)
    document = lookup.document(listed)
    return Dossier(
        id=entity_id,
        caption=document["caption"],
        schema=document["schema"],
        document=document,
        listed=tuple(listed),
        sanctions=tuple(one for one in around if one.entity.schema == "Sanction"),
        rows=rows,
        network=network,
        is_fictional=document["is_fictional"],
        shelf=tuple(one for one in intake.shelf(office) if one.source.name in document["datasets"]),
    )


def document(office: Office, officer: Officer, entity_id: str, *, nested: bool = True) -> dict[str, Any]:
    """One entity as clients read it; `nested` puts the entities it points to, and that point to it, inside."""
    access.require(office, officer, "entities.read", entity_id, subjects=[f"entity:{entity_id}"])
    with office.database.read() as connection:
        found = lookup.document(_get(connection, entity_id))
        return _nested(connection, found) if nested else found


def documents(office: Office, officer: Officer, entity_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Entities as clients read them, by id; an id that no list names is left out."""
    named = [f"entity:{entity_id}" for entity_id in entity_ids]
    access.require(office, officer, "entities.read", f"{len(entity_ids)} entities", subjects=named)
    with office.database.read() as connection:
        return _documents(connection, entity_ids)


@dataclass(frozen=True)
class Page:
    """Some of the entities next to another, and how many there are."""

    documents: tuple[dict[str, Any], ...]
    total: int


def adjacent(
    office: Office,
    officer: Officer,
    entity_id: str,
    *,
    prop: str | None = None,
    limit: int = 10,
    offset: int = 0,
    sort: Sequence[str] = (),
) -> tuple[dict[str, Any], dict[str, Page]]:
    """An entity and, by property, the entities next to it; through a link, the link with its far end inside.

    Raises NotFoundError for a `prop` that leads to no entities; otherwise that property alone is returned.
    """
    access.require(
        office, officer, "entities.read", f"{entity_id} and what is next to it", subjects=[f"entity:{entity_id}"]
    )
    check_page(limit, offset)
    with office.database.read() as connection:
        found = lookup.document(_get(connection, entity_id))
        near = _neighbours(connection, found)
    if prop is not None:
        _check_leads_to_entities(found["schema"], prop)
        near = {prop: near.get(prop, [])}
    return found, {
        name: Page(tuple(fields.ordered(held, sort)[offset : offset + limit]), len(held)) for name, held in near.items()
    }


def _check_leads_to_entities(schema: str, prop: str) -> None:
    rule = schema_of(schema).get(prop)
    if rule is None or rule.type.name != "entity":
        raise NotFoundError(
            f"{prop[:80]!r} of a {schema} leads to no other entities",
            do="Ask for all that is adjacent and see which properties there are.",
            code="unknown_property",
        )


def _get(connection: Connection, entity_id: str) -> list[ListedEntity]:
    # PostgreSQL refuses a query with a NUL in it; an id with one was never stored.
    listed = entities.get(connection, entity_id) if storable(entity_id) == entity_id else []
    if not listed:
        raise NotFoundError(
            f"No list that is loaded here names {entity_id[:255]!r}",
            do="Search by name; an entry that was removed is in the list's versions.",
            code="unknown_entity",
        )
    return listed


def _nested(connection: Connection, found: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, list[Any]] = {prop: list(values) for prop, values in found["properties"].items()}
    for prop, neighbours in _neighbours(connection, found).items():
        if neighbours:  # else its ids stay: they name entities that no list has
            properties[prop] = list(neighbours)
    return {**found, "properties": properties}


def _neighbours(connection: Connection, found: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    near: dict[str, list[dict[str, Any]]] = {}
    for prop, values in found["properties"].items():
        if property_of(found["schema"], prop).type.name == "entity":
            near[prop] = list(_documents(connection, values).values())
    linking = list(_documents(connection, entities.linking_to(connection, found["id"])).values())
    far = _documents(connection, [end for other in linking for end in _far_ids(other, found["id"])])
    for other in linking:
        for prop in _reverse_names(other, found):
            near.setdefault(prop, []).append(_with_far_end(other, far))
    return near


def _reverse_names(other: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """Under which property of `found` the entity `other` appears, such as `sanctions` or `unknownLinkTo`."""
    names = list[str]()
    for prop, values in other["properties"].items():
        rule = property_of(other["schema"], prop)
        if rule.reverse is None or found["id"] not in values:
            continue
        if schema_of(found["schema"]).get(rule.reverse.name) is not None:
            names.append(rule.reverse.name)
    return names


def _edge_props(link: Mapping[str, Any]) -> list[str]:
    schema = schema_of(link["schema"])
    return [prop for prop in (schema.edge_source, schema.edge_target) if schema.edge and prop is not None]


def _far_ids(link: Mapping[str, Any], near_id: str) -> list[str]:
    return [end for prop in _edge_props(link) for end in link["properties"].get(prop, ()) if end != near_id]


def _with_far_end(link: dict[str, Any], far: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """A link with the entity at its other end inside; anything else as it is."""
    ends = {prop: [far.get(end, end) for end in link["properties"].get(prop, ())] for prop in _edge_props(link)}
    return {**link, "properties": {**link["properties"], **ends}} if ends else link


def _documents(connection: Connection, entity_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    held = entities.several(connection, [entity_id for entity_id in entity_ids if storable(entity_id) == entity_id])
    return {entity_id: lookup.document(its) for entity_id, its in held.items()}


def _rows(facts: Sequence[Fact], listed: Sequence[ListedEntity]) -> tuple[FactRow, ...]:
    grouped: dict[tuple[str, str, bool], list[Fact]] = {}
    for fact in facts:
        key = (fact.statement.prop, fact.statement.value, fact.until_version is None)
        grouped.setdefault(key, []).append(fact)
    now = {(prop, value) for prop, value, is_now in grouped if is_now}
    clashing = _clashing(facts)
    schema = listed[0].entity.schema
    rows = list[FactRow]()
    for (prop, value, is_now), held in grouped.items():
        if not is_now and (prop, value) in now:
            continue
        rule = schema_of(schema).get(prop)
        rows.append(
            FactRow(
                prop=prop,
                label=rule.label if rule else prop,
                type=rule.type.name if rule else "text",
                value=value,
                is_clean=held[0].statement.is_clean,
                originals=tuple(dict.fromkeys(f.statement.original for f in held if f.statement.original)),
                facts=tuple(held),
                is_in_conflict=is_now and prop in clashing,
                is_former=not is_now,
            )
        )
    order = {prop: i for i, prop in enumerate(dict.fromkeys((*_FIRST, *(row.prop for row in rows))))}
    return tuple(sorted(rows, key=lambda row: (order[row.prop], row.is_former)))


_FIRST = (
    "name alias previousName weakAlias birthDate birthPlace birthCountry gender nationality citizenship country "
    "passportNumber idNumber taxNumber registrationNumber imoNumber mmsi callSign flag type address position"
).split()


def _clashing(facts: Sequence[Fact]) -> set[str]:
    """Properties whose current values exclude each other; a year does not exclude a day in it."""
    held: dict[str, set[str]] = {}
    for fact in facts:
        if fact.until_version is None and fact.statement.is_clean and fact.statement.prop in SINGLE:
            held.setdefault(fact.statement.prop, set()).add(fact.statement.value.casefold())
    return {
        prop
        for prop, values in held.items()
        if any(not a.startswith(b) and not b.startswith(a) for a in values for b in values)
    }


def _network(connection: Connection, listed: Sequence[ListedEntity], around: Sequence[ListedEntity]) -> Network:
    me = listed[0].entity
    ends = [
        (me.id, value, property_of(one.entity.schema, prop).label)
        for one in listed
        for prop, values in one.entity.properties.items()
        if property_of(one.entity.schema, prop).type.name == "entity"
        for value in values
    ]
    ends += [end for one in around for end in _ends(one, me.id)]
    ids = dict.fromkeys((me.id, *(end for source, target, _ in ends for end in (source, target))))
    heads = list(entities.heads(connection, list(ids)).values())
    nodes = {head.id: Node(head.id, head.caption, head.schema, head.is_target) for head in heads[:MAX_DRAWN]}
    links = [Link(*end) for end in dict.fromkeys(ends) if end[0] in nodes and end[1] in nodes]
    return Network(tuple(nodes.values()), tuple(links), len(heads) - len(nodes))


def _ends(one: ListedEntity, me: str) -> list[tuple[str, str, str]]:
    entity = one.entity
    schema = schema_of(entity.schema)
    if entity.schema == "Sanction":
        return []
    if schema.edge and schema.edge_source and schema.edge_target:
        words = entity.first("role") or schema.label
        return [(a, b, words) for a in entity.get(schema.edge_source) for b in entity.get(schema.edge_target)]
    return [
        (entity.id, me, property_of(entity.schema, prop).label)
        for prop, values in entity.properties.items()
        if property_of(entity.schema, prop).type.name == "entity" and me in values
    ]
