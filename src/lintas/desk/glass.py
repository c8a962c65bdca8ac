"""Emergency access: an officer breaks the glass over one run and gives the reason; another officer reviews it after."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lintas.desk import access, reasons
from lintas.desk.office import Office
from lintas.model.case import BrokenGlass
from lintas.model.errors import ConflictError, InputError
from lintas.model.officer import Officer
from lintas.store import cases

OPEN_FOR = timedelta(hours=1)
MIN_REASON = 10  # characters: an emergency is worth a sentence
OWN_SHOWN = 20


@dataclass(frozen=True)
class Glass:
    """Emergency access as an officer sees it: their own, that of others if they review it, and what is open now."""

    mine: tuple[BrokenGlass, ...]
    others: tuple[BrokenGlass, ...]
    may_break: bool
    may_review: bool
    at: datetime


def break_glass(office: Office, officer: Officer, run: int, reason: str) -> BrokenGlass:
    """Reach a run of one's own agency for an hour though one is not assigned to it.

    Raises NotFoundError for a run of another agency or above one's clearance, InputError without a reason.
    """
    reason = reasons.cleaned(reason)
    access.require(office, officer, "glass.break", f"run {run}", {"reason": reason}, on=("run", run))
    if len(reason) < MIN_REASON:
        raise InputError("Emergency access needs a reason", do="Write a sentence: what cannot wait.", code="no_reason")
    at = office.now()
    with office.database.write() as connection:
        number = cases.break_glass(connection, officer=officer.id, run=run, reason=reason, at=at, until=at + OPEN_FOR)
    access.done(office, officer, "glass.break", f"run {run}", {"number": number}, subjects=[f"run:{run}"])
    return BrokenGlass(number, officer.id, run, reason, at, at + OPEN_FOR, None, None, None)


def overview(office: Office, officer: Officer) -> Glass:
    """Where the officer broke the glass, what there is to review, and what they may do."""
    access.require(office, officer, "inbox.read", "emergency access")
    may_review = access.may(office, officer, "glass.review")
    with office.database.read() as connection:
        mine = cases.glass(connection, officer.agency, by=officer.id, limit=OWN_SHOWN)
    held = broken(office, officer) if may_review else []
    others = tuple(one for one in held if one.officer != officer.id)
    return Glass(tuple(mine), others, access.may(office, officer, "glass.break"), may_review, office.now())


def broken(office: Office, officer: Officer, *, unreviewed: bool = False) -> list[BrokenGlass]:
    """Where glass was broken over runs of one's own agency, the newest first."""
    access.require(office, officer, "glass.read", "unreviewed" if unreviewed else "all")
    with office.database.read() as connection:
        return cases.glass(connection, officer.agency, unreviewed=unreviewed)


def review(office: Office, officer: Officer, number: int, finding: str) -> None:
    """Say whether breaking the glass was right. Raises ConflictError for one's own, or one that was reviewed."""
    finding = reasons.cleaned(finding)
    access.require(office, officer, "glass.review", f"broken glass {number}", {"finding": finding})
    if len(finding) < MIN_REASON:
        raise InputError("A review needs a finding", do="Write whether it was right, and why.", code="no_reason")
    with office.database.write() as connection:
        kept = cases.review_glass(connection, number, officer.agency, by=officer.id, at=office.now(), review=finding)
    if not kept:
        raise ConflictError(
            "It was reviewed already, is not there, or was you yourself",
            do="Another officer reviews it.",
            code="not_reviewable",
        )
    access.done(office, officer, "glass.review", f"broken glass {number}")
