"""Say in words what is the matter with a value."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping

from lintas.model import imo, mmsi, wallet
from lintas.model.dates import is_buddhist
from lintas.model.entity import Entity, Statement, clean_value, property_of
from lintas.model.text import clean_text

_SHOWN = 60  # characters of a value
_CODES = 5  # invisible characters that are named
_PLAIN = "\t\n\r"  # invisible too, yet nothing to speak of
_JOINERS = "\u200c\u200d"  # belong to some scripts
_LONGEST_CHECKED = 128  # characters; no address of a wallet is longer

_UNCLEAN = {
    "date": "is no date",
    "country": "is no country that we know",
    "gender": "is no word for a gender that we know",
    "email": "is no e-mail address",
    "phone": "is no phone number with the code of its country",
    "url": "is no web address",
    "identifier": "has not the form or the check digit of such a number",
    "entity": "is no id of an entity",
}
# Lists carry wrong numbers too, so a wrong one is still looked for.
_CHECKS: Mapping[str, tuple[Callable[[str], str | None], str]] = {
    "imoNumber": (imo.parse, "is no IMO number: seven digits with a check digit"),
    "mmsi": (mmsi.parse, "is no MMSI of a ship: nine digits that begin with 201 to 775"),
    "cryptoAddress": (wallet.parse, "is no address of a wallet: its form or its check sum is wrong"),
}
_MONTH_FIRST = re.compile(r"^\d{1,2}[-/.](?:1[3-9]|[23]\d)[-/.]\d{4}\b")


def shown(text: str) -> str:
    """A value in a sentence: in quotes, cut when it is long."""
    clean = clean_text(text)
    return f"'{clean}'" if len(clean) <= _SHOWN else f"'{clean[:_SHOWN]}...'"


def hidden(text: str, *, is_all: bool = False) -> str:
    """The invisible characters of `text`, as U+0000; empty when it has none. `is_all`: there is nothing else in it."""
    if text.isprintable():
        return ""
    passed = _PLAIN if is_all else _PLAIN + _JOINERS
    found = sorted({c for c in text if c not in passed and unicodedata.category(c)[0] == "C"})
    more = [f"and {len(found) - _CODES} more"] if len(found) > _CODES else []
    return ", ".join([f"U+{ord(c):04X}" for c in found[:_CODES]] + more)


def is_checked(prop: str, text: str) -> bool:
    """Whether a value of `prop` is one of the numbers that are used as written even when their check fails."""
    return prop in _CHECKS and len(text) <= _LONGEST_CHECKED


def checked(schema: str, prop: str, text: str) -> tuple[Statement, str | None]:
    """The statement of such a number, in its canonical form or as written, and what is the matter with it."""
    parse, problem = _CHECKS[prop]
    clean = clean_text(text)
    value = parse(clean)
    if value is None and prop == "imoNumber" and schema != "Vessel":
        value = clean_value(property_of(schema, prop), clean)  # numbers of companies have another check digit
    kept = clean if value is None else value
    statement = Statement(prop, kept, text if text != kept else None)
    return statement, f"{prop}: {shown(text)} {problem}; looked for as written" if value is None else None


def of_statements(entity: Entity) -> Iterator[str]:
    """What was not understood, and what was understood in a way that an officer should know."""
    for statement in entity.statements:
        if not statement.is_clean:
            yield f"{statement.prop}: {shown(statement.value)} {_why(entity, statement)}; kept as written, not used"
        elif statement.original and property_of(entity.schema, statement.prop).type.name == "date":
            yield from _of_date(statement.prop, statement.original.strip(), statement.value)


def _why(entity: Entity, statement: Statement) -> str:
    rule = property_of(entity.schema, statement.prop)
    if rule.type.name != "date" and len(statement.value) > rule.max_length:
        return f"is longer than {rule.max_length} characters"
    return _UNCLEAN.get(rule.type.name, "is not understood")


def _of_date(prop: str, written: str, value: str) -> Iterator[str]:
    if is_buddhist(written):
        yield f"{prop}: {written} read as Buddhist era, {value}"
    elif _MONTH_FIRST.match(written):
        yield f"{prop}: {written} read month first, {value}; other dates of the file are read day first"
