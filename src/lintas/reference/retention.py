"""What standards say of how long records are kept, with source and certainty."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class KeepingRule:
    """A standard on keeping records. `certainty`: A primary text seen, B secondary, C unconfirmed, U unknown."""

    id: str
    words: str
    at_least_years: int
    binds: str
    source: str
    certainty: str
    checked_on: date


@cache
def rules() -> tuple[KeepingRule, ...]:
    """All that are known here."""
    text = (files("lintas.reference") / "retention.toml").read_text(encoding="utf-8")
    return tuple(KeepingRule(**rule) for rule in tomllib.loads(text)["rules"])
