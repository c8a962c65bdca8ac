"""Who may do what, and who did. Every verb of the desk begins with `require`."""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from lintas.desk.office import OWNER, Office
from lintas.desk.paging import check_page
from lintas.model.errors import DeniedError, InputError, NotFoundError, SignInError
from lintas.model.officer import Officer
from lintas.store import audit, officers

# What each role may do; a verb that is not named here is refused. An owner may do everything on their node.
READS = frozenset(
    {
        "lists.read",
        "entities.read",
        "entities.search",
        "entities.match",
        "runs.read",
    }
)
WORKS = READS | {"runs.create", "runs.decide", "runs.export"}
OWNS = WORKS | {"lists.load", "tokens.create", "sign_in.link", "audit.read"}
ROLES: Mapping[str, frozenset[str]] = {"owner": OWNS, "analyst": WORKS, "reader": READS}

NOBODY = Officer("nobody", "")  # in the log, whoever came with a link that signs nobody in
LINK_LIVES = timedelta(minutes=15)
SESSION_LIVES = timedelta(hours=12)  # ASVS 5.0 7.3: an absolute limit; 12 h is one long shift
TOKEN_LIVES = timedelta(days=365)


def require(office: Office, officer: Officer, verb: str, about: str, details: Mapping[str, Any] | None = None) -> None:
    """Let `officer` do `verb` to `about`, or raise DeniedError; either way the log has a row."""
    allowed = verb in ROLES.get(officer.role, frozenset())
    with office.database.write() as connection:
        _log(connection, office, officer, verb, about, "asked" if allowed else "refused", details)
    if not allowed:
        raise DeniedError(
            f"{officer.id} as {officer.role} may not do {verb}",
            do="Ask the node's owner, who can do it or give another role.",
        )


def done(
    connection: Connection, office: Office, officer: Officer, verb: str, about: str, details: Mapping[str, Any]
) -> None:
    """Log what a write came to, in the transaction of the write."""
    _log(connection, office, officer, verb, about, "done", details)


def owner(office: Office) -> Officer:
    """The node's owner; made on first use."""
    with office.database.read() as connection:
        known = officers.get(connection, OWNER)
    if known is not None:
        return known
    made = Officer(OWNER, "owner")
    with office.database.write() as connection:
        officers.ensure(connection, made, at=office.now())
    return made


def officer(office: Office, officer_id: str) -> Officer:
    """The officer a command acts as. Raises NotFoundError."""
    if officer_id == OWNER:
        return owner(office)
    with office.database.read() as connection:
        known = officers.get(connection, officer_id)
    if known is None:
        raise NotFoundError(
            f"No officer {officer_id!r} on this node", do="Leave out --as to act as the owner.", code="unknown_officer"
        )
    return known


def create_token(office: Office, officer: Officer, role: str) -> str:
    """A token for programs; acts as `officer` in `role`. Shown once, kept as a hash only."""
    require(office, officer, "tokens.create", f"role {role}")
    _require_role(role)
    with office.database.write() as connection:
        return _grant(connection, office, Officer(officer.id, role), "token", TOKEN_LIVES)


def create_link(office: Office, officer: Officer) -> str:
    """The secret of a link that signs `officer` in once."""
    require(office, officer, "sign_in.link", officer.id)
    with office.database.write() as connection:
        return _grant(connection, office, officer, "link", LINK_LIVES)


def sign_in(office: Office, link: str) -> str:
    """Trade the secret of a link for that of a session. Raises SignInError when it is used, old or unknown."""
    with office.database.write() as connection:
        known = officers.use_once(connection, _hash(link), "link", at=office.now())
        if known is None:
            _log(connection, office, NOBODY, "sign_in", "a link", "refused", None)
        else:
            _log(connection, office, known, "sign_in", known.id, "done", None)
            session = _grant(connection, office, known, "session", SESSION_LIVES)
    if known is None:
        raise SignInError(
            "This sign-in link was used before, is older than 15 minutes, or is not complete",
            do="Make another: lintas sign-in.",
            code="link_spent",
        )
    return session


def sign_out(office: Office, officer: Officer, session: str) -> None:
    """End a session."""
    with office.database.write() as connection:
        officers.withdraw(connection, _hash(session))
        _log(connection, office, officer, "sign_out", officer.id, "done", None)


def holder(office: Office, secret: str | None, kind: str) -> Officer:
    """Who acts: `kind` is session or token. Raises SignInError."""
    if secret:
        with office.database.read() as connection:
            known = officers.holder(connection, _hash(secret), (kind,), at=office.now())
        if known is not None:
            return known
    do = "Open a sign-in link: lintas sign-in." if kind == "session" else "Send Authorization: ApiKey TOKEN."
    raise SignInError("Nobody is signed in here" if kind == "session" else "No valid token was sent", do=do)


def trail(office: Office, officer: Officer, limit: int = 100) -> list[dict[str, Any]]:
    """The newest rows of the log."""
    require(office, officer, "audit.read", f"newest {limit}")
    check_page(limit, 0)
    with office.database.read() as connection:
        return audit.latest(connection, limit)


def _grant(connection: Connection, office: Office, holder: Officer, kind: str, lives: timedelta) -> str:
    secret, at = office.secret(), office.now()
    officers.grant(connection, _hash(secret), kind, holder, at=at, expires_at=at + lives)
    return secret


def _require_role(role: str) -> None:
    if role not in ROLES:
        raise InputError(f"There is no role {role!r}", do=f"Use one of: {', '.join(ROLES)}.", code="unknown_role")


def _log(
    connection: Connection,
    office: Office,
    officer: Officer,
    verb: str,
    about: str,
    outcome: str,
    details: Mapping[str, Any] | None,
) -> None:
    audit.write(
        connection,
        at=office.now(),
        officer=officer.id,
        verb=verb,
        about=about,
        outcome=outcome,
        details=details or {},
    )


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
