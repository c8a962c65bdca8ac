"""A proposal: what one officer wants done, for another to approve or refuse."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lintas.desk import attaching, proposals
from lintas.desk.office import Office
from lintas.model.errors import InputError, LintasError
from lintas.model.officer import Officer
from lintas.web import comparing
from lintas.web.exchange import Place, saved
from lintas.web.refusals import status_of
from lintas.web.rendering import page
from lintas.web.runs import Number
from lintas.web.signing import Node, Signed
from lintas.web.words import N_

router = APIRouter()


@router.get("/proposals/{number}")
def show(request: Request, node: Node, officer: Signed, number: Number) -> HTMLResponse:
    """Open one proposal."""
    return _page(request, node, officer, number)


@router.get("/proposals/{number}/why")
def why(request: Request, node: Node, officer: Signed, number: Number) -> HTMLResponse:
    """What is proposed, for beside the inbox."""
    view = proposals.show(node, officer, number)
    is_fictional = view.run is not None and view.run.is_fictional
    return page(request, "proposal_why.html", view=view, run=view.run, one=view.found, is_fictional=is_fictional)


@router.get("/proposals/{number}/files/{place}")
def give(node: Node, officer: Signed, number: Number, place: Place) -> Response:
    """A file that would leave with a message, for who decides on it."""
    return saved(attaching.give(node, officer, number, place))


@router.post("/proposals/{number}")
def decide(
    request: Request,
    node: Node,
    officer: Signed,
    number: Number,
    decision: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Approve or refuse it."""
    try:
        if decision not in ("approve", "refuse"):
            raise InputError(N_("Nothing was chosen"), do=N_("Choose: approve or refuse."), code="no_decision")
        proposals.decide(node, officer, number, decision == "approve", reason)
    except LintasError as error:
        return _page(request, node, officer, number, error, decision, reason)
    return RedirectResponse(f"/proposals/{number}", status_code=303)


def _page(
    request: Request,
    node: Office,
    officer: Officer,
    number: int,
    error: LintasError | None = None,
    decision: str = "",
    reason: str = "",
) -> HTMLResponse:
    view = proposals.show(node, officer, number)
    return page(
        request,
        "proposal.html",
        200 if error is None else status_of(error),
        view=view,
        run=view.run,
        one=view.found,
        weighing=comparing.weigh(view.found.match) if view.found else None,
        error=error,
        decision=decision,
        reason=reason,
        is_fictional=view.run is not None and view.run.is_fictional,
    )
