"""What must be so of an event of MISP before anything is made of it."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from lintas.exchange.misp import markings
from lintas.model.errors import InputError

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
LONGEST_TAG = 255  # characters, as MISP keeps them
_SECONDS = re.compile(r"\d{1,11}", re.ASCII)


def require_records(event: Mapping[str, Any]) -> None:
    """Raises InputError unless every record is what it should be and is called as no other is."""
    _require_tags(event)
    for attribute in rows(event.get("Attribute")):
        _require_attribute(mapping(attribute, "Attribute"))
    for thing in rows(event.get("Object")):
        if not isinstance(mapping(thing, "Object").get("name"), str):
            raise bad("An object has a name", "Object")
        uuid(thing, "Object")
        number(thing, "timestamp")
        for attribute in rows(thing.get("Attribute")):
            _require_attribute(mapping(attribute, "Attribute"))
    held = [*(event.get("Attribute") or ()), *(event.get("Object") or ())]
    inside = (one for thing in event.get("Object") or () for one in thing.get("Attribute") or ())
    (name, n), *_ = Counter(one["uuid"].lower() for one in (*held, *inside)).most_common(1) or [("", 0)]
    if n > 1:
        raise InputError(
            "Two records have one uuid", where=name, do="Give each its own, as MISP does.", code="duplicate_uuid"
        )


def _require_attribute(one: Mapping[str, Any]) -> None:
    name = uuid(one, "Attribute")
    if not isinstance(one.get("type"), str) or not isinstance(one.get("value"), str):
        raise bad("An attribute has a type and a value, both text", name)
    number(one, "timestamp")
    _require_tags(one)


def _require_tags(thing: Mapping[str, Any]) -> None:
    for tag in rows(thing.get("Tag")):
        name = mapping(tag, "Tag").get("name")
        if not isinstance(name, str) or not 0 < len(name) <= LONGEST_TAG:
            raise bad("A tag has a name", "Tag")
    markings.of_names(tag["name"] for tag in thing.get("Tag") or ())


def number(held: Mapping[str, Any], name: str) -> None:
    """MISP writes times as seconds since 1970, as text or as a number. Raises InputError for another."""
    said = held.get(name)
    if said is not None and not (type(said) in (int, str) and _SECONDS.fullmatch(str(said))):
        raise bad("A time is seconds since 1970", name)


def uuid(held: Mapping[str, Any], where: str) -> str:
    """Its uuid, in small letters. Raises InputError for none."""
    said = held.get("uuid")
    if not isinstance(said, str) or not UUID.fullmatch(said):
        raise InputError("It has no uuid", where=where, do="Export it from MISP with its uuids.", code="no_uuid")
    return said.lower()


def mapping(said: Any, where: str) -> Mapping[str, Any]:
    """An object of JSON. Raises InputError."""
    if not isinstance(said, dict):
        raise bad("It is no object of JSON", where)
    return said


def rows(said: Any) -> list[Any]:
    """A list, empty for nothing. Raises InputError."""
    if said is not None and not isinstance(said, list):
        raise bad("It is no list", "a list of attributes, objects or tags")
    return said or []


def bad(what: str, where: str) -> InputError:
    """What is said of a field that is none of MISP."""
    return InputError(what, where=where, do="Export it from MISP anew.", code="no_misp_event")
