"""Four eyes, for any verb that asks for them: one officer proposes, another decides, then it is done."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from lintas.desk import access, bell, reasons
from lintas.desk.office import Office
from lintas.model.case import Proposal
from lintas.model.errors import InputError
from lintas.model.officer import Officer
from lintas.store import cases, settings

WAITS = timedelta(days=7)
SETTING = "four_eyes"
# What asks for a second officer unless the node's settings say otherwise.
START = ("outcomes.freeze", "runs.release", "runs.erase")


def asked_for(office: Office, verb: str) -> bool:
    """Whether this node wants a second officer for a verb."""
    with office.database.read() as connection:
        return verb in settings.get(connection, SETTING, START)


def propose(
    office: Office,
    officer: Officer,
    verb: str,
    about: str,
    arguments: Mapping[str, Any],
    reason: str,
    *,
    run: int | None = None,
    match: int | None = None,
    clearance: int | None = None,
) -> Proposal:
    """Keep what waits for a second officer. The caller has asked whether `officer` may do it. Raises InputError.

    `clearance`: of a proposal about no run, up to where it is seen.
    """
    reason = reasons.cleaned(reason)
    if len(reason) < reasons.MIN_REASON:
        raise InputError("A proposal needs a reason", do="Write why, in a few words.", code="no_reason")
    at = office.now()
    with office.database.write() as connection:
        number = cases.propose(
            connection,
            verb=verb,
            object=about,
            run=run,
            match=match,
            agency=officer.agency,
            clearance=clearance,
            arguments=dict(arguments),
            reason=reason,
            proposed_by=officer.id,
            proposed_at=at,
            expires_at=at + WAITS,
        )
        made = cases.proposal(connection, number)
        bell.ring(office, connection, officer.agency, but=officer.id)
    access.done(office, officer, verb, f"proposal {number}: {about}", {"waits": "for a second officer"})
    return made
