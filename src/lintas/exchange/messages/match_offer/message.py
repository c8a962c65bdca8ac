"""A set of tags is offered for private matching; the tags travel beside it."""

from dataclasses import dataclass

from pydantic import ConfigDict

from lintas.exchange.types import Kind, Line


@dataclass(frozen=True)
class MatchOfferBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    subject: Line
    name: Line
    public_key: Line  # hexadecimal
    keys: Line  # the versions of what both nodes have to compute alike
    epoch: int
    quota: int  # questions a day


MESSAGE = Kind(
    body=MatchOfferBody,
    opens=True,
    by_machine=True,
)
