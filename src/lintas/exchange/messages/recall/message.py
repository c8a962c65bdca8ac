"""The originator takes back what it told; the receiver removes it and signs for that."""

from dataclasses import dataclass

from pydantic import ConfigDict

from lintas.exchange.types import Kind, Text


@dataclass(frozen=True)
class RecallBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    why: Text


MESSAGE = Kind(
    body=RecallBody,
    answers=frozenset({"request", "reply", "interim", "spontaneous", "alert", "correction", "match_offer"}),
    to_own=True,
    settles=frozenset({"recall", "consent_request", "use_report", "correction"}),
)
