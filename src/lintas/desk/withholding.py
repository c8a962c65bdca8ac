"""Items of a message that rest on what other agencies said: those that may not go to the recipient stay here.

An item names the message that it is from (`source`, by number here); the number itself never leaves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lintas.model.errors import InputError


@dataclass(frozen=True)
class Released:
    """A body as it may leave, the messages that its items are from, and the labels of the items that stay here."""

    body: Mapping[str, Any]
    sources: tuple[int, ...]
    withheld: tuple[str, ...]


def sources_of(body: Mapping[str, Any]) -> tuple[int, ...]:
    """The messages that items are from. Raises InputError for what is no number."""
    numbers = [one["source"] for one in _items(body) if one.get("source") is not None]
    if any(type(number) is not int or not 0 < number < 2**31 for number in numbers):
        raise InputError("An item is from no message", do="Give the number of the message.", code="bad_source")
    return tuple(dict.fromkeys(numbers))


def released(body: Mapping[str, Any], may_leave: Callable[[int], bool]) -> Released:
    """What of a body may leave. `may_leave`: whether something of a message may go to the recipient."""
    if not sources_of(body):
        return Released(body, (), ())
    may = {number: may_leave(number) for number in sources_of(body)}
    kept = [one for one in _items(body) if may.get(one.get("source") or 0, True)]
    bare = [{name: value for name, value in one.items() if name != "source"} for one in kept]
    withheld = [str(one.get("label", "")) for one in _items(body) if one not in kept]
    numbers = tuple(number for number, is_released in may.items() if is_released)
    return Released({**body, "items": bare}, numbers, tuple(withheld))


def _items(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    items = body.get("items", ())
    return [one for one in items if isinstance(one, Mapping)] if isinstance(items, list | tuple) else []
