"""The way to the agency's OpenID provider and back.

A session's cookie is not sent with a request that another site began (SameSite=Strict), and a redirect belongs to who
began it. So both ways lead over a page of this node that goes on by itself, without script.
"""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from lintas.desk import oidc
from lintas.desk.oidc import BACK, Departure
from lintas.model.errors import SignInError, UnavailableError
from lintas.web import cookies
from lintas.web.choices import own_path
from lintas.web.entrance import ask, origin_of, provider_of
from lintas.web.rendering import page
from lintas.web.signing import Node, Signed, Text, enter, signed_in

COOKIE = "lintas_provider"  # by what the browser that was sent there is known, and what for
FOR_SESSION, FOR_BINDING = "in", "bind"
ANSWERED = ("state", "code", "iss", "error")  # what of an answer is read; RFC 6749, 4.1.2, and RFC 9207

router = APIRouter()


@router.post("/sign-in/provider")
def leave(request: Request, node: Node, back: Text = "/", anew: Text = "") -> Response:
    """Send a browser there to sign in; `anew`: though they are signed in there."""
    try:
        departure = oidc.ask(node, provider_of(request), origin_of(request), own_path(back), anew=bool(anew))
    except UnavailableError as error:
        return ask(request, error, 503, back=back)
    return _depart(request, departure, FOR_SESSION)


@router.post("/profile/provider")
def leave_to_bind(request: Request, node: Node, officer: Signed) -> Response:
    """Send the browser of an officer there to be bound."""
    return _depart(request, oidc.ask_to_bind(node, officer, provider_of(request), origin_of(request)), FOR_BINDING)


@router.get(BACK)
def back(request: Request, node: Node) -> Response:
    """Who comes back comes from another site: once more from here, with the cookies of this one."""
    answer = {name: request.query_params[name] for name in ANSWERED if name in request.query_params}
    if "here" not in request.query_params:
        return _onward(request, f"{BACK}?{urlencode({**answer, 'here': 1})}")
    meant, _, browser = cookies.held(request, COOKIE).partition(".")
    at, origin = provider_of(request), origin_of(request)
    try:
        if meant == FOR_BINDING:
            oidc.bind_own(node, signed_in(request), at, origin, browser, answer)
            gone: Response = RedirectResponse("/profile?done=provider#provider", status_code=303)
        else:
            arrival = oidc.sign_in(node, at, origin, browser, answer)
            gone = enter(request, node, arrival.session, arrival.back)
    except (SignInError, UnavailableError) as error:
        gone = ask(request, error, 401 if isinstance(error, SignInError) else 503)
    cookies.drop(gone, request, COOKIE)
    return gone


@router.post("/profile/provider/remove")
def remove(request: Request, node: Node, officer: Signed) -> Response:
    """Bind an officer no more."""
    oidc.remove_own(node, officer, provider_of(request).issuer)
    return RedirectResponse("/profile?done=provider_gone#provider", status_code=303)


def _depart(request: Request, departure: Departure, meant: str) -> Response:
    answer = _onward(request, departure.address, provider_of(request).name)
    cookies.keep(answer, request, COOKIE, f"{meant}.{departure.browser}", oidc.ANSWER_WITHIN)
    return answer


def _onward(request: Request, address: str, where: str = "") -> Response:
    answer = page(request, "sign_in_onward.html", address=address, where=where)
    answer.headers["Refresh"] = f"0; url={address}"
    return answer
