"""The schema of the policies: the things of `policies.cedarschema`, and each action with what it is done to."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import orjson
from cedarpy import policies_to_json_str, validate_policies

from lintas.desk.policy import TEXT

THINGS = (files("lintas.desk") / "policies.cedarschema").read_text(encoding="utf-8")


def parsed(text: str) -> list[Mapping[str, Any]]:
    """Policies in Cedar's JSON form. Raises ValueError for what does not parse."""
    try:
        held = orjson.loads(policies_to_json_str(text))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return [*held["staticPolicies"].values(), *held["templates"].values()]


@lru_cache(maxsize=1)
def schema() -> str:
    """In Cedar's own form: the kinds an action is done to are those that the floor permits it on."""
    kinds = defaultdict[str, set[str]](set)
    for policy in parsed(TEXT):
        if policy["effect"] == "permit":
            for action in _actions(policy["action"]):
                kinds[action].add(policy["resource"]["entity_type"])
    lines = [
        f'action "{action}" appliesTo '
        f"{{ principal: [Officer], resource: [{', '.join(sorted(on))}], context: Context }};"
        for action, on in sorted(kinds.items())
    ]
    return "\n".join([THINGS, *lines])


def misfits(text: str) -> list[str]:
    """What in policies does not fit the schema, in Cedar's words."""
    found = validate_policies(text, schema())
    return [] if found.validation_passed else [str(error) for error in found.errors] or ["it does not fit"]


def _actions(head: Mapping[str, Any]) -> Iterator[str]:
    for one in head.get("entities") or [head["entity"]]:
        yield one["id"]
