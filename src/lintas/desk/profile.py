"""What an officer sees and chooses of themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lintas.desk import access, mailer, recent, sessions
from lintas.desk.office import Office
from lintas.model.errors import InputError
from lintas.model.officer import Officer
from lintas.store import duties, identities, officers, passkeys
from lintas.store.duties import Duty
from lintas.store.identities import Identity
from lintas.store.officers import Credential
from lintas.store.passkeys import Passkey

SCOPES = ("entities.match", "entities.search", "entities.read", "lists.read", "metrics.read")  # verbs of the API
CHOICES = ("language", "theme", "keys")  # what an officer may choose of the pages; "" is what the browser says


@dataclass(frozen=True)
class Profile:
    """An officer, how they sign in, where they are signed in, and what acts in their name."""

    officer: Officer
    has_passphrase: bool
    is_recent: bool  # they signed in a moment ago, and may change how they do
    passkeys: tuple[Passkey, ...]
    identities: tuple[Identity, ...]
    sessions: tuple[Credential, ...]
    tokens: tuple[Credential, ...]
    choices: Mapping[str, str]
    scopes: tuple[str, ...]  # what they may let a program do
    email: str
    duties: tuple[Duty, ...]  # theirs, and where another one stands in for them


def show(office: Office, officer: Officer) -> Profile:
    """All of it."""
    access.require(office, officer, "profile.read", "own page")
    at, scopes = office.now(), tuple(verb for verb in SCOPES if access.may(office, officer, verb))
    with office.database.read() as connection:
        standing = officers.get(connection, officer.id)
        held = officers.held(connection, "session", at=at, officer_id=officer.id)
        return Profile(
            officer,
            standing is not None and standing.has_passphrase,
            recent.is_recent(connection, officer, at=at),
            tuple(passkeys.of_officer(connection, officer.id)),
            tuple(identities.of_officer(connection, officer.id)),
            tuple(one for one in held if one.seen_at is None or one.seen_at > at - sessions.SESSION_IDLES),
            tuple(officers.held(connection, "token", at=at, officer_id=officer.id)),
            officers.preferences(connection, officer.id),
            scopes,
            officers.email(connection, officer.id),
            tuple(one for one in duties.unended(connection, at=at) if officer.id in (one.officer, one.instead_of)),
        )


def set_email(office: Office, officer: Officer, address: str) -> None:
    """Where the officer is told that something waits; empty for nowhere. Raises InputError for what is no address."""
    access.require(office, officer, "profile.change", "own mail address")
    kept = checked_email(address)
    with office.database.write() as connection:
        officers.change(connection, officer.id, email=kept or None, rung_at=None)
    access.done(office, officer, "profile.change", "own mail address")


def checked_email(address: str) -> str:
    """A plain address, or none. Raises InputError."""
    kept = address.strip()
    if kept and not mailer.is_address(kept):
        raise InputError(
            f"{kept[:80]!r} is no mail address", do="Write it plainly: rina@agency.example.", code="bad_email"
        )
    return kept


def choices(office: Office, officer: Officer) -> Mapping[str, str]:
    """What an officer chose of the pages."""
    access.require(office, officer, "profile.read", "own choices")
    with office.database.read() as connection:
        return officers.preferences(connection, officer.id)


def choose(office: Office, officer: Officer, chosen: Mapping[str, str]) -> None:
    """Keep what an officer chose of the pages. Raises InputError for what nobody can choose."""
    access.require(office, officer, "profile.change", "own choices", dict(chosen))
    values: dict[str, Any] = {name: value for name, value in chosen.items() if value}
    if set(values) - set(CHOICES) or any(len(value) > 20 for value in values.values()):
        raise InputError("There is no such choice", do="Choose what the page offers.", code="bad_choice")
    with office.database.write() as connection:
        officers.change(connection, officer.id, preferences=values)
