"""Queries in, matches out: candidates from the index, scored by the declared features."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lintas.model.filters import Filters
from lintas.model.match import Match
from lintas.screening.features import SCORER_VERSION
from lintas.screening.index import Index
from lintas.screening.normalise import NORMALISER_VERSION
from lintas.screening.query import Subject
from lintas.screening.score import Score, score

THRESHOLD = 0.7  # a score equal to it is a match
LIMIT = 5
CANDIDATES_MIN, CANDIDATES_PER_RESULT, CANDIDATES_MAX = 50, 10, 500
VERSION = f"{SCORER_VERSION}+{NORMALISER_VERSION}"


@dataclass(frozen=True)
class Query:
    """What is asked. `cutoff`: results under it are not returned."""

    subject: Subject
    filters: Filters
    threshold: float = THRESHOLD
    cutoff: float = THRESHOLD
    limit: int = LIMIT
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """The best results of one query, and how many candidates reached its threshold."""

    matches: tuple[Match, ...]
    rows: tuple[int, ...]  # rows of the index, beside `matches`
    n_matches: int


def match(index: Index, queries: Sequence[Query], list_versions: Mapping[str, str]) -> list[Answer]:
    """Answer queries together; the order is kept."""
    limit = max((_n_candidates(query.limit) for query in queries), default=0)
    found = index.candidates([q.subject for q in queries], [q.filters for q in queries], limit)
    return [_answer(index, query, rows, list_versions) for query, rows in zip(queries, found, strict=True)]


def _n_candidates(limit: int) -> int:
    return min(CANDIDATES_MAX, max(CANDIDATES_MIN, limit * CANDIDATES_PER_RESULT))


def _answer(index: Index, query: Query, rows: Sequence[int], list_versions: Mapping[str, str]) -> Answer:
    scored = [(score(query.subject, index.subject(row), query.weights), row) for row in rows]
    kept = [item for item in scored if item[0].total >= query.cutoff and item[0].parts]
    kept.sort(key=lambda item: (-item[0].total, item[1]))
    best = kept[: query.limit]
    matches = tuple(_match(index.document(row), one, query.threshold, list_versions) for one, row in best)
    n_matches = sum(one.total >= query.threshold for one, _ in kept)
    return Answer(matches, tuple(row for _, row in best), n_matches)


def _match(document: Mapping[str, Any], one: Score, threshold: float, list_versions: Mapping[str, str]) -> Match:
    lists = tuple(document["datasets"])
    return Match(
        entity_id=document["id"],
        schema=document["schema"],
        caption=document["caption"],
        lists=lists,
        score=one.total,
        is_match=one.total >= threshold,
        reasons=one.reasons(),
        list_versions=tuple((name, list_versions[name]) for name in lists if name in list_versions),
        scorer_version=VERSION,
        is_fictional=document["is_fictional"],
    )
