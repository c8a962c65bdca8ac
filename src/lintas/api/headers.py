"""What every answer tells a browser that came across it: keep nothing, show nothing, guess nothing."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
ENCRYPTED = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}  # a year (OWASP ASVS 5.0, 3.4.1)


def headers_over(scheme: str) -> dict[str, str]:
    """The headers of an answer that goes out over http or https."""
    return HEADERS | ENCRYPTED if scheme == "https" else HEADERS


class Closed:
    """ASGI middleware: sets them where an answer has none of its own, as the pages have."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                held = MutableHeaders(scope=message)
                for name, value in headers_over(scope.get("scheme", "")).items():
                    held.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, sent if scope["type"] == "http" else send)
