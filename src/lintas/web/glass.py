"""Emergency access: an officer opens a run that they do not reach, and says why; another officer reviews it after."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lintas.desk import glass
from lintas.desk.office import Office
from lintas.model.errors import InputError, LintasError
from lintas.model.officer import Officer
from lintas.web.inbox import is_number
from lintas.web.refusals import status_of
from lintas.web.rendering import page
from lintas.web.runs import Number
from lintas.web.signing import Node, Signed
from lintas.web.words import N_

router = APIRouter()


@router.get("/glass")
def show(request: Request, node: Node, officer: Signed) -> HTMLResponse:
    """The form, one's own emergency access, and that of others for who reviews it."""
    return _page(request, node, officer)


@router.post("/glass")
def break_glass(
    request: Request,
    node: Node,
    officer: Signed,
    run: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Open a run for an hour, and go there."""
    try:
        if not is_number(run.strip()):
            raise InputError(
                N_("That is no number of a run"), do=N_("Write the number alone, such as 12."), code="no_run"
            )
        glass.break_glass(node, officer, int(run), reason)
    except LintasError as error:
        return _page(request, node, officer, error, run, reason)
    return RedirectResponse(f"/runs/{int(run)}", status_code=303)


@router.post("/glass/{number}/review")
def review(
    request: Request, node: Node, officer: Signed, number: Number, finding: Annotated[str, Form()] = ""
) -> Response:
    """Say whether it was right."""
    try:
        glass.review(node, officer, number, finding)
    except LintasError as error:
        return _page(request, node, officer, error, finding=finding, number=number)
    return RedirectResponse("/glass", status_code=303)


def _page(
    request: Request,
    node: Office,
    officer: Officer,
    error: LintasError | None = None,
    run: str = "",
    reason: str = "",
    finding: str = "",
    number: int | None = None,
) -> HTMLResponse:
    return page(
        request,
        "glass.html",
        200 if error is None else status_of(error),
        held=glass.overview(node, officer),
        error=error,
        run=run,
        reason=reason,
        finding=finding,
        number=number,
    )
