"""What changes how an officer signs in asks for a sign-in a moment ago: a desk that was left open is not enough."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from lintas.model.errors import DeniedError
from lintas.model.officer import Officer
from lintas.store import officers

# OWASP ASVS 5.0, 7.5.1 asks for a full sign-in before such a change; a quarter of an hour is ours.
RECENT = timedelta(minutes=15)


def is_recent(connection: Connection, officer: Officer, *, at: datetime) -> bool:
    """Whether the officer signed in a moment ago. Who acts by command has the node's files, and needs no session."""
    if officer.via == "command":
        return True
    held = officers.held(connection, "session", at=at, officer_id=officer.id)
    return any(one.id == officer.credential and at - one.created_at < RECENT for one in held)


def require(connection: Connection, officer: Officer, *, at: datetime) -> None:
    """Raises DeniedError when the sign-in is too long ago."""
    if not is_recent(connection, officer, at=at):
        raise DeniedError(
            "You signed in more than 15 minutes ago",
            do="Sign in again, and do it then: what lets you in is changed here.",
            code="sign_in_again",
        )
