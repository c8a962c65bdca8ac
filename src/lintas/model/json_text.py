"""JSON with one meaning: as RFC 8259 and I-JSON (RFC 7493) have it, the same for every reader of this house."""

import json
from typing import Any

import orjson


def read_json(text: bytes | str) -> Any:
    """A JSON value. No NaN, no key twice in one object, no half of a character, nothing but UTF-8.

    Raises ValueError that says why in its first line; also for a text nested deeper than about a thousand levels.
    """
    try:
        orjson.loads(text)  # refuses what the standard library lets through: NaN, lone surrogates, bad UTF-8
        return json.loads(text, object_pairs_hook=once)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of which no key is there twice: of two values, two readers would take different ones.

    Raises ValueError.
    """
    held = dict(pairs)
    if len(held) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return held
