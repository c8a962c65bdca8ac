"""The matches that wait for an officer: to be decided, for an answer, or for what is done about them.

Only runs at their end are asked, as far as a scope reaches. The order is that of work: the run whose clock began first,
in it the strongest match. Everything but the page itself is answered from an index.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, select

from lintas.model.run import RunMatch
from lintas.model.scope import Scope
from lintas.store import outcomes as acts
from lintas.store.runs import by_numbers
from lintas.store.scoping import RUN, where
from lintas.store.tables import matches, outcomes, proposals, runs

TO_REVIEW, TO_ANSWER, TO_ACT_ON = KINDS = ("matches", "asked", "outcomes")


@dataclass(frozen=True)
class Group:
    """The matches of one kind that wait in one run. `bands`: how many from the first edge up, from the second, ..."""

    run: int
    file: str
    since: datetime
    n: int
    bands: tuple[int, ...]


def count(connection: Connection, scope: Scope, kind: str, *, at: datetime, most: int) -> int:
    """How many wait; not counted further than `most`."""
    some = _waiting(scope, kind, at, matches.c.number).limit(most).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def groups(connection: Connection, scope: Scope, kind: str, *, at: datetime, edges: Sequence[float]) -> list[Group]:
    """How many wait in each run, the run whose clock began first before the others."""
    highs = (2.0, *edges)
    bands = [
        func.sum(case((and_(matches.c.score >= low, matches.c.score < high), 1), else_=0))
        for low, high in zip((*edges, 0.0), highs, strict=True)
    ]
    query = _waiting(scope, kind, at, matches.c.run, func.count(), *bands).group_by(matches.c.run)
    found = {row[0]: row[1:] for row in connection.execute(query)}
    described = select(runs.c.number, runs.c.file, _SINCE).where(runs.c.number.in_(list(found))).order_by(*_RUNS_ORDER)
    return [
        Group(run, file["name"], since, int(found[run][0]), tuple(int(n) for n in found[run][1:]))
        for run, file, since in connection.execute(described)
    ]


def page(
    connection: Connection,
    scope: Scope,
    kind: str,
    *,
    at: datetime,
    run: int | None = None,
    between: tuple[float, float] | None = None,
    limit: int,
    offset: int = 0,
) -> list[tuple[RunMatch, datetime]]:
    """A page of those that wait, each with since when; of one run, and within a band of scores, where asked for."""
    since = func.coalesce(matches.c.decided_at, _SINCE)
    query = _waiting(scope, kind, at, matches.c.number, since)
    query = query.order_by(*_RUNS_ORDER, matches.c.score.desc(), matches.c.number)
    if run is not None:
        query = query.where(matches.c.run == run)
    if between is not None:
        query = query.where(matches.c.score >= between[0], matches.c.score < between[1])
    rows = connection.execute(query.limit(limit).offset(offset)).all()
    found = by_numbers(connection, [number for number, _ in rows])
    return [(found[number], began) for number, began in rows]


def within(connection: Connection, scope: Scope, numbers: Sequence[int]) -> dict[int, RunMatch]:
    """Those of some matches whose runs a scope reaches, by their numbers."""
    query = select(matches.c.number).join(runs, runs.c.number == matches.c.run)
    query = query.where(matches.c.number.in_(numbers), where(scope, RUN))
    return by_numbers(connection, list(connection.execute(query).scalars()))


_SINCE = func.coalesce(runs.c.finished_at, runs.c.created_at)
_RUNS_ORDER = (_SINCE, runs.c.number)


def _waiting(scope: Scope, kind: str, at: datetime, *columns: Any) -> Select[Any]:
    at_their_end = runs.c.status.not_in(("queued", "running")) & runs.c.erased_at.is_(None)
    query = select(*columns).select_from(matches).join(runs, runs.c.number == matches.c.run)
    return query.where(at_their_end, where(scope, RUN), *_CONDITIONS[kind], *_unproposed(kind, at))


def _unproposed(kind: str, at: datetime) -> list[ColumnElement[bool]]:
    """What is proposed already waits for another officer, not for this one."""
    if kind != TO_ACT_ON:
        return []
    waits = proposals.c.outcome.is_(None) & (proposals.c.expires_at > at)
    return [~exists().where(proposals.c.match == matches.c.number, waits)]


_CONDITIONS: Mapping[str, list[ColumnElement[bool]]] = {
    TO_REVIEW: [matches.c.verdict.is_(None)],
    TO_ANSWER: [matches.c.verdict == "ask"],
    TO_ACT_ON: [matches.c.verdict == "same", ~exists().where(outcomes.c.match == matches.c.number, acts.STANDING)],
}
