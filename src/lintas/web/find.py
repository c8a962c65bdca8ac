"""Find: one box, results, filters with counts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from lintas.desk import screening
from lintas.desk.office import Office
from lintas.model.filters import Filters
from lintas.model.officer import Officer
from lintas.web.rendering import page, shown
from lintas.web.showing import Showing
from lintas.web.signing import Node, Signed
from lintas.web.words import N_

PAGE = 50  # results
SHOWN = 8  # values of a filter that are shown before "more"
FACETS = ("datasets", "topics", "countries", "schema")

router = APIRouter()


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    q: str
    list: str
    topic: str
    country: str
    schema: str
    page: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked."""
        return not (self.q.strip() or self.list or self.topic or self.country or self.schema)

    @property
    def pairs(self) -> dict[str, Any]:
        """The same as a query string has it."""
        page = self.page if self.page > 1 else None
        held = {"q": self.q, "list": self.list, "schema": self.schema, "country": self.country, "topic": self.topic}
        return {**held, "page": page}


@dataclass(frozen=True)
class Choice:
    """One value of a filter."""

    value: str
    words: str
    n: int
    is_current: bool
    query: Mapping[str, Any]


def asked(
    q: str = "",
    list: Annotated[str, Query()] = "",
    topic: str = "",
    country: str = "",
    schema: str = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Asked:
    """Read the address."""
    return Asked(q, list, topic, country, schema, page)


def results(office: Office, officer: Officer, wanted: Asked, limit: int = PAGE) -> screening.Found:
    """What the address asks for, and the counts of the filters."""
    filters = Filters(
        schema=wanted.schema or None,
        include=(wanted.list,) if wanted.list else (),
        topics=(wanted.topic,) if wanted.topic else (),
        countries=(wanted.country,) if wanted.country else (),
    )
    offset = (wanted.page - 1) * PAGE
    return screening.search(
        office,
        officer,
        wanted.q,
        filters=filters,
        limit=limit,
        offset=offset,
        facets=FACETS,
        by_name=not wanted.q.strip(),
    )


@router.get("/")
def find(
    request: Request,
    node: Node,
    officer: Signed,
    q: str = "",
    list: str = "",
    topic: str = "",
    country: str = "",
    schema: str = "",
    page_number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """Search the lists that this node holds."""
    wanted = asked(q, list, topic, country, schema, page_number)
    found = results(node, officer, wanted, limit=0 if wanted.is_empty else PAGE)
    return page(
        request,
        "find.html",
        asked=wanted,
        found=found,
        filters=filters_of(found, wanted, shown(request)),
        n_pages=max(1, -(-found.total // PAGE)),
        first=(wanted.page - 1) * PAGE,
        is_fictional=found.is_fictional,
    )


def filters_of(found: screening.Found, wanted: Asked, say: Showing) -> list[tuple[str, str, list[Choice]]]:
    """The filters with counts, the most frequent value first: (name, words, choices)."""
    titles = {one.source.name: one.source.title for one in found.shelf}
    return [
        ("list", N_("List"), _choices(found, wanted, "list", "datasets", lambda name: titles.get(name, name))),
        ("schema", N_("Kind"), _choices(found, wanted, "schema", "schema", say.schema_words)),
        ("country", N_("Country"), _choices(found, wanted, "country", "countries", partial(say.code, "country"))),
        ("topic", N_("Topic"), _choices(found, wanted, "topic", "topics", say.topic_words)),
    ]


def _choices(found: screening.Found, wanted: Asked, name: str, facet: str, words: Callable[[str], str]) -> list[Choice]:
    current = getattr(wanted, name)
    counts = sorted(found.facets[facet].items(), key=lambda item: (item[0] != current, -item[1], item[0]))
    return [_choice(wanted, name, value, words(value), n, current) for value, n in counts]


def _choice(wanted: Asked, name: str, value: str, words: str, n: int, current: str) -> Choice:
    is_current = value == current
    return Choice(value, words, n, is_current, {**wanted.pairs, "page": None, name: None if is_current else value})
