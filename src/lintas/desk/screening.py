"""Screen one name or many against the lists, search them, and say how it is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lintas.desk import access, lookup
from lintas.desk.office import Office
from lintas.model.entity import Entity, entity_from_dict, schema_of
from lintas.model.errors import InputError, NotFoundError, TooLargeError
from lintas.model.match import Match
from lintas.model.officer import Officer
from lintas.screening import features, matcher
from lintas.screening.index import Filters, Index
from lintas.screening.query import Subject, subject
from lintas.screening.score import check_weights

MAX_QUERIES = 100  # in one call, as yente allows
MAX_RESULTS = 500
MAX_EXCLUDED_IDS = 50
MAX_QUERY_VALUES = 200  # values of one query; the largest dossier on the lists has fewer

THRESHOLD = matcher.THRESHOLD
SCORER_VERSION = matcher.VERSION
FEATURES = features.FEATURES


@dataclass(frozen=True)
class Question:
    """A query as it comes from outside: FollowTheMoney schema and properties."""

    schema: str
    properties: Mapping[str, Any]
    id: str | None = None


@dataclass(frozen=True)
class Options:
    """How a call is answered."""

    dataset: str = lookup.DEFAULT
    filters: Filters = field(default_factory=Filters)
    threshold: float = matcher.THRESHOLD
    cutoff: float | None = None  # None: the threshold
    limit: int = matcher.LIMIT
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What was understood of a question, its matches, and each matched entity as clients read it."""

    asked: Entity
    problems: tuple[str, ...]
    matches: tuple[Match, ...]
    documents: tuple[dict[str, Any], ...]
    n_matches: int


@dataclass(frozen=True)
class Found:
    """A page of a search."""

    documents: tuple[dict[str, Any], ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    is_fictional: bool


def match(office: Office, officer: Officer, questions: Sequence[Question], options: Options) -> list[Answer]:
    """Matches of each question, in order. Raises InputError for a question that cannot be understood."""
    about = [question.properties for question in questions][:5]
    access.require(office, officer, "entities.match", f"{len(questions)} queries", {"first": about})
    _check(options, len(questions))
    asked = [_understood(question) for question in questions]
    here = lookup.current(office)
    filters = in_dataset(here, options.dataset, options.filters)
    cutoff = options.threshold if options.cutoff is None else min(options.cutoff, options.threshold)
    queries = [
        matcher.Query(
            subject(entity.schema, entity.properties),
            for_schema(filters, entity.schema),
            options.threshold,
            cutoff,
            options.limit,
            options.weights,
        )
        for entity in asked
    ]
    answers = matcher.match(here.index, queries, here.hashes)
    return [
        Answer(
            entity,
            tuple(f"{s.prop}: {s.value!r} was not understood" for s in entity.statements if not s.is_clean),
            answer.matches,
            tuple(here.index.document(row) for row in answer.rows),
            answer.n_matches,
        )
        for entity, answer in zip(asked, answers, strict=True)
    ]


def search(
    office: Office,
    officer: Officer,
    text: str,
    *,
    dataset: str = lookup.DEFAULT,
    filters: Filters = Filters(),
    limit: int = 10,
    offset: int = 0,
    facets: Sequence[str] = (),
    by_name: bool = False,
) -> Found:
    """Entities that a person who typed `text` may mean; all of them when it is empty."""
    access.require(office, officer, "entities.search", text or "everything", {"dataset": dataset})
    check_page(limit, offset)
    here = lookup.current(office)
    rows = here.index.search(text[:1000], in_dataset(here, dataset, filters))
    counts = {facet: _facet(here.index, rows, facet) for facet in facets}
    if by_name:
        rows = sorted(rows, key=lambda row: str(here.index.document(row)["caption"]).casefold())
    page = tuple(here.index.document(row) for row in rows[offset : offset + limit])
    return Found(page, len(rows), counts, here.is_fictional)


def check_page(limit: int, offset: int) -> None:
    """Raises InputError for a page that is not given out."""
    if not 0 <= limit <= MAX_RESULTS or not 0 <= offset <= 10_000_000:
        raise InputError(
            f"A page of {limit} from {offset} is not given out",
            do=f"Ask for 0 to {MAX_RESULTS} results, from 0 on.",
            code="bad_page",
        )


def in_dataset(here: lookup.Lookup, dataset: str, filters: Filters) -> Filters:
    """Filters that keep to a dataset: one list, or `default` for all. Raises NotFoundError."""
    if dataset == lookup.DEFAULT:
        return filters
    if dataset not in here.versions:
        known = ", ".join((lookup.DEFAULT, *here.versions))
        raise NotFoundError(
            f"No dataset {dataset[:80]!r} is loaded here", do=f"Use one of: {known}.", code="unknown_dataset"
        )
    return replace(filters, include=(dataset, *filters.include))


def for_schema(filters: Filters, schema: str) -> Filters:
    """Filters that keep to the kin of a schema."""
    return replace(filters, schema=schema)


def ready(entity: Entity) -> Subject:
    """An entity prepared for comparison."""
    return subject(entity.schema, entity.properties)


def _understood(question: Question) -> Entity:
    n_values = sum(len(v) if isinstance(v, list | tuple) else 1 for v in question.properties.values())
    if n_values > MAX_QUERY_VALUES:
        raise TooLargeError(
            f"A query of {n_values} values is too large", do=f"Send at most {MAX_QUERY_VALUES}.", code="query_too_large"
        )
    schema = schema_of(question.schema)
    if not schema.matchable and schema.name not in ("Thing",):
        raise InputError(
            f"{schema.name} is not compared with lists",
            do="Use Person, Organization, Company, LegalEntity, Vessel, Airplane, CryptoWallet or Thing.",
            code="not_matchable",
        )
    draft = entity_from_dict({"id": "query", "schema": question.schema, "properties": question.properties})
    return draft.build()


def _check(options: Options, n_queries: int) -> None:
    if n_queries == 0:
        raise InputError("No query was sent", do='Send {"queries": {"q1": {...}}}.', code="no_query")
    if n_queries > MAX_QUERIES:
        raise TooLargeError(
            f"{n_queries} queries in one call", do=f"Send at most {MAX_QUERIES}.", code="too_many_queries"
        )
    if not 0 <= options.limit <= MAX_RESULTS:
        raise InputError(f"limit={options.limit}", do=f"Ask for 0 to {MAX_RESULTS} results.", code="bad_limit")
    for name in ("threshold", "cutoff"):
        value = getattr(options, name)
        if value is not None and not 0 <= value <= 1:
            raise InputError(f"{name}={value}", do="Use a number from 0 to 1.", code="bad_threshold")
    if len(options.filters.exclude_ids) > MAX_EXCLUDED_IDS:
        raise TooLargeError("Too many ids to exclude", do=f"Send at most {MAX_EXCLUDED_IDS}.", code="too_many_excluded")
    check_weights(options.weights)


def _facet(index: Index, rows: Sequence[int], facet: str) -> dict[str, int]:
    if facet == "schema":
        return index.schema_counts(rows)
    if facet not in index.vocabularies:
        raise InputError(
            f"There is no facet {facet[:80]!r}",
            do="Use countries, topics, datasets or schema.",
            code="unknown_facet",
        )
    return index.facets(rows, facet)
