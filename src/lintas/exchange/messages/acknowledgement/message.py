"""An officer has the message and says who works on it."""

from dataclasses import dataclass

from pydantic import ConfigDict

from lintas.exchange.types import Kind, Line, Words


@dataclass(frozen=True)
class AcknowledgementBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    officer: Line
    note: Words = ""


MESSAGE = Kind(
    body=AcknowledgementBody,
    answers=frozenset({"request", "spontaneous", "alert", "consent_request", "recall"}),
)
