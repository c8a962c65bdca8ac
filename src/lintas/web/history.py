"""What happened to a match: decided, reopened, proposed, done; the oldest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lintas.desk.runs import MatchView
from lintas.web.words import N_

DECIDED = {
    "same": N_("Decided: same"),
    "different": N_("Decided: not the same"),
    "ask": N_("Asked for more"),
    None: N_("Reopened"),
}
DONE = {
    "freeze": N_("Recorded: assets frozen"),
    "report": N_("Recorded: reported"),
    "reject": N_("Recorded: business turned away"),
}
PROPOSED = {
    "freeze": N_("Proposed: freeze"),
    "report": N_("Proposed: report"),
    "reject": N_("Proposed: turn the business away"),
}


@dataclass(frozen=True)
class Step:
    """One thing that happened. `approved_by`: the second officer; `is_over`: it no longer stands."""

    at: datetime
    words: str
    who: str
    why: str
    reference: str = ""
    approved_by: str | None = None
    is_over: bool = False


def happened(view: MatchView) -> list[Step]:
    """Every step, in order."""
    return sorted(_steps(view), key=lambda step: step.at)


def _steps(view: MatchView) -> Iterator[Step]:
    for one in view.history:
        yield Step(one.at, DECIDED[one.verdict], one.officer, one.reason)
    for done in view.doing.history:
        is_over = done.ended_at is not None
        words = DONE[done.kind]
        yield Step(done.at, words, done.officer, done.reason, done.reference, done.approved_by, is_over)
    for waits in view.doing.waiting:
        yield Step(waits.proposed_at, PROPOSED[waits.arguments["kind"]], waits.proposed_by, waits.reason)
