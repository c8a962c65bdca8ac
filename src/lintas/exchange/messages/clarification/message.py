"""A question about a message, or the answer to such a question."""

from dataclasses import dataclass

from pydantic import ConfigDict

from lintas.exchange.types import Kind, Text


@dataclass(frozen=True)
class ClarificationBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    text: Text


MESSAGE = Kind(
    body=ClarificationBody,
    answers=frozenset({"request", "reply", "clarification"}),
)
