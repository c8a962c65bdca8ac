"""Sign in with a passphrase: Argon2id, and ever longer waits for who guesses."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection

from lintas.desk import access, guessable, origin, recent, sessions
from lintas.desk.office import Office
from lintas.model.errors import DeniedError, InputError, SignInError, UnavailableError
from lintas.model.officer import Officer
from lintas.model.text import storable
from lintas.store import officers

# OWASP ASVS 5.0, 6.2.1 and 6.2.9: at least 8, better 15 characters, at least 64 permitted, any of them.
SHORTEST, LONGEST = 15, 256
HARD = 9  # characters that are hard to guess; ours: 8 is a whole password to many, and two of those are no passphrase
NAMES = "LINTAS_NAMES"  # words that the agency is known by, with commas between
FREE_TRIES = 5  # wrong ones in a row before waiting begins
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)  # doubled each time
_HASHER = PasswordHasher()  # RFC 9106, second recommended option: 64 MiB, 3 passes, 4 lanes
# Of them at once, so that who tries many cannot take the machine's memory; the next one waits, not for long.
AT_ONCE, WAITS_S = 4, 5.0
# Who waits holds one of the 40 threads that all pages share: more than these (ours) are refused at once.
MOST_WAIT = 8
_PLACES, _QUEUE = BoundedSemaphore(AT_ONCE), BoundedSemaphore(MOST_WAIT)
# Checked for who is not known here, so that the time tells nothing.
_OF_NOBODY = _HASHER.hash("the passphrase of nobody at all")


def set_own(office: Office, officer: Officer, passphrase: str, current: str = "") -> None:
    """Set or change one's own passphrase. Every other session ends.

    Raises InputError when it is too short or long, DeniedError when there is one and `current` is not it, SignInError
    when the session ended, or there is another passphrase, meanwhile.
    """
    access.require(office, officer, "profile.change", "own passphrase")
    if not SHORTEST <= len(passphrase) <= LONGEST or len(set(passphrase)) < 5:
        raise InputError(
            f"A passphrase has {SHORTEST} to {LONGEST} characters, not all alike",
            do="Take four or five words that nobody would guess together.",
            code="weak_passphrase",
        )
    if officer.id.casefold() in passphrase.casefold() and len(officer.id) > 3:
        raise InputError("The passphrase holds your own name", do="Take other words.", code="weak_passphrase")
    if guessable.n_hard(passphrase, _context(office, officer)) < HARD:
        raise InputError(
            "Too much of the passphrase is easy to guess",
            do="Take four or five words: not names of here, dates, rows of keys, or one word again and again.",
            code="weak_passphrase",
        )
    with office.database.read() as connection:
        has_one = _kept(connection, officer.id) is not None
        if not has_one:
            recent.require(connection, officer, at=office.now())
    old = _tried(office, officer.id, current) if has_one else None
    if has_one and old is None:
        access.refused(office, officer, "profile.change", "own passphrase: the one so far was wrong")
        raise DeniedError(
            "That is not your passphrase so far, or too many were tried",
            do="Write the one you have now.",
            code="wrong_passphrase",
        )
    with _place():
        encoded = _HASHER.hash(passphrase)
    with sessions.granting(office, officer, "profile.change", "own passphrase", _is(officer.id, old)) as connection:
        officers.change(connection, officer.id, passphrase=encoded, n_failed=0, waits_until=None)
        officers.withdraw_all(connection, officer.id, ("session", "link"), but=officer.credential)
    access.done(office, officer, "profile.change", "own passphrase")


def _context(office: Office, officer: Officer) -> list[str]:
    """Names that are known of the officer, the agency, the node, and where browsers find it."""
    known = [officer.id, officer.name, officer.agency, office.node.name, socket.gethostname()]
    return [*known, os.environ.get(origin.SETTING, ""), os.environ.get(NAMES, "")]


def sign_in(office: Office, officer_id: str, passphrase: str) -> str:
    """The secret of a session. Raises SignInError, in the same words whoever is asked for.

    Raises UnavailableError while too many try at once.
    """
    encoded = _tried(office, officer_id, passphrase)
    with office.database.read() as connection:
        standing = officers.get(connection, storable(officer_id)[:64])
    if encoded is not None and standing is not None and standing.disabled_at is None:
        return sessions.begin(office, standing.officer, "a passphrase", proof=_is(standing.officer.id, encoded))
    # A name that is none is not written down: it may be a passphrase that slipped into the wrong field.
    named = "nobody known here" if standing is None else standing.officer.id
    access.refused(office, sessions.NOBODY, "sign_in", f"the passphrase of {named}")
    raise SignInError(
        "Name and passphrase do not fit together, or too many were tried",
        do="Try again in some minutes, use a passkey, or ask an administrator for a link.",
        code="wrong_passphrase",
    )


def _kept(connection: Connection, officer_id: str) -> str | None:
    known = officers.passphrase(connection, officer_id)
    return None if known is None else known.encoded


def _is(officer_id: str, encoded: str | None) -> sessions.Proof:
    return lambda connection: _kept(connection, officer_id) == encoded


def _tried(office: Office, officer_id: str, passphrase: str) -> str | None:
    """What is kept of it when it is theirs. A try is counted before it is made: of many at once none is free."""
    at, officer_id = office.now(), storable(officer_id)[:64]
    with office.database.write() as connection:
        known = officers.begin_try(connection, officer_id, at=at)
        if known is not None and (until := _until(known.n_failed, at)):
            officers.change(connection, officer_id, waits_until=until)
    encoded = _OF_NOBODY if known is None or known.encoded is None else known.encoded
    with _place():
        fits = _fits(encoded, passphrase[: LONGEST + 1]) and encoded is not _OF_NOBODY
    if fits:
        with office.database.write() as connection:
            officers.change(connection, officer_id, n_failed=0, waits_until=None)
    return encoded if fits else None


def _until(n_failed: int, at: datetime) -> datetime | None:
    over = n_failed - FREE_TRIES
    return at + min(FIRST_WAIT * 2 ** min(over, 10), LONGEST_WAIT) if over >= 0 else None


@contextmanager
def _place() -> Iterator[None]:
    if not (_PLACES.acquire(blocking=False) or _came_free()):
        raise UnavailableError("Too many are signing in at once", do="Try again in a minute.", code="busy")
    try:
        yield
    finally:
        _PLACES.release()


def _came_free() -> bool:
    if not _QUEUE.acquire(blocking=False):
        return False
    try:
        return _PLACES.acquire(timeout=WAITS_S)
    finally:
        _QUEUE.release()


def _fits(encoded: str, passphrase: str) -> bool:
    try:
        return _HASHER.verify(encoded, passphrase)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
