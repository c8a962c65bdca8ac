"""Match: is this customer the listed one? What speaks for it, what against, and the decision."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lintas.desk import outcomes, runs
from lintas.desk.office import Office
from lintas.desk.runs import MatchView
from lintas.model.errors import LintasError
from lintas.model.officer import Officer
from lintas.web import comparing, history, timebar
from lintas.web.refusals import status_of
from lintas.web.rendering import page, shown
from lintas.web.runs import LAST_NUMBER, Number
from lintas.web.signing import Node, Signed
from lintas.web.words import N_

router = APIRouter()


@router.get("/runs/{number}/matches/{match}")
def show(request: Request, node: Node, officer: Signed, number: Number, match: Number) -> HTMLResponse:
    """Open one match."""
    return _page(request, node, officer, number, match)


@router.get("/runs/{number}/matches/{match}/why")
def why(request: Request, node: Node, officer: Signed, number: Number, match: Number) -> HTMLResponse:
    """The reasons of one match, for beside the queue."""
    view = runs.show_match(node, officer, number, match)
    return page(request, "match_why.html", run=view.run, one=view.found, is_fictional=view.run.is_fictional)


@router.post("/runs/{number}/matches/{match}")
def decide(
    request: Request,
    node: Node,
    officer: Signed,
    number: Number,
    match: Number,
    verdict: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    seen: Annotated[int | None, Form(ge=0, le=LAST_NUMBER)] = None,
) -> Response:
    """Decide, then go to the next match that waits."""
    try:
        runs.decide(node, officer, number, [match], None if verdict == "reopen" else verdict, reason, seen=seen)
    except LintasError as error:
        return _page(request, node, officer, number, match, error=error, verdict=verdict, reason=reason)
    waits = [
        one for one in runs.neighbours(node, officer, number, match) if one.verdict is None and one.number != match
    ]
    following = next((one.number for one in waits), match) if verdict != "reopen" else match
    return RedirectResponse(f"/runs/{number}/matches/{following}", status_code=303)


@router.post("/runs/{number}/matches/{match}/outcome")
def act(
    request: Request,
    node: Node,
    officer: Signed,
    number: Number,
    match: Number,
    kind: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    reference: Annotated[str, Form()] = "",
) -> Response:
    """Record what is done about a true match, or propose it to a second officer."""
    try:
        outcomes.decide(node, officer, number, match, kind, reason, reference=reference)
    except LintasError as error:
        return _page(request, node, officer, number, match, error, kind, reason, reference)
    return RedirectResponse(f"/runs/{number}/matches/{match}", status_code=303)


def _page(
    request: Request,
    node: Office,
    officer: Officer,
    number: int,
    match: int,
    error: LintasError | None = None,
    verdict: str = "",
    reason: str = "",
    reference: str = "",
) -> HTMLResponse:
    say = shown(request)
    view = runs.show_match(node, officer, number, match)
    beside = runs.neighbours(node, officer, number, match)
    fields, aside = comparing.fields(view, say)
    at = next(i for i, one in enumerate(beside) if one.number == match)
    return page(
        request,
        "match.html",
        200 if error is None else status_of(error),
        view=view,
        run=view.run,
        one=view.found,
        beside=beside,
        previous=beside[at - 1] if at else None,
        following=beside[at + 1] if at + 1 < len(beside) else None,
        boxes=comparing.boxes(view.found.match),
        names=comparing.names(view.found.match),
        fields=fields,
        aside=aside,
        weighing=comparing.weigh(view.found.match),
        innocent=comparing.innocent(view),
        line=timebar.line(((at, say.said(words)) for at, words in _happened(view)), node.now()),
        error=error,
        verdict=verdict,
        reason=reason,
        reference=reference,
        is_fictional=view.run.is_fictional or view.found.match.is_fictional,
    )


def _happened(view: MatchView) -> Iterator[tuple[str | datetime | None, str]]:
    if view.document is not None:
        first, changed = view.document["first_seen"], view.document["last_change"]
        yield first, N_("Entry first here")
        if changed != first:
            yield changed, N_("Entry changed")
        for when in view.document["properties"].get("createdAt", ()):
            yield when, N_("Listed")
    yield view.run.created_at, N_("Screened")
    for step in history.happened(view):
        yield step.at, step.words
