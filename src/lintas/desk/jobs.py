"""Background work in this process: one thread takes the runs that wait, one after another."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from lintas.desk import runs
from lintas.desk.office import Office

LOOK_EVERY_S = 0.5
_LOG = logging.getLogger(__name__)


@contextmanager
def worker(office: Office) -> Iterator[None]:
    """Work while the block runs. The queue is the table of runs, so nothing is lost with the process."""
    ended = threading.Event()

    def loop() -> None:
        while not ended.is_set():
            if not _did_something(office):
                ended.wait(LOOK_EVERY_S)

    thread = threading.Thread(target=loop, name="lintas-worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=10)


def _did_something(office: Office) -> bool:
    try:
        return runs.work(office) is not None
    except Exception:  # the run keeps its error; the next one is not to wait for ever
        _LOG.exception("a screening run broke off")
        return False
