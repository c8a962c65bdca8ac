"""MISP to STIX 2.1 and back. What is converted is converted back at once: a mark that would be lost refuses it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid5

from lintas.exchange.misp import markings, shapes, stix
from lintas.exchange.misp.markings import Marks
from lintas.exchange.misp.shapes import Unit
from lintas.exchange.misp.stix import Part
from lintas.model import shelf
from lintas.model.errors import InputError, LintasError, UnavailableError

# Tags that misp-stix makes of its own labels, and of the maker, whom an event names otherwise.
_NOISE = ("Threat-Report", stix.WRITTEN_BY_MISP)
_PRODUCER = "misp-galaxy:producer="
NOBODY = {"name": "unknown", "uuid": str(uuid5(markings.NAMESPACE, "unknown"))}  # the maker of what names none


def require() -> None:
    """Raises UnavailableError when the library is not installed."""
    _library()


def to_stix(unit: Unit) -> list[dict[str, Any]]:
    """An event as STIX 2.1 objects, all of them marked. Raises InputError for one that cannot be carried whole."""
    objects, lost = _tried(lambda: _library().to_stix(unit.content))
    _require_nothing_lost(lost)
    marked = stix.spread(objects)
    report = next((one for one in marked if one["type"] in stix.REPORTS), None)
    back = to_misp(Part(f"bundle--{unit.uuid or uuid5(markings.NAMESPACE, 'no event')}", tuple(marked), report, True))
    _require_marks(unit, back)
    return marked


def to_misp(part: Part) -> dict[str, Any]:
    """Objects of STIX as one event. Raises InputError for those that cannot be carried whole."""
    own, observed = stix.of_records(part.objects), stix.observed(part.objects)
    for inner, outer in observed:
        own[outer] |= own.get(inner, markings.NOTHING)
    everything = markings.NOTHING.union(*own.values())
    around = stix.marks(part.report) if part.report else everything
    missing = set(part.report.get("object_refs", ()) if part.report else ()) - {one["id"] for one in part.objects}
    if missing:
        raise _lost(f"{min(missing)[:80]} is not in this collection, nor are {len(missing) - 1} others")
    made, lost = _tried(lambda: _library().to_misp(part.id, stix.bare(part.objects), was_misp=part.was_misp))
    _require_nothing_lost(lost if len(made) == 1 else [f"{len(made)} events came of it"])
    event = _restored(made[0], part)
    found = _marked(event, own, around)
    found |= {inner for inner, outer in observed if outer in found}
    for id, held in own.items():
        if id not in found and not markings.is_kept(held, around):
            raise _lost(f"{id} is marked more strictly than its report, and has no record of its own in MISP")
    return event


def _require_marks(unit: Unit, back: Mapping[str, Any]) -> None:
    """Raises InputError when the way back finds a record that may be shared or used more freely than before."""
    before, after = shapes.tags(unit.event), shapes.tags(back)
    found = dict(shapes.records(back))
    is_kept = "info" not in unit.event or markings.strictness(before) == markings.strictness(after)
    for id, own in shapes.records(unit.event):
        is_kept &= markings.is_kept(
            markings.within(own, before), markings.within(found.get(id, markings.NOTHING), after)
        )
    if not is_kept:
        raise _lost("TLP or PAP of a record would be lost")


def _marked(event: dict[str, Any], own: Mapping[str, Marks], around: Marks) -> set[str]:
    """Put the marks on an event and its records; the uuids that were found."""
    found = set[str]()
    _tag(event, around)
    for attribute in event.get("Attribute", ()):
        _tag(attribute, markings.beyond(own.get(attribute["uuid"].lower(), markings.NOTHING), around))
        found.add(attribute["uuid"].lower())
    for thing in event.get("Object", ()):
        held = markings.beyond(own.get(thing["uuid"].lower(), markings.NOTHING), around)
        found.add(thing["uuid"].lower())
        for attribute in thing.get("Attribute", ()):
            _tag(attribute, held)
    return found


def _tag(thing: dict[str, Any], held: Marks) -> None:
    tags = [tag for tag in thing.pop("Tag", []) if not markings.is_mark(tag["name"])]
    tags += [{"name": name} for name in sorted(held)]
    if tags:
        thing["Tag"] = tags


def _restored(event: dict[str, Any], part: Part) -> dict[str, Any]:
    """An event with its maker and day, which misp-stix leaves in the report, and without the tags it adds."""
    report: Mapping[str, Any] = part.report or {}
    makers = {one["id"]: one for one in part.objects if one["type"] == "identity"}
    maker = makers.get(report.get("created_by_ref", ""))
    if maker:
        event["Orgc"] = {"name": str(maker.get("name", "")), "uuid": stix.uuid_of(maker["id"])}
    if part.was_misp:
        kept = [tag for tag in event.get("Tag", ()) if tag["name"] not in _NOISE and _PRODUCER not in tag["name"]]
        event["Tag"] = kept
        said = {stix.uuid_of(one["id"]): one["description"] for one in part.objects if "description" in one}
        for attribute in event.get("Attribute", ()):
            attribute["comment"] = attribute.get("comment") or said.get(attribute["uuid"], "")
    seconds = int(event.get("timestamp") or 0)
    return event | {"date": datetime.fromtimestamp(seconds, UTC).date().isoformat()} if seconds else event


def _library() -> Any:
    try:
        return shelf.take("lintas.exchange", "misp", "library")
    except ModuleNotFoundError as error:
        raise UnavailableError(
            "The library that reads and writes MISP is not installed here",
            where=str(error)[:200],
            do="Install what requirements-misp.lock names, or the package as lintas[misp].",
            code="no_misp_library",
        ) from error


def _tried(convert: Callable[[], tuple[list[dict[str, Any]], list[str]]]) -> tuple[list[dict[str, Any]], list[str]]:
    """What a conversion gives. Raises InputError, whatever the library stumbled over."""
    try:
        return convert()
    except LintasError:
        raise
    except Exception as error:  # two libraries' worth of them, of no common kind
        raise _lost(f"{type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else ''}") from error


def _require_nothing_lost(lost: Sequence[str]) -> None:
    if lost:
        raise _lost(f"{lost[0].splitlines()[-1][:200]}; {len(lost)} in all")


def _lost(why: str) -> InputError:
    return InputError(
        "Not all of it can be carried",
        where=why,
        do="Send it in another way, or leave this part out.",
        code="not_carried",
    )
