"""Search: what an officer typed in, entities out."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query

from lintas.api.answer import Answer
from lintas.api.asking import Asker, Node
from lintas.api.parameters import SearchParameters
from lintas.api.shapes import SearchResults
from lintas.desk import screening
from lintas.model.entity import property_of, schema_of
from lintas.model.errors import InputError

router = APIRouter(tags=["Matching"])
MAX_VALUES = 1000  # of one facet, as yente gives out
# A property whose type knows the words of a facet.
TYPED = {
    "countries": ("Thing", "country"),
    "topics": ("Thing", "topics"),
    "genders": ("Person", "gender"),
    "identifiers": ("LegalEntity", "idNumber"),
}


@router.get("/search/{dataset:path}", summary="Search by text", responses={200: {"model": SearchResults}})
def search(office: Node, officer: Asker, dataset: str, given: Annotated[SearchParameters, Query()]) -> Answer:
    """Entities that a person who typed `q` may mean, the likest first; all of them without `q`."""
    found = screening.search(
        office,
        officer,
        given.q,
        dataset=dataset,
        filters=given.filters(schema=given.schema_),
        limit=given.limit,
        offset=given.offset,
        facets=given.facets,
        holding=_holding(given),
        hold_all=given.filter_op == "AND",
        sort=given.sort,
    )
    titles = {one.source.name: one.source.title for one in found.shelf}
    body = {
        "results": found.documents,
        "facets": {name: _facet(name, counts, titles) for name, counts in found.facets.items()},
        "total": {"value": found.total, "relation": "eq"},
        "limit": given.limit,
        "offset": given.offset,
    }
    return Answer(body, is_fictional=found.is_fictional)


def _holding(given: SearchParameters) -> dict[str, list[str]]:
    holding: dict[str, list[str]] = {}
    chosen = {"countries": given.countries, "topics": given.topics, "datasets": given.datasets}
    for field, value in (*_pairs(chosen), *map(_filter, given.filter)):
        holding.setdefault(field, []).append(value)
    if given.target is not None:
        holding["target"] = [str(given.target).lower()]
    return holding


def _pairs(chosen: Mapping[str, Iterable[str]]) -> Iterable[tuple[str, str]]:
    return ((field, value) for field, values in chosen.items() for value in values)


def _filter(text: str) -> tuple[str, str]:
    field, colon, value = text.partition(":")
    if not colon:
        raise InputError(
            f"{text[:80]!r} is no filter", do="Write field:value, such as properties.birthDate:1975.", code="bad_filter"
        )
    return field, value


def _facet(name: str, counts: Mapping[str, int], titles: Mapping[str, str]) -> dict[str, Any]:
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MAX_VALUES]
    values = [{"name": value, "label": _label(name, value, titles), "count": count} for value, count in most]
    return {"label": _title(name), "values": values}


def _title(facet: str) -> str:
    if facet in TYPED:
        return str(property_of(*TYPED[facet]).type.plural)
    return {"datasets": "Data sources", "schema": "Entity types"}[facet]


def _label(facet: str, value: str, titles: Mapping[str, str]) -> str:
    if facet == "datasets":
        return titles.get(value, value)
    if facet == "schema":
        return schema_of(value).plural
    return property_of(*TYPED[facet]).type.caption(value) or value
