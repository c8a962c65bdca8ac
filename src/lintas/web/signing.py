"""Who is asking: the session behind the cookie; signing in with a passphrase or a link, and signing out."""

from contextlib import suppress
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lintas.desk import access, inbox, passphrases, profile, sessions
from lintas.desk.office import Office
from lintas.model.errors import SignInError, UnavailableError
from lintas.model.officer import Officer
from lintas.web import choices
from lintas.web.entrance import ask
from lintas.web.rendering import page

COOKIE = "lintas_session"

router = APIRouter()


def office(request: Request) -> Office:
    """The node that is served."""
    opened: Office = request.app.state.pages.office
    return opened


def signed_in(request: Request) -> Officer:
    """The officer of the session. Raises SignInError."""
    officer = sessions.holder(office(request), request.cookies.get(cookie_name(request)), "session")
    request.state.officer = officer
    return officer


Node = Annotated[Office, Depends(office)]
Signed = Annotated[Officer, Depends(signed_in)]
Text = Annotated[str, Form()]


def cookie_name(request: Request, name: str = COOKIE) -> str:
    """Over https a cookie can be set by this host alone, and never in the clear: the browser sees to it by its name."""
    return f"__Host-{name}" if request.url.scheme == "https" else name


def keep_cookie(answer: Response, request: Request, name: str, value: str, lives: timedelta) -> None:
    """Give a browser a secret: no script reads it, and no other site's request carries it."""
    answer.set_cookie(
        cookie_name(request, name),
        value,
        max_age=int(lives.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def drop_cookie(answer: Response, request: Request, name: str) -> None:
    """Take it back."""
    secure = request.url.scheme == "https"
    answer.delete_cookie(cookie_name(request, name), httponly=True, samesite="strict", secure=secure)


def enter(request: Request, node: Office, session: str, back: str) -> Response:
    """Let a new session in: the one before it ends, the pages are as the officer chose them, and on to `back`."""
    before = request.cookies.get(cookie_name(request), "")
    with suppress(SignInError):
        sessions.sign_out(node, sessions.holder(node, before, "session"), before)
    officer = sessions.holder(node, session, "session")
    answer = RedirectResponse(_first_page(node, officer, choices.own_path(back)), status_code=303)
    keep_cookie(answer, request, COOKIE, session, sessions.SESSION_LIVES)
    chosen = profile.choices(node, officer)
    choices.apply(answer, request, {"keys": "", **chosen})
    return answer


@router.get("/sign-in")
def sign_in(request: Request, node: Node, link: str = "", back: str = "/") -> Response:
    """The ways to sign in; with a link, the session that it stands for.

    A page of elsewhere, or a machine that looks ahead, signs nobody in: then a person has to press a button.
    """
    if not link:
        return ask(request, back=back)
    is_elsewhere = request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
    if is_elsewhere or "prefetch" in request.headers.get("sec-purpose", "") or request.method != "GET":
        return page(request, "sign_in_link.html", link=link)
    return enter(request, node, sessions.sign_in(node, link), back)


@router.post("/sign-in/link")
def with_link(request: Request, node: Node, link: Text = "") -> Response:
    """The same when a person pressed the button."""
    return enter(request, node, sessions.sign_in(node, link), "/")


@router.post("/sign-in")
def with_passphrase(request: Request, node: Node, name: Text = "", passphrase: Text = "", back: Text = "/") -> Response:
    """Sign in with a name and a passphrase."""
    try:
        session = passphrases.sign_in(node, name.strip().casefold(), passphrase)
    except (SignInError, UnavailableError) as error:
        return ask(request, error, 401 if isinstance(error, SignInError) else 503, name=name[:64], back=back)
    return enter(request, node, session, back)


@router.post("/sign-out")
def sign_out(request: Request, node: Node, officer: Signed) -> HTMLResponse:
    """End the session."""
    sessions.sign_out(node, officer, request.cookies[cookie_name(request)])
    request.state.officer = None
    answer = page(request, "signed_out.html")
    drop_cookie(answer, request, COOKIE)
    answer.headers["Clear-Site-Data"] = '"cache"'  # what the officer saw; the browser's own choices stay
    return answer


def _first_page(node: Office, officer: Officer, wanted: str) -> str:
    """Where an officer begins who asked for no page: with what waits for them; else with Find, if they may search."""
    if wanted != "/":
        return wanted
    is_searching = access.may(node, officer, "entities.search") and not inbox.n_waiting(node, officer)
    return "/" if is_searching else "/inbox"
