"""An offer of private matching ends, and which of its tags were canaries is told: beside it travels the set of them."""

from dataclasses import dataclass

from pydantic import ConfigDict

from lintas.exchange.types import Count, Kind, Line


@dataclass(frozen=True)
class MatchCanariesBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: Line
    n: Count


MESSAGE = Kind(
    body=MatchCanariesBody,
    answers=frozenset({"match_offer"}),
    to_own=True,
    settles=frozenset({"match_canaries"}),
    by_machine=True,
)
