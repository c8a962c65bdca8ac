"""Ask the policies: may this officer do this to that thing, and which rows of a kind may they reach?

The rules stand in `policies.cedar`, and in the overlays of the agency, which can only forbid (desk/overlays.py).
A single thing is decided by Cedar. For many rows Cedar is asked with the row unknown; what it leaves over is a
condition on the row's fields, which the store turns into SQL.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from cedarpy import Decision, PolicySet, is_authorized, is_authorized_partial

from lintas.model.officer import ROLES, Officer
from lintas.model.scope import EVERYTHING, NOTHING, Either, Every, Field, Not, Scope

TEXT = (files("lintas.desk") / "policies.cedar").read_text(encoding="utf-8")
VERBS = frozenset(re.findall(r'Action::"([a-z_.]+)"', TEXT))
GROUPS = {"content": ("analyst", "supervisor", "liaison")}  # and staff, which is every role
OFFICERS = ("officer", "proposed_by")  # fields that hold an officer
_TURNED = {"==": "==", "<=": ">=", ">=": "<=", "<": ">", ">": "<"}


@dataclass(frozen=True)
class Rules:
    """All policies that hold in an office, the same when their digest is. `fault`: why it is closed, when it is."""

    digest: str
    policies: PolicySet = field(compare=False, repr=False)
    fault: str = ""


def rules(overlays: Iterable[str] = (), fault: str = "") -> Rules:
    """The floor under the texts of overlays. Raises ValueError for what does not parse."""
    text = "\n".join([TEXT, *overlays])
    return Rules(sha256(f"{fault}\0{text}".encode()).hexdigest(), PolicySet.from_str(text), fault)


FLOOR = rules()


@dataclass(frozen=True)
class Facts:
    """What the policies look at of an officer: roles and rank, and the cases and runs that are open to them.

    `rules`: of the office they act in; access.facts says them. The floor alone is for tests of the floor.
    """

    officer: Officer
    cases: frozenset[int] = frozenset()
    glass: frozenset[int] = frozenset()  # runs behind glass that they broke
    rules: Rules = FLOOR


@dataclass(frozen=True)
class Thing:
    """What a verb is done to. `kind`: Node, Run, Case, Proposal, Thread, Message. `fields`: as policies name them."""

    kind: str
    id: str
    fields: tuple[tuple[str, str | int], ...] = ()


HERE = Thing("Node", "here")
# The officer's name as Cedar hears it: names may hold any character, and only "is it the same one" is asked of them.
ME, ANOTHER = "me", "another"


@lru_cache(maxsize=4096)
def allows(facts: Facts, verb: str, thing: Thing = HERE) -> bool:
    """Whether the policies permit it. What they do not know they refuse."""
    if verb not in VERBS:
        return False
    resource = {"type": thing.kind, "id": thing.id}
    request = _request(facts.officer, verb) | {"resource": resource}
    answer = is_authorized(request, facts.rules.policies, [*_who(facts), _what(thing, facts.officer.id)])
    return bool(answer.allowed) and not answer.diagnostics.errors


@lru_cache(maxsize=4096)
def reach(facts: Facts, verb: str, kind: str) -> Scope:
    """The condition under which the policies permit it to a row of a kind."""
    if verb not in VERBS:
        return NOTHING
    answer = is_authorized_partial(_request(facts.officer, verb), facts.rules.policies, _who(facts))
    if answer.decision == Decision.Deny:
        return NOTHING
    left = (answer.residuals or {}).values()
    read = _Reader(kind, facts.officer.id)
    permits = [read.policy(one) for one in left if one["effect"] == "permit"]
    forbids = [read.policy(one) for one in left if one["effect"] == "forbid"]
    return every([any_of(permits), *(negation(one) for one in forbids)])


def _request(officer: Officer, verb: str) -> dict[str, Any]:
    return {"principal": f'Officer::"{ME}"', "action": f'Action::"{verb}"', "context": _context(officer)}


def _context(officer: Officer) -> dict[str, Any]:
    context: dict[str, Any] = {"purpose": officer.purpose, "via": officer.via}
    if officer.verbs is not None:
        context["verbs"] = [_uid("Action", verb) for verb in sorted(officer.verbs)]
    return context


def _who(facts: Facts) -> list[dict[str, Any]]:
    officer = facts.officer
    attributes = {
        "agency": officer.agency,
        "clearance": officer.clearance,
        "cases": [_uid("Case", str(number)) for number in sorted(facts.cases)],
        "glass": [_uid("Run", str(number)) for number in sorted(facts.glass)],
    }
    roles = [{"type": "Role", "id": role} for role in ROLES if role in officer.roles]
    person = {"uid": {"type": "Officer", "id": ME}, "attrs": attributes, "parents": roles}
    return [person, *_ROLES, *_ACTIONS]


def _role(role: str) -> dict[str, Any]:
    parents = ["staff", *(group for group, members in GROUPS.items() if role in members)]
    named = [{"type": "Role", "id": parent} for parent in parents]
    return {"uid": {"type": "Role", "id": role}, "attrs": {}, "parents": named}


_ROLES = [_role(role) for role in ROLES]
_ACTIONS = [{"uid": {"type": "Action", "id": verb}, "attrs": {}, "parents": []} for verb in sorted(VERBS)]


def _what(thing: Thing, officer_id: str) -> dict[str, Any]:
    attributes = {name: _named(name, value, officer_id) for name, value in thing.fields}
    return {"uid": {"type": thing.kind, "id": thing.id}, "attrs": attributes, "parents": []}


def _named(name: str, value: str | int, officer_id: str) -> Any:
    if name in OFFICERS:
        return _uid("Officer", ME if value == officer_id else ANOTHER)
    return _uid("Case", str(value)) if name == "case" else value


def _uid(kind: str, name: str) -> dict[str, Any]:
    return {"__entity": {"type": kind, "id": name}}


@dataclass(frozen=True)
class _Reader:
    """Reads what Cedar leaves over (policies in Cedar's JSON form) as a condition on the fields of a kind of row."""

    kind: str
    officer_id: str

    def policy(self, left: Mapping[str, Any]) -> Scope:
        parts = [(one["kind"], self.condition(one["body"])) for one in left["conditions"]]
        return every(part if kind == "when" else negation(part) for kind, part in parts)

    def condition(self, body: Mapping[str, Any]) -> Scope:
        ((operator, inside),) = body.items()
        match operator:
            case "Value":
                return EVERYTHING if inside is True else NOTHING
            case "&&":
                return every([self.condition(inside["left"]), self.condition(inside["right"])])
            case "||":
                return any_of([self.condition(inside["left"]), self.condition(inside["right"])])
            case "!":
                return negation(self.condition(inside["arg"]))
            case "is":
                return EVERYTHING if inside["entity_type"] == self.kind else NOTHING
            case "has":
                return Field(inside["attr"], "has")
            case "in":
                members = inside["right"]["Set"] if "Set" in inside["right"] else [inside["right"]]
                return Field(_field(inside["left"]), "in", tuple(map(self.value, members))) if members else NOTHING
            case "==" | "<=" | ">=" | "<" | ">" if "Value" in inside["right"]:
                return Field(_field(inside["left"]), operator, self.value(inside["right"]))
            case "==" | "<=" | ">=" | "<" | ">":
                return Field(_field(inside["right"]), _TURNED[operator], self.value(inside["left"]))
        raise NotImplementedError(f"a policy uses {operator}, which no row filter is made of yet")

    def value(self, body: Mapping[str, Any]) -> str | int:
        value = body["Value"]
        if not isinstance(value, dict):
            return value  # type: ignore[no-any-return]
        uid = value["__entity"]
        return self.officer_id if uid["type"] == "Officer" else uid["id"]


def _field(body: Mapping[str, Any]) -> str:
    return str(body["."]["attr"]) if "." in body else "id"  # the row itself, asked for by its number


def every(parts: Iterable[Scope]) -> Scope:
    """All parts; what always holds is left out, what never holds is all there is."""
    kept = [part for part in parts if part != EVERYTHING]
    if NOTHING in kept:
        return NOTHING
    return kept[0] if len(kept) == 1 else Every(tuple(kept))


def any_of(parts: Iterable[Scope]) -> Scope:
    """One of the parts."""
    kept = [part for part in parts if part != NOTHING]
    if EVERYTHING in kept:
        return EVERYTHING
    return kept[0] if len(kept) == 1 else Either(tuple(kept))


def negation(part: Scope) -> Scope:
    """Not the part."""
    if part in (EVERYTHING, NOTHING):
        return NOTHING if part == EVERYTHING else EVERYTHING
    return part.part if isinstance(part, Not) else Not(part)
