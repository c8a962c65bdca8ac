"""A warning to all who watch a channel; it is answered only by who knows more."""

from dataclasses import dataclass, field

from pydantic import ConfigDict

from lintas.exchange.types import Channel, Items, Kind, Line, Reports, Text, Urgency


@dataclass(frozen=True)
class AlertBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    subject: Line
    text: Text
    channel: Channel
    urgency: Urgency = "urgent"
    items: Items = field(default_factory=list)
    reports: Reports = field(default_factory=list)


MESSAGE = Kind(
    body=AlertBody,
    opens=True,
)
