"""The matches that wait for an officer: to be decided, for an answer, or for what is done about them.

Only runs at their end are asked, as far as a scope reaches. The order is that of work: the run whose clock began first,
in it the strongest match. Counting reads an index only, and a page only the runs that it is of.
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

    def within(self, band: int | None) -> int:
        """How many are of a band; of all when None."""
        return self.n if band is None else self.bands[band]


def count(connection: Connection, scope: Scope, kind: str, *, at: datetime, most: int) -> int:
    """How many wait; not counted further than `most`."""
    some = _waiting(scope, kind, at, matches.c.number).limit(most).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def groups(connection: Connection, scope: Scope, kind: str, *, at: datetime, edges: Sequence[float]) -> list[Group]:
    """How many wait in each run, the run whose clock began first before the others."""
    bands = [
        func.sum(case((and_(matches.c.score >= low, matches.c.score < high), 1), else_=0))
        for high, low in bounds(edges)
    ]
    query = _waiting(scope, kind, at, runs.c.number, func.count(), *bands).group_by(runs.c.number)
    found = {row[0]: row[1:] for row in connection.execute(query)}
    ended = func.coalesce(runs.c.finished_at, runs.c.created_at)
    described = select(runs.c.number, runs.c.file, ended).where(runs.c.number.in_(list(found)))
    return [
        Group(run, file["name"], since, int(found[run][0]), tuple(int(n) for n in found[run][1:]))
        for run, file, since in connection.execute(described.order_by(ended, runs.c.number))
    ]


def page(
    connection: Connection,
    among: Sequence[Group],
    kind: str,
    *,
    at: datetime,
    edges: Sequence[float],
    band: int | None = None,
    limit: int,
    offset: int = 0,
) -> list[tuple[RunMatch, datetime]]:
    """A page of those that wait in some runs, each with since when; of one band of scores where asked for."""
    chosen = dict[int, datetime]()  # matches in order, with the end of their run
    for group in among:
        n = group.within(band)
        if offset < n and len(chosen) < limit:
            query = select(matches.c.number).where(matches.c.run == group.run, *_condition(kind, at))
            if band is not None:
                high, low = bounds(edges)[band]
                query = query.where(matches.c.score >= low, matches.c.score < high)
            query = query.order_by(matches.c.score.desc(), matches.c.number).limit(limit - len(chosen)).offset(offset)
            chosen |= dict.fromkeys(connection.execute(query).scalars(), group.since)
        offset = max(0, offset - n)
    found = by_numbers(connection, list(chosen))
    return [(found[number], found[number].decided_at or ended) for number, ended in chosen.items()]


def within(connection: Connection, scope: Scope, numbers: Sequence[int]) -> dict[int, RunMatch]:
    """Those of some matches whose runs a scope reaches, by their numbers."""
    query = select(matches.c.number).join(runs, runs.c.number == matches.c.run)
    query = query.where(matches.c.number.in_(numbers), where(scope, RUN))
    return by_numbers(connection, list(connection.execute(query).scalars())) if numbers else {}


def bounds(edges: Sequence[float]) -> list[tuple[float, float]]:
    """The bands between falling scores: up to under the first number, from the second on."""
    return list(zip((2.0, *edges), (*edges, 0.0), strict=True))


def _waiting(scope: Scope, kind: str, at: datetime, *columns: Any) -> Select[Any]:
    at_their_end = runs.c.status.not_in(("queued", "running")) & runs.c.erased_at.is_(None)
    query = select(*columns).select_from(runs).join(matches, matches.c.run == runs.c.number)
    return query.where(at_their_end, where(scope, RUN), *_condition(kind, at))


def _condition(kind: str, at: datetime) -> list[ColumnElement[bool]]:
    if kind != TO_ACT_ON:
        return [_VERDICTS[kind]]
    done = exists().where(outcomes.c.match == matches.c.number, acts.STANDING)
    # What is proposed waits for another officer, not for this one.
    waits = proposals.c.outcome.is_(None) & (proposals.c.expires_at > at)
    return [_VERDICTS[kind], ~done, ~exists().where(proposals.c.match == matches.c.number, waits)]


_VERDICTS: Mapping[str, ColumnElement[bool]] = {
    TO_REVIEW: matches.c.verdict.is_(None),
    TO_ANSWER: matches.c.verdict == "ask",
    TO_ACT_ON: matches.c.verdict == "same",
}
