"""The port of the exchange: the door for other nodes and nothing else, opened by the certificates of their cards."""

import socket
import threading
import time
from asyncio import BaseTransport
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from lintas.api.app import build_exchange
from lintas.cli.serving import MOST_CONNECTIONS, listen
from lintas.desk import line
from lintas.desk.office import Office
from lintas.model.errors import UnavailableError

STARTS_S, ENDS_S = 30.0, 15.0  # for a thread to begin and to end; ours


class Shown(H11Protocol):
    """HTTP/1.1 that tells the application whose certificate the connection showed: `request.state.certificate`, DER."""

    def connection_made(self, transport: Any) -> None:
        """Called once the handshake is done."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "certificate": _certificate(transport)}


@contextmanager
def own_port(office: Office, app: FastAPI, host: str, port: int) -> Iterator[str]:
    """Serve the door for other nodes beside `app`, in a thread, until the block ends; where it is reached.

    Raises ConflictError when the port is taken or this node has no certificate, NotFoundError before it has a name.
    """
    tls = line.door(office)
    listening = listen(host, port)
    serving = uvicorn.Server(
        uvicorn.Config(
            build_exchange(office, app.state.meter),
            http=Shown,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            limit_concurrency=MOST_CONNECTIONS,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=int(ENDS_S),
            ssl_context_factory=lambda *_: tls,
        )
    )
    thread = threading.Thread(target=serving.run, kwargs={"sockets": [listening]}, name="lintas-exchange", daemon=True)
    thread.start()
    try:
        _wait(serving, thread)
        yield _place(listening)
    finally:
        serving.should_exit = True
        thread.join(timeout=ENDS_S)
        listening.close()


def _certificate(transport: BaseTransport) -> bytes | None:
    tls = transport.get_extra_info("ssl_object")
    shown: bytes | None = tls.getpeercert(binary_form=True) if tls else None
    return shown


def _wait(serving: uvicorn.Server, thread: threading.Thread) -> None:
    for _ in range(int(STARTS_S / 0.01)):
        if serving.started or not thread.is_alive():
            break
        time.sleep(0.01)
    if not serving.started:
        raise UnavailableError("The port of the exchange did not start", do="See the journal.", code="not_started")


def _place(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
