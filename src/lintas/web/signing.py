"""Who is asking: the session behind the cookie; signing in with a passphrase or a link, and signing out."""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lintas.desk import access, inbox, passphrases, profile, sessions
from lintas.desk.office import Office
from lintas.model.errors import SignInError, UnavailableError
from lintas.model.officer import Officer
from lintas.web import choices, cookies
from lintas.web.entrance import ask
from lintas.web.rendering import page

COOKIE = "lintas_session"

router = APIRouter()


def office(request: Request) -> Office:
    """The node that is served."""
    opened: Office = request.app.state.pages.office
    return opened


def known(request: Request) -> Officer:
    """Whose session it is. Raises SignInError."""
    return sessions.holder(office(request), cookies.held(request, COOKIE), "session")


def signed_in(request: Request) -> Officer:
    """The officer of the session. Raises SignInError, TooManyCallsError."""
    officer = known(request)
    request.state.officer = officer
    request.app.state.pace.take(officer.id)
    return officer


Node = Annotated[Office, Depends(office)]
Signed = Annotated[Officer, Depends(signed_in)]
Text = Annotated[str, Form()]


def enter(request: Request, node: Office, session: str, back: str) -> Response:
    """Let a new session in: the one before it ends, the pages are as the officer chose them, and on to `back`."""
    before = cookies.held(request, COOKIE)
    with suppress(SignInError):
        sessions.sign_out(node, sessions.holder(node, before, "session"), before)
    officer = sessions.holder(node, session, "session")
    answer = RedirectResponse(_first_page(node, officer, choices.own_path(back)), status_code=303)
    cookies.keep(answer, request, COOKIE, session, sessions.SESSION_LIVES)
    chosen = profile.choices(node, officer)
    choices.apply(answer, request, {"keys": "", **chosen})
    return answer


@router.get("/sign-in")
def sign_in(request: Request, back: str = "/") -> HTMLResponse:
    """The ways to sign in. What stands behind # in a link is not sent here: a script writes it into a field."""
    return ask(request, back=back)


@router.post("/sign-in/link")
def with_link(request: Request, node: Node, link: Text = "", back: Text = "/") -> Response:
    """Sign in with a link, or with what stands behind # in it."""
    return enter(request, node, sessions.sign_in(node, link.strip().rpartition("link=")[2]), back)


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
    sessions.sign_out(node, officer, cookies.held(request, COOKIE))
    request.state.officer = None
    answer = page(request, "signed_out.html")
    cookies.drop(answer, request, COOKIE)
    answer.headers["Clear-Site-Data"] = '"cache"'  # what the officer saw; the browser's own choices stay
    return answer


def _first_page(node: Office, officer: Officer, wanted: str) -> str:
    """Where an officer begins who asked for no page: with what waits for them; else with Find, if they may search."""
    if wanted != "/":
        return wanted
    is_searching = access.may(node, officer, "entities.search") and not inbox.n_waiting(node, officer)
    return "/" if is_searching else "/inbox"
