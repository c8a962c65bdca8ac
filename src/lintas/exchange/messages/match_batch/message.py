"""Blinded questions to a set; they travel beside it. What was asked is committed to."""

from dataclasses import dataclass

from pydantic import ConfigDict

from lintas.exchange.types import Kind, Line, Words


@dataclass(frozen=True)
class MatchBatchBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: Line
    n: int
    commitment: Line  # SHA-256 of the salt and the questions, hexadecimal; an inspector can open it
    legal_basis: Words = ""


MESSAGE = Kind(
    body=MatchBatchBody,
    answers=frozenset({"match_offer"}),
    by_machine=True,
)
