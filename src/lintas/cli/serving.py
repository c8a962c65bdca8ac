"""The faces that are served: the API first, the pages for every other address."""

import errno
import ipaddress
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from lintas.api.app import build as build_api
from lintas.desk import jobs
from lintas.desk.office import Office
from lintas.model.errors import ConflictError, InputError
from lintas.web.app import build as build_web

# A name, because passkeys are for none of the addresses of this machine.
HERE = "http://localhost:8000"  # where a node is served when nothing else is said
# At once, and each is an open file: well under the 1,024 that a process may have open by default. Ours.
MOST_CONNECTIONS = 500


def application(office: Office, *, has_exchange: bool = True) -> FastAPI:
    """One ASGI application for a node; its background worker lives as long as it does.

    `has_exchange`: with the door for other nodes, which may have a port of its own instead: `cli.own_port`.
    What is uploaded lies in the node's scratch meanwhile, which is swept, and not where the machine's others write.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tempfile.tempdir = str(office.scratch)
        try:
            with jobs.worker(office):
                yield
        finally:
            if tempfile.tempdir == str(office.scratch):
                tempfile.tempdir = None  # the machine's own again

    app = build_api(office, lifespan=lifespan, has_exchange=has_exchange)
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


def listening(host: str, port: int) -> tuple[list[socket.socket], str]:
    """The sockets of a node, and where browsers find it: localhost:8000.

    The name is told only when nobody else can answer to it: it stands for an address of IPv4 and for one of IPv6.
    Raises ConflictError when the port is taken.
    """
    first = listen("127.0.0.1" if host == "localhost" else host, port)
    number = first.getsockname()[1]
    if host != "localhost":
        return [first], f"[{host}]:{number}" if ":" in host else f"{host}:{number}"
    try:
        return [first, listen("::1", number)], f"localhost:{number}"
    except (ConflictError, OSError) as error:
        is_nobodys = getattr(error.__cause__ or error, "errno", None) in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
        return [first], f"{'localhost' if is_nobodys else '127.0.0.1'}:{number}"


def server(app: FastAPI, *, tls: ssl.SSLContext | None = None, proxy: str | None = None) -> uvicorn.Server:
    """What serves an application: with TLS when a context is given.

    What `X-Forwarded-Proto` and `X-Forwarded-For` say of a request counts when it comes from the address `proxy`, and
    from nowhere else.
    """
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,  # the journal is begun by who serves
            access_log=False,
            limit_concurrency=MOST_CONNECTIONS,  # who comes beyond them is answered 503
            server_header=False,
            proxy_headers=proxy is not None,
            forwarded_allow_ips=[proxy] if proxy else [],
            ssl_context_factory=(lambda *_: tls) if tls else None,
        )
    )


def check_reach(host: str, tls: ssl.SSLContext | None, proxy: str | None) -> None:
    """Raises InputError when sessions would cross a network in the clear, or when the proxy's address is none."""
    if proxy is not None and not _is_address(proxy):
        raise InputError(
            f"'{proxy}' is not one IP address",
            do="Give the address that the reverse proxy connects from, such as 127.0.0.1.",
            code="bad_proxy",
        )
    is_here = host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)
    if not (is_here or tls or proxy):
        raise InputError(
            f"On {host} passwords and sessions would cross the network in the clear",
            do="Give --certificate and --key, or --behind-proxy ADDRESS when a reverse proxy speaks TLS.",
            code="no_certificate",
        )


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
