"""Versions of lists: one load is one transaction, and what it changed can be asked for ever after."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from lintas.model.batch import batched
from lintas.model.entity import Entity, Statement, property_of
from lintas.model.errors import ConflictError, NotFoundError
from lintas.model.listing import Change, FieldChange, Leftover, ListVersion, RawFile
from lintas.store.tables import changes, entities, leftovers, list_versions, statements

CHUNK = 400  # entities per query: stays under SQLite's 32,766 variables with room


def versions(connection: Connection, name: str | None = None) -> list[ListVersion]:
    """All versions, newest first, of one list or of all."""
    query = select(list_versions).order_by(list_versions.c.list, list_versions.c.number.desc())
    if name is not None:
        query = query.where(list_versions.c.list == name)
    return [_version(row._mapping) for row in connection.execute(query)]


def current(connection: Connection) -> dict[str, ListVersion]:
    """The newest version of each list that was ever loaded."""
    newest = select(list_versions.c.list, func.max(list_versions.c.number).label("number")).group_by(
        list_versions.c.list
    )
    found = newest.subquery()
    query = select(list_versions).join(
        found, and_(list_versions.c.list == found.c.list, list_versions.c.number == found.c.number)
    )
    return {row.list: _version(row._mapping) for row in connection.execute(query.order_by(list_versions.c.list))}


def version(connection: Connection, name: str, number: int) -> ListVersion:
    """One version. Raises NotFoundError."""
    query = select(list_versions).where(list_versions.c.list == name, list_versions.c.number == number)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"{name} has no version {number}", do="See: lintas lists status.", code="unknown_version")
    return _version(row._mapping)


def digests(connection: Connection, name: str) -> dict[str, str]:
    """Digest by id of what the list holds now."""
    query = select(entities.c.id, entities.c.digest).where(entities.c.list == name, entities.c.until_version.is_(None))
    return {row.id: row.digest for row in connection.execute(query)}


def save(
    connection: Connection,
    new: ListVersion,
    *,
    touched: Iterable[Entity],
    removed: Sequence[str],
    left: Iterable[Leftover],
) -> None:
    """Write a version: its row, the entities it added or changed, those it removed, and what belongs to none.

    Raises ConflictError when another load of the same list came first.
    """
    try:
        connection.execute(insert(list_versions).values(**asdict(new)))
    except IntegrityError as error:
        raise ConflictError(
            f"Another load of {new.list} was finished first",
            do="Look at lintas lists status and load again if it is still needed.",
            code="load_overtaken",
        ) from error
    for chunk in batched(touched, CHUNK):
        _save_entities(connection, new, chunk)
    for ids in batched(removed, CHUNK):
        _remove_entities(connection, new, ids)
    rows = [{"list": new.list, "version": new.number, **asdict(leftover)} for leftover in left]
    if rows:
        connection.execute(insert(leftovers), rows)


def delta(
    connection: Connection, name: str, number: int, *, kind: str | None = None, limit: int = 200, offset: int = 0
) -> list[Change]:
    """What a version changed, field by field, by name; `kind`: added, changed or removed, or all."""
    query = select(changes).where(changes.c.list == name, changes.c.version == number)
    if kind is not None:
        query = query.where(changes.c.kind == kind)
    rows = connection.execute(query.order_by(changes.c.caption, changes.c.entity_id).limit(limit).offset(offset)).all()
    fields = _fields(connection, name, number, [row.entity_id for row in rows])
    return [
        Change(row.entity_id, row.schema, row.caption, row.kind, tuple(fields.get(row.entity_id, ()))) for row in rows
    ]


def left_over(connection: Connection, name: str, number: int, limit: int = 200) -> list[Leftover]:
    """Records of a version that belong to no entry."""
    query = select(leftovers).where(leftovers.c.list == name, leftovers.c.version == number)
    rows = connection.execute(query.order_by(leftovers.c.number).limit(limit))
    return [Leftover(row.kind, row.key, row.record) for row in rows]


def _version(row: Mapping[Any, Any]) -> ListVersion:
    return ListVersion(**{**row, "files": tuple(RawFile(**file) for file in row["files"])})


def _fields(connection: Connection, name: str, number: int, ids: list[str]) -> dict[str, list[FieldChange]]:
    found: dict[str, list[FieldChange]] = {}
    for chunk in batched(ids, CHUNK):
        query = select(statements).where(
            statements.c.list == name,
            statements.c.entity_id.in_(chunk),
            (statements.c.from_version == number) | (statements.c.until_version == number),
        )
        for row in connection.execute(query.order_by(statements.c.number)):
            change = FieldChange(row.prop, row.value, row.from_version == number)
            found.setdefault(row.entity_id, []).append(change)
    return found


def _save_entities(connection: Connection, new: ListVersion, chunk: Sequence[Entity]) -> None:
    ids = [entity.id for entity in chunk]
    query = select(entities.c.id, entities.c.first_version, entities.c.until_version).where(
        entities.c.list == new.list, entities.c.id.in_(ids)
    )
    before = {row.id: row for row in connection.execute(query)}
    held = _held(connection, new.list, [id for id in ids if id in before])
    closed = list[int]()
    added = list[dict[str, Any]]()
    for entity in chunk:
        old = held.get(entity.id, {})
        wanted = set(entity.statements)
        closed += [number for statement, number in old.items() if statement not in wanted]
        added += [_statement_row(new, entity, s) for s in entity.statements if s not in old]
    _close(connection, new, closed)
    if added:
        connection.execute(insert(statements), added)
    _save_rows(connection, new, chunk, before)


def _save_rows(connection: Connection, new: ListVersion, chunk: Sequence[Entity], before: Mapping[str, Any]) -> None:
    fresh = list[dict[str, Any]]()
    for entity in chunk:
        row = {
            "schema": entity.schema,
            "caption": entity.caption,
            "digest": entity.digest,
            "is_target": entity.is_target,
            "changed_version": new.number,
            "until_version": None,
        }
        if entity.id in before:
            this = (entities.c.list == new.list) & (entities.c.id == entity.id)
            connection.execute(update(entities).where(this).values(**row))
        else:
            fresh.append({"list": new.list, "id": entity.id, "first_version": new.number, **row})
    if fresh:
        connection.execute(insert(entities), fresh)
    rows = [_change_row(new, e.id, e.schema, e.caption, _kind(before.get(e.id))) for e in chunk]
    connection.execute(insert(changes), rows)


def _kind(before: Any) -> str:
    return "added" if before is None or before.until_version is not None else "changed"


def _remove_entities(connection: Connection, new: ListVersion, ids: Sequence[str]) -> None:
    these = (entities.c.list == new.list) & entities.c.id.in_(ids)
    gone = connection.execute(select(entities.c.id, entities.c.schema, entities.c.caption).where(these)).all()
    rows = [_change_row(new, row.id, row.schema, row.caption, "removed") for row in gone]
    connection.execute(insert(changes), rows)
    connection.execute(update(entities).where(these).values(until_version=new.number))
    open_ones = (statements.c.list == new.list) & statements.c.entity_id.in_(ids) & statements.c.until_version.is_(None)
    connection.execute(update(statements).where(open_ones).values(until_version=new.number))


def _held(connection: Connection, name: str, ids: Sequence[str]) -> dict[str, dict[Statement, int]]:
    """Statements that are true now, with their numbers, by entity."""
    found: dict[str, dict[Statement, int]] = {}
    if not ids:
        return found
    query = select(statements).where(
        statements.c.list == name, statements.c.entity_id.in_(ids), statements.c.until_version.is_(None)
    )
    for row in connection.execute(query):
        statement = Statement(row.prop, row.value, row.original, row.is_clean, row.lang)
        found.setdefault(row.entity_id, {})[statement] = row.number
    return found


def _close(connection: Connection, new: ListVersion, numbers: Iterable[int]) -> None:
    for chunk in batched(numbers, CHUNK):
        connection.execute(update(statements).where(statements.c.number.in_(chunk)).values(until_version=new.number))


def _statement_row(new: ListVersion, entity: Entity, statement: Statement) -> dict[str, Any]:
    return {
        "list": new.list,
        "entity_id": entity.id,
        "prop": statement.prop,
        "value": statement.value,
        "original": statement.original,
        "lang": statement.lang,
        "is_clean": statement.is_clean,
        "is_link": statement.is_clean and property_of(entity.schema, statement.prop).type.name == "entity",
        "from_version": new.number,
        "until_version": None,
    }


def _change_row(new: ListVersion, entity_id: str, schema: str, caption: str, kind: str) -> dict[str, Any]:
    return {
        "list": new.list,
        "version": new.number,
        "entity_id": entity_id,
        "kind": kind,
        "schema": schema,
        "caption": caption,
    }
