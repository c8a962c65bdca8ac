"""How many questions of an agency hit a canary, in answer to what was told of them."""

from dataclasses import dataclass

from pydantic import ConfigDict

from lintas.exchange.types import Count, Kind


@dataclass(frozen=True)
class MatchCanaryCountBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    n_hits: Count


MESSAGE = Kind(
    body=MatchCanaryCountBody,
    answers=frozenset({"match_canaries"}),
    settles=frozenset({"match_canary_count"}),
    by_machine=True,
)
