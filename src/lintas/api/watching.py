"""Around every request of the node, to pages and API: how long it took and how it ended, for journal and metrics.

Neither ever holds the address, a query, a body, a header or who asked: a route's template stands for the address.
Who asked for what stands in the log, where it belongs. Of what was refused the stable code is written: attempts to get
round a control (OWASP ASVS 5.0, 16.3.3). Here and not as rows of the log, which is signed and kept: a stranger would
fill it, while the journal has one line a request anyway.
"""

import logging
import secrets
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lintas.api.metrics import Meter

METHODS = frozenset("GET HEAD POST PUT PATCH DELETE OPTIONS".split())  # RFC 9110, 9.1 and RFC 5789
OTHER, NO_ROUTE, STATIC = "OTHER", "none", "/static"
_LOG = logging.getLogger("lintas.requests")


class Watching:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, meter: Meter) -> None:
        self.app = app
        self.meter = meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, and say how it went."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = perf_counter(), 500
        request = scope.setdefault("state", {})["request"] = secrets.token_hex(8)

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request.encode())]
            await send(message)

        try:
            await self.app(scope, receive, sent)
        finally:
            took_s = perf_counter() - began
            method, route = scope["method"] if scope["method"] in METHODS else OTHER, template(scope)
            self.meter.count(method, route, status, took_s)
            said = {"request": request, "method": method, "route": route, "status": status}
            said |= {"code": code} if (code := scope["state"].get("code")) else {}
            _LOG.info("request", extra={"said": said | {"ms": round(took_s * 1000, 1)}})


def template(scope: Scope) -> str:
    """The template of the route that answered."""
    if route := getattr(scope.get("route"), "path_format", None):
        return str(route)
    return STATIC if str(scope.get("root_path", "")).endswith(STATIC) else NO_ROUTE
