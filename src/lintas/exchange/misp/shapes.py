"""What a file of MISP holds: events, or attributes or objects without one. Each is looked at before it is converted."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lintas.exchange.misp import checks, markings
from lintas.exchange.misp.markings import Marks
from lintas.model.errors import FileError

PROPOSALS = "ShadowAttribute"


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
        checks.require_records(bare.event)
        return bare
    event = checks.mapping(content["Event"], "the event")
    name, maker = checks.uuid(event, "the event"), checks.mapping(event.get("Orgc"), "Orgc")
    checks.uuid(maker, "Orgc")
    if not isinstance(event.get("info"), str) or not isinstance(maker.get("name"), str):
        raise checks.bad("An event has a title (info), and a maker (Orgc) with a name", name)
    for field in ("timestamp", "publish_timestamp"):
        checks.number(event, field)
    held = _whole(event, left)
    checks.require_records(held)
    return Unit(name, {"Event": held}, left)


def _bare(held: Any, left: Counter[str]) -> Any:
    """Attributes, or objects, that no event holds."""
    if isinstance(held, dict):
        return _whole(held, left)
    return [{"Object": _whole(checks.mapping(one["Object"], "Object"), left)} for one in held]


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
    left["proposals"] += len(checks.rows(thing.get(PROPOSALS)))
    for name in ("Attribute", "Object"):
        rows = [checks.mapping(one, name) for one in checks.rows(thing.get(name))]
        live = [_whole(one, left) for one in rows if not one.get("deleted")]
        left["deleted"] += len(rows) - len(live)
        if name in thing:
            kept[name] = live
    return kept
