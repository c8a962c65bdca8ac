"""Officers and the secrets they come with; only the hash of a secret is ever kept."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from lintas.model.officer import Officer
from lintas.store.tables import credentials, officers, passkeys

ID_LENGTH = 12  # characters of a hash that name a credential to people


@dataclass(frozen=True)
class Standing:
    """An officer as the node holds them."""

    officer: Officer
    created_at: datetime
    disabled_at: datetime | None
    has_passphrase: bool


@dataclass(frozen=True)
class Rung:
    """An officer who is to be told by mail that something waits."""

    id: str
    email: str
    rung_at: datetime
    notified_at: datetime | None


@dataclass(frozen=True)
class Passphrase:
    """What is kept to check a passphrase, and to slow down who guesses."""

    encoded: str | None
    n_failed: int
    waits_until: datetime | None


@dataclass(frozen=True)
class Credential:
    """A session or token, as its officer sees it. `id`: the start of its secret's hash."""

    id: str
    kind: str
    officer: str
    label: str
    created_at: datetime
    expires_at: datetime
    seen_at: datetime | None
    verbs: frozenset[str] | None


def add(connection: Connection, officer: Officer, *, at: datetime) -> None:
    """Make an officer known. Raises IntegrityError when one of that id is."""
    connection.execute(
        insert(officers).values(
            id=officer.id,
            name=officer.name or officer.id,
            agency=officer.agency,
            clearance=officer.clearance,
            roles=sorted(officer.roles),
            created_at=at,
            n_failed=0,
            preferences={},
        )
    )


def ensure(connection: Connection, officer: Officer, *, at: datetime) -> bool:
    """Make an officer known, unless they are; whether they were new. Two who do so at once are fine."""
    with suppress(IntegrityError), connection.begin_nested():
        add(connection, officer, at=at)
        return True
    return False


def get(connection: Connection, officer_id: str) -> Standing | None:
    """The officer of that id."""
    row = connection.execute(select(officers).where(officers.c.id == officer_id)).one_or_none()
    return None if row is None else _standing(row)


def everybody(connection: Connection, *, held: bool = False) -> list[Standing]:
    """All officers by id. `held`: nobody else changes one of them until this write ends."""
    query = select(officers).order_by(officers.c.id)
    return [_standing(row) for row in connection.execute(_holding(query) if held else query)]


def hold(connection: Connection, officer: Officer) -> bool:
    """Whether what let an officer act still does: they are not disabled, and their credential, if any, is kept.

    Nobody else changes the officer until this write ends. Who takes away what lets them in changes the officer first,
    so that what is read after this is read wholly before that or wholly after.
    """
    query = select(officers.c.disabled_at).where(officers.c.id == officer.id)
    if connection.execute(_holding(query)).scalar_one_or_none() is not None:
        return False
    kept = select(credentials.c.officer).where(*_of(officer.id, officer.credential))
    return not officer.credential or connection.execute(kept).first() is not None


def change(connection: Connection, officer_id: str, **values: Any) -> None:
    """Write columns of an officer."""
    connection.execute(update(officers).where(officers.c.id == officer_id).values(**values))


def passphrase(connection: Connection, officer_id: str) -> Passphrase | None:
    """What checks an officer's passphrase; None for nobody, or for who may not sign in."""
    query = select(officers).where(officers.c.id == officer_id, officers.c.disabled_at.is_(None))
    row = connection.execute(query).one_or_none()
    return None if row is None else Passphrase(row.passphrase, row.n_failed, row.waits_until)


def begin_try(connection: Connection, officer_id: str, *, at: datetime) -> Passphrase | None:
    """Count a try before it is made; None for nobody, for who may not sign in, and while a wait lasts.

    Of many at once each is counted: the row is changed before it is read.
    """
    may_try = officers.c.waits_until.is_(None) | (officers.c.waits_until <= at)
    this = (officers.c.id == officer_id) & officers.c.disabled_at.is_(None) & may_try
    counted = update(officers).where(this).values(n_failed=officers.c.n_failed + 1)
    return passphrase(connection, officer_id) if connection.execute(counted).rowcount == 1 else None


def preferences(connection: Connection, officer_id: str) -> dict[str, Any]:
    """What an officer chose: language, theme, keys."""
    query = select(officers.c.preferences).where(officers.c.id == officer_id)
    return dict(connection.execute(query).scalar_one_or_none() or {})


def email(connection: Connection, officer_id: str) -> str:
    """Where an officer is told that something waits; empty for nowhere."""
    return connection.execute(select(officers.c.email).where(officers.c.id == officer_id)).scalar_one_or_none() or ""


def with_email(connection: Connection, agency: str) -> set[str]:
    """The officers of an agency who may sign in and have an address."""
    able = officers.c.disabled_at.is_(None) & officers.c.email.is_not(None) & (officers.c.agency == agency)
    return set(connection.execute(select(officers.c.id).where(able)).scalars())


def rung(connection: Connection) -> list[Rung]:
    """Who is to be told, and may still sign in; who was rung for first comes first."""
    query = select(officers.c.id, officers.c.email, officers.c.rung_at, officers.c.notified_at).where(
        officers.c.rung_at.is_not(None), officers.c.email.is_not(None), officers.c.disabled_at.is_(None)
    )
    return [Rung(**row._mapping) for row in connection.execute(query.order_by(officers.c.rung_at, officers.c.id))]


def told(connection: Connection, one: Rung, *, at: datetime) -> None:
    """They were told. What came since then is told later."""
    this = officers.c.id == one.id
    connection.execute(update(officers).where(this).values(notified_at=at))
    connection.execute(update(officers).where(this, officers.c.rung_at == one.rung_at).values(rung_at=None))


def grant(
    connection: Connection,
    secret_sha256: str,
    kind: str,
    officer: Officer,
    *,
    at: datetime,
    expires_at: datetime,
    label: str = "",
    verbs: Iterable[str] | None = None,
) -> None:
    """Let the holder of a secret act as an officer until a time."""
    connection.execute(
        insert(credentials).values(
            secret_sha256=secret_sha256,
            kind=kind,
            officer=officer.id,
            created_at=at,
            expires_at=expires_at,
            seen_at=at,
            label=label,
            purpose=officer.purpose,
            verbs=None if verbs is None else sorted(verbs),
        )
    )


def holder(connection: Connection, secret_sha256: str, kind: str, *, at: datetime) -> tuple[Officer, Credential] | None:
    """Whose secret this is, if it is of the kind, has not expired, and its officer may still sign in."""
    query = (
        select(credentials, *_OFFICER)
        .join(officers, officers.c.id == credentials.c.officer)
        .where(
            credentials.c.secret_sha256 == secret_sha256,
            credentials.c.kind == kind,
            credentials.c.expires_at > at,
            officers.c.disabled_at.is_(None),
        )
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    held = _credential(row)
    who = Officer(
        row.officer, frozenset(row.roles), row.name, row.agency, row.clearance, row.purpose, kind, held.id, held.verbs
    )
    return who, held


def use_once(connection: Connection, secret_sha256: str, kind: str, *, at: datetime) -> Officer | None:
    """Whose unused secret this is; from now on it is used. Two at once: one gets it."""
    this = (
        (credentials.c.secret_sha256 == secret_sha256)
        & (credentials.c.kind == kind)
        & (credentials.c.expires_at > at)
        & credentials.c.used_at.is_(None)
    )
    if connection.execute(update(credentials).where(this).values(used_at=at)).rowcount != 1:
        return None
    found = holder(connection, secret_sha256, kind, at=at)
    return None if found is None else found[0]


def seen(connection: Connection, secret_sha256: str, *, at: datetime) -> None:
    """The holder of a secret was here."""
    connection.execute(update(credentials).where(credentials.c.secret_sha256 == secret_sha256).values(seen_at=at))


def set_purpose(connection: Connection, credential_id: str, officer_id: str, purpose: str) -> None:
    """What a session is for from now on."""
    connection.execute(update(credentials).where(*_of(officer_id, credential_id)).values(purpose=purpose))


def held(connection: Connection, kind: str, *, at: datetime, officer_id: str | None = None) -> list[Credential]:
    """Sessions or tokens that still work, the newest first."""
    query = select(credentials).where(credentials.c.kind == kind, credentials.c.expires_at > at)
    if officer_id is not None:
        query = query.where(credentials.c.officer == officer_id)
    return [_credential(row) for row in connection.execute(query.order_by(credentials.c.created_at.desc()))]


def withdraw(connection: Connection, secret_sha256: str) -> None:
    """Forget a secret."""
    connection.execute(delete(credentials).where(credentials.c.secret_sha256 == secret_sha256))


def withdraw_by_id(connection: Connection, kind: str, credential_id: str, officer_id: str | None) -> int:
    """Forget a session or token by the start of its hash; of this officer only, unless None. How many there were."""
    this = [credentials.c.kind == kind, _starts(credential_id)]
    if officer_id is not None:
        this.append(credentials.c.officer == officer_id)
    return connection.execute(delete(credentials).where(*this)).rowcount


def withdraw_all(connection: Connection, officer_id: str, kinds: Sequence[str], *, but: str = "") -> int:
    """Forget every secret of an officer, but for one that is named by the start of its hash. How many there were."""
    this = [credentials.c.officer == officer_id, credentials.c.kind.in_(kinds)]
    if but:
        this.append(~_starts(but))
    return connection.execute(delete(credentials).where(*this)).rowcount


def forget_passkeys(connection: Connection, officer_id: str) -> None:
    """Forget every passkey of an officer."""
    connection.execute(delete(passkeys).where(passkeys.c.officer == officer_id))


_OFFICER = [officers.c[name] for name in ("roles", "name", "agency", "clearance")]


def _holding(query: Select[Any]) -> Select[Any]:
    # Rows that refer to the officer may be written meanwhile. SQLite has one writer at a time, and leaves this out.
    return query.with_for_update(key_share=True)


def _starts(credential_id: str) -> Any:
    return func.substr(credentials.c.secret_sha256, 1, ID_LENGTH) == credential_id


def _of(officer_id: str, credential_id: str) -> list[Any]:
    return [credentials.c.officer == officer_id, _starts(credential_id)]


def _standing(row: Row[Any]) -> Standing:
    who = Officer(row.id, frozenset(row.roles), row.name, row.agency, row.clearance)
    return Standing(who, row.created_at, row.disabled_at, row.passphrase is not None)


def _credential(row: Row[Any]) -> Credential:
    return Credential(
        row.secret_sha256[:ID_LENGTH],
        row.kind,
        row.officer,
        row.label,
        row.created_at,
        row.expires_at,
        row.seen_at,
        None if row.verbs is None else frozenset(row.verbs),
    )
