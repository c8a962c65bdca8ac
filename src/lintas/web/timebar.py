"""The time bar: what happened when, drawn by the server in percent of the width."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

WIDTH_PX = 1000  # as wide as the line is on a usual screen; only for keeping words apart
LETTER_PX = 6.6
LEVELS = 3
MOST_MARKS = 12


@dataclass(frozen=True)
class Mark:
    """A year on the axis."""

    x: float
    words: str


@dataclass(frozen=True)
class Event:
    """Something that happened. `n`: how often at that time; `level`: the line of words it stands on."""

    x: float
    words: str
    n: int = 1
    level: int = 0
    is_left: bool = False


@dataclass(frozen=True)
class Line:
    """A time bar, ready to draw; `words` says the same for who does not see it."""

    marks: tuple[Mark, ...]
    events: tuple[Event, ...]
    now: float
    words: str


def line(happened: Iterable[tuple[str | datetime | None, str]], now: datetime) -> Line | None:
    """Draw (when, words). A date may be partial (`1998`, `1998-04`). None when nothing happened."""
    read = ((_moment(when), words) for when, words in happened)
    known = sorted((moment, words) for moment, words in read if moment is not None and moment <= now)
    if not known:
        return None
    first = known[0][0]
    span_s = max((now - first).total_seconds(), 60.0)
    start_s = now.timestamp() - span_s * 1.02
    whole_s = span_s * 1.07

    def place(moment: datetime) -> float:
        return round(100 * (moment.timestamp() - start_s) / whole_s, 2)

    words = ", ".join(f"{moment:%Y-%m-%d} {what}" for moment, what in known)
    return Line(_marks(first, now, place), _apart([(place(m), w) for m, w in known]), place(now), words)


def _moment(when: str | datetime | None) -> datetime | None:
    if when is None or isinstance(when, datetime):
        return when
    text = when[:19] if "T" in when else f"{when}-01-01"[:10] if len(when) < 7 else f"{when}-01"[:10]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _marks(first: datetime, now: datetime, place: Callable[[datetime], float]) -> tuple[Mark, ...]:
    """Years, months or days, as the span asks; never more than a dozen."""
    days = (now - first).days
    if now.year - first.year >= 3:
        years = range(first.year, now.year + 1)
        step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if len(years) / step <= MOST_MARKS)
        held = [(datetime(year, 1, 1, tzinfo=UTC), str(year)) for year in years if year % step == 0]
    elif days > 45:
        months = range(first.year * 12 + first.month - 1, now.year * 12 + now.month)
        step = next(step for step in (1, 2, 3, 6) if len(months) / step <= MOST_MARKS)
        firsts = [datetime(m // 12, m % 12 + 1, 1, tzinfo=UTC) for m in months if m % step == 0]
        held = [(month, f"{month:%Y-%m}") for month in firsts]
    else:
        step = next(step for step in (1, 2, 5, 10) if days / step <= MOST_MARKS)
        midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
        every = (midnight + timedelta(days=n) for n in range(0, days + 2, step))
        held = [(day, f"{day:%Y-%m-%d}") for day in every if day <= now]
        held = held if any(0 <= place(day) <= 95 for day, _ in held) else [(first, f"{first:%Y-%m-%d %H:%M}")]
    return tuple(Mark(place(when), words) for when, words in held if 0 <= place(when) <= 95)


def _apart(placed: list[tuple[float, str]]) -> tuple[Event, ...]:
    """One event for what coincides, and words on lines where they do not meet; what has no room stays unsaid."""
    merged = list[Event]()
    for x, words in placed:
        same = next((i for i, e in enumerate(merged) if e.words == words and x - e.x < 1), None)
        if same is None:
            merged.append(Event(x, words))
        else:
            merged[same] = replace(merged[same], n=merged[same].n + 1)
    starts = [101.0] * LEVELS  # where the words to the right begin, by line
    out = list[Event]()
    for event in reversed(merged):  # from the right, so that no tick goes through the words of another
        width = (len(event.words) * LETTER_PX + 12) / WIDTH_PX * 100
        is_left = event.x + width > 96 and starts == [101.0] * LEVELS
        start, end = (event.x - width, event.x) if is_left else (event.x, event.x + width)
        level = next((i for i, begin in enumerate(starts) if end <= begin), None)
        if level is None or start < 0:
            out.append(replace(event, words=""))
            continue
        starts[level] = start
        out.append(replace(event, level=level, is_left=is_left))
    return tuple(reversed(out))
