"""The table of this face: an error of the house becomes a status and a body that programs can read."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from lintas.api.answer import Answer
from lintas.api.headers import headers_over
from lintas.model.errors import (
    ConflictError,
    DeniedError,
    InputError,
    LintasError,
    NotFoundError,
    SignInError,
    TooLargeError,
    UnavailableError,
)


class BodyTooLargeError(TooLargeError):
    """The body of a request is over the limit; it was not read to its end."""

    code = "body_too_large"


STATUS: tuple[tuple[type[LintasError], int], ...] = (
    (BodyTooLargeError, 413),
    (InputError, 400),
    (SignInError, 401),
    (DeniedError, 403),
    (NotFoundError, 404),
    (ConflictError, 409),
    (UnavailableError, 503),
    (LintasError, 500),
)
HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 413: {"Connection": "close"}}


def install(app: FastAPI) -> None:
    """Let every error of the API answer as JSON."""
    app.exception_handler(LintasError)(_of_the_house)
    app.exception_handler(RequestValidationError)(_unreadable)
    app.exception_handler(HTTPException)(_of_the_protocol)
    app.exception_handler(Exception)(_unforeseen)


async def _of_the_house(_: Request, error: LintasError) -> Answer:
    status = next(status for kind, status in STATUS if isinstance(error, kind))
    return _answer(status, error.what, error.code, error.do, error.where, HEADERS.get(status))


async def _unreadable(_: Request, error: RequestValidationError) -> Answer:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])[:200]
    return _answer(422, f"{where}: {first['msg'][:300]}", "bad_request", "Send it as /openapi.json says.", where)


async def _of_the_protocol(_: Request, error: HTTPException) -> Answer:
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    do = "See /openapi.json for what can be asked here."
    return _answer(error.status_code, error.detail, code, do, headers=error.headers)


async def _unforeseen(request: Request, error: Exception) -> Answer:
    do, headers = "Try again; the node's log says what happened.", headers_over(request.url.scheme)
    return _answer(500, "This node failed to answer", "internal", do, headers=headers)


def _answer(
    status: int, what: str, code: str, do: str, where: str | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    body = {"detail": what, "code": code, "where": where, "do": do}
    return Answer(body, status_code=status, headers=headers)
