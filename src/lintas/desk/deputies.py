"""Which roles an officer has in force by standing in for another one: read anew each time that somebody acts."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from lintas.desk.policy import GROUPS
from lintas.model.officer import Officer
from lintas.store import duties, officers
from lintas.store.duties import Duty

CONTENT = frozenset(GROUPS["content"])
StandsIn = tuple[tuple[str, str], ...]  # role, and whose it is


def in_force(connection: Connection, *, at: datetime) -> list[Duty]:
    """The duties that hold now: nobody in them is disabled, the role is still there to be had, and may be had."""
    held = [one for one in duties.unended(connection, at=at) if one.begins_at <= at]
    if not held:
        return []
    known = {one.officer.id: one.officer for one in officers.everybody(connection) if one.disabled_at is None}
    return [one for one in held if _holds(one, known)]


def stand_ins(connection: Connection, *, at: datetime) -> Mapping[str, StandsIn]:
    """By officer, the roles that they have instead of others now."""
    found = defaultdict[str, list[tuple[str, str]]](list)
    for one in in_force(connection, at=at):
        if one.instead_of is not None:
            found[one.officer].append((one.role, one.instead_of))
    return {officer: tuple(held) for officer, held in found.items()}


def standing_in(officer: Officer, held: StandsIn, *, not_for: str = "") -> Officer:
    """The officer with those roles beside their own. `not_for`: whom they do not stand in for in this matter."""
    mine = tuple((role, whose) for role, whose in held if role not in officer.roles and whose != not_for)
    if not mine:
        return officer
    return replace(officer, roles=officer.roles | {role for role, _ in mine}, stands_in=mine)


def not_standing_in_for(officer: Officer, other: str) -> Officer:
    """The same without the roles that are another's: nobody releases in their name what they proposed."""
    taken = {role for role, whose in officer.stands_in if whose == other}
    kept = tuple(one for one in officer.stands_in if one[1] != other)
    return replace(officer, roles=officer.roles - (taken - {role for role, _ in kept}), stands_in=kept)


def in_own_right(officer: Officer) -> Officer:
    """The officer without any role of another."""
    return replace(officer, roles=officer.roles - {role for role, _ in officer.stands_in}, stands_in=())


def may_stand_in(officer: Officer) -> bool:
    """Whether an officer's own roles let them have content: administration and oversight are kept apart from it."""
    return officer.roles <= CONTENT


def _holds(one: Duty, known: Mapping[str, Officer]) -> bool:
    officer, whose = known.get(one.officer), known.get(one.instead_of or one.officer)
    if officer is None or whose is None or one.role not in whose.roles & CONTENT:
        return False
    return one.instead_of is None or (officer.agency == whose.agency and may_stand_in(officer))
