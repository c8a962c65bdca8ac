"""A file of roots, collections, objects and statuses, as the reference server of OASIS keeps them in memory."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from lintas.exchange.taxii import objects, times
from lintas.model.errors import FileError, InputError
from lintas.model.taxii import DISCOVERY, Collection, Root, Version

LONGEST_ID = 64  # characters, of a collection or status; the standard has UUIDs
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}", re.ASCII)


def discovery(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the server says of itself; None when the file does not say it."""
    found = data.get(DISCOVERY)
    return None if found is None else _mapping(found, DISCOVERY)


def roots(data: Mapping[str, Any]) -> Iterator[Root]:
    """Every API root of a file. Raises FileError, where says at what."""
    for name, said in data.items():
        if name == DISCOVERY:
            continue
        if not NAME.fullmatch(name):
            raise _bad(f"root {name[:64]}", "its name has other characters than small letters, digits and . _ -")
        held = _mapping(said, name)
        yield Root(
            name,
            _mapping(held.get("information"), f"{name} information"),
            tuple(_collection(one, name) for one in _rows(held.get("collections", []), f"{name} collections")),
            tuple(_statuses(held.get("status", []), name)),
        )


def _collection(said: Any, root: str) -> tuple[Collection, tuple[Version, ...]]:
    held = _mapping(said, f"{root} collections")
    where = f"{root} {str(held.get('id'))[:64]}"
    kinds = {"id": str, "title": str, "can_read": bool, "can_write": bool}
    if not all(isinstance(held.get(name), kind) for name, kind in kinds.items()) or len(held["id"]) > LONGEST_ID:
        raise _bad(where, "it needs id and title as text, can_read and can_write as true or false")
    collection = Collection(
        held["id"],
        held["title"],
        held["can_read"],
        held["can_write"],
        tuple(str(one)[:255] for one in _rows(held.get("media_types", []), where)),
        _text(held, "description", where),
        _text(held, "alias", where),
    )
    return collection, tuple(_versions(held, where))


def _versions(held: Mapping[str, Any], where: str) -> Iterator[Version]:
    """Its objects, each with what the manifest says of it, in the order in which they were added."""
    manifest = _manifest(_rows(held.get("manifest", []), where), where)
    found = []
    for place, value in enumerate(_rows(held.get("objects", []), where)):
        at = f"{where} objects[{place}]"
        entry = manifest.get(_key(value, at))
        if entry is None:
            raise _bad(at, "no line of the manifest is about it")
        try:
            added_at, media_type = _time(entry.get("date_added"), at), _text(entry, "media_type", at)
            found.append(objects.version_of(value, added_at, media_type))
        except InputError as error:
            raise _bad(at, error.what) from error
    yield from sorted(found, key=lambda one: one.added_at)


def _manifest(lines: Sequence[Any], where: str) -> dict[tuple[str, datetime | None], Mapping[str, Any]]:
    """Its lines by id and version; by the id alone too, for objects that have no versions."""
    held = {_key(one, where): one for one in lines}
    return {(id, None): one for (id, _), one in held.items()} | held


def _key(value: Any, where: str) -> tuple[str, datetime | None]:
    """Which version of which object a line or an object is about."""
    held = _mapping(value, where)
    text = held.get("version", held.get("modified", held.get("created")))
    if not isinstance(held.get("id"), str):
        raise _bad(where, "it has no id")
    return held["id"], None if text is None else _time(text, where)


def _statuses(said: Any, root: str) -> Iterator[Mapping[str, Any]]:
    for one in _rows(said, f"{root} status"):
        name = _mapping(one, f"{root} status").get("id")
        if not isinstance(name, str) or len(name) > LONGEST_ID:
            raise _bad(f"{root} status", "it has no id")
        if "request_timestamp" in one:
            _time(one["request_timestamp"], f"{root} status")
        yield one


def _time(text: Any, where: str) -> datetime:
    try:
        return times.read(text, times.KEPT)
    except InputError as error:
        raise _bad(where, error.what) from error


def _text(held: Mapping[str, Any], name: str, where: str) -> str | None:
    value = held.get(name)
    if not (value is None or isinstance(value, str)):
        raise _bad(where, f"its {name} is no text")
    return value


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _bad(where, "it is no object of JSON")
    return value


def _rows(value: Any, where: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise _bad(where, "it is no list of JSON")
    return value


def _bad(where: str, why: str) -> FileError:
    return FileError(
        f"This cannot be loaded: {why}",
        where=where,
        do="Give a data file as the reference server of OASIS has it.",
        code="bad_taxii_file",
    )
