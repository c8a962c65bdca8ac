"""How timely agencies answer one another: what runs now, and the numbers of what ran. Both by this node's own clock."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from statistics import median, quantiles

from lintas.desk import access
from lintas.desk.clocks import Clock
from lintas.desk.office import Office
from lintas.exchange import threads, types
from lintas.model.officer import Officer
from lintas.store import messages
from lintas.store.messages import IN, OUT, Kept

DAYS = 365  # over which the numbers are taken; ours
_ANSWERS = frozenset({"refusal", "consent_grant", "consent_denial"})
_ACKNOWLEDGES = _ANSWERS | {"acknowledgement", "interim", "reply", "clarification"}


@dataclass(frozen=True)
class Course:
    """A message that asks for an answer, and when it was acknowledged and answered; None: not yet.

    `since`: when it was written here, or came in here.
    """

    asked: Kept
    since: datetime
    acknowledged_at: datetime | None
    answered_at: datetime | None

    @property
    def is_ours(self) -> bool:
        """Whether this agency is to answer."""
        return self.asked.direction == IN

    @property
    def channel(self) -> str:
        """What it is about."""
        return str(self.asked.content.get("body", {}).get("channel", "general"))

    def due(self, what: str) -> datetime | None:
        """By when: acknowledge, answer. None when the message says none."""
        told = self.asked.content.get("body", {}).get("due")
        return None if told is None else datetime.fromisoformat(told[f"{what}_by"])

    def clock(self, at: datetime) -> Clock | None:
        """What runs now: to be acknowledged, then to be answered."""
        what = "acknowledge" if self.acknowledged_at is None else "answer"
        due = self.due(what)
        return None if self.answered_at is not None or due is None else Clock(self.since, due, at, what, is_ours=False)

    def was_late(self, at: datetime) -> bool:
        """Whether the answer came after it was due, or did not come and is due."""
        due = self.due("answer")
        return due is not None and (self.answered_at or at) > due


@dataclass(frozen=True)
class Timeliness:
    """Numbers of one peer, direction and channel. Hours; None where nothing was measured yet."""

    peer: str
    direction: str  # out: they answer us; in: we answer them
    channel: str
    n: int
    n_open: int
    n_late: int
    acknowledge_h: float | None  # median
    answer_h: float | None  # median
    answer_h_90: float | None  # nine of ten answers came within


def measured(office: Office, officer: Officer) -> list[Timeliness]:
    """The numbers of the last year, of the threads that an officer reaches, by peer, direction and channel."""
    access.require(office, officer, "inbox.read", "timeliness")
    scope, at = access.reach(office, officer, "exchange.read", "thread"), office.now()
    with office.database.read() as connection:
        held = messages.since(connection, scope, at - timedelta(days=DAYS))
    ran = sorted(courses(held), key=_group)
    return [_numbers(key, list(some), at) for key, some in groupby(ran, _group)]


def courses(held: Sequence[Kept]) -> Iterator[Course]:
    """The messages among some that ask for an answer, with what was answered among the others."""
    replies = dict[str, list[Kept]]()
    for one in held:
        if one.status in messages.COUNTED:
            replies.setdefault(str(one.content.get("reply_to")), []).append(one)
    for one in held:
        if types.of(one.type).is_timed and one.status in messages.COUNTED and one.recalled_at is None:
            came = [reply for reply in replies.get(one.id, []) if reply.direction != one.direction]
            acknowledged = _first(reply for reply in came if reply.type in _ACKNOWLEDGES)
            yield Course(one, _here(one), acknowledged, _first(filter(_is_answer, came)))


def running(held: Sequence[Kept], at: datetime) -> tuple[Clock, bool] | None:
    """The clock of a thread that ends first, ours before theirs, and whether it is ours; None: nothing runs."""
    ran = [(one.clock(at), one.is_ours) for one in courses(held)]
    clocks = [(clock, is_ours) for clock, is_ours in ran if clock is not None]
    return min(clocks, key=lambda one: (not one[1], one[0].due), default=None)


def _is_answer(reply: Kept) -> bool:
    extent = reply.content.get("body", {}).get("extent")
    return reply.type in _ANSWERS or (reply.type == "reply" and extent in threads.FINAL)


def _here(one: Kept) -> datetime:
    """When it was written here or came in here: never by the other node's clock."""
    return one.at if one.direction == OUT else one.settled_at or one.at


def _first(some: Iterable[Kept]) -> datetime | None:
    return min(map(_here, some), default=None)


def _group(one: Course) -> tuple[str, str, str]:
    return one.asked.peer, one.asked.direction, one.channel


def _numbers(key: tuple[str, str, str], ran: list[Course], at: datetime) -> Timeliness:
    acknowledged = [_hours(one.since, one.acknowledged_at) for one in ran if one.acknowledged_at]
    answered = [_hours(one.since, one.answered_at) for one in ran if one.answered_at]
    return Timeliness(
        *key,
        n=len(ran),
        n_open=sum(one.answered_at is None for one in ran),
        n_late=sum(one.was_late(at) for one in ran),
        acknowledge_h=median(acknowledged) if acknowledged else None,
        answer_h=median(answered) if answered else None,
        answer_h_90=_ninth_tenth(answered),
    )


def _ninth_tenth(hours: Sequence[float]) -> float | None:
    return quantiles(hours, n=10, method="inclusive")[-1] if len(hours) > 1 else next(iter(hours), None)


def _hours(since: datetime, until: datetime) -> float:
    return (until - since).total_seconds() / 3600
