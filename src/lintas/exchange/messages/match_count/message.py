"""How many of the questions hit; the asker signs for it."""

from dataclasses import dataclass

from pydantic import ConfigDict

from lintas.exchange.types import Kind


@dataclass(frozen=True)
class MatchCountBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    n: int
    n_hits: int


MESSAGE = Kind(
    body=MatchCountBody,
    answers=frozenset({"match_answer"}),
    settles=frozenset({"match_count"}),
    by_machine=True,
)
