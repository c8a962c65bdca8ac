"""The originator does not agree, and says why."""

from dataclasses import dataclass

from pydantic import ConfigDict

from lintas.exchange.types import Kind, Text


@dataclass(frozen=True)
class ConsentDenialBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    why: Text


MESSAGE = Kind(
    body=ConsentDenialBody,
    answers=frozenset({"consent_request"}),
    settles=frozenset({"consent_grant", "consent_denial"}),
)
