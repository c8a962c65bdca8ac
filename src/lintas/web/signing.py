"""Who is asking: the session behind the cookie, signing in and out, and the choice of theme."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lintas.desk import access
from lintas.desk.office import Office
from lintas.model.officer import Officer
from lintas.web.rendering import THEME_COOKIE, THEMES, page

COOKIE = "lintas_session"
YEAR_S = 365 * 24 * 3600

router = APIRouter()


def office(request: Request) -> Office:
    """The node that is served."""
    opened: Office = request.app.state.pages.office
    return opened


def signed_in(request: Request) -> Officer:
    """The officer of the session. Raises SignInError."""
    officer = access.holder(office(request), request.cookies.get(COOKIE), "session")
    request.state.officer = officer
    return officer


Node = Annotated[Office, Depends(office)]
Signed = Annotated[Officer, Depends(signed_in)]


@router.get("/sign-in")
def sign_in(request: Request, node: Node, link: str = "") -> Response:
    """Trade a link for a session, or say how to get a link."""
    if not link:
        return page(request, "sign_in.html", error=None)
    session = access.sign_in(node, link)
    answer = RedirectResponse("/", status_code=303)
    answer.set_cookie(
        COOKIE,
        session,
        max_age=int(access.SESSION_LIVES.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/sign-out")
def sign_out(request: Request, node: Node, officer: Signed) -> HTMLResponse:
    """End the session."""
    access.sign_out(node, officer, request.cookies[COOKIE])
    request.state.officer = None
    answer = page(request, "signed_out.html")
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return answer


@router.post("/theme")
def theme(request: Request, wanted: Annotated[str, Form()] = "", back: Annotated[str, Form()] = "/") -> Response:
    """Keep the choice of theme in a cookie; anything but light or dark is what the machine says."""
    answer = RedirectResponse(_own_path(back), status_code=303)
    if wanted in THEMES:
        secure = request.url.scheme == "https"
        answer.set_cookie(THEME_COOKIE, wanted, max_age=YEAR_S, httponly=True, samesite="strict", secure=secure)
    else:
        answer.delete_cookie(THEME_COOKIE)
    return answer


def _own_path(address: str) -> str:
    """An address of this node; the first page instead of any other."""
    is_own = address.startswith("/") and address[1:2] not in ("/", "\\") and address.isascii() and address.isprintable()
    return address if is_own else "/"
