"""Work in the background: workers take what is due from the table of jobs, in this process and in others."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from lintas.desk import access, bell, exports, files, outward, pouches, refresh, retention, runs, stamps
from lintas.desk.life import STALE, Interrupted, Life, alive
from lintas.desk.office import Office
from lintas.model.errors import InputError, LintasError
from lintas.model.job import JOB_KINDS, Job
from lintas.model.officer import Officer
from lintas.model.scope import EVERYTHING, Scope
from lintas.sources import catalogue
from lintas.store import jobs
from lintas.store import runs as kept

LOOK_EVERY_S = 0.5
# A thread each: what is short does not wait for what is long, and what waits for other nodes for neither.
LANES = (
    ("screen",),
    ("refresh", "export", "retention", "stamp", "check"),
    ("deliver", "fetch", "notify"),
)
AGAIN = timedelta(seconds=2)  # until a run that somebody else screens is looked at again
BUSY = timedelta(seconds=1)
MAX_TRIES = 3  # workers that a job may outlive; ours
RETENTION_EVERY_H = 24.0
FETCH_EVERY = timedelta(minutes=1)  # by a node that opens no port; ours
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ended:
    """How a job ended: done, stopped or failed; queued: there was nothing to do yet, look `again` after a while."""

    status: str
    result: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    again: timedelta = AGAIN


def latest(office: Office, officer: Officer, limit: int = 100) -> list[Job]:
    """The newest jobs, with how far they are; of runs, for who does not run the node, those that they reach."""
    access.require(office, officer, "jobs.read", "all jobs")
    scope = _reached(office, officer)
    with office.database.read() as connection:
        return jobs.latest(connection, limit, scope)


def get(office: Office, officer: Officer, number: int) -> Job:
    """One job, as in `latest`. Raises NotFoundError."""
    access.require(office, officer, "jobs.read", f"job {number}")
    scope = _reached(office, officer)
    with office.database.read() as connection:
        return jobs.get(connection, number, scope)


def stop(office: Office, officer: Officer, number: int) -> Job:
    """Stop a job that waits or runs, and its run with it; of what comes again, this one time. Raises NotFoundError."""
    access.require(office, officer, "jobs.change", f"stop job {number}")
    with office.database.write() as connection:
        job, at = jobs.stop(connection, number, at=office.now()), office.now()
        if job.kind == "screen" and job.run is not None:
            kept.end(connection, job.run, status="stopped", at=at)
    access.done(office, officer, "jobs.change", f"job {number} is {job.status}")
    return job


def start_refresh(office: Office, officer: Officer, name: str) -> Job:
    """Ask a list's publisher now, in the background. Raises NotFoundError, InputError for a list without address."""
    return _start(office, officer, "refresh", {"list": _refreshable(office, officer, name, "now")})


def start_retention(office: Office, officer: Officer) -> Job:
    """Erase now what is too old, in the background."""
    access.require(office, officer, "jobs.change", "retention now")
    return _start(office, officer, "retention", {})


def schedule(office: Office, officer: Officer, name: str, *, is_on: bool) -> None:
    """Ask a list's publisher from now on as often as its source says, or no more.

    Raises NotFoundError, InputError for a list without address.
    """
    arguments = {"list": _refreshable(office, officer, name, "scheduled" if is_on else "no more")}
    every_h, at = float(catalogue.source(name).every_h), office.now()
    with office.database.write() as connection:
        if is_on:
            jobs.repeat(connection, "refresh", arguments, every_h=every_h, by=officer.id, at=at)
        else:
            jobs.repeat_no_more(connection, "refresh", arguments, at=at)
    access.done(office, officer, "jobs.change", f"refresh of {name} {'scheduled' if is_on else 'no more'}")


def scheduled(office: Office, officer: Officer) -> frozenset[str]:
    """The lists whose publishers are asked by the clock."""
    access.require(office, officer, "lists.read", "scheduled refreshes")
    with office.database.read() as connection:
        held = jobs.waiting(connection, "refresh")
    return frozenset(str(job.arguments["list"]) for job in held if job.every_h is not None)


def work(office: Office, kinds: Sequence[str] = JOB_KINDS, ended: threading.Event | None = None) -> Job | None:
    """Do the oldest job that is due, to its end; None when none is. `ended`: set, the job is left for later."""
    job = _claim(office, kinds)
    if job is None:
        return None
    if job.n_tries > MAX_TRIES:
        return _end(office, job, Ended("failed", error=_died().as_dict()))
    with Life(office, job, ended or threading.Event()) as life:
        try:
            how = _KINDS[job.kind](office, job, life)
        except Interrupted:
            how = Ended("queued")
        except LintasError as error:
            how = Ended("failed", error=error.as_dict())
        except Exception:
            _LOG.exception("a job broke off", extra={"said": {"job": job.number, "kind": job.kind}})
            how = Ended("failed", error=_unforeseen().as_dict())
    return _end(office, job, how, life)


def work_all(office: Office, officer: Officer) -> int:
    """Do everything that is due, here and now; how many jobs ended."""
    access.require(office, officer, "jobs.change", "do what is due")
    n = 0
    while (job := work(office)) is not None:
        if job.kind == "screen" and job.status == "queued":
            break  # somebody else is at it
        n += 1
    access.done(office, officer, "jobs.change", "do what is due", {"n": n})
    return n


@contextmanager
def worker(office: Office) -> Iterator[None]:
    """Work while the block runs. The queue is a table, so nothing is lost with the process."""
    ended = threading.Event()

    def loop(kinds: Sequence[str]) -> None:
        while not ended.is_set():
            if not _did_something(office, kinds, ended):
                ended.wait(LOOK_EVERY_S)

    threads = [threading.Thread(target=loop, args=(kinds,), name=f"lintas-{kinds[0]}", daemon=True) for kinds in LANES]
    _prepare(office)
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join(timeout=10)


def _prepare(office: Office) -> None:
    """What every node does by its clock, and the runs that an older version left without a job."""
    try:
        with office.database.write() as connection:
            at, by = office.now(), access.NODE.id
            jobs.repeat(connection, "retention", {}, every_h=RETENTION_EVERY_H, by=by, at=at)
            jobs.once(connection, "fetch", {}, by=by, at=at)
            jobs.adopt(connection, at=at)
    except LintasError:
        _LOG.warning("the database is busy; what comes by the clock is looked at when this process starts again")


def _did_something(office: Office, kinds: Sequence[str], ended: threading.Event) -> bool:
    try:
        alive(office)
        return work(office, kinds, ended) is not None
    except Exception:  # the database is away, or the disk is full: the next look may be luckier
        _LOG.exception("a look for work failed")
        return False


def _claim(office: Office, kinds: Sequence[str]) -> Job | None:
    at = office.now()
    with office.database.read() as connection:
        if not jobs.is_due(connection, kinds, at=at, stale_before=at - STALE):
            return None  # nobody who writes is made to wait for a look
    with office.database.write() as connection:
        # Who waited for the database cannot tell the dead from those who waited for it too.
        stale_before = at - STALE if office.now() - at < BUSY else None
        return jobs.claim(connection, kinds, at=office.now(), stale_before=stale_before)


def _end(office: Office, job: Job, how: Ended, life: Life | None = None) -> Job:
    """Write how a job ended, unless it was stopped or taken by another worker meanwhile."""
    at = office.now()
    with office.database.write() as connection:
        if how.status == "queued":
            jobs.put_back(connection, job, due_at=at + how.again)
        else:
            counts = {} if life is None else {"n_done": life.n_done, "n_total": life.n_total}
            values = {"result": how.result, "error": how.error, **counts}
            is_mine = jobs.end(connection, job, status=how.status, at=at, **values)
            if is_mine and how.status == "failed" and job.kind == "screen" and job.run is not None:
                kept.end(connection, job.run, status="failed", at=at, error=how.error)
        return jobs.get(connection, job.number)


def _screen(office: Office, job: Job, life: Life) -> Ended:
    number = int(job.arguments["run"])
    runs.work(office, number, life.told)
    with office.database.read() as connection:
        run = kept.get(connection, number)
    if run.status in ("queued", "running"):
        return Ended("queued")  # an officer screens it by command, or its worker died a moment ago
    life.n_done, life.n_total = run.n_done, run.n_rows
    return Ended(run.status, {"n_done": run.n_done, "n_matches": run.n_matches}, run.error)


def _refresh(office: Office, job: Job, life: Life) -> Ended:
    report = refresh.refresh(office, access.NODE, str(job.arguments["list"]), progress=lambda _, n: life.told(n))
    if report is None:
        return Ended("done", {"is_new": False})
    version = report.version
    counts = {"added": version.n_added, "changed": version.n_changed, "removed": version.n_removed}
    return Ended("done", {"is_new": report.is_new, "version": version.number, **counts})


def _export(office: Office, job: Job, life: Life) -> Ended:
    return Ended("done", exports.make(office, job, life.told))


def _retention(office: Office, job: Job, life: Life) -> Ended:
    return Ended("done", vars(retention.run(office, access.NODE, life.told)))


def _deliver(office: Office, job: Job, life: Life) -> Ended:
    return Ended("done", {"n_delivered": outward.deliver(office, str(job.arguments["peer"]), life.told)})


def _fetch(office: Office, job: Job, life: Life) -> Ended:
    pouches.fetch(office)
    return Ended("queued", again=FETCH_EVERY)


def _stamp(office: Office, job: Job, life: Life) -> Ended:
    made = stamps.stamp(office, access.NODE)
    return Ended("done", {"size": made.size, "at": made.at.isoformat()})


def _notify(office: Office, job: Job, life: Life) -> Ended:
    return Ended("done", {"n_sent": bell.tell(office)})


def _check(office: Office, job: Job, life: Life) -> Ended:
    return Ended("done", files.check(office, int(job.arguments["message"])))


_KINDS: Mapping[str, Callable[[Office, Job, Life], Ended]] = {
    "screen": _screen,
    "refresh": _refresh,
    "export": _export,
    "retention": _retention,
    "deliver": _deliver,
    "fetch": _fetch,
    "stamp": _stamp,
    "notify": _notify,
    "check": _check,
}


def _reached(office: Office, officer: Officer) -> Scope:
    """The runs whose jobs an officer is shown: counts and errors of another agency's runs are not theirs."""
    if access.may(office, officer, "jobs.change"):
        return EVERYTHING
    return access.reach(office, officer, "runs.read", "run")


def _start(office: Office, officer: Officer, kind: str, arguments: Mapping[str, Any]) -> Job:
    """Queue a job unless the same one waits already."""
    with office.database.write() as connection:
        made = jobs.once(connection, kind, arguments, by=officer.id, at=office.now())
    access.done(office, officer, "jobs.change", f"{kind} {' '.join(map(str, arguments.values()))}".rstrip())
    return made


def _refreshable(office: Office, officer: Officer, name: str, how: str) -> str:
    access.require(office, officer, "jobs.change", f"refresh of {name[:64]} {how}")
    if not catalogue.source(name).urls:
        raise InputError(
            f"{name} has no address to download from",
            do=f"Fetch the file by hand: lintas lists load {name} FILE.",
            code="no_address",
        )
    return name


def _died() -> LintasError:
    return LintasError(
        f"The job's worker died {MAX_TRIES} times at it",
        do="See the node's journal for why (memory, disk), then start it again.",
        code="worker_died",
    )


def _unforeseen() -> LintasError:
    return LintasError("The job broke off unforeseen", do="The node's journal says where.", code="unforeseen")
