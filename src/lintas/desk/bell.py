"""A mail to who is on duty that something waits at the node, and nothing of what: no peer, no subject, no number."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from lintas.desk import access, deputies, mailer, node_card, origin
from lintas.desk.mailer import Server
from lintas.desk.office import Office
from lintas.model.errors import InputError, LintasError, UnavailableError
from lintas.store import jobs, officers

VERB, KIND = "mail.send", "notify"
AT_MOST = timedelta(minutes=15)  # one mail an officer; ours
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=5)  # until the server is tried again; ours
FAILS = "mail-fails"  # the file in the node's folder whose time is that of the first mail that the server did not take
SUBJECT = "Something waits at Lintas"


def ring(office: Office, connection: Connection, agency: str, *, but: str = "") -> None:
    """Something came that waits for a person of an agency: in the transaction in which it came.

    Those on duty are told, or all liaison officers when nobody is; `but`: who made it, and knows.
    """
    if not _has_server():
        return
    at = office.now()
    reached = officers.with_email(connection, agency) - {but}
    on_duty = {one.officer for one in deputies.in_force(connection, at=at)} & reached
    liaisons = {one.officer.id for one in officers.everybody(connection) if "liaison" in one.officer.roles}
    for officer in sorted(on_duty or reached & liaisons):
        officers.change(connection, officer, rung_at=at)
    if on_duty or reached & liaisons:
        jobs.again(connection, KIND, {}, by=access.NODE.id, at=at)


def tell(office: Office) -> int:
    """Send the mails that are due; how many. Who was told a moment ago is told later, if something came since."""
    server, at, n = mailer.configured(), office.now(), 0
    with office.database.read() as connection:
        rung = officers.rung(connection)
    if server is None or not rung:
        return 0
    due = [one for one in rung if one.notified_at is None or one.notified_at + AT_MOST <= at]
    later = [one.notified_at + AT_MOST for one in rung if one.notified_at is not None and one not in due]
    for one in due:
        try:
            _told(office, server, one.id, one.email)
            n += 1
        except UnavailableError:
            later.append(at + _wait(office, at))
            break
        with office.database.write() as connection:
            officers.told(connection, one, at=at)
    else:
        if due:
            (office.node / FAILS).unlink(missing_ok=True)
    if later:
        with office.database.write() as connection:
            jobs.again(connection, KIND, {}, by=access.NODE.id, at=at, due_at=min(later))
    return n


def fails_since(office: Office) -> datetime | None:
    """Since when the mail server takes nothing; None while it does, or nothing was to be sent."""
    path = office.node / FAILS
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.exists() else None


def words(office: Office) -> str:
    """All that a mail says."""
    try:
        card = node_card.own(office)
        name, address = card.name, card.address
    except LintasError:
        name, address = "your agency", ""
    known = origin.configured()
    where = str(known) if known is not None else address
    return f"Something waits for you at the node of {name}.\n" + (f"{where}\n" if where else "")


def _has_server() -> bool:
    """Nothing that comes in fails because the server is named wrongly: health says so, and the job of the mail."""
    try:
        return mailer.configured() is not None
    except LintasError:
        return True


def _told(office: Office, server: Server, officer: str, email: str) -> None:
    """Raises UnavailableError when the server takes nothing now."""
    access.asked(office, access.NODE, VERB, officer)
    try:
        mailer.send(server, email, SUBJECT, words(office), office.now())
    except InputError as error:  # never for this one: it is in the log, and the next mail tries anew
        access.refused(office, access.NODE, VERB, f"{officer}: {error.code}")
    else:
        access.done(office, access.NODE, VERB, officer)


def _wait(office: Office, at: datetime) -> timedelta:
    """As long again as it has failed so far."""
    path: Path = office.node / FAILS
    if not path.exists():
        path.touch(mode=0o600)
        os.utime(path, (at.timestamp(), at.timestamp()))
    since = fails_since(office) or at
    return min(max(at - since, FIRST_WAIT), LONGEST_WAIT)
