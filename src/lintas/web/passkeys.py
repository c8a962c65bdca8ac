"""Passkeys in the browser: what it is asked, and what it answers, in a form that a script has filled."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from lintas.desk import passkeys
from lintas.model.errors import SignInError
from lintas.web.entrance import ask, origin_of
from lintas.web.signing import Node, Signed, Text, enter

router = APIRouter()


@router.post("/sign-in/passkey/ask")
def asked(request: Request, node: Node) -> JSONResponse:
    """What a browser signs to sign in."""
    return JSONResponse(passkeys.ask(node, origin_of(request)))


@router.post("/sign-in/passkey")
def sign_in(request: Request, node: Node, answer: Text = "", back: Text = "/") -> Response:
    """Sign in with what it signed."""
    try:
        session = passkeys.sign_in(node, origin_of(request), answer)
    except SignInError as error:
        return ask(request, error, 401, back=back)
    return enter(request, node, session, back)


@router.post("/profile/passkeys/ask")
def offered(request: Request, node: Node, officer: Signed) -> JSONResponse:
    """What a browser makes a passkey of."""
    return JSONResponse(passkeys.offer(node, officer, origin_of(request)))


@router.post("/profile/passkeys")
def add(request: Request, node: Node, officer: Signed, answer: Text = "", label: Text = "") -> Response:
    """Keep the passkey that it made."""
    passkeys.add(node, officer, origin_of(request), answer, label)
    return RedirectResponse("/profile?done=passkey#passkeys", status_code=303)


@router.post("/profile/passkeys/remove")
def remove(node: Node, officer: Signed, passkey: Text = "") -> Response:
    """Forget a passkey."""
    passkeys.remove(node, officer, passkey)
    return RedirectResponse("/profile?done=passkey_gone#passkeys", status_code=303)
