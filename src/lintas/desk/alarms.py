"""Lists that nobody should rely on unseen: late, not refreshed, or refused by a guard."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from lintas.desk import access
from lintas.desk.office import Office
from lintas.model.job import Job
from lintas.model.listing import ListSource, ListVersion
from lintas.model.officer import Officer
from lintas.sources import catalogue
from lintas.store import downloads, jobs, lists

LATE = 2  # times `every_h` of the source; ours: one refresh may fail, two in a row are worth an officer's look
GUARDS = ("count_guard", "fictional_over_real")
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Alarm:
    """What is wrong with a list. `kind`: late, failed (its last refresh), refused (by a guard).

    `since`: when its publisher was last asked with success, or when the refresh failed. `error`: LintasError.as_dict.
    """

    list: str
    kind: str
    since: datetime
    every_h: float
    error: Mapping[str, Any] | None = None


def alarms(office: Office, officer: Officer) -> tuple[Alarm, ...]:
    """What is wrong with the lists that are held, in their order."""
    access.require(office, officer, "lists.read", "alarms of all lists")
    return raised(office)


def raised(office: Office) -> tuple[Alarm, ...]:
    """The same for verbs that have asked for leave."""
    with office.database.read() as connection:
        held, last = lists.current(connection), _last_ended(connection)
        names = sorted({*held, *last})
        return tuple(
            alarm
            for name in names
            for alarm in _of(catalogue.source(name), held.get(name), last.get(name), connection, office.now())
        )


def asked_at(connection: Connection, source: ListSource, version: ListVersion) -> datetime:
    """When a list was last seen to be what its publisher publishes: loaded, or asked for and nothing was new."""
    return max(version.loaded_at, downloads.asked_at(connection, source.urls) or version.loaded_at)


def _of(
    source: ListSource, version: ListVersion | None, last: Job | None, connection: Connection, now: datetime
) -> Iterator[Alarm]:
    seen_at = _NEVER if version is None else asked_at(connection, source, version)
    may_be_late = version is not None and not version.is_fictional and bool(source.urls)
    if may_be_late and now - seen_at > LATE * timedelta(hours=source.every_h):
        yield Alarm(source.name, "late", seen_at, source.every_h)
    if last is None or last.error is None or last.finished_at is None or last.finished_at <= seen_at:
        return  # it went well, or the list was loaded since, by whomever
    kind = "refused" if last.error["code"] in GUARDS else "failed"
    yield Alarm(source.name, kind, last.finished_at, source.every_h, last.error)


def _last_ended(connection: Connection) -> dict[str, Job]:
    """The refresh of each list that ended last, if it was not stopped."""
    held = [job for job in jobs.ended(connection, "refresh") if job.status != "stopped"]
    return {str(job.arguments["list"]): job for job in reversed(held)}
