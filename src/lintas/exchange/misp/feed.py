"""A feed of MISP: manifest.json, hashes.csv, and one file for each event, named by its uuid."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from lintas.exchange.misp import markings, shapes
from lintas.exchange.misp.shapes import Unit
from lintas.model.errors import FileError, InputError
from lintas.model.json_text import read_json

MANIFEST, HASHES = "manifest.json", "hashes.csv"
_LINE = re.compile(r"([0-9a-f]{32}),([^,\s]{1,64})", re.ASCII)
# What is of one instance of MISP and of nobody who pulls from it: PyMISP leaves it out of feeds too.
_LOCAL = frozenset("id event_id object_id org_id orgc_id distribution sharing_group_id SharingGroup Org".split())


def read_file(data: bytes, name: str) -> Any:
    """A file's JSON. Raises FileError."""
    try:
        return read_json(data)
    except ValueError as error:
        why = str(error).splitlines()[0][:200]
        raise FileError(
            "This is no JSON that can be read here",
            where=f"{name}: {why}",
            do="Give JSON in UTF-8, every key once.",
            code="bad_json",
        ) from error


def manifest(data: bytes) -> Mapping[str, Any]:
    """What the feed says of each event, by what should be its uuid. Raises FileError."""
    found = read_file(data, MANIFEST)
    if not isinstance(found, dict):
        raise FileError("The manifest is none of MISP", where=MANIFEST, do="Make the feed anew.", code="bad_manifest")
    return found


def hashes(data: bytes) -> dict[str, set[str]]:
    """The MD5 of the values of each event, by its uuid. Raises FileError that names the line."""
    found = defaultdict[str, set[str]](set)
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        read = _LINE.fullmatch(line)
        if read is None:
            raise FileError(
                "This is no line of a digest and a uuid",
                where=f"{HASHES}:{number}",
                do="Make the feed anew.",
                code="bad_hashes",
            )
        found[read[2].lower()].add(read[1])
    return dict(found)


def require_fit(unit: Unit, content: Mapping[str, Any], name: str, line: Any, digests: set[str] | None) -> None:
    """Raises InputError unless an event is the one that the feed says it is.

    `line`: of the manifest; `digests`: of its values, None when the feed has none.
    """
    event = unit.event
    if unit.uuid != name:
        raise _unfit(f"the file of {name} holds another event")
    if not isinstance(line, dict) or line.get("info") != event["info"]:
        raise _unfit(f"the manifest says something else of {name}")
    tags = [tag for tag in line.get("Tag") or () if isinstance(tag, dict) and isinstance(tag.get("name"), str)]
    if markings.strictness(shapes.tags({"Tag": tags})) != markings.strictness(shapes.tags(event)):
        raise _unfit(f"the manifest marks {name} otherwise")
    if digests is not None and digests != set(_digests(content["Event"])):
        raise _unfit(f"{HASHES} has other values of {name}")


def files(events: Sequence[Mapping[str, Any]]) -> dict[str, bytes]:
    """The files of a feed. An event has uuid, info, Orgc and timestamp."""
    kept = [_outward(event) for event in events]
    lines = [f"{digest},{event['uuid']}" for event in kept for digest in _digests(event)]
    said = {"Orgc": {}, "Tag": [], "info": "", "date": "", "analysis": "0", "threat_level_id": "4", "timestamp": "0"}
    of = {event["uuid"]: {name: event.get(name, empty) for name, empty in said.items()} for event in kept}
    whole = {f"{event['uuid']}.json": orjson.dumps({"Event": event}, option=orjson.OPT_INDENT_2) for event in kept}
    return {
        MANIFEST: orjson.dumps(of, option=orjson.OPT_INDENT_2),
        HASHES: "".join(f"{line}\n" for line in lines).encode(),
        **whole,
    }


def _outward(thing: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in thing.items() if name not in _LOCAL}
    for name in ("Attribute", "Object"):
        if name in kept:
            kept[name] = [_outward(one) for one in kept[name]]
    return {"analysis": "0", "threat_level_id": "4", **kept} if "info" in kept else kept


def _digests(event: Mapping[str, Any]) -> Iterator[str]:
    inside = (one for thing in event.get("Object") or () for one in thing.get("Attribute") or ())
    for one in (*(event.get("Attribute") or ()), *inside):
        yield from _of_value(one["type"], one["value"])


def _of_value(type: str, value: str) -> Iterable[str]:
    parts = value.split("|") if "|" in type or type == "malware-sample" else [value]
    return [hashlib.md5(part.encode(), usedforsecurity=False).hexdigest() for part in parts]


def _unfit(why: str) -> InputError:
    return InputError("The feed contradicts itself", where=why, do="Make the feed anew.", code="feed_does_not_fit")
