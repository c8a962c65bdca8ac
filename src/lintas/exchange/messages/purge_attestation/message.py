"""What was told is deleted here, as its handling asked."""

from dataclasses import dataclass
from datetime import date

from pydantic import ConfigDict

from lintas.exchange.types import Kind, Line


@dataclass(frozen=True)
class PurgeAttestationBody:
    """What it carries."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    deleted: Line
    on: date
    because: Line


MESSAGE = Kind(
    body=PurgeAttestationBody,
    answers=frozenset(
        "request reply interim refusal clarification spontaneous alert correction use_report consent_request".split()
    ),
    settles=frozenset({"purge_attestation"}),
    by_machine=True,
)
