"""Whether a text may stand over the floor: it only forbids, fits the schema, and every row filter can be made of it.

A row filter compares a field of the row with what is known before a row is read (see policy.reach). What else a policy
may say is found here, when it is added, and never later.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lintas.desk import policy, schema
from lintas.model.errors import InputError
from lintas.model.officer import ROLES
from lintas.model.text import storable
from lintas.store import scoping

MAX_BYTES = 16 * 1024  # of one text; ours
MAX_FORBIDS = 100  # of all texts of an agency: each is a condition in every filter, and SQLite nests 1,000
MAX_DEPTH = 40  # of one condition; ours
COMPARED = ("==", "<=", ">=", "<", ">")
# What may be said of the officer and the context: it is worked out before a row is read, and cannot fail.
KNOWN = (*COMPARED, "!=", "!", "&&", "||", ".", "has", "is", "in", "like", "contains", "containsAll", "containsAny")
KNOWN_TOO = ("isEmpty", "if-then-else", "Set", "Value", "Var")
GROUPS = ("staff", *policy.GROUPS)
SETS = {"cases": "Case", "glass": "Run"}  # of the officer
RESOURCE = {"Var": "resource"}
_ASIDE = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*', re.DOTALL)  # texts and remarks
_BRACKETS, _DOTS = re.compile(r"[()\[\]{}]"), re.compile(r"(?:\.\s*\w+\s*){11}")
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


def check(name: str, text: str) -> int:
    """How many policies it holds. Raises InputError that says what may not stand in it."""
    if len(text.encode("utf-8", "surrogateescape")) > MAX_BYTES or storable(text) != text:
        raise wrong(name, f"it is longer than {MAX_BYTES} bytes, or no plain text", "bad_policy")
    if _is_deep(text):
        raise wrong(name, "it is nested too deeply", "bad_policy")
    try:
        found = schema.parsed(text)
    except ValueError as error:
        raise wrong(name, str(error)[:200], "bad_policy") from error
    if not found:
        raise wrong(name, "it holds no policy", "bad_policy")
    for one in found:
        if one["effect"] != "forbid":
            raise wrong(name, "it permits; a policy of an agency can only forbid", "policy_permits")
    if left := schema.misfits(text):
        raise wrong(name, "; ".join(left)[:500], "policy_unfit")
    for one in found:
        _Head(name, one).check()
    return len(found)


def _is_deep(text: str) -> bool:
    """Whether Cedar's own reader, which calls itself for each bracket and dot, could run out of stack."""
    bare, depth, deepest = _ASIDE.sub(lambda one: " " if one[0].startswith("/") else "x", text), 0, 0
    for mark in _BRACKETS.findall(bare):
        depth += 1 if mark in "([{" else -1
        deepest = max(deepest, depth)
    return deepest > MAX_DEPTH or bool(_DOTS.search(bare))


def wrong(name: str, why: str, code: str) -> InputError:
    """What is said of a text that may not stand."""
    return InputError(
        "This policy cannot be added: nothing was changed", where=f"{name}: {why}", do=_DO[code], code=code
    )


_DO = {
    "bad_policy": "Write policies of Cedar that begin with forbid.",
    "policy_permits": "Write forbid; what is permitted stands in the floor, the same for every agency.",
    "policy_unfit": "Use the actions, things and fields of the floor: policies.cedar, policies.cedarschema.",
    "policy_no_filter": "Compare fields of the thing with the officer, the context or plain values; "
    "name its kind: resource is Run.",
    "policy_locks_out": "Leave out whoever is to remove it: an administrator or custodian.",
    "too_many_policies": f"Remove one first: {MAX_FORBIDS} forbids in all.",
}


class _Head:
    """One policy, and the kind of thing that its head names."""

    def __init__(self, name: str, held: Mapping[str, Any]) -> None:
        self.name, self.held = name, held
        self.kind = str(held["resource"].get("entity_type", ""))

    def check(self) -> None:
        principal, resource = self.held["principal"], self.held["resource"]
        if principal["op"] == "==" or "slot" in str(principal) or "slot" in str(resource):
            raise self.unfit("it names one officer; name roles")
        if resource["op"] not in ("All", "is") or "in" in resource:
            raise self.unfit("its head names one thing; write resource is Run, and the rest under when")
        if (held := principal.get("in", principal).get("entity")) is not None:
            self.literal(held)
        for one in self.held["conditions"]:
            self.condition(one["body"], 0)

    def condition(self, body: Mapping[str, Any], depth: int) -> None:
        if self.is_known(body, depth):
            return
        ((operator, inside),) = body.items()
        match operator:
            case "&&" | "||":
                self.condition(inside["left"], depth + 1)
                self.condition(inside["right"], depth + 1)
            case "!":
                self.condition(inside["arg"], depth + 1)
            case "is" if inside["left"] == RESOURCE and "in" not in inside:
                pass
            case "has" if inside["left"] == RESOURCE:
                self.field(inside["attr"])
            case "==" | "<=" | ">=" | "<" | ">" if self.is_known(inside["right"], depth + 1):
                self.compared(inside["left"], inside["right"])
            case "==" | "<=" | ">=" | "<" | ">" if self.is_known(inside["left"], depth + 1):
                self.compared(inside["right"], inside["left"])
            case "in" if self.is_known(inside["right"], depth + 1):
                self.among(inside["left"], inside["right"])
            case _:
                raise self.unfit(f"it uses {operator} with the thing")

    def compared(self, left: Mapping[str, Any], right: Mapping[str, Any]) -> None:
        """A field of the thing beside what is known; what names another thing is of one kind with it."""
        field = self.of_resource(left)
        if field in policy.OFFICERS:
            is_fit = right == {"Var": "principal"}
        elif field in ("id", "case"):
            is_fit = _kinds(right) == {self.kind if field == "id" else "Case"}
        else:
            is_fit = right != {"Var": "principal"} and not any(_kinds(right))
        if not is_fit:
            raise self.unfit(f"it compares {field} with something else")

    def among(self, left: Mapping[str, Any], right: Mapping[str, Any]) -> None:
        field = self.of_resource(left)
        if field not in ("id", "case") or _kinds(right) != {self.kind if field == "id" else "Case"}:
            raise self.unfit(f"it looks for {field} among something else")

    def of_resource(self, body: Mapping[str, Any]) -> str:
        """The field that a side of a comparison names; `id` for the thing itself."""
        if body == RESOURCE and self.kind:
            return "id"
        if "." in body and body["."]["left"] == RESOURCE:
            return self.field(body["."]["attr"])
        raise self.unfit("it compares the thing with itself, or its head does not name its kind")

    def field(self, name: str) -> str:
        columns = scoping.KINDS.get(self.kind.lower())
        if not self.kind or (columns is not None and name not in columns):
            raise self.unfit(f"it looks at {name}, and its head does not name a kind of thing that has it")
        return name

    def is_known(self, body: Any, depth: int) -> bool:
        """Whether nothing of the thing is in it. Raises InputError for what no policy of an agency may use."""
        if depth > MAX_DEPTH:
            raise self.unfit("it is nested too deeply")
        ((operator, inside),) = body.items()
        if operator not in KNOWN and operator not in KNOWN_TOO:
            raise self.unfit(f"it uses {operator}")
        if operator == "Value":
            self.literal(inside)
            return True
        if operator == "Var":
            return bool(inside != "resource")
        known = [self.is_known(part, depth + 1) for part in _parts(inside)]  # each is looked at
        return all(known)

    def literal(self, value: Any) -> None:
        """A role is one of the house, a thing is named by its number, and nobody by their name."""
        named = value.get("__entity", value) if isinstance(value, dict) else None
        if isinstance(value, str) and storable(value) != value:
            raise self.unfit("it holds a character that cannot be kept")
        if named is None or named["type"] == "Action":
            return
        is_role = named["type"] == "Role" and named["id"] in (*ROLES, *GROUPS)
        if not is_role and (named["type"] in ("Role", "Officer", "Node") or not _NUMBER.fullmatch(named["id"])):
            raise self.unfit(f"it names {named['type']} {named['id'][:40]!r}; name a role of the house, or a number")

    def unfit(self, why: str) -> InputError:
        return wrong(self.name, why, "policy_no_filter")


def _parts(inside: Any) -> Iterator[Any]:
    """The expressions in one: what Cedar's JSON form has beside them are names and patterns."""
    held = inside if isinstance(inside, list) else [inside[name] for name in ("left", "right", "arg") if name in inside]
    yield from held
    if isinstance(inside, dict):
        yield from (inside[name] for name in ("if", "then", "else", "in") if name in inside)


def _kinds(body: Mapping[str, Any]) -> set[str]:
    """The kinds of things that what is known names."""
    ((operator, inside),) = body.items()
    if operator == "Set":
        return {kind for one in inside for kind in _kinds(one)}
    if operator == ".":
        return {SETS[inside["attr"]]} if inside["attr"] in SETS else set()
    if operator == "Value" and isinstance(inside, dict):
        return {inside["__entity"]["type"]}
    return set()
