"""What is known so far; more follows."""

from dataclasses import dataclass, field
from datetime import date

from pydantic import ConfigDict

from lintas.exchange.types import Items, Kind, Text


@dataclass(frozen=True)
class InterimBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    text: Text
    items: Items = field(default_factory=list)
    expected_on: date | None = None


MESSAGE = Kind(
    body=InterimBody,
    answers=frozenset({"request"}),
)
