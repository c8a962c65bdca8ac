"""A node has new keys; those that were known sign for them. The node itself writes it."""

from dataclasses import dataclass

from pydantic import ConfigDict

from lintas.exchange.types import Kind, Text


@dataclass(frozen=True)
class KeyNoticeBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    card: Text


MESSAGE = Kind(
    body=KeyNoticeBody,
    opens=True,
    by_machine=True,
)
