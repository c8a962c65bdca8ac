"""Background work in this process: one thread takes the runs that wait, one after another."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from lintas.desk import runs
from lintas.desk.office import Office

LOOK_EVERY_S = 0.5


@contextmanager
def worker(office: Office) -> Iterator[None]:
    """Work while the block runs. The queue is the table of runs, so nothing is lost with the process."""
    ended = threading.Event()

    def loop() -> None:
        while not ended.is_set():
            if runs.work(office) is None:
                ended.wait(LOOK_EVERY_S)

    thread = threading.Thread(target=loop, name="lintas-worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=10)
