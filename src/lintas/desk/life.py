"""Signs of life of a job while it is worked on, and how its worker learns that it is to stop."""

import logging
import threading
from datetime import timedelta
from types import TracebackType
from typing import Self

from lintas.desk.office import Office
from lintas.model.errors import LintasError
from lintas.model.job import Job
from lintas.store import jobs

STALE = timedelta(seconds=60)  # a worker that wrote nothing for so long is dead
BEAT_S = 10.0  # between two signs of life while nothing is told
LOOK_S = 1.0  # between two looks whether there is progress to write
ALIVE = "worker-alive"  # the file in the node's folder whose time is the worker's last sign of life
_LOG = logging.getLogger(__name__)


class Interrupted(BaseException):
    """The job is no longer this worker's, or the worker ends: leave the work where it is."""


class Life:
    """A job in the hands of this worker, from `with` to its end.

    A thread of its own writes the signs of life, so that a step that tells nothing for long (a list that is written
    in one transaction) is not taken for dead.
    """

    def __init__(self, office: Office, job: Job, ended: threading.Event) -> None:
        self.n_done, self.n_total = job.n_done, job.n_total
        self.is_lost = False  # it was stopped, or another worker took it
        self._office, self._job, self._ended = office, job, ended
        self._written = (self.n_done, self.n_total)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lintas-life-{job.number}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def told(self, n_done: int, n_total: int | None = None) -> None:
        """How far the work is. Raises Interrupted when it is not to go on."""
        self.n_done, self.n_total = n_done, n_total
        if self.is_lost or self._ended.is_set():
            raise Interrupted

    def _beat(self) -> None:
        silent_s = 0.0
        while not self._over.wait(LOOK_S) and not self.is_lost:
            silent_s += LOOK_S
            if silent_s >= BEAT_S or self._written != (self.n_done, self.n_total):
                silent_s = 0.0
                self._write()

    def _write(self) -> None:
        alive(self._office)
        now, counts = self._office.now(), (self.n_done, self.n_total)
        try:
            with self._office.database.write() as connection:
                values = {"touched_at": now, "n_done": counts[0], "n_total": counts[1]}
                self.is_lost = not jobs.advance(connection, self._job, **values)
        except LintasError:  # the database is busy or away; the work itself will say so if it stays
            _LOG.warning("a sign of life could not be written")
        else:
            self._written = counts


def alive(office: Office) -> None:
    """The worker of this node lives."""
    (office.node / ALIVE).touch(mode=0o600)
