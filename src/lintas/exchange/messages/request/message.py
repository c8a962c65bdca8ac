"""A request: what is asked, why, and what the answer is for (the fields of Egmont's and the EU's FIU requests)."""

from dataclasses import dataclass, field

from pydantic import ConfigDict

from lintas.exchange.types import Channel, Due, Kind, Line, Reports, Subjects, Text, Urgency, Words


@dataclass(frozen=True)
class RequestBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    subject: Line
    facts: Text
    reasons: Text  # the link to the state that is asked
    asked: Text
    intended_use: Text
    channel: Channel = "general"
    urgency: Urgency = "routine"
    legal_basis: Words = ""
    subjects: Subjects = field(default_factory=list)
    reports: Reports = field(default_factory=list)
    due: Due | None = None  # written by the asking node


MESSAGE = Kind(
    body=RequestBody,
    opens=True,
)
