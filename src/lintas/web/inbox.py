"""The inbox: what waits for this officer, the least time first; many matches decided under one reason."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lintas.desk import inbox, runs
from lintas.desk.inbox import Inbox, Item, Part
from lintas.desk.office import Office
from lintas.model.errors import InputError, LintasError
from lintas.model.officer import Officer
from lintas.model.run import RunMatch
from lintas.web import severity
from lintas.web.refusals import status_of
from lintas.web.rendering import page, query
from lintas.web.runs import LAST_NUMBER, Number
from lintas.web.signing import Node, Signed
from lintas.web.words import N_

PAGE = 100  # rows
DAY_S = 86_400
# Parts of the list by the time that is left, in seconds up to.
BUCKETS = (
    (0, N_("Overdue")),
    (DAY_S, N_("Within a day")),
    (7 * DAY_S, N_("Within a week")),
    (float("inf"), N_("Later")),
)

router = APIRouter()


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    kind: str = ""
    run: int | None = None
    band: str = ""
    page: int = 1

    @property
    def pairs(self) -> dict[str, str | int | None]:
        """The same as a query string has it."""
        return {"kind": self.kind, "run": self.run, "band": self.band, "page": self.page if self.page > 1 else None}


@dataclass(frozen=True)
class Bucket:
    """Rows under one heading: of a run, or of what has about as much time left. `n`: in all; None: only these."""

    words: str
    items: tuple[Item, ...]
    run: int | None = None
    n: int | None = None


@router.get("/inbox")
def show(
    request: Request,
    node: Node,
    officer: Signed,
    kind: str = "",
    run: Annotated[int | None, Query(ge=1, le=LAST_NUMBER)] = None,
    band: str = "",
    page_number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """What waits."""
    return _page(request, node, officer, Asked(kind, run, band, page_number))


@router.get("/inbox/runs/{number}/matches/{match}/why")
def why(request: Request, node: Node, officer: Signed, number: Number, match: Number) -> HTMLResponse:
    """Why a match is here, for beside the list."""
    view = runs.show_match(node, officer, number, match)
    is_fictional = view.run.is_fictional
    return page(request, "inbox_why.html", view=view, run=view.run, one=view.found, is_fictional=is_fictional)


@router.post("/inbox/decide")
def decide(
    request: Request,
    node: Node,
    officer: Signed,
    match: Annotated[list[str], Form(default_factory=list)],
    verdict: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "",
    run: Annotated[str, Form()] = "",
    band: Annotated[str, Form()] = "",
) -> Response:
    """Decide the chosen matches, of whatever runs, with one reason."""
    asked = Asked(kind, int(run) if is_number(run) else None, band)
    try:
        inbox.decide(node, officer, _chosen(match), verdict, reason)
    except LintasError as error:
        return _page(request, node, officer, asked, error=error, reason=reason, chosen=match)
    return RedirectResponse(f"/inbox?{query(asked.pairs)}".rstrip("?"), status_code=303)


def _page(
    request: Request,
    node: Office,
    officer: Officer,
    asked: Asked,
    error: LintasError | None = None,
    reason: str = "",
    chosen: Sequence[str] = (),
) -> HTMLResponse:
    band, offset = severity.band(asked.band), (asked.page - 1) * PAGE
    held = inbox.inbox(node, officer, asked.kind, Part(asked.run, severity.EDGES, band, PAGE, offset))
    return page(
        request,
        "inbox.html",
        200 if error is None else status_of(error),
        asked=asked,
        held=held,
        bands=_bands(held, asked.run),
        buckets=list(_by_run(held, band) if held.groups else _by_time(held)),
        n_pages=max(1, -(-held.total // PAGE)) if asked.kind else 1,
        error=error,
        reason=reason,
        chosen=frozenset(chosen),
    )


def _bands(held: Inbox, run: int | None) -> list[int]:
    """How many of each step of severity, in the run that is looked at or in all."""
    found = [group.bands for group in held.groups if run in (None, group.run)]
    return [sum(bands[n] for bands in found) for n in range(len(severity.STEPS))]


def _by_time(held: Inbox) -> Iterator[Bucket]:
    left = list(held.items)
    for most_s, words in BUCKETS:
        inside = [item for item in left if item.clock is not None and item.clock.left_s < most_s]
        left = [item for item in left if item not in inside]
        if inside:
            yield Bucket(words, tuple(inside))
    if left:
        yield Bucket(N_("No clock"), tuple(left))


def _by_run(held: Inbox, band: int | None) -> Iterator[Bucket]:
    inside = defaultdict[int, list[Item]](list)
    for item in held.items:
        assert isinstance(item.thing, RunMatch)
        inside[item.thing.run].append(item)
    for group in held.groups:
        if group.run in inside:
            yield Bucket(group.file, tuple(inside[group.run]), group.run, group.within(band))


def _chosen(match: Sequence[str]) -> dict[int, list[int]]:
    """`run-match`, as the boxes of the list have it, by run."""
    found = defaultdict[int, list[int]](list)
    for one in match:
        run, _, number = one.partition("-")
        if not (is_number(run) and is_number(number)):
            raise InputError(
                N_("What was sent cannot be read"),
                do=N_("Go back, check what you entered, and send it again."),
                code="bad_request",
            )
        found[int(run)].append(int(number))
    return found


def is_number(text: str) -> bool:
    """Whether a text is the number of a run or a match, as far as any database counts."""
    return text.isascii() and text.isdigit() and 0 < int(text[:12]) <= LAST_NUMBER
