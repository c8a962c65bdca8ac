"""Every verb of the desk begins with `require`: the policies decide, and the log has a row either way."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC
from hashlib import sha256
from typing import Any

import orjson

from lintas.desk import deputies, policy
from lintas.desk.office import Office
from lintas.desk.policy import HERE, Facts, Thing
from lintas.model.errors import DeniedError
from lintas.model.officer import Officer
from lintas.model.scope import NOTHING, Scope
from lintas.model.text import storable
from lintas.store import cases, officers, scoping
from lintas.store.log import rows

LONGEST_OBJECT, LONGEST_DETAILS = 2_000, 100_000  # characters of a row; ours: some ten thousand decisions at once fit
NODE = Officer("node", frozenset({"administrator"}), via="job")  # the node itself, when it works by its clock


def require(
    office: Office,
    officer: Officer,
    verb: str,
    about: str,
    details: Mapping[str, Any] | None = None,
    *,
    on: tuple[str, int] | None = None,
    subjects: Iterable[str] = (),
) -> None:
    """Let `officer` do `verb` to `about`, or raise; either way the log has a row before anything is read or written.

    `on`: the run, case or proposal it is done to, as ("run", 5). `subjects`: what else the row is found under, as
    "entity:un-1"; not when the thing is out of reach, for then the row would tell what is in it. Raises DeniedError
    when the policies never permit it to this officer. A thing that is there and that they may not reach is to them as
    one that is not: NotFoundError.
    """
    thing, is_there = HERE, True
    if on is not None:
        known = facts(office, officer)
        with office.database.read() as connection:
            fields = scoping.fields(connection, *on)
        is_there = fields is not None
        thing = Thing(on[0].capitalize(), str(on[1]), _known(fields or {}))
    else:
        known = Facts(officer, rules=office.book.rules())
    allowed = is_there and policy.allows(known, verb, thing)
    may_ever = allowed or (on is not None and policy.reach(known, verb, thing.kind) != NOTHING)
    named = [*(subjects if allowed or on is None else ()), *([f"{on[0]}:{on[1]}"] if on else [])]
    outcome = "asked" if allowed else "refused"  # of what is not there too: officers read their own rows
    _write(office, officer, verb, about, outcome, details, named)
    if not may_ever:
        if known.rules.fault:
            raise closed(known.rules.fault)
        roles = ", ".join(sorted(officer.roles)) or "no role"
        raise DeniedError(f"{officer.id} ({roles}) may not do {verb}", do="Ask an administrator which role can.")
    if not allowed and on is not None:
        raise scoping.unknown(*on)


def closed(fault: str) -> DeniedError:
    """What is said while a policy of the agency is damaged: nobody is let through by the rest of them."""
    return DeniedError(
        "A policy of this agency is damaged, so the node is closed",
        where=fault,
        do="An administrator or custodian sees what is wrong and removes it: lintas policies list.",
        code="policies_damaged",
    )


def asked(office: Office, officer: Officer, verb: str, about: str) -> None:
    """Log what comes from outside, where it proves itself and no policy is asked: before anything is written."""
    _write(office, officer, verb, about, "asked", None, ())


def done(
    office: Office,
    officer: Officer,
    verb: str,
    about: str,
    details: Mapping[str, Any] | None = None,
    *,
    subjects: Iterable[str] = (),
) -> None:
    """Log what a write came to, after its transaction. What was asked for is in the log before it."""
    _write(office, officer, verb, about, "done", details, subjects)


def refused(office: Office, officer: Officer, verb: str, about: str) -> None:
    """Log what was refused on other grounds than the policies': a wrong secret."""
    _write(office, officer, verb, about, "refused", None, ())


def reach(office: Office, officer: Officer, verb: str, kind: str) -> Scope:
    """The rows of a kind (run, case, proposal) that the officer may do the verb to."""
    return policy.reach(facts(office, officer), verb, kind.capitalize())


def may(office: Office, officer: Officer, verb: str) -> bool:
    """Whether an officer may do a verb to the node, or to some thing: for what a page offers."""
    known = Facts(officer, rules=office.book.rules())
    return policy.allows(known, verb) or any(
        policy.reach(known, verb, kind.capitalize()) != NOTHING for kind in scoping.KINDS
    )


def permits(office: Office, officer: Officer, verb: str, thing: Thing) -> bool:
    """Whether the policies of this office permit a verb on a thing that is still to be made."""
    return policy.allows(Facts(officer, rules=office.book.rules()), verb, thing)


def rights(
    office: Office, officer: Officer, verbs: Iterable[str], *, on: tuple[str, int], by_glass: bool = True
) -> frozenset[str]:
    """Those of the verbs that an officer may do to one thing. `by_glass`: also while they broke the glass over it."""
    known = facts(office, officer)
    if not by_glass:
        known = replace(known, glass=frozenset())
    with office.database.read() as connection:
        fields = scoping.fields(connection, *on)
    if fields is None:
        return frozenset()
    thing = Thing(on[0].capitalize(), str(on[1]), _known(fields))
    return frozenset(verb for verb in verbs if policy.allows(known, verb, thing))


def audience(
    office: Office, verb: str, *, on: tuple[str, int], fields: Mapping[str, Any] | None = None
) -> tuple[str, ...]:
    """Who may do a verb to one thing, in the purpose it is for: the officers' ids, in order.

    `fields`: of a proposal that is not made yet. It is told beside the button who will see what it does.
    """
    kind, number = on
    with office.database.read() as connection:
        held = fields if fields is not None else scoping.fields(connection, kind, number) or {}
        case = number if kind == "case" else held.get("case")
        assigned = cases.officers_of(connection, case)
        behind = cases.who_broke(connection, number, at=office.now()) if kind == "run" else frozenset()
        held_for = deputies.stand_ins(connection, at=office.now())
        known = [one.officer for one in officers.everybody(connection) if one.disabled_at is None]
    proposer = str(held.get("proposed_by", ""))
    everybody = [deputies.standing_in(one, held_for.get(one.id, ()), not_for=proposer) for one in known]
    thing, rules = Thing(kind.capitalize(), str(number), _known(held)), office.book.rules()
    its_own = {held.get(name) for name in policy.OFFICERS}

    def facts_of(one: Officer) -> Facts:
        # Whoever is neither its maker nor its proposer is to the policies as any other of their roles and rank.
        who = Officer(one.id if one.id in its_own else "", one.roles, "", one.agency, one.clearance)
        who = replace(who, purpose=str(held.get("purpose", one.purpose)), via="session")
        mine = frozenset([case]) if case is not None and one.id in assigned else frozenset[int]()
        return Facts(who, mine, frozenset([number]) if one.id in behind else frozenset(), rules)

    return tuple(one.id for one in everybody if policy.allows(facts_of(one), verb, thing))


def facts(office: Office, officer: Officer) -> Facts:
    """The officer with the cases and runs that are open to them now."""
    with office.database.read() as connection:
        mine = cases.of_officer(connection, officer.id)
        behind = cases.behind_glass(connection, officer.id, at=office.now())
    return Facts(officer, mine, behind, office.book.rules())


def _known(fields: Mapping[str, Any]) -> tuple[tuple[str, str | int], ...]:
    return tuple((name, value) for name, value in fields.items() if name != "id" and value is not None)


def _write(
    office: Office,
    officer: Officer,
    verb: str,
    about: str,
    outcome: str,
    details: Mapping[str, Any] | None,
    subjects: Iterable[str],
) -> None:
    at = office.now().astimezone(UTC).isoformat(timespec="microseconds")
    row = rows.Row(
        at=at,
        officer=storable(officer.id),
        agency=storable(officer.agency),
        purpose=officer.purpose,
        via=f"{officer.via} {officer.credential}".rstrip(),
        verb=verb,
        object=storable(about)[:LONGEST_OBJECT],
        outcome=outcome,
        subjects=_json([storable(one)[: rows.LONGEST_SUBJECT] for one in subjects]),
        details=_short(_json(_with_stand_ins(officer, details or {}))),
    )
    with office.seal.lock, office.log.write() as connection:
        head = rows.append(connection, row, office.seal.mac)
        places = office.seal.fitting(lambda number: rows.hash_at(connection, number))
    office.seal.keep(office.seal.sign(head, at), places)


def _with_stand_ins(officer: Officer, details: Mapping[str, Any]) -> Mapping[str, Any]:
    """Who stands in for another is written so in every row."""
    if not officer.stands_in:
        return details
    return {**details, "roles": sorted(officer.roles), "instead_of": dict(officer.stands_in)}


def _short(details: str) -> str:
    """What is too long to be kept for ever is kept by its SHA-256: whoever is refused could fill the log with it."""
    if len(details) <= LONGEST_DETAILS:
        return details
    return _json({"sha256": sha256(details.encode()).hexdigest(), "length": len(details)})


def _json(value: Any) -> str:
    """As it is hashed. What JSON cannot say (an odd number, a lone surrogate) is said in words."""
    try:
        text = orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS).decode()
    except (TypeError, UnicodeEncodeError):
        text = orjson.dumps(storable(repr(value))).decode()
    return storable(text)
