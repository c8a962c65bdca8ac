"""What was done about true matches, and since when a match is one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, func, insert, select, update

from lintas.model.run import Outcome
from lintas.store.tables import decisions, outcomes

STANDING = outcomes.c.ended_at.is_(None)


def add(connection: Connection, **values: Any) -> Outcome:
    """Keep an outcome."""
    (number,) = connection.execute(insert(outcomes).values(**values)).inserted_primary_key or (0,)
    row = connection.execute(select(outcomes).where(outcomes.c.number == number)).one()
    return _outcome(row)


def of_match(connection: Connection, match: int) -> list[Outcome]:
    """Every outcome of a match, the oldest first."""
    query = select(outcomes).where(outcomes.c.match == match).order_by(outcomes.c.number)
    return [_outcome(row) for row in connection.execute(query)]


def standing(connection: Connection, run: int) -> Mapping[int, tuple[Outcome, ...]]:
    """The outcomes of a run that stand, by match."""
    held = defaultdict[int, list[Outcome]](list)
    query = select(outcomes).where(outcomes.c.run == run, STANDING).order_by(outcomes.c.number)
    for row in connection.execute(query):
        held[row.match].append(_outcome(row))
    return {match: tuple(its) for match, its in held.items()}


def end(connection: Connection, matches: Sequence[int], *, at: datetime) -> None:
    """The outcomes of these matches no longer stand; they stay in the history."""
    connection.execute(update(outcomes).where(outcomes.c.match.in_(matches), STANDING).values(ended_at=at))


def last_decision(connection: Connection, match: int) -> int:
    """The number of the last decision on a match; 0 when there is none."""
    query = select(func.coalesce(func.max(decisions.c.number), 0)).where(decisions.c.match == match)
    return int(connection.execute(query).scalar_one())


def was_in_doubt(connection: Connection, match: int, *, since: int) -> bool:
    """Whether a match was reopened or decided otherwise after the decision of that number."""
    otherwise = decisions.c.verdict.is_(None) | (decisions.c.verdict != "same")
    later = exists().where(decisions.c.match == match, decisions.c.number > since, otherwise)
    return bool(connection.execute(select(later)).scalar_one())


def _outcome(row: Row[Any]) -> Outcome:
    return Outcome(**row._mapping)
