"""A node served on a free port of this machine, for tests that speak HTTP or drive a browser."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ssl import SSLContext

from fastapi import FastAPI

from lintas.cli.serving import application, listen, server
from lintas.desk.office import Office


@contextmanager
def served(office: Office, *, tls: SSLContext | None = None) -> Iterator[str]:
    """Serve a node until the block ends; the address."""
    with running(application(office), tls=tls) as address:
        yield address


@contextmanager
def running(app: FastAPI, *, tls: SSLContext | None = None, proxy: str | None = None) -> Iterator[str]:
    """Serve an application until the block ends; the address."""
    listening = listen("127.0.0.1", 0)
    serving = server(app, tls=tls, proxy=proxy)
    serving.config.timeout_graceful_shutdown = 1  # s: clients of the tests keep their connections open
    thread = threading.Thread(target=serving.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not serving.started:
        if not thread.is_alive():
            raise RuntimeError("the server did not start")
        time.sleep(0.01)
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        serving.should_exit = True
        thread.join(timeout=15)
        listening.close()
