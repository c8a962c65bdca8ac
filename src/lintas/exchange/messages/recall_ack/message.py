"""What was recalled is removed here."""

from dataclasses import dataclass, field

from pydantic import ConfigDict

from lintas.exchange.types import Items, Kind, Line


@dataclass(frozen=True)
class RecallAckBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    removed: Line
    handed_on_to: Items = field(default_factory=list)  # who had it from us, and was told


MESSAGE = Kind(
    body=RecallAckBody,
    answers=frozenset({"recall"}),
    settles=frozenset({"recall_ack"}),
    by_machine=True,
)
