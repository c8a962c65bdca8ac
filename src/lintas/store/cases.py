"""Cases with their officers, broken glass, and proposals that wait for a second officer."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from lintas.model.case import BrokenGlass, Case, Proposal
from lintas.model.scope import EVERYTHING, Scope
from lintas.store import draft_files
from lintas.store.scoping import CASE, PROPOSAL, unknown, where
from lintas.store.tables import assignments, broken_glass, cases, proposals, runs


def open_case(connection: Connection, **values: Any) -> int:
    """Make a case; its number."""
    (number,) = connection.execute(insert(cases).values(**values)).inserted_primary_key or (0,)
    return int(number)


def close(connection: Connection, number: int, *, at: datetime) -> None:
    """Close a case; whoever was assigned to it no longer reaches its runs."""
    connection.execute(update(cases).where(cases.c.number == number).values(closed_at=at))


def case(connection: Connection, number: int) -> Case:
    """One case. Raises NotFoundError."""
    found = all_cases(connection, cases.c.number == number)
    if not found:
        raise unknown("case", number)
    return found[0]


def reachable(connection: Connection, scope: Scope) -> list[Case]:
    """Cases that a scope reaches, the newest first."""
    return all_cases(connection, where(scope, CASE))


def all_cases(connection: Connection, condition: Any) -> list[Case]:
    """Cases under a condition, the newest first."""
    rows = connection.execute(select(cases).where(condition).order_by(cases.c.number.desc())).all()
    named = defaultdict[int, list[str]](list)
    query = (
        select(assignments).where(assignments.c.case.in_([row.number for row in rows])).order_by(assignments.c.officer)
    )
    for row in connection.execute(query):
        named[row.case].append(row.officer)
    return [Case(**row._mapping, officers=tuple(named[row.number])) for row in rows]


def assign(connection: Connection, number: int, officer: str, *, by: str, at: datetime) -> None:
    """Assign an officer to a case."""
    withdraw(connection, number, officer)
    values = {"case": number, "officer": officer, "assigned_by": by, "assigned_at": at}
    connection.execute(insert(assignments).values(**values))


def withdraw(connection: Connection, number: int, officer: str) -> None:
    """An officer is no longer assigned to a case."""
    connection.execute(delete(assignments).where(assignments.c.case == number, assignments.c.officer == officer))


def of_officer(connection: Connection, officer: str) -> frozenset[int]:
    """The open cases that an officer is assigned to."""
    query = (
        select(assignments.c.case)
        .join(cases, cases.c.number == assignments.c.case)
        .where(assignments.c.officer == officer, cases.c.closed_at.is_(None))
    )
    return frozenset(connection.execute(query).scalars())


def officers_of(connection: Connection, number: int | None) -> frozenset[str]:
    """The officers assigned to a case, as long as it is open."""
    query = (
        select(assignments.c.officer)
        .join(cases, cases.c.number == assignments.c.case)
        .where(assignments.c.case == number, cases.c.closed_at.is_(None))
    )
    return frozenset(connection.execute(query).scalars()) if number is not None else frozenset()


def who_broke(connection: Connection, run: int, *, at: datetime) -> frozenset[str]:
    """The officers who reach a run now because they broke the glass."""
    query = select(broken_glass.c.officer).where(broken_glass.c.run == run, broken_glass.c.until > at)
    return frozenset(connection.execute(query).scalars())


def break_glass(connection: Connection, **values: Any) -> int:
    """Keep that an officer broke the glass over a run; its number."""
    (number,) = connection.execute(insert(broken_glass).values(**values)).inserted_primary_key or (0,)
    return int(number)


def behind_glass(connection: Connection, officer: str, *, at: datetime) -> frozenset[int]:
    """The runs that an officer reaches now because they broke the glass."""
    query = select(broken_glass.c.run).where(broken_glass.c.officer == officer, broken_glass.c.until > at)
    return frozenset(connection.execute(query).scalars())


def glass(
    connection: Connection,
    agency: str,
    *,
    unreviewed: bool = False,
    by: str | None = None,
    but: str | None = None,
    limit: int = 200,
) -> list[BrokenGlass]:
    """Where glass was broken over runs of an agency, the newest first; `by` one officer, or by anybody `but` one."""
    query = select(broken_glass).join(runs, runs.c.number == broken_glass.c.run).where(runs.c.agency == agency)
    if unreviewed:
        query = query.where(broken_glass.c.reviewed_at.is_(None))
    if by is not None:
        query = query.where(broken_glass.c.officer == by)
    if but is not None:
        query = query.where(broken_glass.c.officer != but)
    rows = connection.execute(query.order_by(broken_glass.c.number.desc()).limit(limit))
    return [BrokenGlass(**row._mapping) for row in rows]


def review_glass(connection: Connection, number: int, agency: str, *, by: str, at: datetime, review: str) -> bool:
    """Keep a review; False when there is nothing of that number to review, or they broke it themselves."""
    this = (broken_glass.c.number == number) & broken_glass.c.reviewed_at.is_(None) & (broken_glass.c.officer != by)
    this &= broken_glass.c.run.in_(select(runs.c.number).where(runs.c.agency == agency))
    values = {"reviewed_by": by, "reviewed_at": at, "review": review}
    return connection.execute(update(broken_glass).where(this).values(**values)).rowcount == 1


def propose(connection: Connection, **values: Any) -> int:
    """Keep a proposal; its number."""
    (number,) = connection.execute(insert(proposals).values(**values)).inserted_primary_key or (0,)
    return int(number)


def proposal(connection: Connection, number: int) -> Proposal:
    """One proposal. Raises NotFoundError."""
    row = connection.execute(select(proposals).where(proposals.c.number == number)).one_or_none()
    if row is None:
        raise unknown("proposal", number)
    return Proposal(**row._mapping)


def waiting(connection: Connection, scope: Scope = EVERYTHING, *, at: datetime) -> list[Proposal]:
    """Proposals within a scope that nobody decided yet and that have not expired, the oldest first."""
    query = select(proposals).where(where(scope, PROPOSAL), proposals.c.outcome.is_(None), proposals.c.expires_at > at)
    return [Proposal(**row._mapping) for row in connection.execute(query.order_by(proposals.c.number))]


def waiting_on(connection: Connection, match: int, *, at: datetime) -> list[Proposal]:
    """What waits for a second officer about one match, the oldest first."""
    this = (proposals.c.match == match) & proposals.c.outcome.is_(None) & (proposals.c.expires_at > at)
    return [Proposal(**row._mapping) for row in connection.execute(select(proposals).where(this))]


def carried_out(connection: Connection, number: int, *, at: datetime) -> bool:
    """Keep that an approved proposal was carried out; False when it was before, or is not approved."""
    this = (proposals.c.number == number) & (proposals.c.outcome == "approved") & proposals.c.carried_out_at.is_(None)
    return connection.execute(update(proposals).where(this).values(carried_out_at=at)).rowcount == 1


def failed(connection: Connection, number: int, error: Mapping[str, Any]) -> None:
    """Keep why an approved proposal could not be carried out."""
    connection.execute(update(proposals).where(proposals.c.number == number).values(error=dict(error)))


def decide(connection: Connection, number: int, *, by: str, at: datetime, outcome: str, reason: str) -> bool:
    """Keep what was decided; False when it was decided already or has expired."""
    this = (proposals.c.number == number) & proposals.c.outcome.is_(None) & (proposals.c.expires_at > at)
    values = {"decided_by": by, "decided_at": at, "outcome": outcome, "decision_reason": reason}
    return connection.execute(update(proposals).where(this).values(**values)).rowcount == 1


def forget_drafts(connection: Connection, verb: str, source: int, *, at: datetime) -> None:
    """Remove what was proposed to be said on a message that was recalled; what still waits expires now."""
    for held in connection.execute(select(proposals).where(proposals.c.verb == verb)):
        items = held.arguments.get("body", {}).get("items") or ()
        if source in [*(held.arguments.get("sources") or ()), *(item.get("source") for item in items)]:
            draft_files.drop(connection, tuple(held.arguments.get("files") or ()))
            expires_at = held.expires_at if held.outcome else at
            this = update(proposals).where(proposals.c.number == held.number)
            connection.execute(this.values(arguments={}, expires_at=expires_at))
