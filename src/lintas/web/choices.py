"""What is chosen for this browser: light or dark, the language, single keys. Kept in cookies; no session is needed.

What an officer chose on their own page comes along when they sign in.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from lintas.web import cookies
from lintas.web.rendering import KEYS_COOKIE, LANGUAGE_COOKIE, THEME_COOKIE, THEMES, languages

KEPT_FOR = timedelta(days=365)
COOKIES = {"language": LANGUAGE_COOKIE, "theme": THEME_COOKIE, "keys": KEYS_COOKIE}

router = APIRouter()

Wanted = Annotated[str, Form()]
Back = Annotated[str, Form()]


@router.post("/theme")
def theme(request: Request, wanted: Wanted = "", back: Back = "/") -> Response:
    """Keep the choice of theme; anything but light or dark is what the machine says."""
    return _kept(request, {"theme": wanted if wanted in THEMES else ""}, back)


@router.post("/language")
def language(request: Request, wanted: Wanted = "", back: Back = "/") -> Response:
    """Keep the choice of language; anything but a language of the pages is what the browser says."""
    return _kept(request, {"language": wanted if wanted in languages(request) else ""}, back)


def apply(answer: Response, request: Request, chosen: Mapping[str, str]) -> None:
    """Let this browser show the pages as they were chosen; an empty choice is what the browser says itself."""
    for name in COOKIES.keys() & chosen.keys():
        if chosen[name]:
            cookies.keep(answer, request, COOKIES[name], chosen[name], KEPT_FOR)
        else:
            cookies.drop(answer, request, COOKIES[name])


def own_path(address: str) -> str:
    """An address of this node; the first page instead of any other."""
    is_own = address.startswith("/") and address[1:2] not in ("/", "\\") and address.isascii() and address.isprintable()
    return address if is_own else "/"


def _kept(request: Request, chosen: Mapping[str, str], back: str) -> Response:
    answer = RedirectResponse(own_path(back), status_code=303)
    apply(answer, request, chosen)
    return answer
