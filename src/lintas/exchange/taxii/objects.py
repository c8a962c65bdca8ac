"""Whether a value is a STIX object, and which version of it."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from lintas.exchange.taxii import media, times
from lintas.model.errors import InputError
from lintas.model.taxii import Version

# STIX 2.1, 2.9 and 3.1: a type has 3 to 250 small letters, digits and hyphens; an id is the type, -- and a UUID.
_TYPE = re.compile(r"[a-z0-9][a-z0-9-]{2,249}", re.ASCII)
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
SPEC_VERSIONS = ("2.0", "2.1")
LONGEST_ID, LONGEST_VERSION = 288, 64  # characters: 250 + 2 + 36; a time that `times.read` takes


def version_of(value: Any, added_at: datetime, media_type: str | None = None) -> Version:
    """A value as the version of an object that it is. `media_type`: what a manifest says of it.

    Raises InputError when it is no STIX object.
    """
    if not isinstance(value, Mapping):
        raise _bad("It is no object", "the value")
    kind, spec = _type_of(value), _spec_version(value, media_type)
    _require_plain(value)
    said = value.get("modified", value.get("created"))
    for name in ("created", "modified"):
        if name in value:
            times.read(value[name], times.KEPT)
    at = added_at if said is None else times.read(said, times.KEPT)
    text = times.written(added_at) if said is None else said
    return Version(value["id"], kind, spec, text, at, added_at, media_type or media.of_stix(spec), value)


def is_versioned(value: Mapping[str, Any]) -> bool:
    """Whether an object says of which time it is; others never change (STIX 2.1, 3.6)."""
    return "modified" in value or "created" in value


def named(value: Any, place: int) -> str:
    """What to call a value that may be no object: its id, or its place among what was sent."""
    found = value.get("id") if isinstance(value, Mapping) else None
    return found[:LONGEST_ID] if isinstance(found, str) and found else f"objects[{place}]"


def _type_of(value: Mapping[str, Any]) -> str:
    kind, name = value.get("type"), value.get("id")
    if not (isinstance(kind, str) and _TYPE.fullmatch(kind)):
        raise _bad("Its type is none of STIX", "type")
    if not isinstance(name, str) or name[: len(kind) + 2] != f"{kind}--" or not _UUID.fullmatch(name[len(kind) + 2 :]):
        raise _bad("Its id is not its type, -- and a UUID", "id")
    return kind


def _spec_version(value: Mapping[str, Any], media_type: str | None) -> str:
    """What it says, or its manifest; else 2.0, whose objects say nothing, but for what only 2.1 has: no times."""
    silent = "2.0" if is_versioned(value) else "2.1"
    found = value.get("spec_version", (media_type and media.spec_version(media_type)) or silent)
    if found not in SPEC_VERSIONS:
        raise _bad("Its spec_version is not 2.0 or 2.1", "spec_version")
    return str(found)


def _require_plain(value: Mapping[str, Any]) -> None:
    try:
        orjson.dumps(value)
    except TypeError as error:
        raise _bad("It holds a number that no reader keeps", "the value") from error


def _bad(what: str, where: str) -> InputError:
    return InputError(what, where=where, do="Send STIX 2.0 or 2.1 objects.", code="no_stix_object")
