"""One entity, and what is next to it."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query

from lintas.api.answer import Answer
from lintas.api.asking import Asker, Node
from lintas.api.parameters import PageParameters
from lintas.api.shapes import Adjacent, AdjacentPage, Entity
from lintas.desk import dossier

router = APIRouter(tags=["Data access"])
Page = Annotated[PageParameters, Query()]


@router.get(
    "/entities/{entity_id:path}/adjacent/{prop}",
    summary="Adjacent by property",
    responses={200: {"model": AdjacentPage}},
)
def adjacent_by_property(office: Node, officer: Asker, entity_id: str, prop: str, page: Page) -> Answer:
    """A page of the entities that one property leads to; through a link, the link with its far end inside."""
    entity, near = dossier.adjacent(
        office, officer, entity_id, prop=prop, limit=page.limit, offset=page.offset, sort=page.sort
    )
    return Answer(_page(near[prop], page), is_fictional=entity["is_fictional"])


@router.get(
    "/entities/{entity_id:path}/adjacent",
    summary="Adjacent entities",
    responses={200: {"model": Adjacent}},
)
def adjacent(office: Node, officer: Asker, entity_id: str, page: Page) -> Answer:
    """An entity and the first page of what each of its properties leads to, in both directions."""
    entity, near = dossier.adjacent(office, officer, entity_id, limit=page.limit, offset=page.offset, sort=page.sort)
    pages = {prop: _page(found, page) for prop, found in near.items() if found.total}
    return Answer({"entity": entity, "adjacent": pages}, is_fictional=entity["is_fictional"])


@router.get("/entities/{entity_id:path}", summary="One entity", responses={200: {"model": Entity}})
def entity(office: Node, officer: Asker, entity_id: str, nested: bool = True) -> Answer:
    """An entity as all lists together state it; `nested` puts what is next to it inside."""
    found = dossier.document(office, officer, entity_id, nested=nested)
    return Answer(found, is_fictional=found["is_fictional"])


def _page(found: dossier.Page, page: PageParameters) -> Mapping[str, Any]:
    return {
        "results": found.documents,
        "total": {"value": found.total, "relation": "eq"},
        "limit": page.limit,
        "offset": page.offset,
    }
