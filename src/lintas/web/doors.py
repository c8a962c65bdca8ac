"""What every request passes: who may send it, how large it may be, which headers its answer has, what fails unseen."""

import logging
import re
import secrets
from collections.abc import Callable

from fastapi import Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool
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
OPEN = ("/sign-in", "/theme", "/language")  # where something is sent before anybody is known, and below
OPEN_BODY_BYTES = 64 * 1000  # of one request there: a form, or what a passkey answers; ours
BARE = "<!doctype html><title>Lintas</title><h1>This node failed to answer</h1><p>Reference {}. [unexpected]"
_LENGTH = re.compile(r"^[0-9]{1,18}$")

_log = logging.getLogger("lintas.web")


class Doors:
    """ASGI middleware around all pages. `refuse` makes the page of an error, `broken` that of an unexpected one.

    `known` says who is asking, or raises SignInError: no body is read before.
    """

    def __init__(
        self,
        app: ASGIApp,
        known: Callable[[Request], object],
        refuse: Callable[[Request, LintasError], ASGIApp],
        broken: Callable[[Request, str], ASGIApp],
    ) -> None:
        self.app = app
        self.known = known
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
                is_open = _is_open(scope["path"])
                most = OPEN_BODY_BYTES if is_open else MAX_BODY_BYTES
                _check(scope, most)
                if scope["method"] not in SAFE and not is_open:
                    await run_in_threadpool(self.known, Request(scope))
                await self.app(scope, _limited(receive, most), sent)
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


def is_own(headers: Headers, scheme: str) -> bool:
    """Whether a request comes from a page of this node, as the browser says: same scheme, host and port."""
    if site := headers.get("sec-fetch-site"):
        return site == "same-origin"
    theirs = origin.read(headers.get("origin", ""))
    return theirs is not None and theirs == origin.read(f"{scheme}://{headers.get('host', '')}")


def _is_open(path: str) -> bool:
    return path.startswith(tuple(f"{one}/" for one in OPEN)) or path in OPEN


def _check(scope: Scope, most: int) -> None:
    headers = Headers(scope=scope)
    if scope["method"] not in SAFE and not is_own(headers, scope["scheme"]):
        raise _foreign()
    length = headers.get("content-length", "0")
    if not _LENGTH.match(length) or int(length) > most:
        raise _too_large(most)


def _limited(receive: Receive, most: int) -> Receive:
    n_bytes = 0

    async def counted() -> Message:
        nonlocal n_bytes
        message = await receive()
        n_bytes += len(message.get("body", b""))
        if n_bytes > most:
            raise _too_large(most)
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


def _too_large(most: int) -> LintasError:
    if most < MAX_BODY_BYTES:
        what, do = N_("What was sent cannot be read"), N_("Go back, check what you entered, and send it again.")
        return TooLargeError(what, do=do, code="body_too_large")
    return TooLargeError(
        f"More than {MAX_BODY_BYTES // 1_000_000} MB were sent",
        do=N_("Screen a larger file on the node itself: lintas screen FILE."),
        code="body_too_large",
    )
