"""What tests of background work share: a worker that is killed, jobs as they stand, a publisher for a list."""

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from lintas.desk import jobs, life
from lintas.desk.office import Office, Settings, open_office
from lintas.model.job import Job
from lintas.store import jobs as kept
from tests.forking import forked


def settings_of(office: Office) -> Settings:
    """How another process opens this node."""
    url = office.database.engine.url
    return Settings(
        office.node, "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=False)
    )


def in_another_process(office: Office, does: Callable[[Office], None], n: int = 1) -> list[int | None]:
    """Let other processes open the node and do something; how each ended."""
    settings, now = settings_of(office), office.now

    def run() -> None:
        opened = open_office(settings, now=now)
        does(opened)
        opened.close()

    office.close()  # no connection is shared with a child
    children = [forked(run) for _ in range(n)]
    for child in children:
        child.join(120)
    return [child.exitcode for child in children]


def dies(office: Office, at: int) -> None:
    """Another process takes the next job and is killed (kill -9) when it tells that it has done so many."""

    def told(self: life.Life, n_done: int, n_total: int | None = None) -> None:
        if n_done >= at:
            os.kill(os.getpid(), signal.SIGKILL)

    def work(opened: Office) -> None:
        life.Life.told = told  # type: ignore[method-assign]  # in the child alone
        jobs.work(opened)

    assert in_another_process(office, work) == [-signal.SIGKILL]


def later(office: Office, **by: float) -> Office:
    """The same node when time has passed: seconds=61."""
    return replace(office, now=lambda: office.now() + timedelta(**by))


def held(office: Office, *kinds: str) -> list[Job]:
    """The jobs of some kinds, or all, the oldest first."""
    with office.database.read() as connection:
        return [job for job in reversed(kept.latest(connection, 1000)) if not kinds or job.kind in kinds]


def job(office: Office, number: int) -> Job:
    """A job as it stands."""
    with office.database.read() as connection:
        return kept.get(connection, number)


def until(is_so: Callable[[], Any], within_s: float = 60) -> None:
    """Wait for a condition."""
    pause = threading.Event()
    for _ in range(int(within_s / 0.02)):
        if is_so():
            return
        pause.wait(0.02)
    raise AssertionError("it did not come to be")
