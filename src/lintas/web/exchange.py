"""The exchange: threads with other agencies, what may be said in them, and which nodes are trusted."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile

from lintas.desk import (
    attaching,
    ceilings,
    correspondence,
    deadlines,
    duties,
    files,
    node_card,
    peers,
    post,
    timeliness,
    witness,
)
from lintas.desk.correspondence import Answerable
from lintas.desk.office import Office
from lintas.desk.post import Draft
from lintas.model.case import Proposal
from lintas.model.errors import LintasError, NotFoundError
from lintas.model.officer import Officer
from lintas.web import drafts
from lintas.web.refusals import status_of
from lintas.web.rendering import page
from lintas.web.runs import Number
from lintas.web.signing import Node, Signed

router = APIRouter()
Text = Annotated[str, Form()]
Asked = Annotated[str, Query(max_length=100)]
Place = Annotated[int, InPath(ge=0, le=99)]


async def _given(request: Request) -> dict[str, str]:
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def _uploads(request: Request) -> list[UploadFile]:
    form = await request.form()
    return [one for one in form.getlist("file") if isinstance(one, UploadFile) and one.filename]


Given = Annotated[dict[str, str], Depends(_given)]
Uploads = Annotated[list[UploadFile], Depends(_uploads)]


@router.get("/exchange")
def latest(request: Request, node: Node, officer: Signed) -> HTMLResponse:
    """The threads, and the nodes that are trusted."""
    lines = correspondence.overview(node, officer)
    return page(
        request,
        "exchange.html",
        lines=lines,
        held=peers.everybody(node, officer),
        kinds=correspondence.kinds(),
        on_duty=duties.on_duty(node, officer),
    )


@router.get("/exchange/timeliness")
def timely(request: Request, node: Node, officer: Signed) -> HTMLResponse:
    """How soon agencies answer one another, and by which agreement that is reckoned."""
    return _timely(request, node, officer)


@router.post("/exchange/timeliness")
def reckon(request: Request, node: Node, officer: Signed, peer: Text = "", agreement: Text = "") -> Response:
    """Reckon by another agreement from now on."""
    try:
        deadlines.assign(node, officer, peer, agreement)
    except LintasError as error:
        return _timely(request, node, officer, error)
    return RedirectResponse("/exchange/timeliness", status_code=303)


@router.get("/exchange/peers")
def all_peers(request: Request, node: Node, officer: Signed) -> HTMLResponse:
    """The nodes of other agencies, and this one's card."""
    return _peers(request, node, officer)


@router.post("/exchange/peers")
def add(request: Request, node: Node, officer: Signed, card: Text = "") -> Response:
    """Meet a node by its card."""
    return _met(request, node, officer, lambda: peers.add(node, officer, card))


@router.post("/exchange/peers/confirm")
def confirm(request: Request, node: Node, officer: Signed, peer: Text = "", words: Text = "") -> Response:
    """Trust it, as a second officer."""
    return _met(request, node, officer, lambda: peers.confirm(node, officer, peer, words))


@router.post("/exchange/peers/revoke")
def revoke(request: Request, node: Node, officer: Signed, peer: Text = "", reason: Text = "") -> Response:
    """Take nothing more from it."""
    return _met(request, node, officer, lambda: peers.revoke(node, officer, peer, reason))


@router.get("/exchange/write")
def blank(request: Request, node: Node, officer: Signed, type: Asked = "request", peer: Asked = "") -> HTMLResponse:
    """The form for a message that opens a thread."""
    return _form(request, node, officer, Draft(type, {}, drafts.handling_of({}), "investigation", peer=peer), {})


@router.post("/exchange/write")
def write(request: Request, node: Node, officer: Signed, given: Given, uploads: Uploads) -> Response:
    """Show what would leave, or send it."""
    type, peer = given.get("type", "")[:64], given.get("peer", "")[:64]
    return _said(request, node, officer, type, given, uploads, peer=peer)


@router.get("/exchange/{number}")
def show(request: Request, node: Node, officer: Signed, number: Number) -> HTMLResponse:
    """Open one thread."""
    view = correspondence.show(node, officer, number)
    return page(request, "thread.html", view=view, thread=view.thread)


@router.get("/exchange/{number}/files/{message}/{place}")
def give(node: Node, officer: Signed, number: Number, message: Number, place: Place) -> Response:
    """A file that came in or was sent, once it was checked."""
    return saved(files.give(node, officer, number, message, place))


def saved(given: files.Given) -> Response:
    """A file as a browser saves it: never opened in the page, and of no other type than was found in it."""
    told = f"attachment; filename*=UTF-8''{quote(given.said.name, safe='')}"
    return Response(given.data, headers={"Content-Type": given.type, "Content-Disposition": told})


@router.get("/exchange/{number}/answer")
def answer(
    request: Request, node: Node, officer: Signed, number: Number, type: Asked = "", to: Asked = ""
) -> HTMLResponse:
    """The form for a reply."""
    draft = Draft(type, {}, drafts.handling_of({}), "investigation", thread=number, reply_to=to)
    return _form(request, node, officer, draft, {})


@router.post("/exchange/{number}/answer")
def say(request: Request, node: Node, officer: Signed, number: Number, given: Given, uploads: Uploads) -> Response:
    """Show what would leave in reply, or send it."""
    type, to = given.get("type", "")[:64], given.get("to", "")[:64]
    return _said(request, node, officer, type, given, uploads, thread=number, reply_to=to)


def _said(
    request: Request,
    node: Office,
    officer: Officer,
    type: str,
    given: dict[str, str],
    uploads: list[UploadFile],
    **where: Any,
) -> Response:
    kept = Draft(type, {}, drafts.handling_of({}), "investigation", files=drafts.files_of(given), **where)
    try:
        kind = correspondence.kind_of(type)
        for one in uploads:  # as they come: each is on the form from then on, whatever is wrong with the rest of it
            data = one.file.read(attaching.MAX_BYTES + 1)
            made = attaching.attach(node, officer, one.filename or "", data, thread=kept.thread, before=kept.files)
            kept = replace(kept, files=(*kept.files, made.id))
        kept = drafts.draft_of(type, kind.body, given, files=kept.files, **where)
        if given.get("action") != "send" or uploads:
            shown = post.preview(node, officer, kept)
            return _form(request, node, officer, kept, given, shown=shown)
        sent = post.send(node, officer, kept)
    except LintasError as error:
        return _form(request, node, officer, kept, given, error=error)
    if isinstance(sent, Proposal):
        return RedirectResponse(f"/proposals/{sent.number}", status_code=303)
    return RedirectResponse(f"/exchange/{sent.thread}", status_code=303)


def _form(
    request: Request,
    node: Office,
    officer: Officer,
    draft: Draft,
    given: dict[str, str],
    *,
    shown: dict[str, Any] | None = None,
    error: LintasError | None = None,
) -> HTMLResponse:
    to = _answered(node, officer, draft) if draft.thread is not None else None
    kind = correspondence.kind_of(draft.type)
    trusted = [one for one in peers.everybody(node, officer) if one.status == "trusted"]
    return page(
        request,
        "write.html",
        200 if error is None else status_of(error),
        draft=draft,
        kind=kind,
        to=to,
        entries=drafts.entries(kind.body),
        reports=drafts.report_entries(kind.body),
        choices=drafts.CHOICES,
        ceiling=ceilings.ceiling(node, officer),
        trusted=trusted,
        given=given,
        shown=shown,
        error=error,
        files=attaching.waiting(node, officer, draft.files),
    )


def _answered(node: Office, officer: Officer, draft: Draft) -> Answerable:
    view = correspondence.show(node, officer, draft.thread or 0)
    found = next((one for one in view.messages if one.message.id == draft.reply_to), None)
    if found is None:
        raise NotFoundError("There is no such message", do="See its thread.", code="unknown_message")
    return found


def _timely(request: Request, node: Office, officer: Officer, error: LintasError | None = None) -> HTMLResponse:
    return page(
        request,
        "timeliness.html",
        200 if error is None else status_of(error),
        measured=timeliness.measured(node, officer),
        agreements=deadlines.everybody(node, officer),
        held=peers.everybody(node, officer),
        error=error,
    )


def _met(request: Request, node: Office, officer: Officer, do: Callable[[], object]) -> Response:
    try:
        do()
    except LintasError as error:
        return _peers(request, node, officer, error)
    return RedirectResponse("/exchange/peers", status_code=303)


def _peers(request: Request, node: Office, officer: Officer, error: LintasError | None = None) -> HTMLResponse:
    own = None
    try:
        own = node_card.show(node, officer)
        signed, words = node_card.signed(node, officer), node_card.in_words(own)
    except NotFoundError:
        signed, words = "", ""
    held = peers.everybody(node, officer)
    status = 200 if error is None else status_of(error)
    logs = witness.standing(node, officer)  # after it: it knows these, too
    suites = {one.id: peers.suite_of(one) for one in held}
    told = {"held": held, "logs": logs, "suites": suites, "own": own, "signed": signed, "words": words, "error": error}
    return page(request, "peers.html", status, **told)
