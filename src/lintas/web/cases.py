"""Cases: which there are, who is assigned, which runs are in them."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lintas.desk import casework
from lintas.desk.office import Office
from lintas.model.errors import InputError, LintasError
from lintas.model.officer import RESTRICTED, Officer
from lintas.web.inbox import is_number
from lintas.web.refusals import status_of
from lintas.web.rendering import page
from lintas.web.runs import Number
from lintas.web.signing import Node, Signed
from lintas.web.words import N_

router = APIRouter()

Text = Annotated[str, Form()]


@router.get("/cases")
def latest(request: Request, node: Node, officer: Signed) -> HTMLResponse:
    """The cases, and the form for a new one."""
    return _list(request, node, officer)


@router.post("/cases")
def open_case(request: Request, node: Node, officer: Signed, title: Text = "", clearance: Text = "") -> Response:
    """Open a case."""
    rank = int(clearance) if clearance in ("0", "1", "2", "3") else RESTRICTED
    try:
        made = casework.open_case(node, officer, title, clearance=rank)
    except LintasError as error:
        return _list(request, node, officer, error, title, rank)
    return RedirectResponse(f"/cases/{made.number}", status_code=303)


@router.get("/cases/{number}")
def show(request: Request, node: Node, officer: Signed, number: Number) -> HTMLResponse:
    """Open one case."""
    return _page(request, node, officer, number)


@router.post("/cases/{number}/assign")
def assign(request: Request, node: Node, officer: Signed, number: Number, who: Text = "") -> Response:
    """Assign an officer."""
    return _done(request, node, officer, number, lambda: casework.assign(node, officer, number, who))


@router.post("/cases/{number}/withdraw")
def withdraw(request: Request, node: Node, officer: Signed, number: Number, who: Text = "") -> Response:
    """An officer is no longer assigned."""
    return _done(request, node, officer, number, lambda: casework.withdraw(node, officer, number, who))


@router.post("/cases/{number}/runs")
def put_run(request: Request, node: Node, officer: Signed, number: Number, run: Text = "") -> Response:
    """Put a run into the case."""
    return _done(request, node, officer, number, lambda: casework.put_run(node, officer, _number(run), number))


@router.post("/cases/{number}/close")
def close(request: Request, node: Node, officer: Signed, number: Number) -> Response:
    """Close the case."""
    return _done(request, node, officer, number, lambda: casework.close(node, officer, number))


def _done(request: Request, node: Office, officer: Officer, number: int, do: Callable[[], object]) -> Response:
    try:
        do()
    except LintasError as error:
        return _page(request, node, officer, number, error)
    return RedirectResponse(f"/cases/{number}", status_code=303)


def _list(
    request: Request,
    node: Office,
    officer: Officer,
    error: LintasError | None = None,
    title: str = "",
    clearance: int = RESTRICTED,
) -> HTMLResponse:
    held = casework.overview(node, officer)
    status = 200 if error is None else status_of(error)
    return page(request, "cases.html", status, held=held, error=error, wanted=title, clearance=clearance)


def _page(
    request: Request, node: Office, officer: Officer, number: int, error: LintasError | None = None
) -> HTMLResponse:
    view = casework.show(node, officer, number)
    is_fictional = any(run.is_fictional for run in view.runs)
    status = 200 if error is None else status_of(error)
    return page(request, "case.html", status, view=view, case=view.case, error=error, is_fictional=is_fictional)


def _number(run: str) -> int:
    if not is_number(run):
        raise InputError(N_("No run was chosen"), do=N_("Choose one of your runs."), code="no_run")
    return int(run)
