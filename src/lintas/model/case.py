"""What access hangs on: cases with their officers, glass that was broken, and what waits for a second officer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Case:
    """A matter that officers are assigned to. Runs in it are open to them."""

    number: int
    title: str
    agency: str
    clearance: int
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    officers: tuple[str, ...] = ()


@dataclass(frozen=True)
class BrokenGlass:
    """Emergency access to one run, for a while, to be reviewed by another officer after."""

    number: int
    officer: str
    run: int
    reason: str
    at: datetime
    until: datetime
    reviewed_by: str | None
    reviewed_at: datetime | None
    review: str | None


@dataclass(frozen=True)
class Proposal:
    """What one officer proposed and another decides. `outcome`: approved, refused; None while it waits.

    An approved one is carried out at once. Where `carried_out_at` is None it was not: `error` says why, and when there
    is none, the node fell in between and it may be proposed anew.
    """

    number: int
    verb: str
    object: str
    run: int | None
    match: int | None
    agency: str
    clearance: int | None  # of one about no run; a run's own counts otherwise
    arguments: Mapping[str, Any]
    reason: str
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    outcome: str | None
    decision_reason: str | None
    carried_out_at: datetime | None
    error: Mapping[str, Any] | None
