"""How an officer is known: links, sessions and tokens. A secret is shown once; the node keeps its hash."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection

from lintas.desk import access, deputies, policy, recent
from lintas.desk.office import Office
from lintas.model.errors import InputError, NotFoundError, SignInError
from lintas.model.officer import PURPOSES, Officer
from lintas.model.text import clean_text, storable
from lintas.store import officers
from lintas.store.officers import Credential

NOBODY = Officer("nobody", via="session")  # in the log, whoever came with a secret that is none
LINK_LIVES = timedelta(minutes=10)  # OWASP ASVS 5.0, 6.5.5
# NIST SP 800-63B-4, 2.2.3: at AAL2 sign in anew after an hour of silence; 12 h, one long shift, is under its 24 h.
SESSION_LIVES = timedelta(hours=12)
SESSION_IDLES = timedelta(hours=1)
SEEN_EVERY = timedelta(minutes=1)  # how finely silence is measured: not every request is a write
TOKEN_LIVES = timedelta(days=365)
Proof = Callable[[Connection], bool]  # whether what an officer showed lets them in


def create_link(office: Office, officer: Officer) -> str:
    """The secret of a link that signs `officer` in once."""
    access.require(office, officer, "sign_in.link", officer.id)
    with granting(office, officer, "sign_in.link", officer.id) as connection:
        return grant_link(connection, office, officer)


def grant_link(connection: Connection, office: Office, officer: Officer) -> str:
    """The same in a transaction of the caller's, who asked whether it may be."""
    secret, at = office.secret(), office.now()
    officers.grant(connection, hashed(secret), "link", officer, at=at, expires_at=at + LINK_LIVES)
    return secret


def address_of(link: str, node: str) -> str:
    """Where a browser trades a link for a session, at the node's address.

    Its secret stands behind #, which no browser sends: no proxy, log or other site gets to see it.
    """
    return f"{node}/sign-in#link={link}"


def sign_in(office: Office, link: str) -> str:
    """Trade the secret of a link for that of a session. Raises SignInError when it is used, old or unknown."""
    with office.database.write() as connection:
        known = officers.use_once(connection, hashed(link), "link", at=office.now())
    if known is None:
        access.refused(office, NOBODY, "sign_in", "a link")
        raise SignInError(
            "This sign-in link was used before, is older than 10 minutes, or is not complete",
            do="Make another: lintas sign-in. Or ask an administrator for one.",
            code="link_spent",
        )
    return begin(office, known, "a link")


@contextmanager
def granting(
    office: Office, officer: Officer, verb: str, about: str, proof: Proof = lambda _: True
) -> Iterator[Connection]:
    """A write that gives an officer what lets them in, when what they came with still does: now, within the write.

    Between its check and this write it may have been taken away, by a reset that is to shut a thief out. Raises
    SignInError then.
    """
    with office.database.write() as connection:
        if officers.hold(connection, officer) and proof(connection):
            yield connection
            return
    access.refused(office, officer, verb, f"{about}: what let them in was taken away meanwhile")
    raise SignInError("What you came with was taken away meanwhile", do="Sign in again.", code="taken_away")


def begin(
    office: Office, officer: Officer, how: str, *, since: datetime | None = None, proof: Proof = lambda _: True
) -> str:
    """The secret of a session of an officer who has shown who they are. `since`: when, if they did so elsewhere.

    `proof`: whether what they showed still lets them in. Raises SignInError when it does not.
    """
    secret, now = office.secret(), office.now()
    at = now if since is None else since
    with granting(office, officer, "sign_in", how, proof) as connection:
        officers.grant(connection, hashed(secret), "session", officer, at=at, expires_at=at + SESSION_LIVES, label=how)
        if at != now:
            officers.seen(connection, hashed(secret), at=now)
    access.done(office, officer, "sign_in", how)
    return secret


def sign_out(office: Office, officer: Officer, session: str) -> None:
    """End a session."""
    with office.database.write() as connection:
        officers.withdraw(connection, hashed(session))
    access.done(office, officer, "sign_out", officer.id)


def holder(office: Office, secret: str | None, kind: str) -> Officer:
    """Who acts: `kind` is session or token. Raises SignInError."""
    if secret:
        digest, at = hashed(secret), office.now()
        with office.database.read() as connection:
            found = officers.holder(connection, digest, kind, at=at)
            held = deputies.stand_ins(connection, at=at) if kind == "session" else {}  # a person stands in, no program
        if found is not None and not _idle(found[1], kind, at - SESSION_IDLES):
            if found[1].seen_at is None or at - found[1].seen_at >= SEEN_EVERY:
                with office.database.write() as connection:
                    officers.seen(connection, digest, at=at)
            return deputies.standing_in(found[0], held.get(found[0].id, ()))
    do = "Sign in." if kind == "session" else "Send Authorization: ApiKey TOKEN."
    raise SignInError("Nobody is signed in here" if kind == "session" else "No valid token was sent", do=do)


def mine(office: Office, officer: Officer) -> list[Credential]:
    """The sessions of an officer that still work."""
    access.require(office, officer, "profile.read", "own sessions")
    at = office.now()
    with office.database.read() as connection:
        found = officers.held(connection, "session", at=at, officer_id=officer.id)
    return [one for one in found if not _idle(one, "session", at - SESSION_IDLES)]


def end_others(office: Office, officer: Officer) -> int:
    """End every other session of an officer; how many. Raises DeniedError when they did not sign in just now."""
    access.require(office, officer, "profile.change", "own other sessions")
    with office.database.write() as connection:
        recent.require(connection, officer, at=office.now())
        n = officers.withdraw_all(connection, officer.id, ("session",), but=officer.credential)
    access.done(office, officer, "profile.change", "own other sessions", {"ended": n})
    return n


def end_mine(office: Office, officer: Officer, session_id: str) -> None:
    """End one session of an officer. Raises NotFoundError, DeniedError when they did not sign in just now."""
    access.require(office, officer, "profile.change", f"own session {session_id[:40]}")
    with office.database.write() as connection:
        recent.require(connection, officer, at=office.now())
        n = officers.withdraw_by_id(connection, "session", storable(session_id), officer.id)
    if n == 0:
        raise NotFoundError("You have no such session", do="See the list on your own page.", code="unknown_session")
    access.done(office, officer, "profile.change", f"own session {session_id}", {"ended": n})


def set_purpose(office: Office, officer: Officer, purpose: str) -> None:
    """Say what the rest of this session is for. Raises InputError for a purpose that is none."""
    access.require(office, officer, "profile.change", f"purpose {purpose[:40]}")
    if purpose not in PURPOSES:
        raise InputError(
            f"No purpose {purpose[:40]!r}", do=f"Use one of: {', '.join(PURPOSES)}.", code="unknown_purpose"
        )
    with office.database.write() as connection:
        officers.set_purpose(connection, officer.credential, officer.id, purpose)


def create_token(
    office: Office,
    officer: Officer,
    verbs: Iterable[str] | None = None,
    *,
    label: str = "",
    lives: timedelta = TOKEN_LIVES,
) -> str:
    """A token for programs: it acts as `officer` and does `verbs` only (all that the officer may when None).

    Raises InputError for a verb that is none, or a life over a year, SignInError when the session ended meanwhile.
    """
    chosen = None if verbs is None else frozenset(verbs)
    access.require(office, officer, "tokens.create", label or "a token", {"verbs": sorted(chosen or ())})
    for verb in chosen or ():
        if verb not in policy.VERBS:
            raise InputError(f"There is no verb {verb[:40]!r}", do="See: lintas tokens verbs.", code="unknown_verb")
    if not timedelta(0) < lives <= TOKEN_LIVES:
        raise InputError("A token lives 1 to 365 days", do="Write how many days, in digits.", code="bad_life")
    secret, at = office.secret(), office.now()
    with granting(office, officer, "tokens.create", label or "a token") as connection:
        officers.grant(
            connection,
            hashed(secret),
            "token",
            officer,
            at=at,
            expires_at=at + lives,
            label=clean_text(label)[:255],
            verbs=chosen,
        )
    access.done(office, officer, "tokens.create", hashed(secret)[: officers.ID_LENGTH])
    return secret


def my_tokens(office: Office, officer: Officer) -> list[Credential]:
    """The tokens of an officer that still work."""
    access.require(office, officer, "profile.read", "own tokens")
    with office.database.read() as connection:
        return officers.held(connection, "token", at=office.now(), officer_id=officer.id)


def all_tokens(office: Office, officer: Officer) -> list[Credential]:
    """Every token that still works, without its secret."""
    access.require(office, officer, "tokens.read", "all tokens")
    with office.database.read() as connection:
        return officers.held(connection, "token", at=office.now())


def revoke_my_token(office: Office, officer: Officer, token_id: str) -> None:
    """Take one of one's own tokens back. Raises NotFoundError."""
    access.require(office, officer, "profile.change", f"token {token_id[:40]}")
    _revoke(office, officer, token_id, officer.id)


def revoke_token(office: Office, officer: Officer, token_id: str) -> None:
    """Take anybody's token back. Raises NotFoundError."""
    access.require(office, officer, "tokens.revoke", f"token {token_id[:40]}")
    _revoke(office, officer, token_id, None)


def hashed(secret: str) -> str:
    """What is kept of a secret."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _revoke(office: Office, officer: Officer, token_id: str, of: str | None) -> None:
    with office.database.write() as connection:
        n = officers.withdraw_by_id(connection, "token", storable(token_id), of)
    if n == 0:
        raise NotFoundError(
            f"No token {token_id[:40]!r} works here", do="See the list of tokens.", code="unknown_token"
        )
    access.done(office, officer, "tokens.revoke", f"token {token_id}")


def _idle(held: Credential, kind: str, before: object) -> bool:
    return kind == "session" and held.seen_at is not None and held.seen_at <= before  # type: ignore[operator]
