"""What waits for a second officer: seen, decided, and when approved carried out at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from lintas.desk import access, attaching, clocks, custodians, deputies, outcomes, overlays, post, reasons, retention
from lintas.desk.attaching import Attached
from lintas.desk.clocks import Clock
from lintas.desk.office import Office
from lintas.model.case import Proposal
from lintas.model.errors import ConflictError, InputError, LintasError
from lintas.model.officer import Officer
from lintas.model.run import Run, RunMatch
from lintas.store import cases, runs, scoping

# How each verb that may be proposed is done once it is approved.
CARRY_OUT: Mapping[str, Callable[[Office, Officer, Proposal], object]] = {
    outcomes.VERB: outcomes.carry_out,
    "runs.release": retention.release_approved,
    "runs.erase": retention.erase_approved,
    custodians.VERB: custodians.carry_out,
    overlays.VERB: overlays.carry_out,
    post.VERB: post.carry_out,
}
# What is removed with one that was refused.
DROP: Mapping[str, Callable[[Connection, Proposal], None]] = {post.VERB: attaching.drop}


@dataclass(frozen=True)
class ProposalView:
    """A proposal with what it is about, as far as the officer may see that."""

    proposal: Proposal
    clock: Clock
    may_decide: bool
    deciders: tuple[str, ...]  # the officers who may decide on it
    run: Run | None
    found: RunMatch | None
    files: tuple[Attached, ...] = ()  # that would leave with a message


def waiting(office: Office, officer: Officer) -> list[Proposal]:
    """What waits for a second officer: what `officer` may decide on, and what they proposed; the oldest first."""
    access.require(office, officer, "inbox.read", "proposals")
    scope = access.reach(office, officer, "proposals.read", "proposal")
    with office.database.read() as connection:
        return cases.waiting(connection, scope, at=office.now())


def show(office: Office, officer: Officer, number: int) -> ProposalView:
    """One proposal. Raises NotFoundError."""
    access.require(office, officer, "proposals.read", f"proposal {number}", on=("proposal", number))
    with office.database.read() as connection:
        held = cases.proposal(connection, number)
        clock = clocks.read(connection, office.now()).ending(held.proposed_at, held.expires_at)
    is_waiting = held.outcome is None and held.expires_at > office.now()
    rights = (
        access.rights(office, _in_own_right(office, officer, number), ("proposals.decide",), on=("proposal", number))
        if is_waiting
        else ()
    )
    deciders = access.audience(office, "proposals.decide", on=("proposal", number)) if is_waiting else ()
    run, found = _about(office, officer, held)
    files = attaching.proposed(office, officer, number) if held.arguments.get("files") else ()
    return ProposalView(held, clock, bool(rights), deciders, run, found, files)


def decide(office: Office, officer: Officer, number: int, approve: bool, reason: str) -> Proposal:
    """Approve or refuse what another officer proposed; what is approved is carried out at once.

    The decision is written first, so of two who decide at once one gets ConflictError and nothing is done twice. What
    then cannot be carried out stays decided, with the error: it is raised here, shown on the proposal and logged.
    Raises InputError without a reason, ConflictError when it was decided before, has expired or cannot be carried out.
    """
    reason, verdict = reasons.cleaned(reason), "approved" if approve else "refused"
    about = f"proposal {number}"
    officer = _in_own_right(office, officer, number)
    access.require(office, officer, "proposals.decide", about, {"outcome": verdict}, on=("proposal", number))
    if len(reason) < reasons.MIN_REASON:
        raise InputError("A decision needs a reason", do="Write why, in a few words.", code="no_reason")
    with office.database.write() as connection:
        if not cases.decide(connection, number, by=officer.id, at=office.now(), outcome=verdict, reason=reason):
            raise ConflictError(
                f"Proposal {number} was decided already, or has expired",
                do="See what was decided; if it is still needed, it can be proposed anew.",
                code="proposal_decided",
            )
        held = cases.proposal(connection, number)
        if not approve and held.verb in DROP:
            DROP[held.verb](connection, held)
    subjects = [f"proposal:{number}", *([f"run:{held.run}"] if held.run else [])]
    access.done(office, officer, "proposals.decide", about, {"outcome": verdict, "verb": held.verb}, subjects=subjects)
    if approve:
        _carry_out(office, officer, held, subjects)
    with office.database.read() as connection:
        return cases.proposal(connection, number)


def _in_own_right(office: Office, officer: Officer, number: int) -> Officer:
    """Without the roles that are the proposer's: who stands in for them is no second pair of eyes by that."""
    if not officer.stands_in:
        return officer
    with office.database.read() as connection:
        fields = scoping.fields(connection, "proposal", number) or {}
    return deputies.not_standing_in_for(officer, str(fields.get("proposed_by", "")))


def _carry_out(office: Office, officer: Officer, held: Proposal, subjects: list[str]) -> None:
    try:
        CARRY_OUT[held.verb](office, officer, held)
    except LintasError as error:
        with office.database.write() as connection:
            cases.failed(connection, held.number, error.as_dict())
        details = {"outcome": "not carried out", "code": error.code}
        access.done(office, officer, held.verb, f"proposal {held.number}", details, subjects=subjects)
        raise
    with office.database.write() as connection:
        cases.carried_out(connection, held.number, at=office.now())  # unless that kept it itself, with what it did


def _about(office: Office, officer: Officer, held: Proposal) -> tuple[Run | None, RunMatch | None]:
    """The run and the match that a proposal is about, for who may see them and while they are kept."""
    if held.run is None or not access.rights(office, officer, ("runs.read",), on=("run", held.run)):
        return None, None
    with office.database.read() as connection:
        run = runs.get(connection, held.run)
        found = runs.by_numbers(connection, [held.match or 0]).get(held.match or 0)
    if found is not None:  # a person is shown, and whoever asks who looked at them is told
        subjects = [f"entity:{found.match.entity_id}"]
        access.require(office, officer, "runs.read", f"match {held.match}", on=("run", held.run), subjects=subjects)
    return run, found
