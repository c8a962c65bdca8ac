"""How long a thing may wait, and how long it has."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from lintas.model.run import Outcome, Run, RunMatch
from lintas.store import settings

# Hours, until the node's settings say otherwise. All four are ours: no rule that binds every agency names hours. For
# freezing, FATF (Recommendations 6 and 7; Glossary, "without delay") says: ideally within a matter of hours.
START: Mapping[str, float] = {
    "review_within_h": 24.0,
    "answer_within_h": 72.0,
    "freeze_within_h": 24.0,
    "glass_review_within_h": 24.0,
}


@dataclass(frozen=True)
class Clock:
    """Since when something waits, and until when it should not. `rule`: the setting; empty: its own end."""

    since: datetime
    due: datetime
    at: datetime  # when the clock was read
    rule: str
    is_ours: bool  # the start value holds; no officer of this node set another

    @property
    def left_s(self) -> float:
        """Seconds left; negative when it is over."""
        return (self.due - self.at).total_seconds()

    @property
    def share(self) -> float:
        """How much of the time is used, 0 to 1."""
        whole_s = (self.due - self.since).total_seconds()
        return min(1.0, max(0.0, 1 - self.left_s / whole_s)) if whole_s > 0 else 1.0


@dataclass(frozen=True)
class Clocks:
    """The clocks of a node, read at one time."""

    limits_h: Mapping[str, tuple[float, bool]]  # by rule: hours, and whether they are ours
    at: datetime

    def started(self, since: datetime, rule: str) -> Clock:
        """The clock of a rule that began to run at a time."""
        limit_h, is_ours = self.limits_h[rule]
        return Clock(since, since + timedelta(hours=limit_h), self.at, rule, is_ours)

    def ending(self, since: datetime, due: datetime) -> Clock:
        """A clock whose end is given."""
        return Clock(since, due, self.at, "", is_ours=False)

    def of_match(self, run: Run, found: RunMatch, outcomes: tuple[Outcome, ...]) -> Clock | None:
        """The clock of a match that waits: to be decided, for an answer, or for what is done about it."""
        since = found.decided_at or run.finished_at or run.created_at
        if found.verdict == "same":
            is_settled = any(outcome.ended_at is None for outcome in outcomes)
            return None if is_settled else self.started(since, "freeze_within_h")
        rule = {None: "review_within_h", "ask": "answer_within_h"}.get(found.verdict)
        return None if rule is None else self.started(since, rule)


def read(connection: Connection, at: datetime) -> Clocks:
    """The clocks as the node's settings have them."""
    held = settings.everything(connection)
    limits = {name: (float(held[name][0]), False) if name in held else (hours, True) for name, hours in START.items()}
    return Clocks(limits, at)
