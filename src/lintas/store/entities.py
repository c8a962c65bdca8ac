"""Entities as the lists state them now, and the facts behind them."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Row, select

from lintas.model.entity import Entity, Statement
from lintas.model.listing import Fact, ListedEntity, ListVersion
from lintas.store.lists import current
from lintas.store.tables import entities, list_versions, statements


def listed(connection: Connection) -> Iterator[ListedEntity]:
    """Everything that is listed now, ordered by entity id and list; streamed."""
    newest = current(connection)
    loaded = _loaded_at(connection)
    heads = _stream(connection, _heads().order_by(entities.c.id, entities.c.list))
    facts = _stream(connection, _open_statements().order_by(statements.c.entity_id, statements.c.list))
    row = next(facts, None)
    for head in heads:
        held = list[Statement]()
        while row is not None and (row.entity_id, row.list) == (head.id, head.list):
            held.append(_statement(row))
            row = next(facts, None)
        yield _listed(head, held, newest, loaded)


def get(connection: Connection, entity_id: str) -> list[ListedEntity]:
    """What each list that names this id says of it now; empty when none does."""
    newest = current(connection)
    loaded = _loaded_at(connection)
    found = list[ListedEntity]()
    for head in connection.execute(_heads().where(entities.c.id == entity_id).order_by(entities.c.list)).all():
        query = _open_statements().where(statements.c.entity_id == entity_id, statements.c.list == head.list)
        held = [_statement(row) for row in connection.execute(query.order_by(statements.c.number))]
        found.append(_listed(head, held, newest, loaded))
    return found


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
