"""nomenklatura as a worker, in an environment of its own: its blocker for candidates, logic-v2 for scores.

Given its best: its entities are objects in memory and made before any clock runs, and it is asked for all queries of
a batch in one call, because each call has a fixed cost.
"""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson
from followthemoney import ValueEntity
from nomenklatura.blocker import Index  # type: ignore[import-not-found]
from nomenklatura.matching.logic_v2.model import LogicV2  # type: ignore[import-not-found]

from bench.measure import peak_mb
from bench.worker import keep_to_one_core, work

N_CANDIDATES = 50
N_RESULTS = 5
THRESHOLD = 0.7
SETTINGS = LogicV2.default_config()


class Entities:
    """The listed entities, in the shape that the blocker reads them in."""

    def __init__(self, lines: str) -> None:
        with Path(lines).open("rb") as source:
            made = (ValueEntity.from_dict(orjson.loads(line)) for line in source)
            self.by_id = {str(entity.id): entity for entity in made}

    def entities(self, include_schemata: list[Any] | None = None) -> Iterator[ValueEntity]:
        """Those of some schemata."""
        return (one for one in self.by_id.values() if include_schemata is None or one.schema in include_schemata)


class Side:
    """An open index and how it is asked."""

    listed: Entities
    index: Any

    def build(self, lines: str, folder: str) -> float:
        """Seconds from the JSON lines to a stored index."""
        started = perf_counter()
        index = Index(Entities(lines), Path(folder), {"max_candidates": N_CANDIDATES})
        index.build()
        index.close()
        return perf_counter() - started

    def open(self, lines: str, folder: str, query: dict[str, Any]) -> float:
        """Seconds from a stored index to the first answer."""
        self.listed = Entities(lines)
        started = perf_counter()
        self.index = Index(self.listed, Path(folder), {"max_candidates": N_CANDIDATES})
        self._match([query])
        return perf_counter() - started

    def batch(self, queries: list[dict[str, Any]]) -> dict[str, Any]:
        """Seconds, and for each query the ids of its results, the best first."""
        started = perf_counter()
        found = self._match(queries)
        seconds = perf_counter() - started
        return {"seconds": seconds, "found": [found.get(query["id"], []) for query in queries]}

    def candidates(self, queries: list[dict[str, Any]]) -> dict[str, Any]:
        """The same without scoring."""
        started = perf_counter()
        blocked = self.index.match_entities(list(_entities(queries).values()))
        found = {asked.id: [candidate.id for candidate, _ in candidates] for asked, candidates in blocked}
        seconds = perf_counter() - started
        return {"seconds": seconds, "found": [found.get(query["id"], []) for query in queries]}

    def single(self, queries: list[dict[str, Any]]) -> list[float]:
        """Milliseconds of each query, asked alone."""
        return [1000 * self.batch([query])["seconds"] for query in queries]

    def _match(self, queries: list[dict[str, Any]]) -> dict[str, list[str]]:
        asked = _entities(queries)
        blocked = self.index.match_entities(list(asked.values()))
        return {query.id: self._best(asked[query.id], candidates) for query, candidates in blocked}

    def _best(self, query: ValueEntity, candidates: list[Any]) -> list[str]:
        ids = [candidate.id for candidate, _ in candidates]
        scored = [(LogicV2.compare(query, self.listed.by_id[id], SETTINGS).score, id) for id in ids]
        kept = sorted((one for one in scored if one[0] >= THRESHOLD), key=lambda one: -one[0])
        return [id for _, id in kept[:N_RESULTS]]


def pair_scores(pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[float]:
    """The score of each pair of entities."""
    made = ((ValueEntity.from_dict(one), ValueEntity.from_dict(other)) for one, other in pairs)
    return [LogicV2.compare(one, other, SETTINGS).score for one, other in made]


def versions() -> dict[str, str]:
    """What is installed in this environment."""
    return {name: version(name) for name in ("nomenklatura", "rigour", "followthemoney", "duckdb")}


def _entities(queries: list[dict[str, Any]]) -> dict[str, ValueEntity]:
    return {query["id"]: ValueEntity.from_dict(query) for query in queries}


if __name__ == "__main__":
    side = Side()
    work(
        {
            "build": side.build,
            "open": side.open,
            "one_core": keep_to_one_core,
            "batch": side.batch,
            "candidates": side.candidates,
            "single": side.single,
            "pairs": pair_scores,
            "versions": versions,
            "peak_mb": peak_mb,
        }
    )
