"""Information that nobody asked for."""

from dataclasses import dataclass, field

from pydantic import ConfigDict

from lintas.exchange.types import Channel, Items, Kind, Line, Reports, Subjects, Text


@dataclass(frozen=True)
class SpontaneousBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    subject: Line
    text: Text
    channel: Channel = "general"
    items: Items = field(default_factory=list)
    subjects: Subjects = field(default_factory=list)
    reports: Reports = field(default_factory=list)


MESSAGE = Kind(
    body=SpontaneousBody,
    opens=True,
)
