"""The answer to a request: final, partial (the rest is withheld or follows), or nothing held."""

from dataclasses import dataclass, field
from typing import Literal

from pydantic import ConfigDict

from lintas.exchange.types import Channel, Items, Kind, Reports, Words


@dataclass(frozen=True)
class ReplyBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    extent: Literal["final", "partial", "nothing"]
    text: Words = ""
    items: Items = field(default_factory=list)
    withheld: Words = ""  # what is not told, in words that may be told
    channel: Channel = "general"
    reports: Reports = field(default_factory=list)


MESSAGE = Kind(
    body=ReplyBody,
    answers=frozenset({"request"}),
)
