"""What a file of MISP holds: events, or attributes or objects without one. Each is looked at before it is converted."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lintas.exchange.misp import markings
from lintas.exchange.misp.markings import Marks
from lintas.model.errors import FileError, InputError

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
LONGEST_TAG = 255  # characters, as MISP keeps them
PROPOSALS = "ShadowAttribute"
_SECONDS = re.compile(r"\d{1,11}", re.ASCII)


@dataclass(frozen=True)
class Unit:
    """What is converted or refused as one. `uuid`: of the event; empty when attributes or objects have none."""

    uuid: str
    content: Mapping[str, Any]
    left_out: Mapping[str, int]  # how many of what is not carried

    @property
    def event(self) -> Mapping[str, Any]:
        """The event; attributes and objects without one as those of an event that says nothing."""
        held = self.content.get("Event", self.content.get("response"))
        if isinstance(held, list):
            return {"Object": [one["Object"] for one in held]}
        return held or {}


def contents(data: Any) -> list[Mapping[str, Any]]:
    """The events of a file, whichever way MISP wrapped them, unlooked at. Raises FileError when it is none of MISP."""
    held = data.get("response", data) if isinstance(data, dict) else data
    if isinstance(held, dict) and not held.keys() & {"Event", "info"}:
        found = [held] if isinstance(held.get("Attribute"), list) else []
        is_bare = True
    else:
        found = held if isinstance(held, list) else [held]
        is_bare = all(isinstance(one, dict) and "Object" in one and not one.keys() & {"Event", "info"} for one in found)
    if not found or not all(isinstance(one, dict) for one in found):
        raise FileError(
            "This is no file of MISP", do="Give an event as JSON, or the folder of a feed.", code="no_misp_file"
        )
    return [{"response": held}] if is_bare else [{"Event": one.get("Event", one)} for one in found]


def unit(content: Mapping[str, Any]) -> Unit:
    """One of them, looked at. Raises InputError that says what is wrong with it."""
    left = Counter[str]()
    if "response" in content:
        held = content["response"]
        bare = Unit("", {"response": _bare(held, left)}, left)
        _require_records(bare.event)
        return bare
    event = _mapping(content["Event"], "the event")
    name, maker = _uuid(event, "the event"), _mapping(event.get("Orgc"), "Orgc")
    _uuid(maker, "Orgc")
    if not isinstance(event.get("info"), str) or not isinstance(maker.get("name"), str):
        raise _bad("An event has a title (info), and a maker (Orgc) with a name", name)
    for field in ("timestamp", "publish_timestamp"):
        _number(event, field)
    held = _whole(event, left)
    _require_records(held)
    return Unit(name, {"Event": held}, left)


def _bare(held: Any, left: Counter[str]) -> Any:
    """Attributes, or objects, that no event holds."""
    if isinstance(held, dict):
        return _whole(held, left)
    return [{"Object": _whole(_mapping(one["Object"], "Object"), left)} for one in held]


def uuid_of(content: Mapping[str, Any]) -> str:
    """What to call content that may be none."""
    held = content.get("Event")
    found = held.get("uuid") if isinstance(held, dict) else None
    return found.lower()[:64] if isinstance(found, str) else ""


def tags(thing: Mapping[str, Any]) -> Marks:
    """The marks of an event or attribute. Raises InputError for a label that cannot be carried."""
    return markings.of_names(tag["name"] for tag in thing.get("Tag") or ())


def records(event: Mapping[str, Any]) -> Iterator[tuple[str, Marks]]:
    """Every attribute, and every object with what its attributes say together, by uuid: the marks of its own."""
    for attribute in event.get("Attribute") or ():
        yield attribute["uuid"].lower(), tags(attribute)
    for thing in event.get("Object") or ():
        yield thing["uuid"].lower(), markings.NOTHING.union(*map(tags, thing.get("Attribute") or ()))


def _whole(thing: Mapping[str, Any], left: Counter[str]) -> dict[str, Any]:
    """A thing without what was deleted in MISP and what others propose for it, which no STIX object is made of."""
    kept = {name: value for name, value in thing.items() if name != PROPOSALS}
    left["proposals"] += len(_rows(thing.get(PROPOSALS)))
    for name in ("Attribute", "Object"):
        rows = [_mapping(one, name) for one in _rows(thing.get(name))]
        live = [_whole(one, left) for one in rows if not one.get("deleted")]
        left["deleted"] += len(rows) - len(live)
        if name in thing:
            kept[name] = live
    return kept


def _require_records(event: Mapping[str, Any]) -> None:
    """Raises InputError unless every record is what it should be and is called as no other is."""
    _require_tags(event)
    for attribute in _rows(event.get("Attribute")):
        _require_attribute(_mapping(attribute, "Attribute"))
    for thing in _rows(event.get("Object")):
        if not isinstance(_mapping(thing, "Object").get("name"), str):
            raise _bad("An object has a name", "Object")
        _uuid(thing, "Object")
        _number(thing, "timestamp")
        for attribute in _rows(thing.get("Attribute")):
            _require_attribute(_mapping(attribute, "Attribute"))
    held = [*(event.get("Attribute") or ()), *(event.get("Object") or ())]
    inside = (one for thing in event.get("Object") or () for one in thing.get("Attribute") or ())
    (name, n), *_ = Counter(one["uuid"].lower() for one in (*held, *inside)).most_common(1) or [("", 0)]
    if n > 1:
        raise InputError(
            "Two records have one uuid", where=name, do="Give each its own, as MISP does.", code="duplicate_uuid"
        )


def _require_attribute(one: Mapping[str, Any]) -> None:
    name = _uuid(one, "Attribute")
    if not isinstance(one.get("type"), str) or not isinstance(one.get("value"), str):
        raise _bad("An attribute has a type and a value, both text", name)
    _number(one, "timestamp")
    _require_tags(one)


def _require_tags(thing: Mapping[str, Any]) -> None:
    for tag in _rows(thing.get("Tag")):
        name = _mapping(tag, "Tag").get("name")
        if not isinstance(name, str) or not 0 < len(name) <= LONGEST_TAG:
            raise _bad("A tag has a name", "Tag")
    tags(thing)


def _number(held: Mapping[str, Any], name: str) -> None:
    """MISP writes times as seconds since 1970, as text or as a number."""
    said = held.get(name)
    if said is not None and not (type(said) in (int, str) and _SECONDS.fullmatch(str(said))):
        raise _bad("A time is seconds since 1970", name)


def _uuid(held: Mapping[str, Any], where: str) -> str:
    said = held.get("uuid")
    if not isinstance(said, str) or not UUID.fullmatch(said):
        raise InputError("It has no uuid", where=where, do="Export it from MISP with its uuids.", code="no_uuid")
    return said.lower()


def _mapping(said: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(said, dict):
        raise _bad("It is no object of JSON", where)
    return said


def _rows(said: Any) -> list[Any]:
    if said is not None and not isinstance(said, list):
        raise _bad("It is no list", "a list of attributes, objects or tags")
    return said or []


def _bad(what: str, where: str) -> InputError:
    return InputError(what, where=where, do="Export it from MISP anew.", code="no_misp_event")
