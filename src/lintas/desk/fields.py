"""The fields of an entity as clients name them to filter and sort: `caption`, `properties.birthDate`, `dates`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lintas.model.entity import property_of
from lintas.model.errors import InputError

Document = Mapping[str, Any]

PLAIN = ("id", "caption", "schema", "target", "first_seen", "last_seen", "last_change", "datasets")
# What FollowTheMoney calls the groups of its property types.
GROUPS = ("addresses", "countries", "dates", "emails", "genders", "identifiers", "names", "phones", "topics")
OF_PROPERTY = "properties."


def reader(field: str) -> Callable[[Document], list[str]]:
    """A function that takes the values of a field out of an entity. Raises InputError for a field nobody has."""
    if field.startswith(OF_PROPERTY):
        return lambda document: _texts(document["properties"].get(field.removeprefix(OF_PROPERTY), ()))
    if field in GROUPS:
        return lambda document: _of_group(document, field)
    if field == "target":
        return lambda document: [str(document["target"]).lower()]
    if field == "datasets":
        return lambda document: list(document["datasets"])
    if field in PLAIN:
        return lambda document: [document[field]]
    raise InputError(
        f"Entities have no field {field[:80]!r}",
        do=f"Use one of: {', '.join((*PLAIN, *GROUPS))}, or properties.NAME.",
        code="unknown_field",
    )


def ordered(documents: Iterable[dict[str, Any]], sort: Sequence[str]) -> list[dict[str, Any]]:
    """Documents by `field`, `field:asc` or `field:desc`, the first field first; those without a value come last."""
    found = list(documents)
    for wanted in reversed(sort):
        field, _, direction = wanted.rpartition(":")
        if direction not in ("asc", "desc"):
            field, direction = wanted, "asc"
        _sort(found, reader(field), is_falling=direction == "desc")
    return found


def _sort(documents: list[dict[str, Any]], read: Callable[[Document], list[str]], *, is_falling: bool) -> None:
    pick = max if is_falling else min
    keyed = [(pick(map(str.casefold, values)) if (values := read(one)) else None, one) for one in documents]
    with_value = [(key, one) for key, one in keyed if key is not None]
    with_value.sort(key=lambda item: item[0], reverse=is_falling)
    documents[:] = [one for _, one in with_value] + [one for key, one in keyed if key is None]


def _of_group(document: Document, group: str) -> list[str]:
    schema = document["schema"]
    held = (values for prop, values in document["properties"].items() if property_of(schema, prop).type.group == group)
    return list(dict.fromkeys(value for values in held for value in _texts(values)))


def _texts(values: Iterable[Any]) -> list[str]:
    return [value for value in values if isinstance(value, str)]  # a nested entity is no value
