"""The shapes that are sent and taken, as yente 5.5 has them. Written down for /openapi.json; answers are not rebuilt
through them, because that would cost more than the screening itself.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Error(BaseModel):
    """What went wrong."""

    detail: str
    code: str = Field(description="Stable; programs may rely on it")
    where: str | None = None
    do: str


class Total(BaseModel):
    """How many there are; always exact."""

    value: int
    relation: str = "eq"


class Example(BaseModel):
    """A person, company or thing to look for, in the words of FollowTheMoney."""

    model_config = ConfigDict(populate_by_name=True)

    id: str | None = None
    schema_: str = Field(alias="schema", examples=["Person"])
    properties: dict[str, str | list[Any]] = Field(examples=[{"name": ["Somchai Thongdee"], "birthDate": ["1975"]}])


class MatchQueries(BaseModel):
    """The body of /match. `config` must be empty: this scorer has no such settings."""

    queries: dict[str, Example]
    weights: dict[str, float] = Field(default={}, description="Weight by feature, 0 to 1; see /algorithms")
    config: dict[str, Any] = Field(default={})


class Entity(BaseModel):
    """A listed entity. `is_fictional`: it is made up, for training."""

    id: str
    caption: str
    schema_: str = Field(alias="schema")
    properties: dict[str, list[str | Entity]]
    datasets: list[str]
    referents: list[str]
    target: bool
    first_seen: str = Field(description="When this node first held it; UTC, no zone", examples=["2026-01-01T12:00:00"])
    last_seen: str
    last_change: str
    is_fictional: bool


class Explanation(BaseModel):
    """One feature that spoke for or against a match. `detail`: in words, and what it added to the score."""

    score: float
    detail: str
    query: str | None
    candidate: str | None
    weight: float


class ScoredEntity(Entity):
    """An entity beside a query. A score is not a finding: people decide."""

    score: float
    match: bool
    explanations: dict[str, Explanation]


class Matches(BaseModel):
    """The answer to one query. `problems`, when there are any: what in it was not understood."""

    status: int = 200
    results: list[ScoredEntity]
    total: Total
    query: Example
    problems: list[str] = []


class MatchAnswers(BaseModel):
    """The answers, under the keys of the queries."""

    responses: dict[str, Matches]
    limit: int


class FacetValue(BaseModel):
    """One value and how many results carry it."""

    name: str
    label: str
    count: int


class Facet(BaseModel):
    """Counts over all results of a search."""

    label: str
    values: list[FacetValue]


class SearchResults(BaseModel):
    """A page of a search."""

    results: list[Entity]
    facets: dict[str, Facet]
    total: Total
    limit: int
    offset: int


class AdjacentPage(BaseModel):
    """A page of the entities next to another under one property."""

    results: list[Entity]
    total: Total
    limit: int
    offset: int


class Adjacent(BaseModel):
    """An entity and what is next to it, by property."""

    entity: Entity
    adjacent: dict[str, AdjacentPage]


class Catalog(BaseModel):
    """The lists of this node."""

    datasets: list[dict[str, Any]]
    current: list[str]
    outdated: list[str]
    index_stale: bool


class Algorithm(BaseModel):
    """A scorer and its features."""

    name: str
    description: str
    features: dict[str, Any]
    docs: dict[str, Any]


class Algorithms(BaseModel):
    """What `algorithm` may be."""

    algorithms: list[Algorithm]
    default: str
    best: str


class Status(BaseModel):
    """Whether the node answers."""

    status: str
    detail: str | None = None


class HandedIn(BaseModel):
    """What became of an envelope. `receipt`: a compact JWS of this node; empty for who proved no right to one."""

    code: str
    receipt: str
