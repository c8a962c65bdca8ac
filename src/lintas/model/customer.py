"""A row of a customer file, as an entity that can be screened."""

from dataclasses import dataclass

from lintas.model.entity import Entity


@dataclass(frozen=True)
class ColumnUse:
    """What a column of a customer file was read as; `prop` is None for a column that nobody reads."""

    column: str
    prop: str | None
    why: str  # usual_name, given, unknown, empty


@dataclass(frozen=True)
class Customer:
    """One row. `problems` says in words what in it could not be understood; the row itself is never dropped."""

    row: int  # as a spreadsheet counts: the header is row 1
    id: str  # the file's own number for this customer, or "row-<n>"
    entity: Entity
    problems: tuple[str, ...]
    unread: tuple[tuple[str, str], ...] = ()  # (column, value) of the columns that nobody reads
    holds: tuple[Entity, ...] = ()  # wallets and accounts of this customer, screened with it
