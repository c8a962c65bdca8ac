"""The questions, answered by the holder's key, with a proof; or why not."""

from dataclasses import dataclass
from typing import Literal

from pydantic import ConfigDict

from lintas.exchange.types import Kind, Words


@dataclass(frozen=True)
class MatchAnswerBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    outcome: Literal["answered", "over_quota", "refused"]
    proof: Words = ""  # hexadecimal


MESSAGE = Kind(
    body=MatchAnswerBody,
    answers=frozenset({"match_batch"}),
    settles=frozenset({"match_answer"}),
    by_machine=True,
)
