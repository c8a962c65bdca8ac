"""STIX objects of events: an event's marks on all that is of it, and which objects of a collection are one event."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid5

from lintas.exchange.misp import markings
from lintas.exchange.misp.markings import NAMESPACE, Marks
from lintas.model.errors import InputError

Object = Mapping[str, Any]
REPORTS = ("report", "grouping")
# What says nothing of a case, and is shared by events: it keeps the marks that it has.
SHARED = ("identity", "marking-definition", "extension-definition")
WRITTEN_BY_MISP = 'misp:tool="MISP-STIX-Converter"'
GALAXY = "misp:galaxy-"  # labels of what is known of tools and actors everywhere: the same object in every event


@dataclass(frozen=True)
class Part:
    """The objects that are one event. `report` None: what no report names."""

    id: str
    objects: tuple[Object, ...]
    report: Object | None
    was_misp: bool


def marks(one: Object) -> Marks:
    """What an object is marked with. Raises InputError for a marking that MISP has no tag for."""
    if one.get("granular_markings"):
        raise _not_carried("it marks parts of itself", one)
    refs = [ref for ref in _list(one, "object_marking_refs") if isinstance(ref, str)]
    for ref in refs:
        if ref not in markings.TAGS:
            raise _not_carried(ref, one)
    return frozenset(markings.TAGS[ref] for ref in refs) | markings.of_names(_labels(one))


def uuid_of(id: str) -> str:
    """The uuid in an id."""
    return id[-36:].lower()


def of_records(objects: Iterable[Object]) -> dict[str, Marks]:
    """The marks of each record of MISP, by uuid: an attribute is up to three objects of STIX, with one uuid."""
    found = defaultdict[str, Marks](frozenset)
    for one in objects:
        if one["type"] not in SHARED:
            found[uuid_of(one["id"])] |= marks(one)
    return dict(found)


def observed(objects: Iterable[Object]) -> list[tuple[str, str]]:
    """The uuid of each value that was observed, with that of the record it is of."""
    sightings = [one for one in objects if one["type"] == "observed-data"]
    return [(uuid_of(ref), uuid_of(one["id"])) for one in sightings for ref in _list(one, "object_refs")]


def spread(objects: Sequence[Object]) -> list[dict[str, Any]]:
    """Objects of one event, each marked as strictly as what it holds: whoever reads one alone knows how to treat it.

    misp-stix marks the report and one object of each record; its other objects hold the same values.
    """
    around = next((marks(one) for one in objects if one["type"] in REPORTS), markings.NOTHING)
    own = of_records(objects)
    for inner, outer in observed(objects):
        own[inner] = own.get(inner, markings.NOTHING) | own[outer]
    found = list[dict[str, Any]]()
    for one in objects:
        is_shared = one["type"] in SHARED or any(label.startswith(GALAXY) for label in _labels(one))
        held = markings.NOTHING if is_shared else markings.within(own[uuid_of(one["id"])], around)
        found.append({**one, "object_marking_refs": markings.ids(held)} if held else dict(one))
    used = markings.NOTHING.union(*(marks(one) for one in found))
    return [*found, *markings.statements(used)]


def bare(objects: Sequence[Object]) -> list[dict[str, Any]]:
    """Objects without their marks, which are put back on what MISP makes of them."""
    return [_bare(one) for one in objects if one["id"] not in markings.TAGS]


def parts(objects: Sequence[Object], name: str) -> Iterator[Part]:
    """Each report with all that it leads to; then what none leads to. `name`: of the collection, for the last one."""
    held = {one["id"]: one for one in objects}
    order = {id: place for place, id in enumerate(held)}
    between = defaultdict[Any, list[Object]](list)
    for one in objects:
        if one["type"] == "relationship":
            between[one.get("source_ref")].append(one)
    reports = [one for one in objects if one["type"] in REPORTS]
    rest = {id for id, one in held.items() if one["type"] not in (*SHARED, *REPORTS)}
    for report in reports:
        reached = _reached(report, held)
        near = [one for id in reached for one in between.get(id, ())]
        reached |= {one["id"] for one in near if one.get("target_ref") in reached}
        rest -= reached
        was_misp = WRITTEN_BY_MISP in _labels(report)
        yield Part(
            f"bundle--{uuid_of(report['id'])}",
            tuple(held[id] for id in sorted(reached, key=order.__getitem__)),
            report,
            was_misp,
        )
    if rest:
        reached = set[str]().union(*(_reached(held[id], held) for id in rest))
        chosen = tuple(held[id] for id in sorted(reached, key=order.__getitem__))
        records = [held[id] for id in rest if "created" in held[id] and held[id]["type"] != "relationship"]
        was_misp = bool(records) and all(any(label.startswith("misp:") for label in _labels(one)) for one in records)
        yield Part(f"bundle--{uuid5(NAMESPACE, name)}", chosen, None, was_misp)


def _reached(start: Object, held: Mapping[str, Object]) -> set[str]:
    """What an object leads to, itself among it; not beyond another report."""
    found, waiting = {start["id"]}, [start]
    while waiting:
        for ref in _references(waiting.pop()):
            if ref in held and ref not in found:
                found.add(ref)
                waiting.extend([held[ref]] if held[ref]["type"] not in REPORTS else [])
    return {id for id in found if id == start["id"] or held[id]["type"] not in REPORTS}


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name.endswith(("_ref", "_refs")):
                yield from (one for one in (inner if isinstance(inner, list) else [inner]) if isinstance(one, str))
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)


def _bare(one: Object) -> dict[str, Any]:
    kept = {name: value for name, value in one.items() if name != "object_marking_refs"}
    labels = [label for label in _labels(one) if not markings.is_mark(label)]
    return kept | ({"labels": labels} if labels else {}) if "labels" in one else kept


def _labels(one: Object) -> list[str]:
    return [label for label in _list(one, "labels") if isinstance(label, str)]


def _list(one: Object, name: str) -> list[Any]:
    said = one.get(name)
    return said if isinstance(said, list) else []


def _not_carried(what: str, one: Object) -> InputError:
    return InputError(
        "It is marked in a way that cannot be carried",
        where=f"{one['id'][:80]}: {what[:80]}",
        do="Only TLP and PAP are carried between STIX and MISP.",
        code="unknown_marking",
    )
