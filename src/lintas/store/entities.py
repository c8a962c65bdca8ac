"""Entities as the lists state them now, and the facts behind them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from lintas.model.batch import batched
from lintas.model.entity import Entity, Statement
from lintas.model.listing import Fact, ListedEntity, ListVersion
from lintas.store.lists import current
from lintas.store.tables import entities, list_versions, statements

CHUNK = 400  # ids in one query, as for a load
_IN_ORDER = (statements.c.entity_id, statements.c.list, statements.c.number)


@dataclass(frozen=True)
class Head:
    """An entity without its facts."""

    id: str
    schema: str
    caption: str
    is_target: bool


def listed(connection: Connection) -> Iterator[ListedEntity]:
    """Everything that is listed now, ordered by entity id and list; streamed."""
    newest = current(connection)
    loaded = _loaded_at(connection)
    heads = _stream(connection, _heads().order_by(entities.c.id, entities.c.list))
    facts = _stream(connection, _open_statements().order_by(*_IN_ORDER))
    row = next(facts, None)
    for head in heads:
        held = list[Statement]()
        while row is not None and (row.entity_id, row.list) == (head.id, head.list):
            held.append(_statement(row))
            row = next(facts, None)
        yield _listed(head, held, newest, loaded)


def get(connection: Connection, entity_id: str) -> list[ListedEntity]:
    """What each list that names this id says of it now; empty when none does."""
    return several(connection, [entity_id]).get(entity_id, [])


def several(connection: Connection, entity_ids: Sequence[str]) -> dict[str, list[ListedEntity]]:
    """The same for many ids, in their order; an id that no list names now is left out."""
    newest, loaded = current(connection), _loaded_at(connection)
    found: dict[str, list[ListedEntity]] = {entity_id: [] for entity_id in entity_ids}
    for chunk in batched(found, CHUNK):
        held: dict[tuple[str, str], list[Statement]] = {}
        for row in connection.execute(_open_statements().where(statements.c.entity_id.in_(chunk)).order_by(*_IN_ORDER)):
            held.setdefault((row.entity_id, row.list), []).append(_statement(row))
        for head in connection.execute(_heads().where(entities.c.id.in_(chunk)).order_by(entities.c.list)):
            found[head.id].append(_listed(head, held.get((head.id, head.list), []), newest, loaded))
    return {entity_id: its for entity_id, its in found.items() if its}


def heads(connection: Connection, entity_ids: Sequence[str]) -> dict[str, Head]:
    """What many ids are called now, in their order; an id that no list names now is left out."""
    found = dict[str, Head]()
    for chunk in batched(entity_ids, CHUNK):
        for row in connection.execute(_heads().where(entities.c.id.in_(chunk)).order_by(entities.c.list)):
            found.setdefault(row.id, Head(row.id, row.schema, row.caption, row.is_target))
    return {entity_id: found[entity_id] for entity_id in dict.fromkeys(entity_ids) if entity_id in found}


def facts(connection: Connection, entity_id: str) -> list[Fact]:
    """Every statement about an entity with its source, former ones too, in the order of their coming."""
    loaded = _loaded_at(connection)
    query = select(statements).where(statements.c.entity_id == entity_id).order_by(statements.c.number)
    return [
        Fact(row.list, _statement(row), row.from_version, loaded[(row.list, row.from_version)], row.until_version)
        for row in connection.execute(query)
    ]


def linking_to(connection: Connection, entity_id: str) -> list[str]:
    """Ids of the entities that point at this one now, such as its sanctions and its links."""
    query = (
        select(statements.c.entity_id)
        .where(statements.c.is_link, statements.c.value == entity_id, statements.c.until_version.is_(None))
        .distinct()
        .order_by(statements.c.entity_id)
    )
    return list(connection.execute(query).scalars())


def _heads() -> Any:
    return select(entities).where(entities.c.until_version.is_(None))


def _open_statements() -> Any:
    return select(statements).where(statements.c.until_version.is_(None))


def _stream(connection: Connection, query: Any) -> Iterator[Row[Any]]:
    return iter(connection.execution_options(yield_per=5000).execute(query))


def _loaded_at(connection: Connection) -> Mapping[tuple[str, int], Any]:
    query = select(list_versions.c.list, list_versions.c.number, list_versions.c.loaded_at)
    return {(row.list, row.number): row.loaded_at for row in connection.execute(query)}


def _statement(row: Row[Any]) -> Statement:
    return Statement(row.prop, row.value, row.original, row.is_clean, row.lang)


def _listed(
    head: Row[Any], held: list[Statement], newest: Mapping[str, ListVersion], loaded: Mapping[tuple[str, int], Any]
) -> ListedEntity:
    return ListedEntity(
        list=head.list,
        entity=Entity(head.id, head.schema, tuple(held)),
        first_seen_at=loaded[(head.list, head.first_version)],
        changed_at=loaded[(head.list, head.changed_version)],
        seen_at=newest[head.list].loaded_at,
        is_fictional=newest[head.list].is_fictional,
    )
