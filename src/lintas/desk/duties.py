"""Duty officers, and officers who stand in for others, so that nothing waits for a holiday."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from lintas.desk import access, deputies
from lintas.desk.office import Office
from lintas.model.errors import ConflictError, DeniedError, InputError, NotFoundError
from lintas.model.officer import Officer
from lintas.store import duties, officers
from lintas.store.duties import Duty

OWN, ANY = "duties.own", "duties.change"
LONGEST = timedelta(days=92)  # of one duty; a quarter, ours
AHEAD = timedelta(days=366)  # how far ahead one may begin; ours


def add(
    office: Office,
    officer: Officer,
    who: str,
    role: str,
    begins_at: datetime,
    ends_at: datetime,
    instead_of: str | None = None,
) -> Duty:
    """Put an officer on duty in a role of their own, or let them stand in for another one in a role of theirs.

    An officer gives their own role, and puts themselves on duty; a supervisor does so for all of the agency. Times are
    aware. Who stands in gives no duties by that, and nobody takes another's role themselves. Raises InputError for a
    role or time that is none, NotFoundError for an officer who is none, ConflictError for a role that is not there to
    be had or may not be had with the officer's own, DeniedError for taking one.
    """
    officer = deputies.in_own_right(officer)
    verb = OWN if officer.id == (instead_of or who) else ANY
    told = {"role": role[:40], "instead_of": instead_of, "begins_at": begins_at, "ends_at": ends_at}
    access.require(office, officer, verb, f"{who[:64]} on duty", told)
    if instead_of is not None and officer.id == who != instead_of:
        raise DeniedError(
            "Nobody takes the role of another one themselves",
            do="They give it to you, or another supervisor does.",
            code="own_roles",
        )
    _check_times(begins_at, ends_at, office.now())
    with office.database.write() as connection:
        _require_fit(connection, officer, who, role, instead_of)
        number = duties.add(connection, who, role, instead_of, begins_at, ends_at, by=officer.id, at=office.now())
        made = duties.find(connection, number)
    if made is None:
        raise _unknown(number)
    access.done(office, officer, verb, f"duty {number}: {who}", told)
    return made


def end(office: Office, officer: Officer, number: int) -> None:
    """End one now. Raises NotFoundError when there is none, or it has ended."""
    officer = deputies.in_own_right(officer)
    with office.database.read() as connection:
        held = duties.find(connection, number)
        of = None if held is None else officers.get(connection, held.officer)
    is_own = held is not None and officer.id in (held.officer, held.instead_of)
    access.require(office, officer, OWN if is_own else ANY, f"end duty {number}")
    if of is None or of.officer.agency != officer.agency:
        raise _unknown(number)
    with office.database.write() as connection:
        if not duties.end(connection, number, by=officer.id, at=office.now()):
            raise _unknown(number)
    access.done(office, officer, OWN if is_own else ANY, f"ended duty {number}")


def everything(office: Office, officer: Officer) -> list[Duty]:
    """The duties of the agency that have not ended, in the order in which they begin."""
    access.require(office, officer, "duties.read", "all duties")
    with office.database.read() as connection:
        return _of_agency(connection, officer, duties.unended(connection, at=office.now()))


def on_duty(office: Office, officer: Officer) -> list[Duty]:
    """Who of the agency is on duty now."""
    access.require(office, officer, "duties.read", "who is on duty")
    with office.database.read() as connection:
        return _of_agency(connection, officer, deputies.in_force(connection, at=office.now()))


def _of_agency(connection: Connection, officer: Officer, held: list[Duty]) -> list[Duty]:
    mine = {one.officer.id for one in officers.everybody(connection) if one.officer.agency == officer.agency}
    return [one for one in held if one.officer in mine]


def _check_times(begins_at: datetime, ends_at: datetime, at: datetime) -> None:
    if begins_at.tzinfo is None or ends_at.tzinfo is None:
        raise InputError("A time has no zone", do="Write it as 2026-12-24T08:00+07:00.", code="bad_time")
    is_there = begins_at.astimezone(UTC) < ends_at and at < ends_at <= begins_at + LONGEST
    if not is_there or begins_at > at + AHEAD:
        raise InputError(
            "A duty begins within a year, ends after its beginning and lasts up to 92 days",
            do="Write from when until when.",
            code="bad_time",
        )


def _require_fit(connection: Connection, officer: Officer, who: str, role: str, instead_of: str | None) -> None:
    if role not in deputies.CONTENT:
        raise InputError(
            f"Nobody is on duty as {role[:40]!r}", do="Use one of: analyst, supervisor, liaison.", code="bad_duty_role"
        )
    named = _standing(connection, officer, who)
    whose = named if instead_of is None else _standing(connection, officer, instead_of)
    if role not in whose.roles:
        raise ConflictError(
            f"{whose.id} has no role {role} of their own", do="Choose a role that they have.", code="role_not_held"
        )
    if instead_of is not None and (who == instead_of or role in named.roles):
        raise ConflictError(
            f"{who} has the role {role} already", do="Put them on duty in it: leave out whom for.", code="role_held"
        )
    if instead_of is not None and not deputies.may_stand_in(named):
        raise ConflictError(
            f"{who} administers, oversees or keeps keys, which is kept apart from content",
            do="Choose an officer who works on content.",
            code="roles_apart",
        )


def _standing(connection: Connection, officer: Officer, officer_id: str) -> Officer:
    """An officer of the agency who may sign in, with their own roles."""
    known = officers.get(connection, officer_id)
    if known is None or known.disabled_at is not None or known.officer.agency != officer.agency:
        raise NotFoundError(
            f"No officer {officer_id[:64]!r} of your agency works here",
            do="See: lintas officers list.",
            code="unknown_officer",
        )
    return known.officer


def _unknown(number: int) -> NotFoundError:
    return NotFoundError(f"No duty {number} is to come or holds", do="See: lintas duties list.", code="unknown_duty")
