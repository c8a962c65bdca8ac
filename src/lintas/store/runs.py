"""Screening runs: the customers of a file, their matches, and what officers decided."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, delete, exists, func, insert, select, update

from lintas.model.batch import batched
from lintas.model.customer import Customer
from lintas.model.entity import Entity, Statement
from lintas.model.errors import NotFoundError
from lintas.model.job import WAITING
from lintas.model.match import Match, Reason, TokenPair
from lintas.model.run import Decided, Decision, Run, RunMatch
from lintas.model.scope import Scope
from lintas.store import outcomes
from lintas.store.scoping import RUN, unknown, where
from lintas.store.tables import customers, decisions, matches, runs

CHUNK = 1000  # numbers in one query: both databases bound how many it may hold


def add(connection: Connection, **values: Any) -> int:
    """Make a run; its number."""
    result = connection.execute(insert(runs).values(**values))
    (number,) = result.inserted_primary_key or (0,)
    return int(number)


def get(connection: Connection, number: int) -> Run:
    """One run. Raises NotFoundError."""
    row = connection.execute(_runs().where(runs.c.number == number)).one_or_none()
    if row is None:
        raise unknown("run", number)
    return _run(row._mapping)


def latest(connection: Connection, scope: Scope, limit: int = 100) -> list[Run]:
    """The newest runs that a scope reaches."""
    rows = connection.execute(_runs().where(where(scope, RUN)).order_by(runs.c.number.desc()).limit(limit))
    return [_run(row._mapping) for row in rows]


def in_case(connection: Connection, scope: Scope, case: int | None, limit: int = 100) -> list[Run]:
    """The newest runs of a case that a scope reaches; None: those in no case, and not erased."""
    these = runs.c.case == case if case is not None else runs.c.case.is_(None) & runs.c.erased_at.is_(None)
    rows = connection.execute(_runs().where(these, where(scope, RUN)).order_by(runs.c.number.desc()).limit(limit))
    return [_run(row._mapping) for row in rows]


def change(connection: Connection, number: int, **values: Any) -> None:
    """Write columns of a run."""
    connection.execute(update(runs).where(runs.c.number == number).values(**values))


def end(
    connection: Connection, number: int, *, status: str, at: datetime, error: Mapping[str, Any] | None = None
) -> bool:
    """End a run that waits or runs; False when it has ended already."""
    this = (runs.c.number == number) & runs.c.status.in_(WAITING)
    values = {"status": status, "finished_at": at, "error": error}
    return connection.execute(update(runs).where(this).values(values)).rowcount == 1


def claim(connection: Connection, *, at: datetime, stale_before: datetime, number: int | None = None) -> int | None:
    """Take a run that waits, or whose worker gave no sign of life since `stale_before`; its number, if any."""
    waiting = (runs.c.status == "queued") | ((runs.c.status == "running") & (runs.c.touched_at < stale_before))
    query = select(runs.c.number).where(waiting).order_by(runs.c.number).limit(1)
    if number is not None:
        query = query.where(runs.c.number == number)
    found = connection.execute(query).scalar_one_or_none()
    if found is None:
        return None
    taken = update(runs).where(runs.c.number == found, waiting).values(status="running", touched_at=at)
    return found if connection.execute(taken).rowcount == 1 else None


def advance(connection: Connection, number: int, alive_at: datetime, **values: Any) -> bool:
    """Write columns of a run if it still runs as this worker left it, with its last sign of life `alive_at`.

    False when it was stopped, or another worker took it because this one was silent for too long.
    """
    mine = (runs.c.number == number) & (runs.c.status == "running") & (runs.c.touched_at == alive_at)
    return connection.execute(update(runs).where(mine).values(**values)).rowcount == 1


def is_decided(connection: Connection, number: int) -> bool:
    """Whether anything was ever decided on a match of a run."""
    mine = select(matches.c.number).where(matches.c.run == number)
    return bool(connection.execute(select(exists().where(decisions.c.match.in_(mine)))).scalar_one())


def clear(connection: Connection, number: int) -> None:
    """Forget the rows and matches of a run that begins again."""
    connection.execute(delete(matches).where(matches.c.run == number))
    connection.execute(delete(customers).where(customers.c.run == number))


def save(connection: Connection, number: int, rows: Sequence[tuple[Customer, Sequence[Match]]]) -> None:
    """Add screened customers with their matches."""
    people = [_customer_row(number, customer) for customer, _ in rows]
    if people:
        connection.execute(insert(customers), people)
    found = [_match_row(number, customer, match) for customer, hits in rows for match in hits]
    if found:
        connection.execute(insert(matches), found)


def run_matches(
    connection: Connection,
    number: int,
    *,
    verdict: str | None = None,
    row: int | None = None,
    between: tuple[float, float] | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[RunMatch]:
    """Matches of a run or of one row, the strongest first; `verdict`: waiting, same, different, ask, or all."""
    query = _matches().where(*_wanted(number, verdict, between)).order_by(matches.c.score.desc(), matches.c.number)
    query = query.limit(limit).offset(offset)
    if row is not None:
        query = query.where(matches.c.row == row)
    return [_run_match(found._mapping) for found in connection.execute(query)]


def count(
    connection: Connection, number: int, *, verdict: str | None = None, between: tuple[float, float] | None = None
) -> int:
    """How many matches of a run are of one verdict, and score from the one bound up to under the other."""
    query = select(func.count()).select_from(matches).where(*_wanted(number, verdict, between))
    return int(connection.execute(query).scalar_one())


def around(connection: Connection, here: RunMatch, n: int) -> list[RunMatch]:
    """At most `n` matches on either side of one in the order of review, and it among them."""
    score, its = here.match.score, _matches().where(matches.c.run == here.run)
    after = (matches.c.score < score) | ((matches.c.score == score) & (matches.c.number > here.number))
    before = (matches.c.score > score) | ((matches.c.score == score) & (matches.c.number < here.number))
    down = its.where(after).order_by(matches.c.score.desc(), matches.c.number).limit(n)
    up = its.where(before).order_by(matches.c.score, matches.c.number.desc()).limit(n)
    earlier = [_run_match(row._mapping) for row in connection.execute(up)]
    later = [_run_match(row._mapping) for row in connection.execute(down)]
    return [*reversed(earlier), here, *later]


def run_match(connection: Connection, match_number: int, *, run: int, lock: bool = False) -> RunMatch:
    """One match of a run; with `lock` nobody else decides it until the transaction ends. Raises NotFoundError."""
    query = _matches().where(matches.c.number == match_number, matches.c.run == run)
    if lock:
        query = query.with_for_update(of=matches)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(
            f"Run {run} has no match {match_number}",
            do="Open the run and choose from its matches.",
            code="unknown_match",
        )
    return _run_match(row._mapping)


def by_numbers(connection: Connection, numbers: Sequence[int]) -> dict[int, RunMatch]:
    """Matches by their numbers; those that are not there are left out."""
    found = connection.execute(_matches().where(matches.c.number.in_(numbers)))
    return {row.number: _run_match(row._mapping) for row in found}


def entity_of(connection: Connection, match_number: int, *, run: int) -> str | None:
    """The listed entity of a match; None when the run has no match of that number."""
    query = select(matches.c.entity_id).where(matches.c.number == match_number, matches.c.run == run)
    return connection.execute(query).scalar_one_or_none()


def check_matches(connection: Connection, numbers: Sequence[int], *, run: int) -> None:
    """Raises NotFoundError when one of them is no match of the run."""
    for chunk in batched(numbers, CHUNK):
        query = select(matches.c.number).where(matches.c.run == run, matches.c.number.in_(chunk))
        for missing in set(chunk).difference(connection.execute(query).scalars()):
            run_match(connection, missing, run=run)


def customer(connection: Connection, number: int, row: int) -> Customer:
    """One customer of a run. Raises NotFoundError."""
    query = select(customers).where(customers.c.run == number, customers.c.row == row)
    found = connection.execute(query).one_or_none()
    if found is None:
        raise NotFoundError(f"Run {number} has no row {row}", do="Open the run.", code="unknown_customer")
    return _customer(found._mapping)


def customers_of(connection: Connection, number: int) -> Iterator[Customer]:
    """Every customer of a run in the order of the file."""
    query = select(customers).where(customers.c.run == number).order_by(customers.c.row)
    for row in connection.execution_options(yield_per=2000).execute(query):
        yield _customer(row._mapping)


def results(connection: Connection, number: int) -> Iterable[tuple[Customer, tuple[Match, ...], tuple[Decided, ...]]]:
    """Every customer of a run in the order of the file, with its matches and how each of them stands."""
    standing = outcomes.standing(connection, number)
    its = decisions.alias()
    last = select(func.max(its.c.number)).where(its.c.match == matches.c.number).correlate(matches).scalar_subquery()
    decision = [decisions.c[name] for name in ("reason", "officer", "at")]
    hits = connection.execution_options(yield_per=2000).execute(
        select(matches, *decision)
        .select_from(matches)
        .outerjoin(decisions, decisions.c.number == last)
        .where(matches.c.run == number)
        .order_by(matches.c.row, matches.c.number)
    )
    rest = iter(hits)
    hit = next(rest, None)
    query = select(customers).where(customers.c.run == number).order_by(customers.c.row)
    for row in connection.execution_options(yield_per=2000).execute(query):
        mine, decided = list[Match](), list[Decided]()
        while hit is not None and hit.row == row.row:
            mine.append(match_from_dict(hit.match))
            decision_on = None if hit.at is None else Decision(hit.verdict, hit.reason, hit.officer, hit.at)
            decided.append(Decided(decision_on, standing.get(hit.number, ())))
            hit = next(rest, None)
        yield _customer(row._mapping), tuple(mine), tuple(decided)


def problems(connection: Connection, number: int, limit: int = 200) -> list[Customer]:
    """Customers with something that could not be understood."""
    query = select(customers).where(customers.c.run == number, customers.c.has_problems, _is_kept(number))
    rows = connection.execute(query.order_by(customers.c.row).limit(limit))
    return [_customer(row._mapping) for row in rows]


def decide(
    connection: Connection,
    numbers: Sequence[int],
    *,
    verdict: str | None,
    reason: str,
    officer: str,
    at: datetime,
    if_open: bool = False,
) -> int:
    """Write one decision for one match or many; the history keeps every earlier one. How many were as they should be.

    What was done about a true match no longer stands when the match is no longer held to be one. `if_open`: those that
    are decided already are left out, for the caller to see and to take all of it back.
    """
    n = 0
    for chunk in batched(numbers, CHUNK):
        these: ColumnElement[bool] = matches.c.number.in_(chunk)
        if if_open:
            these &= matches.c.verdict.is_(None) | (matches.c.verdict == "ask")
        n += connection.execute(update(matches).where(these).values(verdict=verdict, decided_at=at)).rowcount
        if verdict != "same":
            outcomes.end(connection, chunk, at=at)
    rows = [{"match": number, "verdict": verdict, "reason": reason, "officer": officer, "at": at} for number in numbers]
    connection.execute(insert(decisions), rows)
    return n


def n_decisions(connection: Connection, match_number: int, *, run: int) -> int:
    """How often a match was decided; until the end of the transaction nobody else decides it."""
    run_match(connection, match_number, run=run, lock=True)
    query = select(func.count()).where(decisions.c.match == match_number)
    return int(connection.execute(query).scalar_one())


def history(connection: Connection, match_number: int) -> list[Decision]:
    """What was decided on a match, the oldest first."""
    query = select(decisions).where(decisions.c.match == match_number).order_by(decisions.c.number)
    return [Decision(row.verdict, row.reason, row.officer, row.at) for row in connection.execute(query)]


def _wanted(number: int, verdict: str | None, between: tuple[float, float] | None) -> list[Any]:
    wanted = [matches.c.run == number, _is_kept(number)]
    if verdict == "waiting":
        wanted.append(matches.c.verdict.is_(None))
    elif verdict is not None:
        wanted.append(matches.c.verdict == verdict)
    if between is not None:
        wanted += [matches.c.score >= between[0], matches.c.score < between[1]]
    return wanted


def _is_kept(number: int) -> ColumnElement[bool]:
    """A run that is being erased shows nothing of what is left of it."""
    return exists().where(runs.c.number == number, runs.c.erased_at.is_(None))


def _matches() -> Any:
    its_customer = (customers.c.run == matches.c.run) & (customers.c.row == matches.c.row)
    return select(matches, customers.c.id.label("customer_id"), customers.c.caption).join(customers, its_customer)


def _runs() -> Any:
    waiting = func.coalesce(func.sum(case((matches.c.verdict.is_(None), 1), else_=0)), 0)
    n_waiting = (
        select(waiting).where(matches.c.run == runs.c.number).correlate(runs).scalar_subquery().label("n_waiting")
    )
    return select(runs, n_waiting)


def _run(row: Mapping[Any, Any]) -> Run:
    return Run(**row)


def _customer_row(run: int, customer: Customer) -> dict[str, Any]:
    return {
        "run": run,
        "row": customer.row,
        "id": customer.id,
        "caption": customer.entity.caption,
        "entity": _entity_dict(customer.entity),
        "holds": [_entity_dict(entity) for entity in customer.holds],
        "has_problems": bool(customer.problems),
        "problems": list(customer.problems),
        "unread": [list(pair) for pair in customer.unread],
    }


def _customer(row: Mapping[Any, Any]) -> Customer:
    return Customer(
        row=row["row"],
        id=row["id"],
        entity=_entity(row["entity"]),
        problems=tuple(row["problems"]),
        unread=tuple((column, value) for column, value in row["unread"]),
        holds=tuple(_entity(held) for held in row["holds"]),
    )


def _entity_dict(entity: Entity) -> dict[str, Any]:
    rows = [[s.prop, s.value, s.original, s.is_clean, s.lang] for s in entity.statements]
    return {"id": entity.id, "schema": entity.schema, "statements": rows}


def _entity(held: Mapping[str, Any]) -> Entity:
    return Entity(held["id"], held["schema"], tuple(Statement(*fields) for fields in held["statements"]))


def _match_row(run: int, customer: Customer, match: Match) -> dict[str, Any]:
    return {
        "run": run,
        "row": customer.row,
        "entity_id": match.entity_id,
        "score": match.score,
        "match": asdict(match),
    }


def match_from_dict(data: Mapping[str, Any]) -> Match:
    """A match as `dataclasses.asdict` wrote it."""
    reasons = tuple(
        Reason(**{**reason, "tokens": tuple(TokenPair(**pair) for pair in reason["tokens"])})
        for reason in data["reasons"]
    )
    versions = tuple((name, digest) for name, digest in data["list_versions"])
    return Match(**{**data, "lists": tuple(data["lists"]), "reasons": reasons, "list_versions": versions})


def _run_match(row: Mapping[Any, Any]) -> RunMatch:
    return RunMatch(
        number=row["number"],
        run=row["run"],
        row=row["row"],
        customer_id=row["customer_id"],
        customer_caption=row["caption"],
        match=match_from_dict(row["match"]),
        verdict=row["verdict"],
        decided_at=row["decided_at"],
    )
