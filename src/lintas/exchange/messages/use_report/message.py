"""What became of what was told."""

from dataclasses import dataclass
from typing import Literal

from pydantic import ConfigDict

from lintas.exchange.types import Kind, Words


@dataclass(frozen=True)
class UseReportBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    usefulness: Literal["decisive", "useful", "known", "not_useful"]
    text: Words = ""


MESSAGE = Kind(
    body=UseReportBody,
    answers=frozenset({"reply", "spontaneous", "alert", "interim"}),
)
