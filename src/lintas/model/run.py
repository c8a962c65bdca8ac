"""A screening run: a customer file against the lists, and what officers decided on its matches."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lintas.model.match import Match

VERDICTS = ("same", "different", "ask")  # same: the listed one; different: not the listed one; ask: more is needed
# What was done about a true match: assets frozen, reported to the authority, the business refused.
OUTCOMES = ("freeze", "report", "reject")


@dataclass(frozen=True)
class Run:
    """A customer file and how far its screening is. `status`: queued, running, done, stopped, failed."""

    number: int
    file: dict[str, Any]  # sha256, name, size_bytes
    mapping: dict[str, str]
    columns: list[dict[str, Any]]  # column, prop, why
    threshold: float
    status: str
    n_rows: int | None
    n_done: int
    n_problems: int
    n_matches: int
    n_waiting: int
    created_by: str
    created_at: datetime
    touched_at: datetime
    finished_at: datetime | None
    scorer_version: str | None
    list_versions: dict[str, str]  # list: content SHA-256
    error: dict[str, Any] | None
    is_fictional: bool
    agency: str
    clearance: int
    purpose: str
    case: int | None
    held_at: datetime | None  # under legal hold since
    held_by: str | None
    hold_reason: str | None
    erased_at: datetime | None  # customers, file and matches are gone; the run and its decisions' counts stay
    erasure: dict[str, Any] | None  # by, why, counts: customers, matches, decisions, and matches by verdict; is_whole


@dataclass(frozen=True)
class RunMatch:
    """One match of a run and its verdict; None while it waits for an officer."""

    number: int
    run: int
    row: int
    customer_id: str
    customer_caption: str
    match: Match
    verdict: str | None
    decided_at: datetime | None = None  # also of one that was reopened


@dataclass(frozen=True)
class Decision:
    """What one officer decided on one match, and why. `verdict` None means reopened."""

    verdict: str | None
    reason: str
    officer: str
    at: datetime


@dataclass(frozen=True)
class Outcome:
    """What was done about a match that was decided `same`. It stands until the match is reopened: `ended_at`."""

    number: int
    match: int
    run: int
    kind: str
    reason: str
    reference: str
    officer: str
    approved_by: str | None  # the second officer, where one was asked for
    at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Decided:
    """How a match stands: the last decision on it, none while it waits, and the outcomes that stand."""

    decision: Decision | None = None
    outcomes: tuple[Outcome, ...] = ()
