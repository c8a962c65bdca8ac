"""The body of a request: never longer than the limit, and strict JSON or a form."""

from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.types import Message

from lintas.api.errors import BodyTooLargeError
from lintas.model.errors import InputError
from lintas.model.json_text import read_json

MAX_BODY_BYTES = 8 * 1024**2
Shape = TypeVar("Shape", bound=BaseModel)


async def body_of(request: Request, most: int = MAX_BODY_BYTES) -> bytes:
    """The whole body. Raises BodyTooLargeError as soon as it is known to be over the limit."""
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and (len(announced) > 18 or int(announced) > most):
        raise _too_large(most)
    held = bytearray()
    async for block in request.stream():
        held += block
        if len(held) > most:
            raise _too_large(most)
    return bytes(held)


async def form_of(request: Request) -> Mapping[str, str]:
    """The text fields of a form, however it is encoded."""
    held = await body_of(request)

    async def again() -> Message:
        return {"type": "http.request", "body": held, "more_body": False}

    async with Request(request.scope, again).form(max_files=0, max_part_size=MAX_BODY_BYTES) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def strict_json(text: bytes | str) -> Any:
    """A JSON value as RFC 8259 and I-JSON (RFC 7493) have it: no NaN, no key twice, no half of a character.

    Raises InputError.
    """
    try:
        return read_json(text)
    except ValueError as error:
        raise InputError(
            "This is no JSON that can be read here",
            where=str(error).splitlines()[0][:200],
            do="Send JSON in UTF-8, every key once, no deeper than a few hundred levels.",
            code="bad_json",
        ) from error


def read(shape: type[Shape], value: Any) -> Shape:
    """A value in a shape. Raises RequestValidationError, which says what does not fit."""
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_input=False, include_url=False)) from error


def _too_large(most: int) -> BodyTooLargeError:
    return BodyTooLargeError("The body of this request is too large", do=f"Send at most {most // 1024**2} MB.")
