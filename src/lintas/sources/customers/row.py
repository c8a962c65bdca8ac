"""A row of cells becomes a customer. Nothing in it is dropped: what is not understood is kept and said in words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lintas.model.customer import ColumnUse, Customer
from lintas.model.entity import Draft, Entity, Statement, clean_value, property_of, schema_of
from lintas.model.errors import InputError
from lintas.model.text import clean_text
from lintas.reference import columns
from lintas.sources.customers import words
from lintas.sources.customers.header import NAME_PARTS
from lintas.sources.customers.place import held_as, place_of, schema_of_row
from lintas.sources.customers.table import RawRow
from lintas.sources.customers.words import shown

SEVERAL_NAMES = frozenset(("alias", "weakAlias", "previousName"))
BETWEEN_NAMES = re.compile(r"[;|\n]")
BETWEEN_COUNTRIES = re.compile(r"[;|\n,/]")


@dataclass(frozen=True, slots=True)
class _Value:
    prop: str
    column: str
    text: str


@dataclass
class _Cells:
    """The cells of a row, by what they are for."""

    values: list[_Value] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)  # words of the columns of types
    unread: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    held: list[_Value] = field(default_factory=list)  # wallets and accounts of the customer
    implied: str | None = None  # the schema that a header speaks of: "vessel name"


def customer(raw: RawRow, uses: Sequence[ColumnUse], *, keeps_ids: bool) -> Customer:
    """The customer of a row. `keeps_ids`: the file's ids are ids of entities, as in FollowTheMoney lines."""
    cells = _cells(raw, uses)
    row_id = f"row-{raw.row}"
    customer_id = cells.ids[0] if cells.ids else row_id
    schema = _schema(cells)
    entity = _entity(cells, schema, _draft(schema, customer_id if keeps_ids else row_id, row_id))
    cells.problems += words.of_statements(entity)
    if not entity.is_matchable:
        cells.problems.append(f"nothing to compare with: lists are not asked for {schema}")
    elif not entity.values_of("name") and not entity.values_of("identifier") and not cells.held:
        cells.problems.append("nothing to screen by: no name and no identifier")
    holds = tuple(_held(cells, value, f"{row_id}-{n}") for n, value in enumerate(cells.held, start=1))
    problems = tuple(dict.fromkeys(cells.problems))
    return Customer(raw.row, customer_id, entity, problems, tuple(cells.unread), holds)


def _cells(raw: RawRow, uses: Sequence[ColumnUse]) -> _Cells:
    cells = _Cells(problems=list(raw.problems))
    for index, text in raw.cells:
        use = uses[index]
        if use.why == "given" and use.prop is None:
            continue  # the officer said so
        label = use.prop or use.column
        clean = _visible(text, label, cells)
        if not clean:
            continue
        if use.prop == "id":
            cells.ids.append(clean)
        elif use.prop == "schema":
            cells.kinds.append(clean)
        elif use.prop is not None:
            cells.values.append(_Value(use.prop, use.column, clean if words.hidden(text) else text))
            cells.implied = cells.implied or columns.schema_implied(use.column)
        if use.prop is None or (use.prop == "id" and len(cells.ids) > 1):
            cells.unread.append((use.column, clean))
    cells.unread += ((column, clean) for column, text in raw.unread if (clean := _visible(text, column, cells)))
    return cells


def _visible(text: str, label: str, cells: _Cells) -> str:
    """`text` cleaned. What cannot be seen in it is a problem of the row."""
    clean = clean_text(text)
    if hidden := words.hidden(text, is_all=not clean):
        cells.problems.append(f"{label}: invisible characters were taken out ({hidden})")
    return clean


def _schema(cells: _Cells) -> str:
    """The schema of the row, by its column of types, else by what it carries."""
    stated = [_kind(word) for word in cells.kinds]
    props = frozenset(value.prop for value in cells.values)
    schema = schema_of_row(next((kind for kind in stated if kind), cells.implied), props)
    for word, kind in zip(cells.kinds, stated, strict=True):
        if kind is None:
            cells.problems.append(f"schema: {shown(word)} is no kind of customer that we know; read as {schema}")
        elif not schema_of(schema).is_a(schema_of(kind)):
            cells.problems.append(f"schema: {shown(word)} speaks against the other column of types; read as {schema}")
    return schema


def _kind(word: str) -> str | None:
    if found := columns.schema_for(word):
        return found
    try:
        return schema_of(word).name
    except InputError:
        return None


def _draft(schema: str, entity_id: str, row_id: str) -> Draft:
    try:
        return Draft(schema, entity_id)
    except InputError:  # no id that an entity may have; the customer keeps it
        return Draft(schema, row_id)


def _entity(cells: _Cells, schema: str, draft: Draft) -> Entity:
    as_written: dict[Statement, None] = {}
    for value in cells.values:
        place = place_of(schema, value.prop)
        if place is None and held_as(value.prop):
            cells.held.append(value)
        elif place is None:
            cells.unread.append((value.column, clean_text(value.text)))
            cells.problems.append(f"{value.prop}: {shown(value.text)} is not used: {schema} has no {value.prop}")
        elif words.is_checked(place, value.text):
            statement, problem = words.checked(schema, place, value.text)
            as_written[statement] = None
            cells.problems += [problem] if problem else []
        else:
            _add(draft, schema, place, value.text)
    _add_whole_name(draft, cells.values)
    entity = draft.build()
    return Entity(entity.id, schema, (*entity.statements, *as_written)) if as_written else entity


def _held(cells: _Cells, value: _Value, entity_id: str) -> Entity:
    """A wallet or an account of the customer, as an entity of its own."""
    schema = held_as(value.prop) or value.prop
    place = place_of(schema, value.prop) or value.prop
    if not words.is_checked(place, value.text):
        draft = Draft(schema, entity_id)
        draft.add(place, value.text)
        return draft.build()
    statement, problem = words.checked(schema, place, value.text)
    cells.problems += [problem] if problem else []
    return Entity(entity_id, schema, (statement,))


def _add(draft: Draft, schema: str, place: str, text: str) -> None:
    rule = property_of(schema, place)
    parts = _parts(schema, place, text)
    for part in parts:
        word = columns.word_for(rule.type.name, part)
        is_word = word is not None and clean_value(rule, clean_text(part)) is None
        draft.add(place, word if is_word else part, original=text if is_word or part != text else None)


def _parts(schema: str, place: str, text: str) -> list[str]:
    """Several values in one cell: aliases between semicolons, countries between commas. Names keep their commas."""
    rule = property_of(schema, place)
    separator = None
    if place in SEVERAL_NAMES:
        separator = BETWEEN_NAMES
    elif rule.type.name == "country" and clean_value(rule, clean_text(text)) is None:
        separator = BETWEEN_COUNTRIES
    parts = separator.split(text) if separator else [text]
    return [part for part in parts if part.strip()] or [text]


def _add_whole_name(draft: Draft, values: Sequence[_Value]) -> None:
    """Names are compared whole: one is made of its parts, in this order, where the row has no other."""
    if draft.schema != "Person" or draft.has("name"):
        return
    parts = [value.text for part in NAME_PARTS for value in values if value.prop == part]
    draft.add("name", " ".join(parts))
