"""What every answer tells a browser that came across it: keep nothing, show nothing, guess nothing.

And the answer to a failure that nobody expected, which has them too: behind it the connection is as good as before.
"""

import logging
import secrets
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
ENCRYPTED = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}  # a year (OWASP ASVS 5.0, 3.4.1)
_LOG = logging.getLogger(__name__)


def headers_over(scheme: str) -> dict[str, str]:
    """The headers of an answer that goes out over http or https."""
    return HEADERS | ENCRYPTED if scheme == "https" else HEADERS


class Closed:
    """ASGI middleware: sets them where an answer has none of its own, as the pages have.

    `broken` makes the answer to a failure, from a reference that stands in the node's log as well.
    """

    def __init__(self, app: ASGIApp, broken: Callable[[str], ASGIApp]) -> None:
        self.app = app
        self.broken = broken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def sent(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                held = MutableHeaders(scope=message)
                for name, value in headers_over(scope.get("scheme", "")).items():
                    held.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, sent)
        except Exception:
            if started:
                raise
            reference = scope.get("state", {}).get("request") or secrets.token_hex(8)
            _LOG.exception("unexpected error, reference %s", reference, extra={"said": {"reference": reference}})
            await self.broken(reference)(scope, receive, sent)
