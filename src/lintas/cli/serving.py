"""The faces that are served: the API first, the pages for every other address."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from lintas.api.app import build as build_api
from lintas.desk import jobs
from lintas.desk.office import Office
from lintas.model.errors import ConflictError
from lintas.web.app import build as build_web


def application(office: Office) -> FastAPI:
    """One ASGI application for a node; its background worker lives as long as it does."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with jobs.worker(office):
            yield

    app = build_api(office, lifespan=lifespan)
    app.mount("/", build_web(office))
    return app


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises ConflictError when the port is taken."""
    # Named TCP, because asyncio turns Nagle's algorithm off for such sockets only: else every answer waits 40 ms.
    wanted = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    wanted.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        wanted.bind((host, port))
    except OSError as error:
        wanted.close()
        raise ConflictError(
            f"Port {port} on {host} cannot be used: {error.strerror}",
            do="Stop what listens there, or give another with --port.",
            code="port_taken",
        ) from error
    wanted.listen(128)
    return wanted
