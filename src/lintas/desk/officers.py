"""Who is an officer of this node, and in which roles."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from lintas.desk import access, deputies, profile, sessions
from lintas.desk.office import Office
from lintas.model.errors import ConflictError, DeniedError, InputError, LintasError, NotFoundError
from lintas.model.officer import CLEARANCES, OWN_AGENCY, RESTRICTED, ROLES, SECRET, Officer
from lintas.model.text import clean_text
from lintas.store import duties, identities, officers
from lintas.store.officers import Standing

OWNER = "owner"
RESERVED = (access.NODE.id, sessions.NOBODY.id)  # in the log they are nobody's names
_ID = re.compile(r"[a-z0-9][a-z0-9._@-]{0,62}")


def owner(office: Office) -> Officer:
    """Who acts by command on a node that names nobody else: on day one one person in every role.

    Raises DeniedError once the owner was disabled.
    """
    made = Officer(OWNER, frozenset(ROLES), "Owner of this node", OWN_AGENCY, SECRET)
    with office.database.read() as connection:
        known = officers.get(connection, OWNER)
    if known is None:
        with office.database.write() as connection:
            is_new = officers.ensure(connection, made, at=office.now())
        if is_new:
            access.done(office, made, "officers.change", OWNER, {"roles": sorted(made.roles)})
        return made
    return _by_command(office, known, OWNER)


def acting(office: Office, officer_id: str) -> Officer:
    """The officer a command acts as. Raises NotFoundError, or DeniedError for one who is disabled."""
    if officer_id == OWNER:
        return owner(office)
    with office.database.read() as connection:
        known = officers.get(connection, officer_id)
    return _by_command(office, known, officer_id)


def everybody(office: Office, officer: Officer) -> list[Standing]:
    """All officers."""
    access.require(office, officer, "officers.read", "all officers")
    with office.database.read() as connection:
        return officers.everybody(connection)


def blank(office: Office, officer: Officer) -> Officer:
    """An officer who is still to be made, for a form."""
    access.require(office, officer, "officers.change", "a new officer")
    return Officer("", frozenset({"analyst"}))


def add(
    office: Office,
    officer: Officer,
    officer_id: str,
    *,
    roles: Iterable[str],
    name: str = "",
    agency: str = OWN_AGENCY,
    clearance: int = RESTRICTED,
) -> Officer:
    """Make an officer known. They sign in with the link that `reset` gives.

    Raises InputError for a name, role or clearance that is none, ConflictError when the id is taken.
    """
    access.require(office, officer, "officers.change", f"add {officer_id[:64]}", {"roles": sorted(roles)})
    if not _ID.fullmatch(officer_id) or officer_id in RESERVED:
        raise InputError(
            f"{officer_id[:64]!r} cannot name an officer",
            do="Use up to 63 of a-z, 0-9, dot, dash, underscore and @.",
            code="bad_officer",
        )
    made = Officer(officer_id, _roles(roles), clean_text(name)[:255] or officer_id, _agency(agency), _rank(clearance))
    try:
        with office.database.write() as connection:
            officers.add(connection, made, at=office.now())
    except IntegrityError as error:
        raise ConflictError(
            f"There is an officer {officer_id!r} already", do="Choose another name.", code="officer_exists"
        ) from error
    access.done(office, officer, "officers.change", officer_id, _said(made))
    return made


def change(
    office: Office,
    officer: Officer,
    officer_id: str,
    *,
    roles: Iterable[str] | None = None,
    clearance: int | None = None,
    agency: str | None = None,
    name: str | None = None,
    email: str | None = None,
) -> Officer:
    """Give an officer other roles, clearance, agency, name or mail address; it holds at once, for tokens too.

    Raises DeniedError for one's own, ConflictError when nobody would be left to administer.
    """
    about = {"roles": None if roles is None else sorted(roles), "clearance": clearance, "agency": agency}
    access.require(office, officer, "officers.change", officer_id[:64], about)
    with office.database.write() as connection:
        held = _held(connection)
        known = _known(held, officer_id).officer
        if officer_id == officer.id:
            raise DeniedError(
                "Nobody changes their own roles", do="Ask another administrator; they are in the log.", code="own_roles"
            )
        made = Officer(
            officer_id,
            known.roles if roles is None else _roles(roles),
            known.name if name is None else clean_text(name)[:255],
            known.agency if agency is None else _agency(agency),
            known.clearance if clearance is None else _rank(clearance),
        )
        if "administrator" not in made.roles:
            _require_another_administrator(held, officer_id)
        officers.change(
            connection,
            officer_id,
            roles=sorted(made.roles),
            name=made.name,
            agency=made.agency,
            clearance=made.clearance,
            **({} if email is None else {"email": profile.checked_email(email) or None}),
        )
    access.done(office, officer, "officers.change", officer_id, _said(made))
    return made


def disable(office: Office, officer: Officer, officer_id: str) -> None:
    """Let an officer in no more; their sessions, links, tokens and duties end now.

    Raises ConflictError when nobody would be left to administer.
    """
    access.require(office, officer, "officers.change", f"disable {officer_id[:64]}")
    with office.database.write() as connection:
        held = _held(connection)
        _known(held, officer_id)
        _require_another_administrator(held, officer_id)
        officers.change(connection, officer_id, disabled_at=office.now())
        officers.withdraw_all(connection, officer_id, ("session", "link", "token"))
        duties.end_of(connection, officer_id, by=officer.id, at=office.now())
    access.done(office, officer, "officers.change", f"disabled {officer_id}")


def enable(office: Office, officer: Officer, officer_id: str) -> None:
    """Let an officer in again."""
    access.require(office, officer, "officers.change", f"enable {officer_id[:64]}")
    with office.database.write() as connection:
        _known(_held(connection), officer_id)
        officers.change(connection, officer_id, disabled_at=None, n_failed=0, waits_until=None)
    access.done(office, officer, "officers.change", f"enabled {officer_id}")


def reset(office: Office, officer: Officer, officer_id: str) -> str:
    """The secret of a link for an officer who lost what lets them in, or from whom it was stolen.

    All that let them in is gone: passphrase, passkeys, who they are at a provider, links, sessions, and tokens, which
    a thief of a session may have made. Raises ConflictError for who is disabled.
    """
    access.require(office, officer, "officers.change", f"reset {officer_id[:64]}")
    with office.database.write() as connection:
        known = _known(_held(connection), officer_id)
        if known.disabled_at is not None:
            raise ConflictError(
                f"{officer_id} is disabled, and no link would let them in",
                do=f"Enable them first: lintas officers enable {officer_id}.",
                code="disabled",
            )
        officers.change(connection, officer_id, passphrase=None, n_failed=0, waits_until=None)
        officers.forget_passkeys(connection, officer_id)
        identities.forget(connection, officer_id)
        officers.withdraw_all(connection, officer_id, ("session", "link", "token"))
        link = sessions.grant_link(connection, office, known.officer)
    access.done(office, officer, "officers.change", f"reset {officer_id}")
    return link


def _held(connection: Connection) -> Mapping[str, Standing]:
    """Everybody, held while one of them is changed, so that who else is left to administer stays so."""
    return {one.officer.id: one for one in officers.everybody(connection, held=True)}


def _known(held: Mapping[str, Standing], officer_id: str) -> Standing:
    known = held.get(officer_id)
    if known is None:
        raise NotFoundError(
            f"No officer {officer_id[:64]!r} on this node", do="See: lintas officers list.", code="unknown_officer"
        )
    return known


def _by_command(office: Office, known: Standing | None, officer_id: str) -> Officer:
    try:
        found = _acting(known, officer_id)
        with office.database.read() as connection:
            held = deputies.stand_ins(connection, at=office.now())
        return deputies.standing_in(found, held.get(officer_id, ()))
    except LintasError:
        access.refused(office, replace(sessions.NOBODY, via="command"), "sign_in", f"by command as {officer_id[:64]}")
        raise


def _acting(known: Standing | None, officer_id: str) -> Officer:
    if known is None:
        raise NotFoundError(
            f"No officer {officer_id[:64]!r} on this node", do="See: lintas officers list.", code="unknown_officer"
        )
    if known.disabled_at is not None:
        raise DeniedError(
            f"{officer_id} is disabled on this node", do="Act as another officer: lintas --as OFFICER.", code="disabled"
        )
    return known.officer


def _require_another_administrator(held: Mapping[str, Standing], officer_id: str) -> None:
    others = [
        one
        for one in held.values()
        if one.officer.id != officer_id and one.disabled_at is None and "administrator" in one.officer.roles
    ]
    if not others:
        raise ConflictError(
            f"{officer_id} is the last administrator", do="Make another one first.", code="last_administrator"
        )


def _roles(roles: Iterable[str]) -> frozenset[str]:
    chosen = frozenset(roles)
    for role in sorted(chosen - set(ROLES)):
        raise InputError(f"There is no role {role[:40]!r}", do=f"Use one of: {', '.join(ROLES)}.", code="unknown_role")
    return chosen


def _rank(clearance: int) -> int:
    if not 0 <= clearance < len(CLEARANCES):
        raise InputError(
            f"No clearance {clearance}", do=f"Use one of: {', '.join(CLEARANCES)}.", code="unknown_clearance"
        )
    return clearance


def _agency(agency: str) -> str:
    if not _ID.fullmatch(agency):
        raise InputError(
            f"{agency[:64]!r} cannot name an agency", do="Use up to 63 of a-z, 0-9, dot and dash.", code="bad_agency"
        )
    return agency


def _said(officer: Officer) -> dict[str, object]:
    return {"roles": sorted(officer.roles), "clearance": CLEARANCES[officer.clearance], "agency": officer.agency}
