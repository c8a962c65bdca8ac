"""Work in the background: what is to be done, how far it is, how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

JOB_KINDS = ("screen", "refresh", "export", "retention", "deliver", "fetch", "stamp", "notify", "check")
WAITING = ("queued", "running")  # a job in another state has ended: done, stopped, failed


@dataclass(frozen=True)
class Job:
    """One piece of work. `status`: queued, running, done, stopped, failed."""

    number: int
    kind: str  # of JOB_KINDS
    arguments: Mapping[str, Any]
    run: int | None  # the run it is about
    status: str
    n_done: int
    n_total: int | None
    created_by: str
    created_at: datetime
    due_at: datetime
    every_h: float | None  # hours from its end to the next one; None: once
    touched_at: datetime | None  # its worker's last sign of life
    finished_at: datetime | None
    n_tries: int  # how often a worker took it; the newest to take it holds it
    result: Mapping[str, Any] | None
    error: Mapping[str, Any] | None  # as LintasError.as_dict
