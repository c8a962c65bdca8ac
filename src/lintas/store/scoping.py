"""Conditions on rows (model.scope) as SQL."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, false, func, not_, or_, select, true

from lintas.model.errors import NotFoundError
from lintas.model.scope import Either, Every, Field, Not, Scope
from lintas.store.tables import cases, proposals, runs, threads


def _of_its_run(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """What a proposal inherits from the run that it is about; null for one about no run."""
    return select(column).where(runs.c.number == proposals.c.run).correlate(proposals).scalar_subquery()


# The fields of the policies, kind by kind, as columns.
RUN: Mapping[str, ColumnElement[Any]] = {
    "id": runs.c.number,
    "agency": runs.c.agency,
    "clearance": runs.c.clearance,
    "purpose": runs.c.purpose,
    "officer": runs.c.created_by,
    "case": runs.c.case,
}
CASE: Mapping[str, ColumnElement[Any]] = {
    "id": cases.c.number,
    "agency": cases.c.agency,
    "clearance": cases.c.clearance,
}
PROPOSAL: Mapping[str, ColumnElement[Any]] = {
    "id": proposals.c.number,
    "agency": proposals.c.agency,
    "verb": proposals.c.verb,
    "proposed_by": proposals.c.proposed_by,
    "clearance": func.coalesce(_of_its_run(runs.c.clearance), proposals.c.clearance),
    "purpose": _of_its_run(runs.c.purpose),
}
THREAD: Mapping[str, ColumnElement[Any]] = {
    "id": threads.c.number,
    "agency": threads.c.agency,
    "clearance": threads.c.clearance,
    "case": threads.c.case,
}
_NUMBERS = ("id", "case")


KINDS: Mapping[str, Mapping[str, ColumnElement[Any]]] = {
    "run": RUN,
    "case": CASE,
    "proposal": PROPOSAL,
    "thread": THREAD,
}


def fields(connection: Connection, kind: str, number: int) -> dict[str, Any] | None:
    """What the policies look at of one run, case, proposal or thread; None when there is none of that number."""
    columns = KINDS[kind]
    query = select(*(column.label(name) for name, column in columns.items())).where(columns["id"] == number)
    row = connection.execute(query).one_or_none()
    return None if row is None else dict(row._mapping)


def unknown(kind: str, number: int) -> NotFoundError:
    """What is said of a run, case, proposal or thread that is not there, or that the officer may not reach."""
    return NotFoundError(f"There is no {kind} {number}", do=f"See the list of {kind}s.", code=f"unknown_{kind}")


def where(scope: Scope, columns: Mapping[str, ColumnElement[Any]]) -> ColumnElement[bool]:
    """The rows that a scope reaches. An empty column fits nothing but the absence it is asked for."""
    match scope:
        case Every(parts):
            return and_(true(), *(where(part, columns) for part in parts))
        case Either(parts):
            return or_(false(), *(where(part, columns) for part in parts))
        case Not(part):
            return not_(where(part, columns))
        case Field(name, test, value):
            return _field(columns[name], name, test, value)


def _field(column: ColumnElement[Any], name: str, test: str, value: Any) -> ColumnElement[bool]:
    if test == "has":
        return column.is_not(None)
    if test == "in":
        return column.is_not(None) & column.in_([_typed(name, one) for one in value])
    return column.is_not(None) & column.op(_SQL[test], is_comparison=True)(_typed(name, value))


_SQL = {"==": "=", "<=": "<=", ">=": ">=", "<": "<", ">": ">"}


def _typed(name: str, value: str | int) -> str | int:
    return int(value) if name in _NUMBERS else value
