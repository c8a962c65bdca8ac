"""The receiver of information asks its originator whether it may be handed on, or used in court."""

from dataclasses import dataclass

from pydantic import ConfigDict

from lintas.exchange.types import Due, Kind, Line, Text, Urgency


@dataclass(frozen=True)
class ConsentRequestBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    to: Line  # the agency that should have it; "court" for judicial use
    why: Text
    urgency: Urgency = "routine"
    due: Due | None = None  # written by the asking node


MESSAGE = Kind(
    body=ConsentRequestBody,
    answers=frozenset({"reply", "spontaneous", "alert", "interim"}),
)
