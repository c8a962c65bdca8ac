"""Jobs in their table: claimed for as long as their worker gives signs of life, and taken up again when it died."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, insert, select, text, true, update

from lintas.model.errors import NotFoundError
from lintas.model.job import WAITING, Job
from lintas.model.scope import EVERYTHING, Scope
from lintas.store import scoping
from lintas.store.tables import jobs, runs


def add(
    connection: Connection,
    kind: str,
    *,
    by: str,
    at: datetime,
    arguments: Mapping[str, Any] | None = None,
    run: int | None = None,
    due_at: datetime | None = None,
    every_h: float | None = None,
) -> int:
    """Queue a job; its number. `due_at` None: now. `every_h`: hours after its end the next one is due."""
    values = {
        "kind": kind,
        "arguments": dict(arguments or {}),
        "run": run,
        "status": "queued",
        "n_done": 0,
        "created_by": by,
        "created_at": at,
        "due_at": due_at or at,
        "every_h": every_h,
        "n_tries": 0,
    }
    (number,) = connection.execute(insert(jobs).values(**values)).inserted_primary_key or (0,)
    return int(number)


def get(connection: Connection, number: int, scope: Scope = EVERYTHING) -> Job:
    """One job; with a scope of runs, of no run or of one of those. Raises NotFoundError."""
    query = select(jobs).where(jobs.c.number == number, _of_runs(scope))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no job {number}", do="See the list of jobs.", code="unknown_job")
    return Job(**row._mapping)


def latest(connection: Connection, limit: int = 100, scope: Scope = EVERYTHING) -> list[Job]:
    """The newest jobs; with a scope of runs, those of no run or of one of those."""
    return _found(connection, select(jobs).where(_of_runs(scope)).order_by(jobs.c.number.desc()).limit(limit))


def waiting(connection: Connection, kind: str | None = None) -> list[Job]:
    """Jobs that have not ended, the oldest first."""
    query = select(jobs).where(jobs.c.status.in_(WAITING)).order_by(jobs.c.number)
    return _found(connection, query if kind is None else query.where(jobs.c.kind == kind))


def ended(connection: Connection, kind: str, limit: int = 500) -> list[Job]:
    """Jobs of a kind that have ended, the one that ended last first."""
    query = select(jobs).where(jobs.c.kind == kind, jobs.c.finished_at.is_not(None))
    return _found(connection, query.order_by(jobs.c.finished_at.desc(), jobs.c.number.desc()).limit(limit))


def of_run(connection: Connection, run: int, kind: str) -> list[Job]:
    """Jobs of a kind about a run, the newest first."""
    query = select(jobs).where(jobs.c.run == run, jobs.c.kind == kind).order_by(jobs.c.number.desc())
    return _found(connection, query)


def is_due(connection: Connection, kinds: Sequence[str], *, at: datetime, stale_before: datetime | None) -> bool:
    """Whether there is one that `claim` would take."""
    return connection.execute(_due(kinds, at, stale_before)).one_or_none() is not None


def claim(connection: Connection, kinds: Sequence[str], *, at: datetime, stale_before: datetime | None) -> Job | None:
    """Take the oldest job that is due, or whose worker gave no sign of life since `stale_before`.

    Nobody else gets it while this one lives; `stale_before` None leaves alone what others took.
    """
    query = _due(kinds, at, stale_before).with_for_update(skip_locked=True)
    number: int | None = connection.execute(query).scalar_one_or_none()
    if number is None:
        return None
    this = update(jobs).where(jobs.c.number == number)
    connection.execute(this.values(status="running", touched_at=at, n_tries=jobs.c.n_tries + 1))
    return get(connection, number)


def advance(connection: Connection, job: Job, **values: Any) -> bool:
    """Write columns of a job that this worker claimed; False when it was stopped or another worker took it."""
    mine = (jobs.c.number == job.number) & (jobs.c.status == "running") & (jobs.c.n_tries == job.n_tries)
    return connection.execute(update(jobs).where(mine).values(**values)).rowcount == 1


def put_back(connection: Connection, job: Job, *, due_at: datetime) -> bool:
    """Give a claimed job back as one that nobody tried. False as with `advance`."""
    return advance(connection, job, status="queued", due_at=due_at, n_tries=job.n_tries - 1)


def end(connection: Connection, job: Job, *, status: str, at: datetime, **values: Any) -> bool:
    """End a claimed job, and queue the next one if it comes again. False as with `advance`."""
    if not advance(connection, job, status=status, finished_at=at, touched_at=at, **values):
        return False
    _follow(connection, get(connection, job.number), at)
    return True


def stop(connection: Connection, number: int, *, at: datetime) -> Job:
    """Stop a job that waits or runs; what comes again comes at its next time. Raises NotFoundError."""
    this = (jobs.c.number == number) & jobs.c.status.in_(WAITING)
    if connection.execute(update(jobs).where(this).values(status="stopped", finished_at=at)).rowcount == 1:
        _follow(connection, get(connection, number), at)
    return get(connection, number)


def end_with_run(connection: Connection, run: int, *, status: str, at: datetime) -> None:
    """A run came to its end by other hands: the job that waited to screen it has nothing left to do."""
    this = (jobs.c.run == run) & (jobs.c.kind == "screen") & (jobs.c.status == "queued")
    connection.execute(update(jobs).where(this).values(status=status, finished_at=at))


def once(connection: Connection, kind: str, arguments: Mapping[str, Any], *, by: str, at: datetime) -> Job:
    """Let a job be done now: the one that runs or waits with these arguments, else a new one."""
    _alone(connection)
    held = next((job for job in waiting(connection, kind) if job.arguments == arguments), None)
    if held is None:
        return get(connection, add(connection, kind, by=by, at=at, arguments=arguments))
    later = (jobs.c.number == held.number) & (jobs.c.status == "queued") & (jobs.c.due_at > at)
    connection.execute(update(jobs).where(later).values(due_at=at))
    return get(connection, held.number)


def again(
    connection: Connection,
    kind: str,
    arguments: Mapping[str, Any],
    *,
    by: str,
    at: datetime,
    due_at: datetime | None = None,
) -> None:
    """Let a job be done once more, by who did not begin yet: one that runs may have looked already."""
    _alone(connection)
    held = [job for job in waiting(connection, kind) if job.arguments == arguments and job.status == "queued"]
    if not held:
        add(connection, kind, by=by, at=at, arguments=arguments, due_at=due_at)
    for job in held:
        sooner = (jobs.c.number == job.number) & (jobs.c.due_at > (due_at or at))
        connection.execute(update(jobs).where(sooner).values(due_at=due_at or at))


def repeat(
    connection: Connection, kind: str, arguments: Mapping[str, Any], *, every_h: float, by: str, at: datetime
) -> bool:
    """Let a job come every so many hours from now on; False when it does already."""
    _alone(connection)
    if any(job.arguments == arguments and job.every_h is not None for job in waiting(connection, kind)):
        return False
    add(connection, kind, by=by, at=at, arguments=arguments, every_h=every_h)
    return True


def repeat_no_more(connection: Connection, kind: str, arguments: Mapping[str, Any], *, at: datetime) -> bool:
    """Let a job come no more; one that runs ends as it would. False when it did not come."""
    _alone(connection)
    held = [job for job in waiting(connection, kind) if job.arguments == arguments and job.every_h is not None]
    for job in held:
        this = update(jobs).where(jobs.c.number == job.number)
        connection.execute(this.values(every_h=None))
        connection.execute(this.where(jobs.c.status == "queued").values(status="stopped", finished_at=at))
    return bool(held)


def adopt(connection: Connection, *, at: datetime) -> int:
    """Queue a job for every run that is not at its end and has none, as an older version left them; how many."""
    _alone(connection)
    has_job = exists().where(jobs.c.run == runs.c.number, jobs.c.kind == "screen", jobs.c.status.in_(WAITING))
    left = connection.execute(select(runs.c.number, runs.c.created_by).where(runs.c.status.in_(WAITING), ~has_job))
    orphans = left.all()
    for run, by in orphans:
        add(connection, "screen", by=by, at=at, arguments={"run": run}, run=run)
    return len(orphans)


def _of_runs(scope: Scope) -> ColumnElement[bool]:
    if scope == EVERYTHING:
        return true()
    return jobs.c.run.is_(None) | jobs.c.run.in_(select(runs.c.number).where(scoping.where(scope, scoping.RUN)))


def _due(kinds: Sequence[str], at: datetime, stale_before: datetime | None) -> Select[Any]:
    wanted = (jobs.c.status == "queued") & (jobs.c.due_at <= at)
    if stale_before is not None:
        wanted |= (jobs.c.status == "running") & (jobs.c.touched_at < stale_before)
    return select(jobs.c.number).where(jobs.c.kind.in_(kinds), wanted).order_by(jobs.c.due_at, jobs.c.number).limit(1)


def _follow(connection: Connection, job: Job, at: datetime) -> None:
    """Queue the next of a job that comes again."""
    if job.every_h is not None:
        add(
            connection,
            job.kind,
            by=job.created_by,
            at=at,
            arguments=job.arguments,
            due_at=at + timedelta(hours=job.every_h),
            every_h=job.every_h,
        )


def _alone(connection: Connection) -> None:
    """One process at a time looks whether a job is there and adds it. On SQLite every writer is alone."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE jobs IN SHARE ROW EXCLUSIVE MODE"))


def _found(connection: Connection, query: Any) -> list[Job]:
    return [Job(**row._mapping) for row in connection.execute(query)]
