"""What was said before was wrong; this is right."""

from dataclasses import dataclass, field

from pydantic import ConfigDict

from lintas.exchange.types import Items, Kind, Text


@dataclass(frozen=True)
class CorrectionBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    text: Text
    items: Items = field(default_factory=list)


MESSAGE = Kind(
    body=CorrectionBody,
    answers=frozenset({"request", "reply", "interim", "spontaneous", "alert"}),
    to_own=True,
)
