"""Screen one name or many against the lists, search them, and say how it is done."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from lintas.desk import access, fields, intake, lookup, paging
from lintas.desk.office import Office
from lintas.model.entity import Entity, entity_from_dict, schema_of
from lintas.model.errors import InputError, NotFoundError, TooLargeError
from lintas.model.filters import Filters
from lintas.model.match import Match
from lintas.model.officer import Officer
from lintas.model.text import storable
from lintas.screening import features, matcher
from lintas.screening.index import Index
from lintas.screening.query import subject
from lintas.screening.score import check_weights

MAX_QUERIES = 100  # in one call, as yente allows
MAX_RESULTS = paging.MAX_RESULTS
MAX_EXCLUDED_IDS = 50
MAX_QUERY_VALUES = 200  # values of one query; the largest dossier on the lists has fewer
NO_LIST = ("",)  # in place of an empty choice, which would mean any list
# Fields that the index answers without reading the entities.
_INDEXED: Mapping[str, Callable[[tuple[str, ...]], Filters]] = {
    "topics": lambda values: Filters(topics=values),
    "countries": lambda values: Filters(countries=values),
    "datasets": lambda values: Filters(include=values),
}

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
    is_lenient: bool = False  # a property that the schema does not have becomes a problem and no error, as with yente


@dataclass(frozen=True)
class Answer:
    """What was understood of a question, its matches, and each matched entity as clients read it."""

    asked: Entity
    problems: tuple[str, ...]
    matches: tuple[Match, ...]
    documents: tuple[dict[str, Any], ...]
    n_matches: int
    is_fictional: bool  # whether any list of this node is


@dataclass(frozen=True)
class Found:
    """A page of a search."""

    documents: tuple[dict[str, Any], ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    is_fictional: bool
    shelf: tuple[intake.ListStatus, ...]


def match(office: Office, officer: Officer, questions: Sequence[Question], options: Options) -> list[Answer]:
    """Matches of each question, in order. Raises InputError for a question that cannot be understood."""
    about = [question.properties for question in questions[:MAX_QUERIES]]
    access.require(office, officer, "entities.match", f"{len(questions)} queries", {"queries": about})
    _check(options, len(questions))
    understood = [_understood(question, is_lenient=options.is_lenient) for question in questions]
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
        for entity, _ in understood
    ]
    answers = matcher.match(here.index, queries, here.hashes)
    return [
        Answer(
            entity,
            problems,
            answer.matches,
            tuple(here.index.document(row) for row in answer.rows),
            answer.n_matches,
            here.is_fictional,
        )
        for (entity, problems), answer in zip(understood, answers, strict=True)
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
    holding: Mapping[str, Sequence[str]] = MappingProxyType({}),
    hold_all: bool = False,
    sort: Sequence[str] = (),
    by_name: bool = False,
) -> Found:
    """Entities that a person who typed `text` may mean; all of them when it is empty.

    `holding`: fields (see desk/fields.py) and values: the field must hold one of them, or with `hold_all` each.
    `sort`: `field:asc` or `field:desc`; the likest first when it is empty.
    """
    access.require(office, officer, "entities.search", text or "everything", {"dataset": dataset})
    paging.check_page(limit, offset)
    here = lookup.current(office)
    rows = here.index.search(storable(text[:1000]), in_dataset(here, dataset, filters))
    for name, values in holding.items():
        for group in [[value] for value in values] if hold_all else [values]:
            rows = _holding(here.index, rows, name, group)
    counts = {facet: _facet(here.index, rows, facet) for facet in facets}
    order = ("caption", *sort) if by_name else tuple(sort)
    if order:
        page = fields.ordered(map(here.index.document, rows), order)[offset : offset + limit]
    else:
        page = [here.index.document(row) for row in rows[offset : offset + limit]]
    return Found(tuple(page), len(rows), counts, here.is_fictional, intake.shelf(office))


def schemata(office: Office, officer: Officer, dataset: str = lookup.DEFAULT) -> tuple[str, ...]:
    """The matchable schemata of the entities of a dataset and what these are kinds of, by name."""
    access.require(office, officer, "entities.search", f"schemata of {dataset}")
    here = lookup.current(office)
    held = here.index.schema_counts(here.index.search("", in_dataset(here, dataset, Filters())))
    return tuple(sorted({kin.name for name in held for kin in schema_of(name).schemata}))


def in_dataset(here: lookup.Lookup, dataset: str, filters: Filters) -> Filters:
    """Filters that keep to a dataset: one list, or `default` for all, with the lists that are included by name.

    Raises NotFoundError for a list that is not loaded: it cannot be said that nobody on it matches.
    """
    named = (dataset, *filters.include)
    for name in named:
        if name != lookup.DEFAULT and name not in here.versions:
            known = ", ".join((lookup.DEFAULT, *here.versions))
            raise NotFoundError(
                f"No dataset {name[:80]!r} is loaded here", do=f"Use one of: {known}.", code="unknown_dataset"
            )
    filters = replace(filters, changed_since=_whole_second(filters.changed_since))
    lists = filters.include if dataset == lookup.DEFAULT else named
    if not lists or lookup.DEFAULT in lists:
        return replace(filters, include=())
    kept = tuple(name for name in lists if name not in filters.exclude)
    return replace(filters, include=kept or NO_LIST)


def _whole_second(since: datetime | None) -> datetime | None:
    """The second it is in, as the changes of entities are told in seconds; without a zone it is UTC."""
    if since is None:
        return None
    return (since if since.tzinfo else since.replace(tzinfo=UTC)).replace(microsecond=0)


def for_schema(filters: Filters, schema: str) -> Filters:
    """Filters that keep to the kin of a schema."""
    return replace(filters, schema=schema)


def _understood(question: Question, *, is_lenient: bool) -> tuple[Entity, tuple[str, ...]]:
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
    unknown = [name for name in question.properties if is_lenient and _is_unknown(schema.name, name)]
    known = {name: value for name, value in question.properties.items() if name not in unknown}
    entity = entity_from_dict({"id": "query", "schema": question.schema, "properties": known}).build()
    problems = [f"{name[:80]!r} is no property of {schema.name}" for name in unknown]
    problems += [f"{s.prop}: {s.value[:80]!r} was not understood" for s in entity.statements if not s.is_clean]
    return entity, tuple(problems)


def _is_unknown(schema: str, name: str) -> bool:
    prop = schema_of(schema).get(name)
    return prop is None or bool(prop.stub)


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


def _holding(index: Index, rows: Sequence[int], name: str, values: Sequence[str]) -> list[int]:
    if name in _INDEXED:
        allowed = set(index.search("", _INDEXED[name](tuple(values))))
        return [row for row in rows if row in allowed]
    wanted, read = set(values), fields.reader(name)
    return [row for row in rows if not wanted.isdisjoint(read(index.document(row)))]


def _facet(index: Index, rows: Sequence[int], facet: str) -> dict[str, int]:
    if facet == "schema":
        return index.schema_counts(rows)
    if facet in index.vocabularies:
        return index.facets(rows, facet)
    read = fields.reader(facet)
    return dict(Counter(value for row in rows for value in read(index.document(row))))
