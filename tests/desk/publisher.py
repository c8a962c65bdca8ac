"""A publisher of lists on this machine, who answers as the test wishes."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lintas.desk.outgoing import Outside

# For tests alone: publishers on this machine, without encryption, on any port.
MACHINE = Outside(is_reachable=lambda address: address.is_loopback, is_plain=True)


@dataclass
class Publisher:
    """What stands at each path, and what was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)
    says: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""
    n_connections: int = 0

    def url(self, path: str = "/list.json") -> str:
        return self.address + path

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """As a plain web server does: the file, or 304 when the asker has it, or 404."""
        self.asked.append((request.command, request.path))
        if request.path in self.says:
            self.says[request.path](request)
            return
        data, etag = self.files.get(request.path), self.etags.get(request.path)
        status = 404 if data is None else 304 if etag and request.headers["If-None-Match"] == etag else 200
        body = data if data is not None and status == 200 else b""
        send(request, status, body, **({"ETag": etag} if etag else {}))


def send(request: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    """Send a whole answer; a header may say otherwise."""
    request.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    if request.command != "HEAD":
        request.wfile.write(body)


@contextmanager
def publishing(host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Publisher]:
    """Serve until the block ends."""
    publisher = Publisher()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            publisher.answer(self)

        def do_HEAD(self) -> None:
            publisher.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def get_request(self) -> Any:
            publisher.n_connections += 1
            return super().get_request()

    server = Server((host, port), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    publisher.address = f"http{'s' if tls else ''}://{host}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield publisher
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
