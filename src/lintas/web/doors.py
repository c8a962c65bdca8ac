"""What every request passes: who may send it, how large it may be, which headers its answer has, what fails unseen."""

import logging
import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lintas.model.errors import DeniedError, LintasError, TooLargeError
from lintas.web.words import N_

MAX_BODY_BYTES = 100 * 1000 * 1000  # of one request; the largest upload
POLICY = "; ".join(
    (
        "default-src 'none'",
        "object-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
SAFE = ("GET", "HEAD", "OPTIONS")

_log = logging.getLogger("lintas.web")


class Doors:
    """ASGI middleware around all pages. `refuse` makes the page of an error, `broken` that of an unexpected one."""

    def __init__(
        self, app: ASGIApp, refuse: Callable[[Request, LintasError], ASGIApp], broken: Callable[[Request, str], ASGIApp]
    ) -> None:
        self.app = app
        self.refuse = refuse
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
                _set_headers(MutableHeaders(scope=message), scope)
            await send(message)

        try:
            await self._inner(scope, receive)(scope, _limited(receive), sent)
        except LintasError as error:
            if started:
                raise
            await self.refuse(Request(scope, receive), error)(scope, receive, sent)
        except Exception:
            if started:
                raise
            reference = secrets.token_hex(4)
            _log.exception("unexpected error, reference %s", reference, extra={"said": {"reference": reference}})
            await self.broken(Request(scope, receive), reference)(scope, receive, sent)

    def _inner(self, scope: Scope, receive: Receive) -> ASGIApp:
        headers = Headers(scope=scope)
        if scope["method"] not in SAFE and not is_own(headers):
            return self.refuse(Request(scope, receive), _foreign())
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY_BYTES:
            return self.refuse(Request(scope, receive), _too_large())
        return self.app


def is_own(headers: Headers) -> bool:
    """Whether a request comes from a page of this host, as the browser says."""
    if site := headers.get("sec-fetch-site"):
        return site == "same-origin"
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == headers.get("host")


def _limited(receive: Receive) -> Receive:
    n_bytes = 0

    async def counted() -> Message:
        nonlocal n_bytes
        message = await receive()
        n_bytes += len(message.get("body", b""))
        if n_bytes > MAX_BODY_BYTES:
            raise _too_large()
        return message

    return counted


def _set_headers(headers: MutableHeaders, scope: Scope) -> None:
    for name, value in HEADERS.items():
        headers[name] = value
    is_static = scope["path"].startswith("/static/")
    headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_static else "no-store"
    if scope.get("scheme") == "https":
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"


def _foreign() -> LintasError:
    return DeniedError(
        N_("This request does not come from a page of this node"),
        do=N_("Open the node's own page, over https or on this machine, and do it there."),
        code="foreign_origin",
    )


def _too_large() -> LintasError:
    return TooLargeError(
        f"More than {MAX_BODY_BYTES // 1_000_000} MB were sent",
        do=N_("Screen a larger file on the node itself: lintas screen FILE."),
        code="body_too_large",
    )
