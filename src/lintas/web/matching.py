"""Private matching: what other agencies offer, what is offered to them, and what hit."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lintas.desk import access, canary, matching, peers, runs
from lintas.desk.office import Office
from lintas.model.errors import InputError, LintasError
from lintas.model.handling import Handling
from lintas.model.officer import Officer
from lintas.web.refusals import status_of
from lintas.web.rendering import page
from lintas.web.runs import LAST_NUMBER, Number
from lintas.web.signing import Node, Signed
from lintas.web.words import N_

router = APIRouter()
Text = Annotated[str, Form()]


@router.get("/exchange/matching")
def overview(request: Request, node: Node, officer: Signed) -> HTMLResponse:
    """The sets on both sides, and the alarms of canaries."""
    return _overview(request, node, officer)


@router.post("/exchange/matching")
def offer(
    request: Request, node: Node, officer: Signed, run: Text = "", peer: Text = "", name: Text = "", strict: Text = ""
) -> Response:
    """Offer the customers of a run."""
    return _done(
        request,
        node,
        officer,
        lambda: matching.offer(node, officer, _run(run), peer, name, Handling("amber"), is_strict=bool(strict)),
    )


@router.post("/exchange/matching/end")
def end(request: Request, node: Node, officer: Signed, peer: Text = "", name: Text = "") -> Response:
    """End an offer."""
    return _done(request, node, officer, lambda: canary.end(node, officer, peer, name))


@router.get("/runs/{number}/matching")
def of_run(request: Request, node: Node, officer: Signed, number: Number) -> HTMLResponse:
    """What was asked about the customers of a run, and what hit."""
    return _of_run(request, node, officer, number)


@router.post("/runs/{number}/matching")
def ask(
    request: Request,
    node: Node,
    officer: Signed,
    number: Number,
    chosen: Text = "",
    rows: Text = "",
    legal_basis: Text = "",
    possible: Text = "",
) -> Response:
    """Ask a set about them. `chosen`: the node, a blank, the set; `rows`: numbers with blanks between."""
    peer, _, name = chosen.partition(" ")
    try:
        wanted = [_run(one) for one in rows.split()] or None
        matching.ask(node, officer, number, peer, name, legal_basis=legal_basis, rows=wanted, with_weak=bool(possible))
    except LintasError as error:
        return _of_run(request, node, officer, number, error)
    return RedirectResponse(f"/runs/{number}/matching", status_code=303)


def _overview(request: Request, node: Office, officer: Officer, error: LintasError | None = None) -> HTMLResponse:
    return page(
        request,
        "matching.html",
        200 if error is None else status_of(error),
        offered=matching.offered(node, officer),
        given=matching.given(node, officer),
        alarms=canary.alarms(node, officer),
        trusted=[one for one in peers.everybody(node, officer) if one.status == "trusted"],
        held=runs.latest(node, officer),
        error=error,
    )


def _of_run(
    request: Request, node: Office, officer: Officer, number: int, error: LintasError | None = None
) -> HTMLResponse:
    run = runs.get(node, officer, number)
    may_ask = access.may(node, officer, "exchange.open")
    return page(
        request,
        "run_matching.html",
        200 if error is None else status_of(error),
        run=run,
        show="matching",
        is_fictional=run.is_fictional,
        asked=matching.results(node, officer, number),
        offered=matching.offered(node, officer) if may_ask else [],
        error=error,
    )


def _done(request: Request, node: Office, officer: Officer, do: Callable[[], object]) -> Response:
    try:
        do()
    except LintasError as error:
        return _overview(request, node, officer, error)
    return RedirectResponse("/exchange/matching", status_code=303)


def _run(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= LAST_NUMBER):
        raise InputError(
            N_("This is no number of a row or run"), where=text[:20], do=N_("Write 12 or 12 15 18."), code="bad_number"
        )
    return int(text)
