"""Sign in with the agency's OpenID provider, and bind an officer to who they are there. It makes no officer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from lintas.desk import access, provider, recent, sessions
from lintas.desk.office import Office
from lintas.desk.origin import Origin
from lintas.desk.provider import Person, Provider, WrongTokenError
from lintas.model.errors import ConflictError, InputError, NotFoundError, SignInError
from lintas.model.officer import Officer
from lintas.store import challenges, identities, officers
from lintas.store.challenges import Challenge
from lintas.store.identities import Identity

ANSWER_WITHIN = timedelta(minutes=10)  # as long as signing in at the provider may take, with a second factor
# How long ago one may have signed in there: as long as a session here may be silent; or now, and not by habit.
OLDEST, NOW = sessions.SESSION_IDLES, timedelta(0)
ASKED, BINDING = "oidc.asked", "oidc.binding"  # kinds of challenges
BACK = "/sign-in/provider/back"  # where the provider sends a browser; registered there with this node's origin


@dataclass(frozen=True)
class Departure:
    """A browser leaves for the provider: to `address`, and keeps `browser` in a cookie to be known by."""

    address: str
    browser: str


@dataclass(frozen=True)
class Arrival:
    """Who came back: the secret of their session, and where they wanted to go."""

    session: str
    back: str


def ask(office: Office, at: Provider, origin: Origin, back: str, *, anew: bool = False) -> Departure:
    """Send a browser to the provider to sign in. `anew`: also who is signed in there.

    Raises UnavailableError when the provider does not answer.
    """
    return _depart(office, at, origin, ASKED, None, back, NOW if anew else OLDEST)


def sign_in(office: Office, at: Provider, origin: Origin, browser: str, answer: Mapping[str, str]) -> Arrival:
    """The session of the officer who is bound to who signed in at the provider.

    `answer`: the parameters that the provider sent back. Raises SignInError, in the same words whatever is wrong but
    for a subject that nobody is bound to; why is in the log. Raises UnavailableError.
    """
    try:
        asked, person = _arrived(office, at, origin, ASKED, browser, answer)
        with office.database.read() as connection:
            found = identities.get(connection, at.issuer, person.subject)
            standing = officers.get(connection, found.officer) if found else None
        if found is not None and (standing is None or standing.disabled_at is not None):
            raise WrongTokenError(f"{found.officer} is disabled")
    except WrongTokenError as error:
        raise _refused(office, sessions.NOBODY, "sign_in", at, error) from error
    if standing is None:
        access.refused(office, sessions.NOBODY, "sign_in", f"{at.issuer}: nobody is bound to {person.subject}")
        raise SignInError(
            "You are known there, and nobody of this node is bound to who you are there",
            do="Sign in otherwise and bind it on your own page, or ask an administrator: it is in the log.",
            code="not_bound",
        )
    session = sessions.begin(
        office,
        standing.officer,
        at.name,
        since=person.signed_in_at,
        proof=lambda connection: identities.get(connection, at.issuer, person.subject) == found,
    )
    return Arrival(session, str(asked.data["back"]))


def ask_to_bind(office: Office, officer: Officer, at: Provider, origin: Origin) -> Departure:
    """Send the browser of an officer who is signed in to the provider, to be bound to who they are there.

    Raises DeniedError when they did not sign in just now, UnavailableError.
    """
    access.require(office, officer, "profile.change", f"to be bound at {at.issuer}")
    with office.database.read() as connection:
        recent.require(connection, officer, at=office.now())
    return _depart(office, at, origin, BINDING, officer.id, "/profile", NOW)


def bind_own(
    office: Office, officer: Officer, at: Provider, origin: Origin, browser: str, answer: Mapping[str, str]
) -> None:
    """Bind an officer to who signed in at the provider. Raises SignInError, ConflictError when that is another's."""
    access.require(office, officer, "profile.change", f"bound at {at.issuer}")
    with office.database.read() as connection:
        recent.require(connection, officer, at=office.now())
    try:
        asked, person = _arrived(office, at, origin, BINDING, browser, answer)
        if asked.officer != officer.id:
            raise WrongTokenError("another officer was asked")
    except WrongTokenError as error:
        raise _refused(office, officer, "profile.change", at, error) from error
    _bind(office, officer, "profile.change", officer.id, at.issuer, person.subject)


def remove_own(office: Office, officer: Officer, issuer: str) -> None:
    """Bind an officer no more. Raises NotFoundError."""
    access.require(office, officer, "profile.change", f"bound no more at {issuer[:200]}")
    with office.database.read() as connection:
        recent.require(connection, officer, at=office.now())
    _unbind(office, officer, "profile.change", officer.id, issuer)


def bind(office: Office, officer: Officer, officer_id: str, issuer: str, subject: str) -> None:
    """Bind an officer to a subject of an issuer. Raises NotFoundError, ConflictError when it is somebody's."""
    access.require(
        office, officer, "officers.change", f"bind {officer_id[:64]}", {"issuer": issuer, "subject": subject}
    )
    with office.database.read() as connection:
        if officers.get(connection, officer_id) is None:
            raise NotFoundError(
                f"No officer {officer_id[:64]!r} on this node", do="See: lintas officers list.", code="unknown_officer"
            )
    if not 0 < len(subject) <= provider.LONGEST_SUBJECT:
        raise InputError("That is no subject", do="Give what the provider's ID token calls sub.", code="bad_subject")
    _bind(office, officer, "officers.change", officer_id, issuer, subject)


def unbind(office: Office, officer: Officer, officer_id: str, issuer: str) -> None:
    """Bind an officer no more. Raises NotFoundError."""
    access.require(office, officer, "officers.change", f"unbind {officer_id[:64]}", {"issuer": issuer})
    _unbind(office, officer, "officers.change", officer_id, issuer)


def _depart(
    office: Office,
    at: Provider,
    origin: Origin,
    kind: str,
    officer_id: str | None,
    back: str,
    max_age: timedelta,
) -> Departure:
    known = provider.discover(at)
    state, nonce, verifier, browser = (office.secret() for _ in range(4))
    now = office.now()
    data = {
        "nonce": nonce,
        "verifier": verifier,
        "browser": sessions.hashed(browser),
        "back": back,
        "since": (now - max_age).isoformat(),
    }
    with office.database.write() as connection:
        challenges.keep(
            connection,
            sessions.hashed(state),
            kind,
            at=now,
            expires_at=now + ANSWER_WITHIN,
            officer=officer_id,
            data=data,
        )
    address = provider.address(
        at, known, back=f"{origin}{BACK}", state=state, nonce=nonce, verifier=verifier, max_age=max_age
    )
    return Departure(address, browser)


def _arrived(
    office: Office, at: Provider, origin: Origin, kind: str, browser: str, answer: Mapping[str, str]
) -> tuple[Challenge, Person]:
    """What was asked, and whom the provider answered with."""
    now = office.now()
    with office.database.write() as connection:
        asked = challenges.take(connection, sessions.hashed(answer.get("state", "")), kind, at=now)
    if asked is None:
        raise WrongTokenError("it answers nothing that was asked, or was answered before, or too late")
    if asked.data["browser"] != sessions.hashed(browser):
        raise WrongTokenError("another browser was sent there")
    found = provider.person(
        at,
        provider.discover(at),
        answer,
        back=f"{origin}{BACK}",
        nonce=str(asked.data["nonce"]),
        verifier=str(asked.data["verifier"]),
        since=datetime.fromisoformat(asked.data["since"]),
        at=now,
    )
    return asked, found


def _refused(office: Office, officer: Officer, verb: str, at: Provider, error: WrongTokenError) -> SignInError:
    access.refused(office, officer, verb, f"{at.issuer}: {error}")
    return SignInError(
        "What came back from there does not sign anybody in here",
        do="Begin once more; if it stays, tell an administrator: why is in the log.",
        code="wrong_answer",
    )


def _bind(office: Office, officer: Officer, verb: str, officer_id: str, issuer: str, subject: str) -> None:
    made = Identity(issuer, subject, officer_id, office.now())
    try:
        with sessions.granting(office, officer, verb, f"bound {officer_id}") as connection:
            if any(one.issuer == issuer for one in identities.of_officer(connection, officer_id)):
                raise ConflictError(
                    f"{officer_id} is bound to somebody there already", do="Remove that first.", code="bound_already"
                )
            identities.bind(connection, made)
    except IntegrityError as error:
        raise ConflictError(
            "That subject is another officer's", do="Ask an administrator whose it is.", code="subject_taken"
        ) from error
    access.done(office, officer, verb, f"bound {officer_id}", {"issuer": issuer, "subject": subject})


def _unbind(office: Office, officer: Officer, verb: str, officer_id: str, issuer: str) -> None:
    with office.database.write() as connection:
        n = identities.remove(connection, issuer, officer_id)
    if n == 0:
        raise NotFoundError(
            f"{officer_id[:64]} is not bound there", do="See: lintas officers list.", code="unknown_identity"
        )
    access.done(office, officer, verb, f"bound {officer_id} no more", {"issuer": issuer})
