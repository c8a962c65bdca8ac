"""Audit: the log by who, what, why and when; whether it is whole; and who looked at a dossier."""

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.background import BackgroundTask

from lintas.desk import policy, trail
from lintas.desk.office import Office
from lintas.model.errors import FileError, InputError, LintasError
from lintas.model.log import Wanted
from lintas.model.officer import PURPOSES, Officer
from lintas.web import choices
from lintas.web.refusals import status_of
from lintas.web.rendering import page
from lintas.web.runs import LAST_NUMBER, MEDIA
from lintas.web.signing import Node, Signed, Text
from lintas.web.words import N_

PAGE = 50  # rows
OUTCOMES = ("asked", "done", "refused")
LOG_VERBS = ("sign_in", "sign_out")  # in the log, but nothing that a policy allows

# How a verification ends, for translators.
SAID = (N_("whole"), N_("broken"))

router = APIRouter()

Number = Annotated[int, Query(ge=0, le=LAST_NUMBER)]


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    wanted: Wanted
    row: int

    @property
    def pairs(self) -> dict[str, Any]:
        """The filter as fields of an address."""
        return {
            name: value for name, value in asdict(self.wanted).items() if name not in ("agency", "before") and value
        }


def asked(
    officer: str = "",
    subject: str = "",
    purpose: str = "",
    verb: str = "",
    outcome: str = "",
    since: str = "",
    until: str = "",
    before: Number = 0,
    row: Number = 0,
) -> Asked:
    """Read it out of an address."""
    told = {"officer": officer, "subject": subject, "purpose": purpose, "verb": verb, "outcome": outcome}
    kept = {name: value.strip()[:300] for name, value in {**told, "since": since, "until": until}.items()}
    return Asked(Wanted(**kept, before=before), row)


Wish = Annotated[Asked, Depends(asked)]


@router.get("/audit")
def log(request: Request, node: Node, officer: Signed, wish: Wish) -> HTMLResponse:
    """A page of the log, and one of its rows in full."""
    try:
        found, error = trail.find(node, officer, wish.wanted, limit=PAGE), None
    except InputError as wrong:
        found, error = trail.Trail((), 0), wrong
    return page(
        request,
        "audit.html",
        200 if error is None else status_of(error),
        trail=found,
        row=_row(node, officer, found, wish.row),
        wish=wish,
        error=error,
        most=trail.MOST_COUNTED,
        purposes=PURPOSES,
        outcomes=OUTCOMES,
        verbs=sorted({*policy.VERBS, *LOG_VERBS}),
    )


@router.get("/audit/export/{kind}")
def export(node: Node, officer: Signed, kind: str, wish: Wish) -> FileResponse:
    """The rows that the filter finds, as a file."""
    with tempfile.NamedTemporaryFile(dir=node.scratch, delete=False) as stream:
        target = Path(stream.name)
    try:
        trail.export(node, officer, wish.wanted, kind, target)
    except LintasError:
        target.unlink()
        raise
    return FileResponse(
        target, filename=f"lintas-log.{kind}", media_type=MEDIA[kind], background=BackgroundTask(target.unlink)
    )


@router.post("/audit/verify")
def verify(node: Node, officer: Signed, back: Text = "/audit") -> Response:
    """Read the whole chain; what was found stands on the page one comes from, and in the log."""
    try:
        trail.verify(node, officer)
    except FileError as error:
        if error.code != "log_broken":
            raise
    return RedirectResponse(choices.own_path(back), status_code=303)


@router.get("/audit/subject/{subject:path}")
def subject(
    request: Request,
    node: Node,
    officer: Signed,
    subject: str,
    page_number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """Who looked at a dossier, a run or a case."""
    found = trail.who_looked(node, officer, subject, limit=PAGE, offset=(page_number - 1) * PAGE)
    kind, _, name = subject.partition(":")
    return page(
        request,
        "audit_subject.html",
        trail=found,
        kind=kind,
        name=name,
        page_number=page_number,
        per_page=PAGE,
        n_pages=max(1, -(-found.total // PAGE)),
        most=trail.MOST_COUNTED,
    )


def _row(node: Office, officer: Officer, found: trail.Trail, number: int) -> trail.LogRow | None:
    """The row that was chosen; only when it is not on the page is the log asked once more."""
    if number == 0:
        return None
    here = [row for row in found.rows if row.number == number]
    return here[0] if here else trail.row(node, officer, number)
