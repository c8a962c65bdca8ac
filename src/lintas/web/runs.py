"""Screening: customer files in, their progress, the queue of review, results out."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi import Path as InPath
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.background import BackgroundTask

from lintas.desk import runs, screening
from lintas.desk.runs import Front
from lintas.model.errors import InputError, LintasError, UnavailableError
from lintas.model.officer import CLEARANCES, RESTRICTED
from lintas.model.run import VERDICTS, Run
from lintas.web import severity
from lintas.web.refusals import status_of
from lintas.web.rendering import page
from lintas.web.signing import Node, Signed
from lintas.web.words import N_

PAGE = 100  # matches
LAST_NUMBER = 2_147_483_647  # as far as any database counts
RANKS = tuple(str(rank) for rank in range(len(CLEARANCES)))
SHOWN = (*("waiting", *VERDICTS), "all")
# What an officer may say a column is; the rest of FollowTheMoney can be typed.
COMMON_PROPS = (
    "name alias firstName lastName birthDate nationality country gender passportNumber idNumber taxNumber "
    "registrationNumber imoNumber mmsi callSign flag publicKey accountNumber leiCode phone email address id schema"
).split()
MEDIA = {
    "jsonl": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}

router = APIRouter()

Number = Annotated[int, InPath(ge=1, le=LAST_NUMBER)]


@router.get("/runs")
def latest(request: Request, node: Node, officer: Signed) -> HTMLResponse:
    """The runs, and the form for a new one."""
    return _list(request, runs.front(node, officer))


@router.post("/runs")
def create(
    request: Request,
    node: Node,
    officer: Signed,
    file: Annotated[UploadFile | None, File()] = None,
    threshold: Annotated[str, Form()] = "",
    columns: Annotated[str, Form()] = "",
    clearance: Annotated[str, Form()] = "",
    case: Annotated[str, Form()] = "",
) -> Response:
    """Take a file in and go to its run; what is wrong with it is said above the form."""
    try:
        with tempfile.TemporaryDirectory(dir=node.scratch) as folder:
            path = _received(file, Path(folder))
            name = (file.filename if file else None) or "customers"
            run = runs.create(
                node,
                officer,
                path,
                name=_short(name),
                mapping=_mapping(columns),
                threshold=_threshold(threshold),
                clearance=int(clearance) if clearance in RANKS else RESTRICTED,
                case=int(case[:9]) if case.isascii() and case.isdigit() else None,
            )
    except LintasError as error:
        held = runs.front(node, officer)
        form = {"columns": columns, "threshold": threshold, "clearance": clearance, "case": case}
        return _list(request, held, error=error, **form)
    return RedirectResponse(f"/runs/{run.number}", status_code=303)


@router.get("/runs/{number}")
def show(
    request: Request,
    node: Node,
    officer: Signed,
    number: Number,
    show: str = "waiting",
    band: str = "",
    page_number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """Progress while it runs, then the queue of review."""
    wanted = show if show in SHOWN else "waiting"
    held = runs.review(
        node,
        officer,
        number,
        verdict=None if wanted == "all" else wanted,
        edges=severity.EDGES,
        band=severity.band(band),
        limit=PAGE,
        offset=(page_number - 1) * PAGE,
    )
    return page(
        request,
        "run.html",
        run=held.run,
        held=held,
        show=wanted,
        band=band if severity.band(band) is not None else "",
        page_number=page_number,
        n_pages=max(1, -(-held.total // PAGE)),
        pace=_pace(held.run),
        is_fictional=held.run.is_fictional,
    )


@router.get("/runs/{number}/progress")
def progress(request: Request, node: Node, officer: Signed, number: Number) -> HTMLResponse:
    """The part of the page that tells how far a run is."""
    run = runs.get(node, officer, number)
    answer = page(request, "run_progress.html", run=run, pace=_pace(run), is_fictional=run.is_fictional)
    if run.status not in ("queued", "running"):
        answer.headers["HX-Refresh"] = "true"
    return answer


@router.get("/runs/{number}/problems")
def problems(request: Request, node: Node, officer: Signed, number: Number) -> HTMLResponse:
    """Rows with something that was not understood."""
    run = runs.get(node, officer, number)
    held = runs.problems(node, officer, number)
    return page(request, "run_problems.html", run=run, customers=held, show="problems", is_fictional=run.is_fictional)


@router.get("/runs/{number}/columns")
def columns(request: Request, node: Node, officer: Signed, number: Number) -> HTMLResponse:
    """How the columns were read, and a form to read them otherwise."""
    run = runs.get(node, officer, number)
    return page(request, "run_columns.html", run=run, props=COMMON_PROPS, show="columns", is_fictional=run.is_fictional)


@router.post("/runs/{number}/again")
def again(
    request: Request,
    node: Node,
    officer: Signed,
    number: Number,
    column: Annotated[list[str], Form(default_factory=list)],
    prop: Annotated[list[str], Form(default_factory=list)],
    threshold: Annotated[str, Form()] = "",
) -> Response:
    """Screen the same file once more with other columns."""
    mapping = {name: wanted for name, wanted in zip(column, prop, strict=False) if wanted}
    run = runs.again(node, officer, number, mapping, _threshold(threshold))
    return RedirectResponse(f"/runs/{run.number}", status_code=303)


@router.post("/runs/{number}/stop")
def stop(node: Node, officer: Signed, number: Number) -> Response:
    """Stop a run."""
    runs.stop(node, officer, number)
    return RedirectResponse(f"/runs/{number}", status_code=303)


@router.post("/runs/{number}/decide")
def decide(
    node: Node,
    officer: Signed,
    number: Number,
    match: Annotated[list[int], Form(default_factory=list)],
    verdict: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "",
) -> Response:
    """Decide many matches with one reason."""
    runs.decide(node, officer, number, match, verdict, reason)
    return RedirectResponse(f"/runs/{number}?show={back if back in SHOWN else 'waiting'}", status_code=303)


@router.get("/runs/{number}/export/{kind}")
def export(node: Node, officer: Signed, number: Number, kind: str) -> FileResponse:
    """The results as a file."""
    folder = tempfile.mkdtemp(dir=node.scratch)
    target = Path(folder) / "results"
    try:
        runs.export(node, officer, number, kind, target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return FileResponse(
        target,
        media_type=MEDIA[kind],
        filename=f"lintas-run-{number}.{kind}",
        background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
    )


def _list(request: Request, held: Front, **form: Any) -> HTMLResponse:
    error: LintasError | None = form.get("error")
    return page(
        request,
        "runs.html",
        200 if error is None else status_of(error),
        front=held,
        runs=held.runs,
        error=error,
        columns=form.get("columns", ""),
        threshold=form.get("threshold") or screening.THRESHOLD,
        clearance=int(form["clearance"]) if form.get("clearance") in RANKS else RESTRICTED,
        case=form.get("case", ""),
        is_fictional=any(run.is_fictional for run in held.runs),
    )


def _received(file: UploadFile | None, folder: Path) -> Path:
    """What was uploaded, under a name of ours."""
    if file is None or not file.filename:
        raise InputError(
            N_("No file was sent"), do=N_("Choose a CSV, an XLSX or FollowTheMoney lines."), code="no_file"
        )
    path = folder / "upload"
    try:
        with path.open("wb") as target:
            shutil.copyfileobj(file.file, target)
    except OSError as error:
        raise UnavailableError(
            f"The file cannot be kept: {error.strerror or error}",
            do="Ask the node's owner to make room on its disk.",
            code="not_kept",
        ) from error
    return path


def _short(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1][-120:] or "customers"


def _threshold(text: str) -> float:
    if not text.strip():
        return screening.THRESHOLD
    try:
        return float(text.replace(",", "."))  # a decimal comma will do
    except ValueError:
        raise InputError(
            f"{text[:40]!r} is no threshold",
            do=N_("Use a number over 0 and up to 1, such as 0.7."),
            code="bad_threshold",
        ) from None


def _mapping(text: str) -> dict[str, str]:
    """Lines of `column = property`."""
    return dict(_mapped(text))


def _mapped(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        column, equals, prop = line.rpartition("=")
        if equals and column.strip():
            yield column.strip(), prop.strip()
        elif line.strip():
            raise InputError(
                f"{line[:80]!r} says of no column what it is",
                do=N_("Write one column a line: Nama Nasabah = name."),
                code="bad_mapping",
            )


def _pace(run: Run) -> dict[str, Any]:
    """How fast a run goes: rows a second, seconds left, share done; None where it cannot be said yet."""
    spent_s = ((run.finished_at or run.touched_at) - run.created_at).total_seconds()
    rate = run.n_done / spent_s if spent_s > 0 and run.n_done else None
    left_s = (run.n_rows - run.n_done) / rate if rate and run.n_rows else None
    return {"rate": rate, "left_s": left_s, "share": min(1.0, run.n_done / run.n_rows) if run.n_rows else 0.0}
