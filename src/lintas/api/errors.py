"""The table of this face: an error of the house becomes a status and a body that programs can read."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from lintas.api.answer import Answer
from lintas.api.shapes import Error
from lintas.model.errors import (
    ConflictError,
    DeniedError,
    InputError,
    LintasError,
    NotFoundError,
    SignInError,
    TooLargeError,
    TooManyCallsError,
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
    (TooManyCallsError, 429),
    (UnavailableError, 503),
    (LintasError, 500),
)
# What any route may answer instead of what was asked for; for /openapi.json.
ANSWERS: dict[int | str, dict[str, Any]] = {
    status: {"model": Error, "description": words}
    for status, words in {
        400: "What was sent cannot be used",
        401: "Nobody that the node knows is asking",
        403: "Whoever asks may not",
        404: "Nothing of that name here",
        429: "Whoever asks does so too often; Retry-After says when to go on",
        422: "What was sent has another shape than is written here",
    }.items()
}
HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 413: {"Connection": "close"}}


def install(app: FastAPI) -> None:
    """Let every error of the API answer as JSON."""
    app.exception_handler(LintasError)(_of_the_house)
    app.exception_handler(RequestValidationError)(_unreadable)
    app.exception_handler(HTTPException)(_of_the_protocol)


async def _of_the_house(request: Request, error: LintasError) -> Answer:
    status = next(status for kind, status in STATUS if isinstance(error, kind))
    request.state.code = error.code  # for the journal
    headers = {"Retry-After": str(error.wait_s)} if isinstance(error, TooManyCallsError) else HEADERS.get(status)
    return _answer(status, error.what, error.code, error.do, error.where, headers)


async def _unreadable(request: Request, error: RequestValidationError) -> Answer:
    request.state.code = "bad_request"
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])[:200]
    return _answer(422, f"{where}: {first['msg'][:300]}", "bad_request", "Send it as /openapi.json says.", where)


async def _of_the_protocol(request: Request, error: HTTPException) -> Answer:
    code = request.state.code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    do = "See /openapi.json for what can be asked here."
    return _answer(error.status_code, error.detail, code, do, headers=error.headers)


def unforeseen(reference: str) -> Answer:
    """The answer to a failure that nobody expected; its insides are in the node's own log only."""
    do = f"Try again; if it stays, give the reference {reference} to the node's owner, who finds it in the log."
    return _answer(500, "This node failed to answer", "internal", do)


def _answer(
    status: int, what: str, code: str, do: str, where: str | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    body = {"detail": what, "code": code, "where": where, "do": do}
    return Answer(body, status_code=status, headers=headers)
