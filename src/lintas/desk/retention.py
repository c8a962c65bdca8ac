"""How long customers are kept: runs that are too old are erased, runs under legal hold never."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from lintas.desk import access, attaching, canary, exports, four_eyes, intake, purging, reasons
from lintas.desk.exports import Told
from lintas.desk.office import Office, sweep
from lintas.model.case import Proposal
from lintas.model.errors import ConflictError, InputError
from lintas.model.listing import RawFile
from lintas.model.officer import Officer
from lintas.model.run import Run
from lintas.reference import retention as rules
from lintas.reference.retention import KeepingRule
from lintas.store import cases, erasing, runs, settings

SETTING = "retention_days"  # from the end of a run; null keeps for ever: which law binds an agency, it knows itself


@dataclass(frozen=True)
class Keeping:
    """For how many days after their end runs are kept, None for ever; who said so, and what standards say."""

    days: int | None
    set_by: str | None
    set_at: datetime | None
    rules: tuple[KeepingRule, ...]


@dataclass(frozen=True)
class Swept:
    """What a retention came to."""

    n_runs: int
    n_finished: int  # erasures that an earlier process began
    n_exports: int
    n_messages: int  # of other agencies, whose day had passed


def keeping(office: Office, officer: Officer) -> Keeping:
    """How long runs are kept."""
    access.require(office, officer, "settings.read", SETTING)
    with office.database.read() as connection:
        days, by, at = settings.everything(connection).get(SETTING, (None, None, None))
    return Keeping(days, by, at, rules.rules())


def run(office: Office, officer: Officer, told: Told = lambda n, total: None) -> Swept:
    """Erase the runs that are too old, one after another, finish what another process began, drop old exports."""
    access.require(office, officer, "retention.run", "runs and exports that are too old")
    with office.database.read() as connection:
        begun = erasing.unfinished(connection)
        days = settings.get(connection, SETTING, None)
        old = [] if days is None else erasing.due(connection, before=office.now() - timedelta(days=days))
    n_total, n_runs = len(begun) + len(old), 0
    for n, number in enumerate(begun, start=1):
        _finish(office, officer, "retention.run", number)
        told(n, n_total)
    for n, number in enumerate(old, start=len(begun) + 1):
        if _erase(office, officer, "retention.run", number, f"older than {days} days"):
            n_runs += 1
        told(n, n_total)
    swept = Swept(n_runs, len(begun), exports.drop_old(office), purging.run(office, officer))
    canary.end_old(office, officer)
    attaching.drop_old(office)
    sweep(office)
    access.done(office, officer, "retention.run", "runs and exports that are too old", vars(swept))
    return swept


def hold(office: Office, officer: Officer, number: int, reason: str) -> Run:
    """Put a run under legal hold: nobody erases it until the hold is lifted.

    Raises InputError without a reason, ConflictError when it is held already or was erased.
    """
    reason = reasons.cleaned(reason)
    access.require(office, officer, "runs.hold", f"run {number}", {"reason": reason}, on=("run", number))
    if len(reason) < reasons.MIN_REASON:
        raise InputError("A legal hold needs a reason", do="Write why, in a few words.", code="no_reason")
    with office.database.write() as connection:
        if not erasing.hold(connection, number, by=officer.id, at=office.now(), reason=reason):
            raise _not_so(runs.get(connection, number), "runs.hold")
        held = runs.get(connection, number)
    access.done(office, officer, "runs.hold", f"run {number}", subjects=[f"run:{number}"])
    return held


def release(office: Office, officer: Officer, number: int, reason: str) -> Proposal | None:
    """Lift a legal hold; the proposal, where this node asks for a second officer.

    Raises InputError without a reason, ConflictError when it is not held.
    """
    return _propose_or_do(office, officer, "runs.release", number, reason)


def release_approved(office: Office, officer: Officer, proposal: Proposal) -> None:
    """Lift the hold that `officer` approved to lift. Raises ConflictError when it is not approved or was done."""
    number = _approved(office, officer, "runs.release", proposal)
    _release(office, officer, number, proposal)


def erase(office: Office, officer: Officer, number: int, reason: str) -> Proposal | None:
    """Erase a run's customers, matches and file now; the proposal, where this node asks for a second officer.

    Raises InputError without a reason, ConflictError when it is held, not at its end, or erased already.
    """
    return _propose_or_do(office, officer, "runs.erase", number, reason)


def erase_approved(office: Office, officer: Officer, proposal: Proposal) -> None:
    """Erase the run that `officer` approved to erase. Raises ConflictError when it is not approved or was done."""
    number = _approved(office, officer, "runs.erase", proposal)
    if not _erase(office, officer, "runs.erase", number, proposal.reason, proposal):
        raise _conflict(office, number, "runs.erase")


def _propose_or_do(office: Office, officer: Officer, verb: str, number: int, reason: str) -> Proposal | None:
    reason = reasons.cleaned(reason)
    access.require(office, officer, verb, f"run {number}", {"reason": reason}, on=("run", number))
    if len(reason) < reasons.MIN_REASON:
        raise InputError("It needs a reason", do="Write why, in a few words.", code="no_reason")
    if four_eyes.asked_for(office, verb):
        with office.database.read() as connection:
            found = runs.get(connection, number)
        if not _may(found, verb):
            raise _not_so(found, verb)
        return four_eyes.propose(office, officer, verb, f"run {number}", {"run": number}, reason, run=number)
    if verb == "runs.release":
        _release(office, officer, number)
    elif not _erase(office, officer, verb, number, reason):
        raise _conflict(office, number, verb)
    return None


def _approved(office: Office, officer: Officer, verb: str, proposal: Proposal) -> int:
    """The run of a proposal that `officer` may decide on."""
    about = f"proposal {proposal.number}: {verb} run {proposal.run}"
    access.require(office, officer, "proposals.decide", about, on=("proposal", proposal.number))
    if proposal.verb != verb or proposal.run is None:
        raise ConflictError(f"Proposal {proposal.number} is of another kind", do="Open it anew.", code="other_proposal")
    return proposal.run


def _release(office: Office, officer: Officer, number: int, proposal: Proposal | None = None) -> None:
    with office.database.write() as connection:
        _carried_out(connection, office, proposal)
        if not erasing.release(connection, number):
            raise _not_so(runs.get(connection, number), "runs.release")
    access.done(office, officer, "runs.release", f"run {number}", _said(proposal), subjects=[f"run:{number}"])


def _erase(
    office: Office, officer: Officer, verb: str, number: int, why: str, proposal: Proposal | None = None
) -> bool:
    """Erase a run; False when it is held, not at its end, or erased already."""
    with office.database.write() as connection:
        begun = erasing.begin(connection, number, at=office.now(), by=officer.id, why=why)
        if begun is None:
            return False
        _carried_out(connection, office, proposal)
    _finish(office, officer, verb, number)
    return True


def _finish(office: Office, officer: Officer, verb: str, number: int) -> None:
    """Take away what a run that was marked as erased left. Begun anew as often as it is broken off."""
    n = 1
    while n:
        with office.database.write() as connection:
            n = erasing.piece(connection, number)
    n_exports = exports.drop_of_run(office, number)
    with office.database.write() as connection:
        run, counts = runs.get(connection, number), erasing.counts(connection, number)
        is_file_kept = erasing.is_used(connection, run.file["sha256"])
        if not is_file_kept:
            intake.raw_path(office, RawFile(**run.file)).unlink(missing_ok=True)
    said = {**counts, "exports": n_exports, "file": run.file["sha256"], "file_kept_for_others": is_file_kept}
    access.done(office, officer, verb, f"erased run {number}", said, subjects=[f"run:{number}"])
    with office.database.write() as connection:
        erasing.finish(connection, number, at=office.now())
    erasing.settle(office.database.engine)


def _carried_out(connection: Connection, office: Office, proposal: Proposal | None) -> None:
    if proposal is not None and not cases.carried_out(connection, proposal.number, at=office.now()):
        raise ConflictError(
            "This proposal is not approved, or was carried out before", do="See the run.", code="not_to_be_done"
        )


def _said(proposal: Proposal | None) -> Mapping[str, Any]:
    return {} if proposal is None else {"proposal": proposal.number, "proposed_by": proposal.proposed_by}


def _may(run: Run, verb: str) -> bool:
    if verb == "runs.release":
        return run.held_at is not None
    return run.held_at is None and run.erased_at is None and run.finished_at is not None


def _conflict(office: Office, number: int, verb: str) -> ConflictError:
    with office.database.read() as connection:
        return _not_so(runs.get(connection, number), verb)


def _not_so(run: Run, verb: str) -> ConflictError:
    """Why a run is not held, released or erased."""
    if run.erased_at is not None:
        return ConflictError(f"Run {run.number} was erased", do="Its counts are all there is.", code="run_erased")
    if verb == "runs.release":
        return ConflictError(f"Run {run.number} is not held", do="Nothing is left to do.", code="run_not_held")
    if run.held_at is not None:
        return ConflictError(
            f"Run {run.number} is under legal hold since {run.held_at:%Y-%m-%d}",
            do="Whoever may lift the hold does so first, with a second officer.",
            code="run_held",
        )
    return ConflictError(f"Run {run.number} is not at its end", do="Wait for it, or stop it.", code="run_unfinished")
