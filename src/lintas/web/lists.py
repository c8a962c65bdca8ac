"""Lists: what is on the shelf, its versions, and what each version changed."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from lintas.desk import intake
from lintas.web.rendering import page
from lintas.web.runs import Number
from lintas.web.signing import Node, Signed

PAGE = 100  # changes
KINDS = ("added", "changed", "removed")

router = APIRouter()


@router.get("/lists")
def shelf(request: Request, node: Node, officer: Signed) -> HTMLResponse:
    """Every list, loaded or not."""
    held = intake.status(node, officer)
    at = node.now()
    late = {
        one.source.name
        for one in held
        if one.version is not None and at - one.version.loaded_at > timedelta(hours=one.source.every_h)
    }
    return page(request, "lists.html", held=held, late=late, total=sum(s.version.n_entries for s in held if s.version))


@router.get("/lists/{name}")
def versions(request: Request, node: Node, officer: Signed, name: str) -> HTMLResponse:
    """The versions of one list."""
    held = intake.history(node, officer, name)
    return page(request, "list.html", held=held, source=held.source)


@router.get("/lists/{name}/versions/{number}")
def version(
    request: Request,
    node: Node,
    officer: Signed,
    name: str,
    number: Number,
    kind: str = "",
    page_number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> HTMLResponse:
    """What one version changed."""
    wanted = kind if kind in KINDS else ""
    offset = (page_number - 1) * PAGE
    held = intake.delta(node, officer, name, number, kind=wanted or None, limit=PAGE, offset=offset)
    it = held.version
    counts = {"added": it.n_added, "changed": it.n_changed, "removed": it.n_removed}
    total = counts[wanted] if wanted else sum(counts.values())
    return page(
        request,
        "version.html",
        held=held,
        it=it,
        kind=wanted,
        counts=counts,
        page_number=page_number,
        n_pages=max(1, -(-total // PAGE)),
    )
