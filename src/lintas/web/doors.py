"""What every request passes: who may send it, how large it may be, which headers its answer has, what fails unseen."""

import logging
import re
import secrets
from collections.abc import Callable

from fastapi import Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lintas.desk import origin
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
BARE = "<!doctype html><title>Lintas</title><h1>This node failed to answer</h1><p>Reference {}. [unexpected]"
_LENGTH = re.compile(r"^[0-9]{1,18}$")

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
                _set_headers(MutableHeaders(scope=message), scope, message["status"])
            await send(message)

        try:
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
            await self._broken(Request(scope, receive), reference)(scope, receive, sent)

    def _broken(self, request: Request, reference: str) -> ASGIApp:
        try:
            return self.broken(request, reference)
        except Exception:  # what a page is made with is what broke
            return HTMLResponse(BARE.format(reference), 500)

    def _inner(self, scope: Scope, receive: Receive) -> ASGIApp:
        headers = Headers(scope=scope)
        if scope["method"] not in SAFE and not is_own(headers, scope["scheme"]):
            return self.refuse(Request(scope, receive), _foreign())
        length = headers.get("content-length", "0")
        if not _LENGTH.match(length) or int(length) > MAX_BODY_BYTES:
            return self.refuse(Request(scope, receive), _too_large())
        return self.app


def is_own(headers: Headers, scheme: str) -> bool:
    """Whether a request comes from a page of this node, as the browser says: same scheme, host and port."""
    if site := headers.get("sec-fetch-site"):
        return site == "same-origin"
    theirs = origin.read(headers.get("origin", ""))
    return theirs is not None and theirs == origin.read(f"{scheme}://{headers.get('host', '')}")


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


def _set_headers(headers: MutableHeaders, scope: Scope, status: int) -> None:
    for name, value in HEADERS.items():
        headers[name] = value
    is_static = scope["path"].startswith("/static/") and status in (200, 206, 304)
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
