"""What is done about a true match: assets frozen, a report made, the business refused. Where asked for, with four eyes.

An outcome records what the agency did; nothing leaves the node by it. It stands as long as the match is held for true.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from lintas.desk import access, four_eyes, reasons
from lintas.desk.office import Office
from lintas.model.case import Proposal
from lintas.model.errors import ConflictError, InputError
from lintas.model.officer import Officer
from lintas.model.run import OUTCOMES, Outcome, Run
from lintas.model.text import storable
from lintas.store import cases, outcomes, runs

VERB = "outcomes.decide"
MAX_REFERENCE = 255  # characters


@dataclass(frozen=True)
class Doing:
    """What was done about a match, what waits for a second officer, and what can be done."""

    history: tuple[Outcome, ...]
    waiting: tuple[Proposal, ...]
    # The kinds of outcome that may be decided here, each with the officers who may approve it; None: nobody needs to.
    offered: Mapping[str, tuple[str, ...] | None]


def decide(
    office: Office, officer: Officer, run: int, match: int, kind: str, reason: str, *, reference: str = ""
) -> Outcome | Proposal:
    """Decide what is done about a true match: freeze, report or reject; `reference`: the number it has elsewhere.

    Where this node asks for a second officer nothing is written yet: a proposal waits. Raises InputError for another
    kind or without a reason, NotFoundError, ConflictError when the match is not decided `same`, or it was done before.
    """
    reason, reference = reasons.cleaned(reason), storable(reference).strip()[:MAX_REFERENCE]
    about, details = f"match {match} of run {run}", {"kind": kind[:40], "reference": reference}
    subjects = _listed(office, run, match)
    access.require(office, officer, VERB, about, details, on=("run", run), subjects=subjects)
    if kind not in OUTCOMES:
        raise InputError(f"No outcome {kind[:40]!r}", do=f"Use one of: {', '.join(OUTCOMES)}.", code="unknown_outcome")
    if len(reason) < reasons.MIN_REASON:
        raise InputError("An outcome needs a reason", do="Write why, in a few words.", code="no_reason")
    if four_eyes.asked_for(office, f"outcomes.{kind}"):
        arguments = {"kind": kind, "reference": reference, "decision": _checked(office, run, match, kind, reference)}
        return four_eyes.propose(office, officer, VERB, about, arguments, reason, run=run, match=match)
    with office.database.write() as connection:
        _check(connection, run, match, kind, reference)
        made = outcomes.add(
            connection,
            match=match,
            run=run,
            kind=kind,
            reason=reason,
            reference=reference,
            officer=officer.id,
            at=office.now(),
        )
    access.done(office, officer, VERB, about, {"outcome": made.number}, subjects=[f"run:{run}", *subjects])
    return made


def carry_out(office: Office, officer: Officer, proposal: Proposal) -> Outcome:
    """Write the outcome that `officer` approved. Once only, whoever calls it how often.

    Raises ConflictError when it is not approved or was carried out, or the match was reopened since it was proposed.
    """
    run, match, asked = proposal.run or 0, proposal.match or 0, proposal.arguments
    about = f"proposal {proposal.number}: match {match} of run {run}"
    subjects = _listed(office, run, match)
    access.require(office, officer, VERB, about, on=("run", run), subjects=subjects)
    with office.database.write() as connection:
        if not cases.carried_out(connection, proposal.number, at=office.now()):
            raise ConflictError(
                "This proposal is not approved, or was carried out before",
                do="See the match for what was done.",
                code="not_to_be_done",
            )
        _check(connection, run, match, asked["kind"], asked["reference"])
        if outcomes.was_in_doubt(connection, match, since=asked["decision"]):
            raise ConflictError(
                f"Match {match} was reopened since this was proposed",
                do="Nothing was done. Look at the match, and propose anew if it still holds.",
                code="reopened",
            )
        made = outcomes.add(
            connection,
            match=match,
            run=run,
            kind=asked["kind"],
            reason=proposal.reason,
            reference=asked["reference"],
            officer=proposal.proposed_by,
            approved_by=officer.id,
            at=office.now(),
        )
    access.done(office, officer, VERB, about, {"outcome": made.number}, subjects=[f"run:{run}", *subjects])
    return made


def doing(office: Office, run: Run, match: int, officer_id: str, *, is_open: bool) -> Doing:
    """What was done about a match, and what is offered; nothing unless `is_open`: it is true, and the officer may."""
    with office.database.read() as connection:
        held = tuple(outcomes.of_match(connection, match))
        waiting = tuple(cases.waiting_on(connection, match, at=office.now()))
    proposed = {proposal.arguments["kind"] for proposal in waiting}
    kinds = [kind for kind in OUTCOMES if kind not in proposed] if is_open else []
    return Doing(held, waiting, {kind: _approvers(office, officer_id, run, kind) for kind in kinds})


def _approvers(office: Office, officer_id: str, run: Run, kind: str) -> tuple[str, ...] | None:
    if not four_eyes.asked_for(office, f"outcomes.{kind}"):
        return None
    fields = {
        "agency": run.agency,
        "verb": VERB,
        "proposed_by": officer_id,
        "clearance": run.clearance,
        "purpose": run.purpose,
    }
    return access.audience(office, "proposals.decide", on=("proposal", 0), fields=fields)


def _checked(office: Office, run: int, match: int, kind: str, reference: str) -> int:
    """The number of the decision that a proposal rests on."""
    with office.database.read() as connection:
        _check(connection, run, match, kind, reference, lock=False)
        if any(one.arguments["kind"] == kind for one in cases.waiting_on(connection, match, at=office.now())):
            raise ConflictError(
                "The same is proposed already and waits for a second officer",
                do="Ask one who may decide on it; the match says who.",
                code="proposed",
            )
        return outcomes.last_decision(connection, match)


def _check(connection: Connection, run: int, match: int, kind: str, reference: str, *, lock: bool = True) -> None:
    """Raises NotFoundError, or ConflictError when nothing of the kind is to be done about the match."""
    if runs.run_match(connection, match, run=run, lock=lock).verdict != "same":
        raise ConflictError(
            f"Match {match} is not decided to be the same", do="Decide the match first.", code="not_the_same"
        )
    for one in outcomes.of_match(connection, match):
        if one.ended_at is None and (one.kind, one.reference) == (kind, reference):
            raise ConflictError(
                f"That stands already, by {one.officer}", do="Give its reference if it is another.", code="stands"
            )


def _listed(office: Office, run: int, match: int) -> list[str]:
    """The listed entity of a match, as a subject of the log."""
    with office.database.read() as connection:
        entity = runs.entity_of(connection, match, run=run)
    return [] if entity is None else [f"entity:{entity}"]
