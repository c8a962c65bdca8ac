"""What goes wrong, as a page: what, where, what to do, and the code."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

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
from lintas.web.entrance import ask
from lintas.web.rendering import page
from lintas.web.words import N_

STATUS: dict[type[LintasError], int] = {
    TooLargeError: 413,
    InputError: 400,
    NotFoundError: 404,
    ConflictError: 409,
    SignInError: 401,
    DeniedError: 403,
    TooManyCallsError: 429,
    UnavailableError: 503,
    LintasError: 500,
}


def status_of(error: LintasError) -> int:
    """The HTTP status of an error: that of the nearest class in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def refuse(request: Request, error: LintasError) -> HTMLResponse:
    """The page of an error that a person may see."""
    if isinstance(error, SignInError):
        return ask(request, error, status_of(error))
    answer = page(request, "error.html", status_of(error), error=error, reference=None)
    if isinstance(error, TooManyCallsError):
        answer.headers["Retry-After"] = str(error.wait_s)
    return answer


def broken(request: Request, reference: str) -> HTMLResponse:
    """The page of an error that nobody expected; its insides are in the node's own log only."""
    error = LintasError(
        N_("Something went wrong on this node that nobody expected"),
        do=N_("Try once more; if it stays, give the reference to the node's owner, who finds it in the log."),
        code="unexpected",
    )
    return page(request, "error.html", 500, error=error, reference=reference)


def handle(app: FastAPI) -> None:
    """Let every error of the pages be one of these pages."""

    def lintas(request: Request, error: Exception) -> HTMLResponse:
        assert isinstance(error, LintasError)
        return refuse(request, error)

    def http(request: Request, error: Exception) -> HTMLResponse:
        assert isinstance(error, HTTPException)
        if error.status_code == 405:
            what = InputError(
                N_("This address is not asked in that way"), do=N_("Use the page's own buttons."), code="method"
            )
            return page(request, "error.html", 405, error=what, reference=None)
        if error.status_code == 400:
            return refuse(request, _unreadable())
        return refuse(request, _no_page())

    def validation(request: Request, error: Exception) -> HTMLResponse:
        assert isinstance(error, RequestValidationError)
        places = {str(place) for one in error.errors() for place in one["loc"][:1]}
        return refuse(request, _no_page() if "path" in places else _unreadable())

    app.add_exception_handler(LintasError, lintas)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, validation)


def _no_page() -> NotFoundError:
    return NotFoundError(N_("There is no page at this address"), do=N_("Begin at the inbox."), code="no_page")


def _unreadable() -> InputError:
    return InputError(
        N_("What was sent cannot be read"),
        do=N_("Go back, check what you entered, and send it again."),
        code="bad_request",
    )
