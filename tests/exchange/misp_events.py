"""Events of MISP of fiction."""

import uuid
from typing import Any

ORGC = {"name": "CERT of Arunia", "uuid": "a0c22599-9e58-4da4-96ac-7051603fa951"}
AT = "1760000000"


def named(number: int) -> str:
    """A uuid of version 4, the same each time."""
    return str(uuid.UUID(int=number << 64 | 0x4000 << 64 | 0x8 << 60, version=4))


def tags(*names: str) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


def attribute(number: int, value: str = "hantu.example", type: str = "domain", **more: Any) -> dict[str, Any]:
    said = {"uuid": named(number), "type": type, "category": "Network activity", "value": value, "timestamp": AT}
    return said | {"to_ids": True} | more


def bank_account(number: int, *marks: tuple[str, ...]) -> dict[str, Any]:
    """An object with an attribute for each set of marks."""
    inside = [
        attribute(number + n, f"0000{n}", "bank-account-nr", category="Financial fraud", object_relation="account")
        | {"Tag": tags(*names)}
        for n, names in enumerate(marks, 1)
    ]
    held = {"uuid": named(number), "name": "bank-account", "meta-category": "financial", "timestamp": AT}
    return held | {"Attribute": inside}


def event(number: int = 1, *names: str, **more: Any) -> dict[str, Any]:
    """An event with one domain, unless `more` says otherwise."""
    said: dict[str, Any] = {"uuid": named(number), "info": f"Event {number}", "date": "2025-10-09", "timestamp": AT}
    said |= {"Orgc": dict(ORGC)}
    return {"Event": said | {"Tag": tags(*names), "Attribute": [attribute(number + 1)]} | more}
