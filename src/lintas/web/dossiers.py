"""Dossier: everything the node holds on one listed entity, and from where."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from lintas.desk import dossier
from lintas.desk.dossier import Dossier, FactRow
from lintas.web import find, timebar
from lintas.web.rendering import page, shown
from lintas.web.signing import Node, Signed
from lintas.web.words import N_

SIDE_RESULTS = 30  # results of the search one came from
HIDDEN = ("topics",)  # shown in the head

router = APIRouter()


@dataclass(frozen=True)
class Group:
    """The values of one property."""

    prop: str
    label: str
    rows: Sequence[FactRow]


@router.get("/dossiers/{entity_id:path}")
def show(
    request: Request, node: Node, officer: Signed, entity_id: str, wanted: Annotated[find.Asked, Depends(find.asked)]
) -> HTMLResponse:
    """Open a dossier; with the words of a search in the address, its results stay beside it."""
    held = dossier.show(node, officer, entity_id)
    say = shown(request)
    found = None if wanted.is_empty else find.results(node, officer, wanted, limit=SIDE_RESULTS)
    rows = [row for row in held.rows if row.prop not in HIDDEN]
    return page(
        request,
        "dossier.html",
        it=held,
        groups=[
            Group(prop, say.property_words(held.schema, prop), list(its))
            for prop, its in groupby(rows, lambda row: row.prop)
        ],
        network={
            "nodes": [{**asdict(one), "is_me": one.id == held.id} for one in held.network.nodes],
            "links": [asdict(link) for link in held.network.links],
        },
        captions={n.id: n for n in held.network.nodes},
        asked=wanted,
        found=found,
        line=timebar.line(((at, say.said(words)) for at, words in _happened(held)), node.now()),
        titles={one.source.name: one.source.title for one in held.shelf},
        is_fictional=held.is_fictional,
    )


def _happened(held: Dossier) -> Iterator[tuple[str | datetime | None, str]]:
    for one in held.sanctions:
        for when in (one.entity.get("listingDate") or one.entity.get("startDate"))[:1]:
            yield when, N_("Listed")
        for when in one.entity.get("endDate"):
            yield when, N_("Ended")
        for when in one.entity.get("modifiedAt"):
            yield when, N_("Amended by the publisher")
    for when in held.document["properties"].get("modifiedAt", ()):
        yield when, N_("Amended by the publisher")
    firsts = {one.first_seen_at for one in held.listed}
    for first in firsts:
        yield first, N_("First on this node")
    for at in {fact.since_at for row in held.rows for fact in row.facts} - firsts:
        yield at, N_("Facts changed here")
