"""The originator agrees."""

from dataclasses import dataclass

from pydantic import ConfigDict

from lintas.exchange.types import Kind, Line, Words


@dataclass(frozen=True)
class ConsentGrantBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    to: Line
    conditions: Words = ""


MESSAGE = Kind(
    body=ConsentGrantBody,
    answers=frozenset({"consent_request"}),
    settles=frozenset({"consent_grant", "consent_denial"}),
)
