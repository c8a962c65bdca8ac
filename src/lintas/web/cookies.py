"""Cookies of the pages: for this host alone, not for scripts, and not sent along by other sites."""

from datetime import timedelta

from fastapi import Request
from fastapi.responses import Response


def name_of(request: Request, name: str) -> str:
    """Over https a cookie can be set by this host alone, and never in the clear: the browser sees to it by its name."""
    return f"__Host-{name}" if _is_private(request) else name


def held(request: Request, name: str) -> str:
    """What a browser keeps under a name; empty when it keeps nothing."""
    return request.cookies.get(name_of(request, name), "")


def keep(answer: Response, request: Request, name: str, value: str, lives: timedelta) -> None:
    """Give it to a browser."""
    seconds = int(lives.total_seconds())
    answer.set_cookie(
        name_of(request, name), value, max_age=seconds, httponly=True, samesite="strict", secure=_is_private(request)
    )


def drop(answer: Response, request: Request, name: str) -> None:
    """Take it back."""
    secure = _is_private(request)
    answer.delete_cookie(name_of(request, name), httponly=True, samesite="strict", secure=secure)


def _is_private(request: Request) -> bool:
    return request.url.scheme == "https"
