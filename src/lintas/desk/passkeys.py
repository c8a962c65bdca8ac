"""Passkeys: sign in with a thing one holds and unlocks. WebAuthn level 3, without a name typed and with no attestation.

What a browser sends is checked by `webauthn`; a challenge counts once, for five minutes, and is taken before anything
else is looked at.
"""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    options_to_json_dict,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from lintas.desk import access, recent, sessions
from lintas.desk.office import Office
from lintas.desk.origin import Origin
from lintas.model.errors import ConflictError, InputError, NotFoundError, SignInError
from lintas.model.json_text import read_json
from lintas.model.officer import Officer
from lintas.model.text import clean_text
from lintas.store import challenges, officers, passkeys
from lintas.store.passkeys import Passkey

ANSWER_WITHIN = timedelta(minutes=5)  # WebAuthn level 3, 15.1: 5 minutes where the user is verified
MOST = 20  # passkeys of one officer
LONGEST_ANSWER, LONGEST_ID = 20_000, 512  # characters; an answer with no attestation is under 3,000
NEW, ASKED = "passkey.new", "passkey.asked"  # kinds of challenges
REQUIRED = UserVerificationRequirement.REQUIRED
Given = TypeVar("Given", AuthenticationCredential, RegistrationCredential)


class _WrongError(Exception):
    """Why an answer does not count, for the log."""


def offer(office: Office, officer: Officer, origin: Origin) -> dict[str, Any]:
    """What a browser is told to make a passkey of: PublicKeyCredentialCreationOptionsJSON.

    Raises DeniedError when the officer did not sign in just now, InputError when no passkey can be for this origin.
    """
    access.require(office, officer, "profile.change", "a passkey to be made")
    with office.database.read() as connection:
        recent.require(connection, officer, at=office.now())
        held = passkeys.of_officer(connection, officer.id)
    if len(held) >= MOST:
        raise ConflictError(f"You have {MOST} passkeys", do="Remove one that you do not use.", code="many_passkeys")
    options = generate_registration_options(
        rp_id=_party(origin),
        rp_name=f"Lintas {office.node.name}",
        user_id=_handle(officer.id),
        user_name=officer.id,
        user_display_name=officer.name or officer.id,
        challenge=_ask(office, NEW, officer.id),
        timeout=int(ANSWER_WITHIN.total_seconds() * 1000),
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.id)) for one in held],
    )
    return options_to_json_dict(options)


def add(office: Office, officer: Officer, origin: Origin, answer: str, label: str) -> Passkey:
    """Keep the passkey that a browser made.

    Raises InputError when the answer is not one to what was asked of this officer here, ConflictError when it is kept,
    SignInError when the session ended meanwhile.
    """
    access.require(office, officer, "profile.change", "a new passkey")
    at = office.now()
    with office.database.read() as connection:
        recent.require(connection, officer, at=at)
    try:
        made = _made(office, officer, origin, answer, clean_text(label)[:100] or f"Passkey of {at:%Y-%m-%d}")
    except _WrongError as error:
        access.refused(office, officer, "profile.change", f"a new passkey: {error}")
        raise InputError(
            "The passkey was not accepted", do="Begin again on your own page of this node.", code="bad_passkey"
        ) from error
    try:
        with sessions.granting(office, officer, "profile.change", "a new passkey") as connection:
            passkeys.add(connection, made)
    except IntegrityError as error:
        raise ConflictError("This passkey is kept already", do="Use it to sign in.", code="passkey_exists") from error
    access.done(office, officer, "profile.change", f"passkey {made.id[:12]} made", {"label": made.label})
    return made


def remove(office: Office, officer: Officer, key_id: str) -> None:
    """Forget one of one's own passkeys. Raises NotFoundError."""
    access.require(office, officer, "profile.change", f"passkey {key_id[:12]} removed")
    with office.database.write() as connection:
        recent.require(connection, officer, at=office.now())
        is_gone = passkeys.remove(connection, key_id[:LONGEST_ID], officer.id)
    if not is_gone:
        raise NotFoundError("No such passkey of yours", do="See the list on your own page.", code="unknown_passkey")
    access.done(office, officer, "profile.change", f"passkey {key_id[:12]} removed")


def ask(office: Office, origin: Origin) -> dict[str, Any]:
    """What a browser is told to sign with any passkey of this node: PublicKeyCredentialRequestOptionsJSON."""
    options = generate_authentication_options(
        rp_id=_party(origin),
        challenge=_ask(office, ASKED, None),
        timeout=int(ANSWER_WITHIN.total_seconds() * 1000),
        user_verification=REQUIRED,
    )
    return options_to_json_dict(options)


def sign_in(office: Office, origin: Origin, answer: str) -> str:
    """The secret of a session. Raises SignInError, in the same words whatever is wrong; why is in the log."""
    try:
        officer, key = _signed(office, origin, answer)
    except _WrongError as error:
        access.refused(office, sessions.NOBODY, "sign_in", f"a passkey: {error}")
        raise SignInError(
            "This passkey does not sign anybody in here",
            do="Try once more, use your passphrase, or ask an administrator for a link.",
            code="wrong_passkey",
        ) from error
    return sessions.begin(
        office, officer, "a passkey", proof=lambda connection: passkeys.get(connection, key.id) is not None
    )


def _made(office: Office, officer: Officer, origin: Origin, answer: str, label: str) -> Passkey:
    given = _read(answer, parse_registration_credential_json)
    challenge = _challenge(given)
    asked = _take(office, challenge, NEW)
    if asked.officer != officer.id:
        raise _WrongError("another officer was asked")
    try:
        found = verify_registration_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=_party(origin),
            expected_origin=str(origin),
            require_user_verification=True,
        )
    except Exception as error:  # anything: it takes apart what a stranger sent
        raise _WrongError(_why(error)) from error
    key_id = bytes_to_base64url(found.credential_id)
    if len(key_id) > LONGEST_ID:
        raise _WrongError("its id is too long")
    public = bytes_to_base64url(found.credential_public_key)
    return Passkey(key_id, officer.id, public, found.sign_count, label, office.now(), None)


def _signed(office: Office, origin: Origin, answer: str) -> tuple[Officer, Passkey]:
    given = _read(answer, parse_authentication_credential_json)
    challenge, key_id = _challenge(given), bytes_to_base64url(given.raw_id)
    _take(office, challenge, ASKED)
    with office.database.read() as connection:
        key = passkeys.get(connection, key_id[:LONGEST_ID])
        standing = officers.get(connection, key.officer) if key else None
    if key is None or standing is None:
        raise _WrongError(f"{key_id[:12]} is nobody's")
    mine = f"{key_id[:12]} of {key.officer}"
    if standing.disabled_at is not None:
        raise _WrongError(f"{mine}, who is disabled")
    if given.response.user_handle != _handle(key.officer):
        raise _WrongError(f"{mine} names another officer")
    try:
        found = verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=_party(origin),
            expected_origin=str(origin),
            credential_public_key=base64url_to_bytes(key.public_key),
            credential_current_sign_count=0,  # its count is held against ours when it is written, below
            require_user_verification=True,
        )
    except Exception as error:  # anything: it takes apart what a stranger sent
        raise _WrongError(f"{mine}: {_why(error)}") from error
    with office.database.write() as connection:
        has_grown = passkeys.used(connection, key.id, found.new_sign_count, at=office.now())
    if not has_grown:
        raise _WrongError(f"{mine}: its count went back from {key.sign_count} to {found.new_sign_count}, a copy?")
    return standing.officer, key


def _ask(office: Office, kind: str, officer_id: str | None) -> bytes:
    secret, at = office.secret(), office.now()
    with office.database.write() as connection:
        challenges.keep(
            connection, sessions.hashed(secret), kind, at=at, expires_at=at + ANSWER_WITHIN, officer=officer_id
        )
    return secret.encode()


def _take(office: Office, challenge: bytes, kind: str) -> challenges.Challenge:
    secret = challenge.decode("utf-8", "replace")
    with office.database.write() as connection:
        asked = challenges.take(connection, sessions.hashed(secret), kind, at=office.now())
    if asked is None:
        raise _WrongError("it answers nothing that was asked, or was answered before, or too late")
    return asked


def _challenge(given: AuthenticationCredential | RegistrationCredential) -> bytes:
    try:
        return parse_client_data_json(given.response.client_data_json).challenge
    except Exception as error:  # anything: it takes apart what a stranger sent
        raise _WrongError(_why(error)) from error


def _read(answer: str, parse: Callable[[dict[str, Any]], Given]) -> Given:
    if len(answer) > LONGEST_ANSWER:
        raise _WrongError("it is too long")
    try:
        return parse(read_json(answer))
    except Exception as error:  # anything: it takes apart what a stranger sent
        raise _WrongError(_why(error)) from error


def _why(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]


def _party(origin: Origin) -> str:
    if not origin.has_name:
        raise InputError(
            "A passkey is for a name, not for an IP address",
            do="Open this node by its name; on this machine: http://localhost and the port.",
            code="no_name",
        )
    return origin.host


def _handle(officer_id: str) -> bytes:
    """What a passkey calls an officer: the same for all of theirs, and it tells nobody who they are."""
    return sha256(b"lintas officer " + officer_id.encode()).digest()
