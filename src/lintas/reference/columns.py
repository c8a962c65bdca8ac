"""Ask `columns.toml`: what a column header, a word for a kind of customer or a word of a value means."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from lintas.model.entity import matchable_schemata, schema_of

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_LATIN_MARKS = re.compile("[\u0300-\u036f]")
_CUSTOMERS = ("Person", "Company", "PublicBody", "Vessel", "Airplane", "CryptoWallet", "BankAccount")
_STROKES = str.maketrans({"đ": "d", "ø": "o", "ł": "l", "ı": "i"})  # letters that no normal form takes apart
# Thai vowels and tones and their like in other scripts are marks, yet part of the spelling.
_MARKS = ("Mn", "Mc")
MAX_WORD = 200  # characters; nobody names a column or a kind of customer at greater length


def fold(text: str) -> str:
    """`text` as headers and words are compared: no case, spaces, punctuation or Latin diacritics.

    Empty when it is longer than MAX_WORD.
    """
    if len(text) > MAX_WORD:
        return ""
    plain = _LATIN_MARKS.sub("", unicodedata.normalize("NFKD", text.casefold())).translate(_STROKES)
    return "".join(c for c in plain if c.isalnum() or unicodedata.category(c) in _MARKS)


def property_for(header: str) -> str | None:
    """The FollowTheMoney property that a column header usually means, or `id` or `schema`; None when unknown.

    What stands in brackets is left out when the whole is not known (`Date of Birth (dd/mm/yyyy)`). A header in
    two languages (`Nama / Name`) is known when its known parts agree.
    """
    for text in (header, _BRACKETS.sub(" ", header)):
        if found := _headers().get(fold(text)):
            return found
    parts = {_headers().get(fold(part)) for part in re.split(r"[/|\n]", header)} - {None}
    return parts.pop() if len(parts) == 1 else None


def schema_for(word: str) -> str | None:
    """The schema that a word of a column of types means: `orang`, `PT`, `vessel`; None when unknown."""
    return _inverted("schemata").get(fold(word))


@lru_cache(maxsize=256)
def schema_implied(header: str) -> str | None:
    """The schema that the header of a column of names speaks of: `vessel name`; None for most."""
    return _inverted("implied").get(fold(header))


def stand_ins(prop: str) -> tuple[str, ...]:
    """Wider properties that may take a value of `prop` where a schema lacks it, best first."""
    return tuple(_facts()["stand_ins"].get(prop, ()))


def word_for(type_name: str, text: str) -> str | None:
    """The canonical value of a word that FollowTheMoney itself does not read: `perempuan` is `female`."""
    words = _words(type_name)
    return words.get(fold(text)) if words else None


@cache
def _facts() -> Mapping[str, Any]:
    return tomllib.loads((files("lintas.reference") / "columns.toml").read_text(encoding="utf-8"))


@cache
def _inverted(table: str) -> Mapping[str, str]:
    own = {fold(name): name for name in matchable_schemata("Thing")} if table == "schemata" else {}
    return {**own, **{fold(word): key for key, words in _facts()[table].items() for word in words}}


@cache
def _words(type_name: str) -> Mapping[str, str]:
    table = _facts()["words"].get(type_name, {})
    return {fold(word): value for value, words in table.items() for word in words}


@cache
def _headers() -> Mapping[str, str]:
    """Folded header: property. FollowTheMoney's own names count too, where they hold a name or a number."""
    own = {
        fold(prop.name): prop.name
        for schema in _CUSTOMERS
        for prop in schema_of(schema).properties.values()
        if prop.type.name in ("name", "identifier")
    }
    listed = {fold(prop): prop for prop in _facts()["headers"]}
    return {**own, **listed, **_inverted("headers")}
