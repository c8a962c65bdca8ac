"""Lintas as a worker. The same commands as `bench.rival`, and those that fill a node."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson
from sqlalchemy import func, select

from bench.measure import peak_mb
from bench.worker import keep_to_one_core, work
from lintas.desk import intake, lookup, officers
from lintas.desk.office import Settings, open_office
from lintas.desk.runs import PIECE
from lintas.model.batch import batched
from lintas.model.filters import Filters
from lintas.screening import matcher
from lintas.screening.index import Index, build
from lintas.screening.normalise import normalise_name
from lintas.screening.query import Subject, subject
from lintas.screening.score import score
from lintas.store import entities
from lintas.store.tables import statements

N_CANDIDATES = 50
N_RESULTS = 5  # of which 50 candidates follow: ten for each result


def load_lists(node: str, lists: dict[str, list[str]]) -> dict[str, float]:
    """Load lists into a fresh node, until it can be asked."""
    started = perf_counter()
    office = open_office(Settings(Path(node)))
    owner = officers.owner(office)
    reports = [intake.load(office, owner, name, [Path(file) for file in files]) for name, files in lists.items()]
    seconds = perf_counter() - started
    with office.database.read() as connection:
        n_statements = connection.execute(select(func.count()).select_from(statements)).scalar_one()
    n_entities = sum(report.version.n_entities for report in reports)
    return {"seconds": seconds, "n_entities": n_entities, "n_statements": n_statements}


def export(node: str, lines: str) -> int:
    """Write what the node's index holds as FollowTheMoney JSON lines; how many."""
    office = open_office(Settings(Path(node)))
    with office.database.read() as connection, Path(lines).open("wb") as target:
        return sum(
            bool(target.write(orjson.dumps(document) + b"\n"))
            for document in lookup.documents(entities.listed(connection))
        )


def build_index(lines: str, folder: str) -> float:
    """Seconds from the JSON lines to a stored index."""
    started = perf_counter()
    with Path(lines).open("rb") as source:
        build(Path(tempfile.mkdtemp(dir=folder)), map(orjson.loads, source))
    return perf_counter() - started


class Side:
    """An open index and how it is asked."""

    index: Index

    def open(self, lines: str, folder: str, query: dict[str, Any]) -> float:
        """Seconds from a stored index to the first answer."""
        stored = next(path for path in Path(folder).iterdir() if path.is_dir())
        started = perf_counter()
        self.index = Index(stored)
        self._match([query])
        return perf_counter() - started

    def batch(self, queries: list[dict[str, Any]]) -> dict[str, Any]:
        """Seconds, and for each query the ids of its results, the best first."""
        started = perf_counter()
        found = [answer for piece in batched(queries, PIECE) for answer in self._match(piece)]
        seconds = perf_counter() - started
        return {"seconds": seconds, "found": [[match.entity_id for match in answer.matches] for answer in found]}

    def candidates(self, queries: list[dict[str, Any]]) -> dict[str, Any]:
        """The same without scoring."""
        normalise_name.cache_clear()  # the batch has seen these names; the rival prepares them anew, too
        started = perf_counter()
        rows = [one for piece in batched(queries, PIECE) for one in self._candidates([_subject(q) for q in piece])]
        seconds = perf_counter() - started
        return {"seconds": seconds, "found": [[self.index.document(row)["id"] for row in one] for one in rows]}

    def single(self, queries: list[dict[str, Any]]) -> list[float]:
        """Milliseconds of each query, asked alone."""
        return [1000 * self._timed(query) for query in queries]

    def _timed(self, query: dict[str, Any]) -> float:
        started = perf_counter()
        self._match([query])
        return perf_counter() - started

    def _candidates(self, subjects: Sequence[Subject]) -> list[list[int]]:
        return self.index.candidates(subjects, [Filters(schema=one.schema) for one in subjects], N_CANDIDATES)

    def _match(self, queries: Sequence[dict[str, Any]]) -> Iterator[matcher.Answer]:
        asked = [
            matcher.Query(_subject(query), Filters(schema=query["schema"]), cutoff=matcher.THRESHOLD, limit=N_RESULTS)
            for query in queries
        ]
        return iter(matcher.match(self.index, asked, {}))


def pair_scores(pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[float]:
    """The score of each pair of entities."""
    return [score(_subject(one), _subject(other)).total for one, other in pairs]


def _subject(query: dict[str, Any]) -> Subject:
    return subject(query["schema"], query["properties"])


if __name__ == "__main__":
    side = Side()
    work(
        {
            "load": load_lists,
            "export": export,
            "build": build_index,
            "open": side.open,
            "one_core": keep_to_one_core,
            "batch": side.batch,
            "candidates": side.candidates,
            "single": side.single,
            "pairs": pair_scores,
            "peak_mb": peak_mb,
        }
    )
