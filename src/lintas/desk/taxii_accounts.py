"""Accounts for programs that know a name and a secret (RFC 7617) and no tokens.

The secret stands for a token of the officer who made the account, which reads and writes over TAXII and does nothing
else: so it ends with the officer, is in their list of tokens, and is taken back there as any other.
"""

import hmac
import re
from datetime import datetime, timedelta
from hashlib import sha256

from lintas.desk import access, sessions
from lintas.desk.office import Office
from lintas.model.errors import ConflictError, InputError, NotFoundError, SignInError
from lintas.model.officer import Officer
from lintas.store import officers, taxii_accounts
from lintas.store.taxii_accounts import Account

VERB = "taxii.account"
VERBS = ("taxii.read", "taxii.write")
SHORTEST, LONGEST = 8, 256  # characters of a secret (OWASP ASVS 5.0, 6.2.1); better is one that a program drew
# As for passphrases. Programs try at once, so of many tries some are made before the wait begins: 40 at most, for that
# many threads answer.
FREE_TRIES = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)  # doubled each time
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}", re.ASCII)


def create(office: Office, officer: Officer, name: str, secret: str) -> None:
    """Make an account that acts for `officer` for a year, or give one's own a new secret.

    Raises InputError for a name or secret that is none, ConflictError for a name that is another officer's.
    """
    access.require(office, officer, VERB, name[:64])
    if not _NAME.fullmatch(name):
        raise InputError("This is no name for an account", do="Use letters, digits and . _ @ -", code="bad_name")
    if not SHORTEST <= len(secret) <= LONGEST:
        raise InputError(
            f"A secret has {SHORTEST} to {LONGEST} characters", do="Let a program draw one.", code="weak_secret"
        )
    digest, at = _digest(office, name, secret), office.now()
    with sessions.granting(office, officer, VERB, name) as connection:
        held = taxii_accounts.find(connection, name)
        if held is not None:
            _require_own(held, officer)
            officers.withdraw(connection, held.credential)
        taxii_accounts.put(connection, name, officer.id, digest)
        until, label = at + sessions.TOKEN_LIVES, f"TAXII account {name}"
        officers.grant(connection, digest, "token", officer, at=at, expires_at=until, label=label, verbs=VERBS)
    access.done(office, officer, VERB, name)


def close(office: Office, officer: Officer, name: str) -> None:
    """Remove an account of one's own. Raises NotFoundError, ConflictError for another officer's."""
    access.require(office, officer, VERB, f"close {name[:64]}")
    with office.database.write() as connection:
        held = taxii_accounts.find(connection, name)
        if held is None:
            raise NotFoundError(f"No account {name[:64]!r} is here", do="See the list of tokens.", code="no_account")
        _require_own(held, officer)
        officers.withdraw(connection, held.credential)
        taxii_accounts.remove(connection, name)
    access.done(office, officer, VERB, f"close {name}")


def holder(office: Office, name: str, secret: str) -> Officer:
    """Who acts. Raises SignInError, in the same words whatever is wrong."""
    at, digest = office.now(), _digest(office, name, secret)
    with office.database.read() as connection:
        held = taxii_accounts.find(connection, name) if _NAME.fullmatch(name) else None
    if held is not None and (held.waits_until is None or held.waits_until <= at):
        if hmac.compare_digest(digest, held.credential):
            if held.n_failed:
                with office.database.write() as connection:
                    taxii_accounts.change(connection, name, n_failed=0, waits_until=None)
            return _token(office, digest)
        _failed(office, name, at)
    raise not_let_in()


def not_let_in() -> SignInError:
    """What is said to whoever shows nothing that lets them in."""
    return SignInError(
        "No valid account or token was sent", do="Send the name and secret of an account, or a token.", code="sign_in"
    )


def _token(office: Office, digest: str) -> Officer:
    with office.database.read() as connection:
        found = officers.holder(connection, digest, "token", at=office.now())
    if found is None:
        raise not_let_in()
    return found[0]


def _failed(office: Office, name: str, at: datetime) -> None:
    with office.database.write() as connection:
        over = taxii_accounts.fail(connection, name) - FREE_TRIES
        if over >= 0:
            until = at + min(FIRST_WAIT * 2 ** min(over, 10), LONGEST_WAIT)
            taxii_accounts.change(connection, name, waits_until=until)
    access.refused(office, sessions.NOBODY, VERB, f"the secret of {name}")


def _require_own(held: Account, officer: Officer) -> None:
    if held.officer != officer.id:
        raise ConflictError("This account is another officer's", do="Choose another name.", code="name_taken")


def _digest(office: Office, name: str, secret: str) -> str:
    """What is kept of a secret: nobody who has the tables alone can try secrets, for its key is a file of the node.

    Not Argon2id, whose 64 MiB and tenth of a second every single call would cost.
    """
    said = sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
    return office.seal.mac(f"taxii account 1 {name} {said}")
