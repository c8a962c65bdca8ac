"""Nested entities taken apart: every object with an id becomes an entity that others point to by that id."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lintas.model.entity import Draft, entity_from_dict, property_of, schema_of
from lintas.model.errors import InputError

DATASETS_LABEL = "Datasets: "
DEEPEST = 50  # levels of nesting; OpenSanctions nests to about 4
# Beyond this a JSON number is no longer exact, so a number of a passport could have been changed on its way.
_EXACT_NUMBERS = 2**53


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


# The keys that OpenSanctions writes beside the entity itself, and what each must be. `datasets` goes to the notes;
# `last_seen` dates the file. The others are not kept: `caption` is one of the names again; `target` follows from
# the topics; `referents` are ids that the publisher merged into this one; `first_seen`, `last_change` and `origin`
# are the publisher's bookkeeping, and would show every entity as changed with every version.
_KEYS: Mapping[str, Callable[[Any], bool]] = {
    "caption": _is_text,
    "datasets": _is_texts,
    "referents": _is_texts,
    "origin": _is_texts,
    "first_seen": _is_text,
    "last_seen": _is_text,
    "last_change": _is_text,
    "target": lambda value: isinstance(value, bool),
}
_ENTITY_KEYS = frozenset({"id", "schema", "properties"})


@dataclass(frozen=True)
class Node:
    """One object of a line. `parent_id` is None for the line's own entity; `link` is the property that points back."""

    data: Mapping[str, Any]
    parent_id: str | None = None
    link: str | None = None

    @property
    def last_seen(self) -> str | None:
        """When the publisher saw it last, as published."""
        return self.data.get("last_seen")

    def draft(self) -> Draft:
        """The entity. Raises InputError for what is none."""
        schema = self.data["schema"]
        kept = {name: values for name, values in self.data["properties"].items() if _reverse(schema, name) is None}
        draft = entity_from_dict({**self.data, "properties": kept})
        if self.link is not None:
            draft.add(self.link, self.parent_id)
        if "notes" in schema_of(schema).properties and (datasets := self.data.get("datasets")):
            draft.add("notes", DATASETS_LABEL + ", ".join(datasets))
        return draft


def flatten(data: Any) -> list[Node]:
    """The entity of one line and those nested in it, each once per place. Raises InputError for what is no entity."""
    found: list[Node] = []
    waiting = deque([(Node(data), 0)])
    while waiting:
        node, depth = waiting.popleft()
        if depth > DEEPEST:
            raise InputError(
                f"Entities are nested more than {DEEPEST} deep", do="Use entities.ftm.json instead.", code="too_deep"
            )
        _require_entity(node.data)
        found.append(node)
        waiting += [(child, depth + 1) for child in _children(node)]
    return found


def _children(node: Node) -> list[Node]:
    schema = node.data["schema"]
    children: list[Node] = []
    for name, values in node.data["properties"].items():
        link = _reverse(schema, name)
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, int | float) and abs(value) >= _EXACT_NUMBERS:
                raise InputError(
                    f"A value of {name[:80]!r} is no exact number", do="Write it as text.", code="bad_value"
                )
            if isinstance(value, Mapping):
                children.append(Node(value, node.data["id"], link))
            elif link is not None and value is not None:
                property_of(schema, name)  # raises: an id alone cannot stand for what points here
    return children


def _reverse(schema: str, name: str) -> str | None:
    """The property of a nested entity that points to the one it is nested in.

    `sanctions` of a person holds sanctions, and it is their `entity` that says so. None for a property that
    holds values or references of its own.
    """
    found = schema_of(schema).get(name)
    return found.reverse.name if found is not None and found.stub and found.reverse is not None else None


def _require_entity(data: Any) -> None:
    """Raises InputError when `data` is no object with an id, a schema and properties, or has unknown keys."""
    is_entity = (
        isinstance(data, Mapping)
        and isinstance(data.get("id"), str)
        and isinstance(data.get("schema"), str)
        and isinstance(data.get("properties"), Mapping)
    )
    if not is_entity:
        raise InputError(
            "This is not a FollowTheMoney entity",
            do='Each line is an object with "id" and "schema" (text) and "properties" (lists of text).',
            code="not_an_entity",
        )
    for key, value in data.items():
        if key not in _ENTITY_KEYS and key not in _KEYS:
            raise InputError(
                f"{key[:80]!r} is a key that this format does not have",
                do="Remove it, or put it under a property of FollowTheMoney.",
                code="unknown_field",
            )
        if key in _KEYS and value is not None and not _KEYS[key](value):
            raise InputError(f"{key!r} is not what it should be", do="See the samples of this list.", code="bad_value")
