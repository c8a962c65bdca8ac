"""The table of the TAXII face: an error of the house becomes the error resource of TAXII 2.1 (3.6.1)."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from lintas.api.answer import Answer
from lintas.api.errors import STATUS
from lintas.desk.taxii import MEDIA_TYPE
from lintas.model.errors import LintasError, TooLargeError, TooManyCallsError

OF_CODE = {"not_acceptable": 406, "bad_content_type": 415, "no_envelope": 422}
OF_CONTENT = {406, 413, 415, 422, 400}  # what is wrong with what was sent, and with nothing else
CHALLENGE = {"WWW-Authenticate": 'Basic realm="TAXII", charset="UTF-8"'}


class TaxiiAnswer(Answer):
    """A resource of TAXII 2.1."""

    media_type = MEDIA_TYPE


class TaxiiRoute(APIRoute):
    """A route whose errors are resources of TAXII."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of FastAPI, inside of this table."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except LintasError as error:
                return _of_the_house(request, error)
            except RequestValidationError:
                return _answer(request, 400, "bad_request", "The request cannot be understood")
            except HTTPException as error:
                return _answer(request, error.status_code, "protocol", str(error.detail))

        return handled


def _of_the_house(request: Request, error: LintasError) -> Response:
    status = OF_CODE.get(error.code) or (413 if isinstance(error, TooLargeError) else _status(error))
    answer = _answer(request, status, error.code, f"{error.what}{_where(error)}. {error.do}")
    if status == 401:
        answer.headers.update(CHALLENGE)
    if isinstance(error, TooManyCallsError):
        answer.headers["Retry-After"] = str(error.wait_s)
    return answer


def _answer(request: Request, status: int, code: str, words: str) -> Response:
    request.state.code = code  # for the journal
    if status == 422:
        words = f"While processing supplied content, an error occurred: {words}"
    said = {
        "title": "ProcessingError" if status in OF_CONTENT else HTTPStatus(status).phrase,
        "description": words,
        "error_id": getattr(request.state, "request", ""),
        "error_code": code,
        "http_status": str(status),
    }
    return TaxiiAnswer(said, status_code=status, headers={"Connection": "close"} if status == 413 else None)


def _status(error: LintasError) -> int:
    return next(status for kind, status in STATUS if isinstance(error, kind))


def _where(error: LintasError) -> str:
    return f" ({error.where})" if error.where else ""
