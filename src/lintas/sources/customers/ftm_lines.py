"""FollowTheMoney JSON lines as rows: the keys are the columns, and a property may have several values."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lintas.model.errors import FileError, TooLargeError
from lintas.model.json_text import once
from lintas.model.text import clean_text
from lintas.sources.customers.lines import TextFile
from lintas.sources.customers.table import RawRow, Table

MAX_KEYS = 1_000  # different keys in one file; all properties of FollowTheMoney are about 400
OWN_KEYS = ("id", "schema")  # always the first two columns


class _NotAnEntityError(Exception):
    """A line that holds no entity, and why."""


def open_table(source: TextFile) -> Table:
    """Collect the keys and count the lines. Raises FileError when no line is an entity."""
    keys: dict[str, int] = {key: index for index, key in enumerate(OWN_KEYS)}
    n_rows = n_entities = 0
    for line in source.lines():
        if not line.strip():
            continue
        n_rows += 1
        try:
            found = _read(line)
        except _NotAnEntityError:
            continue
        n_entities += 1
        for key, _ in found:
            keys.setdefault(key, len(keys))
        if len(keys) > MAX_KEYS:
            raise TooLargeError(
                f"The entities have more than {MAX_KEYS:,} different keys",
                where=source.name,
                do="Is this a file of FollowTheMoney entities, one a line?",
                code="too_many_columns",
            )
    if not n_entities:
        raise FileError(
            "No line of the file is a FollowTheMoney entity",
            where=f"{source.name}, line 1",
            do='Write one object a line: {"id": "...", "schema": "Person", "properties": {"name": ["..."]}}.',
            code="not_an_entity",
        )

    def rows() -> Iterator[RawRow]:
        for number, line in enumerate(source.lines(), start=1):
            if line.strip():
                yield _row(number, line, keys)

    return Table("ftm", tuple(keys), rows, n_rows)


def _row(number: int, line: str, keys: Mapping[str, int]) -> RawRow:
    try:
        pairs = _read(line)
    except _NotAnEntityError as error:
        return RawRow(number, (), (f"the line is no entity: {error}; it is kept unread",), (("line", line.strip()),))
    return RawRow(number, tuple((keys[key], text) for key, text in pairs))


def _read(line: str) -> list[tuple[str, str]]:
    """(key, text) of every value of a line. Raises _NotAnEntityError."""
    try:
        # Numbers stay the text that they are, so that no digit is lost.
        found = json.loads(line, parse_int=str, parse_float=str, parse_constant=_no_number, object_pairs_hook=once)
        return _pairs(found)
    except ValueError as error:
        raise _NotAnEntityError(f"not JSON ({error})") from error
    except RecursionError as error:
        raise _NotAnEntityError("nested too deeply") from error


def _pairs(entity: Any) -> list[tuple[str, str]]:
    """id and schema, then properties, then what else the object has."""
    if not isinstance(entity, Mapping):
        raise _NotAnEntityError("not an object")
    properties = entity.get("properties", {})
    if not isinstance(properties, Mapping) or not any(key in entity for key in (*OWN_KEYS, "properties")):
        raise _NotAnEntityError("it has no id, schema or properties")
    rest = {key: values for key, values in entity.items() if key not in (*OWN_KEYS, "properties")}
    found = [(key, text) for key in OWN_KEYS for text in _texts(entity.get(key))]
    return found + [
        (_property_key(key), text) for part in (properties, rest) for key in part for text in _texts(part[key])
    ]


def _property_key(key: str) -> str:
    # No property is called id or schema; one that is stands under another key.
    return f"properties.{key}" if key in OWN_KEYS else clean_text(_whole(key)) or "properties"


def _texts(values: Any) -> Iterator[str]:
    for value in values if isinstance(values, list) else [values]:
        # A nested entity stands for its id.
        plain = value["id"] if isinstance(value, Mapping) and isinstance(value.get("id"), str) else value
        text = plain if isinstance(plain, str) else "" if plain is None else json.dumps(plain, ensure_ascii=False)
        if text and not text.isspace():
            yield _whole(text)


def _whole(text: str) -> str:
    """`text` without halves of surrogate pairs, which JSON may write and no file can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if not text.isprintable() else text


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON")
