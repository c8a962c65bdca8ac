"""A request is not answered, for a reason of a closed list."""

from dataclasses import dataclass
from typing import Literal

from pydantic import ConfigDict

from lintas.exchange.types import Kind, Text


@dataclass(frozen=True)
class RefusalBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    reason: Literal[
        "no_legal_basis",
        "ongoing_proceedings",
        "sovereignty",
        "disproportionate",
        "other_purpose",
        "insufficient_facts",
        "not_competent",
    ]
    explanation: Text


MESSAGE = Kind(
    body=RefusalBody,
    answers=frozenset({"request"}),
    settles=frozenset({"reply", "interim", "refusal", "clarification"}),
)
