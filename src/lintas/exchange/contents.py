"""A message as the bytes that are signed, and back; what it carries is checked against its type."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any

import orjson
from pydantic import Field, TypeAdapter

from lintas.exchange import reports, types
from lintas.exchange.refused import RefusedError
from lintas.model.errors import InputError, LintasError
from lintas.model.handling import USES, Handling
from lintas.model.message import Attachment, Message

FIELDS = frozenset("id type thread seq issuer recipient use handling at expires_at body reply_to attachments".split())
LONGEST_ID = 64  # characters
MOST_ATTACHMENTS = 20
_HANDLING = TypeAdapter(Handling)
_ATTACHMENTS = TypeAdapter(Annotated[list[Attachment], Field(max_length=MOST_ATTACHMENTS)])


def said(message: Message) -> dict[str, Any]:
    """As it is written down."""
    told = {name: getattr(message, name) for name in FIELDS}
    times = {name: told[name].isoformat() for name in ("at", "expires_at")}
    beside = [vars(one) for one in message.attachments]
    return (
        told
        | times
        | {
            "handling": handling_said(message.handling),
            "body": dict(message.body),
            "attachments": beside,
        }
    )


def handling_said(handling: Handling) -> dict[str, Any]:
    """A handling as it is written down; sets in order, so that the same is written the same."""
    return {
        "tlp": handling.tlp,
        "codes": sorted(handling.codes),
        "uses": sorted(handling.uses),
        "onward": None if handling.onward is None else sorted(handling.onward),
        "court": handling.court,
        "retain_until": None if handling.retain_until is None else handling.retain_until.isoformat(),
        "caveats": sorted(handling.caveats),
    }


def handling_read(told: Any) -> Handling:
    """Back, when every field is there and is what it should be. Raises RefusedError."""
    try:
        if set(told) != {one.name for one in fields(Handling)}:
            raise ValueError("fields")
        return _HANDLING.validate_json(orjson.dumps(told), strict=True)
    except (TypeError, ValueError, InputError) as error:
        raise RefusedError("bad_handling", str(error)[:500]) from error


def read(payload: bytes) -> Message:
    """Back, with every field as its type wants it. Raises RefusedError."""
    try:
        told = orjson.loads(payload)
        if not isinstance(told, dict) or set(told) != FIELDS:
            raise ValueError(f"fields {sorted(set(told) ^ FIELDS)[:5]}")
        message = _message(told)
    except (ValueError, TypeError) as error:
        raise RefusedError("bad_envelope", str(error)) from error
    check(message)
    return message


def restored(told: Mapping[str, Any]) -> Message:
    """A message that was checked before, as it is kept."""
    return _message(told)


def check(message: Message) -> None:
    """Raises RefusedError for a type that is unknown, a body that is not its type's, or a handling that is none."""
    try:
        kind = types.of(message.type)
    except LintasError as error:
        raise RefusedError("unknown_type", message.type[:64]) from error
    try:
        kind.read(message.body)
        for told in message.body.get("reports", ()):
            reports.check(message.body.get("channel", reports.GENERAL), told)
    except LintasError as error:
        raise RefusedError("bad_body", f"{message.type}: {error.what}") from error
    if message.use not in message.handling.uses:
        raise RefusedError("bad_handling", f"it is sent for {message.use}, which its handling does not allow")


def _message(told: Mapping[str, Any]) -> Message:
    at, expires_at = (datetime.fromisoformat(told[name]) for name in ("at", "expires_at"))
    texts = [told[name] for name in ("id", "type", "thread", "issuer", "recipient", "use")]
    if told["reply_to"] is not None:
        texts.append(told["reply_to"])
    if not all(isinstance(text, str) and 0 < len(text) <= LONGEST_ID for text in texts) or told["use"] not in USES:
        raise ValueError("a name is missing or too long")
    is_number = isinstance(told["seq"], int) and not isinstance(told["seq"], bool) and 0 < told["seq"] < 2**31
    are_times = all(one.tzinfo is not None and 1 < one.year < 9999 for one in (at, expires_at))  # also in UTC
    if not is_number or not are_times or not isinstance(told["body"], dict):
        raise ValueError("a number, time or body is none")
    handling = handling_read(told["handling"])
    beside = _ATTACHMENTS.validate_python(told["attachments"])
    read = {"at": at, "expires_at": expires_at, "handling": handling, "attachments": tuple(beside)}
    return Message(**(dict(told) | read))
