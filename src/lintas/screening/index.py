"""The candidate index: in this process, memory-mapped, built once per state of the lists.

A folder of plain arrays. Several processes may open it at once; nothing in it is ever changed. The interface is
`build`, and on an open `Index`: `candidates`, `search`, `by_id`, `document`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
from scipy.sparse import csr_matrix

from lintas.model.entity import matchable_schemata
from lintas.model.filters import Filters
from lintas.screening.grams import BUCKETS, features
from lintas.screening.normalise import NORMALISER_VERSION
from lintas.screening.query import Subject, identifier_key, names_of, subject

FORMAT_VERSION = "index-1"
# A feature in more names than this tells nothing and costs time; never fewer than COMMON_MIN, for small lists.
COMMON_SHARE = 0.1
COMMON_MIN = 2000
TOP_NAMES = 400  # names looked at per query before they are folded into entities
FACETS = ("datasets", "topics", "countries")

Rows = npt.NDArray[np.int64]


def build(folder: Path, documents: Iterable[Mapping[str, Any]]) -> None:
    """Write an index into an empty folder.

    A document is a matchable entity: id, caption, schema, properties, datasets, last_change (ISO time).
    """
    sink = _Sink(folder)
    for document in documents:
        sink.add(document)
    sink.close()


class Index:
    """An open index. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        meta = orjson.loads((folder / "meta.json").read_bytes())
        self.schemata: list[str] = meta["schemata"]
        self.vocabularies: dict[str, list[str]] = meta["vocabularies"]
        self.n_entities: int = meta["n_entities"]
        self._documents = _Blob(folder, "documents")
        load = self._load
        self._name_entity = load("name_entity")
        self._idf = load("idf")
        parts = (load("postings_weight"), load("postings_name"), load("postings_start"))
        self._postings = csr_matrix(parts, shape=(BUCKETS, len(self._name_entity)), copy=False)
        self._schema = load("schema")
        self._changed = load("changed")
        self._bits = {facet: load(facet) for facet in FACETS}
        self._id_hash, self._id_row = load("id_hash"), load("id_row")
        self._identifier_hash, self._identifier_row = load("identifier_hash"), load("identifier_row")
        self._mask = lru_cache(maxsize=64)(self._make_mask)
        self._subject = lru_cache(maxsize=65_536)(self._make_subject)

    def document(self, row: int) -> dict[str, Any]:
        """The entity of a row as it was handed to `build`."""
        return self._documents.read(row)

    def subject(self, row: int) -> Subject:
        """The entity of a row, ready to be compared."""
        return self._subject(row)

    def by_id(self, entity_id: str) -> int | None:
        """The row of an id."""
        for row in _lookup(self._id_hash, self._id_row, entity_id):
            if self.document(row)["id"] == entity_id:
                return row
        return None

    def candidates(self, queries: Sequence[Subject], filters: Sequence[Filters], limit: int) -> list[list[int]]:
        """For each query at most `limit` rows that may match it: those that share a number, then the likest names."""
        spans = list[int]()
        forms = list[tuple[str, ...]]()
        for query in queries:
            forms += [name.form.tokens for name in query.names]
            spans.append(len(forms))
        likeness = self._likeness(forms)
        found = list[list[int]]()
        start = 0
        for query, wanted, end in zip(queries, filters, spans, strict=True):
            mask = self._mask(wanted)
            rows = [row for row in self._by_identifier(query) if mask[row]]
            rows += [row for row, _ in self._likest(likeness, range(start, end), mask, limit)]
            found.append(list(dict.fromkeys(rows))[: max(limit, 1)])
            start = end
        return found

    def search(self, text: str, wanted: Filters, floor: float = 0.45) -> list[int]:
        """Rows that a person who typed `text` may mean, the likest first: numbers and ids, then names."""
        mask = self._mask(wanted)
        if not text.strip():
            return [int(row) for row in np.flatnonzero(mask)]
        asked = subject("Thing", {"name": [text]})
        exact = [self.by_id(text.strip()), *self._by_key(identifier_key(text)), *self._by_key(text.strip())]
        rows = [row for row in exact if row is not None and mask[row]]
        likeness = self._likeness([name.form.tokens for name in asked.names])
        names = self._likest(likeness, range(likeness.shape[0]), mask, self.n_entities)
        rows += [row for row, like in names if like >= floor]
        return list(dict.fromkeys(rows))

    def facets(self, rows: Sequence[int], facet: str) -> dict[str, int]:
        """How many of `rows` carry each value of a facet: datasets, topics or countries."""
        bits = self._bits[facet][np.asarray(rows, dtype=np.int64)]
        counts = bits.sum(axis=0)
        return {value: int(n) for value, n in zip(self.vocabularies[facet], counts, strict=True) if n}

    def schema_counts(self, rows: Sequence[int]) -> dict[str, int]:
        """How many of `rows` are of each schema."""
        counts = np.bincount(self._schema[np.asarray(rows, dtype=np.int64)], minlength=len(self.schemata))
        return {name: int(n) for name, n in zip(self.schemata, counts, strict=True) if n}

    def _load(self, name: str) -> npt.NDArray[Any]:
        path = self.folder / f"{name}.npy"
        return np.load(path, mmap_mode="r", allow_pickle=False)  # type: ignore[no-any-return]

    def _make_subject(self, row: int) -> Subject:
        document = self.document(row)
        return subject(document["schema"], document["properties"])

    def _likeness(self, forms: Sequence[tuple[str, ...]]) -> csr_matrix:
        columns, weights, starts = list[int](), list[float](), [0]
        for tokens in forms:
            held = features(tokens)
            columns += held.keys()
            weights += held.values()
            starts.append(len(columns))
        at = np.asarray(columns, dtype=np.int64)
        weighed = np.asarray(weights, dtype=np.float32) * self._idf[at]
        lengths = np.sqrt(np.add.reduceat(np.append(weighed**2, 0), starts[:-1])) if len(starts) > 1 else np.ones(0)
        scaled = weighed / np.repeat(np.maximum(lengths, 1e-9), np.diff(starts))
        queries = csr_matrix((scaled.astype(np.float32), at, starts), shape=(len(forms), BUCKETS))
        return queries @ self._postings

    def _likest(
        self, likeness: csr_matrix, lines: Iterable[int], mask: npt.NDArray[np.bool_], limit: int
    ) -> list[tuple[int, float]]:
        best: dict[int, float] = {}
        for line in lines:
            span = slice(likeness.indptr[line], likeness.indptr[line + 1])
            rows, like = self._name_entity[likeness.indices[span]], likeness.data[span]
            allowed = mask[rows]
            rows, like = rows[allowed], like[allowed]
            n = max(TOP_NAMES, limit)
            if len(like) > n:
                top = np.argpartition(-like, n)[:n]
                rows, like = rows[top], like[top]
            for row, value in zip(rows.tolist(), like.tolist(), strict=True):
                if value > best.get(row, 0.0):
                    best[row] = value
        return sorted(best.items(), key=lambda item: (-item[1], item[0]))[:limit]

    def _by_identifier(self, query: Subject) -> list[int]:
        keys = [key for numbers in query.identifiers.values() for key in numbers]
        return [row for key in keys for row in self._by_key(key)]

    def _by_key(self, key: str) -> list[int]:
        return _lookup(self._identifier_hash, self._identifier_row, key)

    def _make_mask(self, wanted: Filters) -> npt.NDArray[np.bool_]:
        mask = np.ones(self.n_entities, dtype=bool)
        if wanted.schema is not None and wanted.schema != "Thing":
            mask &= self._is_schema(matchable_schemata(wanted.schema))
        if wanted.exclude_schema:
            mask &= ~self._is_schema(wanted.exclude_schema)
        for facet, values in (("datasets", wanted.include), ("topics", wanted.topics), ("countries", wanted.countries)):
            if values:
                mask &= self._carries(facet, values)
        if wanted.exclude:  # excluded lists take an entity out only when no other list names it
            kept = [name for name in self.vocabularies["datasets"] if name not in wanted.exclude]
            mask &= self._carries("datasets", kept)
        if wanted.changed_since is not None:
            mask &= self._changed >= wanted.changed_since.timestamp()
        for entity_id in wanted.exclude_ids:
            if (row := self.by_id(entity_id)) is not None:
                mask[row] = False
        return mask

    def _is_schema(self, names: Iterable[str]) -> npt.NDArray[np.bool_]:
        numbers = [i for i, name in enumerate(self.schemata) if name in set(names)]
        return np.isin(self._schema, numbers)

    def _carries(self, facet: str, values: Iterable[str]) -> npt.NDArray[np.bool_]:
        wanted = set(values)
        columns = [i for i, name in enumerate(self.vocabularies[facet]) if name in wanted]
        return np.asarray(self._bits[facet][:, columns].any(axis=1))


class _Blob:
    """Many small JSON values in one memory-mapped file."""

    def __init__(self, folder: Path, name: str) -> None:
        self._starts = np.load(folder / f"{name}_start.npy", mmap_mode="r", allow_pickle=False)
        size = int(self._starts[-1])
        self._bytes = np.memmap(folder / f"{name}.bin", dtype=np.uint8, mode="r") if size else np.zeros(0, np.uint8)

    def read(self, row: int) -> dict[str, Any]:
        held = self._bytes[int(self._starts[row]) : int(self._starts[row + 1])]
        value: dict[str, Any] = orjson.loads(held.tobytes())
        return value


class _Sink:
    """Collects entities and writes the arrays of an index."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.blob = (folder / "documents.bin").open("wb")
        self.starts = [0]
        self.name_entity = list[int]()
        self.columns = list[npt.NDArray[np.int32]]()
        self.weights = list[npt.NDArray[np.float32]]()
        self.schemata: dict[str, int] = {}
        self.schema = list[int]()
        self.changed = list[float]()
        self.values: dict[str, dict[str, int]] = {facet: {} for facet in FACETS}
        self.carried: dict[str, list[tuple[int, int]]] = {facet: [] for facet in FACETS}
        self.ids = list[int]()
        self.identifiers = list[tuple[int, int]]()

    def add(self, document: Mapping[str, Any]) -> None:
        row = len(self.schema)
        self.starts.append(self.starts[-1] + self.blob.write(orjson.dumps(document)))
        schema, properties = document["schema"], document["properties"]
        self.schema.append(self.schemata.setdefault(schema, len(self.schemata)))
        self.changed.append(datetime.fromisoformat(document["last_change"]).replace(tzinfo=UTC).timestamp())
        self.ids.append(_hash(document["id"]))
        ready = subject(schema, properties)
        facets = {
            "datasets": document["datasets"],
            "topics": properties.get("topics", ()),
            "countries": ready.countries,
        }
        for facet, values in facets.items():
            known = self.values[facet]
            self.carried[facet] += [(row, known.setdefault(value, len(known))) for value in values]
        self.identifiers += [(_hash(key), row) for numbers in ready.identifiers.values() for key in numbers]
        for tokens in dict.fromkeys(name.form.tokens for name in names_of(schema, properties)):
            held = features(tokens)
            self.name_entity.append(row)
            self.columns.append(np.fromiter(held.keys(), dtype=np.int32, count=len(held)))
            self.weights.append(np.fromiter(held.values(), dtype=np.float32, count=len(held)))

    def close(self) -> None:
        self.blob.close()
        n = len(self.schema)
        self._save("documents_start", np.asarray(self.starts, dtype=np.int64))
        self._save("name_entity", np.asarray(self.name_entity, dtype=np.int32))
        self._save_postings()
        self._save("schema", np.asarray(self.schema, dtype=np.int16))
        self._save("changed", np.asarray(self.changed, dtype=np.float64))
        for facet, pairs in self.carried.items():
            bits = np.zeros((n, len(self.values[facet])), dtype=bool)
            if pairs:
                rows, columns = np.asarray(pairs).T
                bits[rows, columns] = True
            self._save(facet, bits)
        self._save_hashes("id", list(zip(self.ids, range(n), strict=True)))
        self._save_hashes("identifier", self.identifiers)
        meta = {
            "format": FORMAT_VERSION,
            "normaliser": NORMALISER_VERSION,
            "n_entities": n,
            "n_names": len(self.name_entity),
            "schemata": list(self.schemata),
            "vocabularies": {facet: list(values) for facet, values in self.values.items()},
        }
        (self.folder / "meta.json").write_bytes(orjson.dumps(meta))

    def _save_postings(self) -> None:
        n = len(self.name_entity)
        columns = np.concatenate(self.columns) if n else np.zeros(0, np.int32)
        weights = np.concatenate(self.weights) if n else np.zeros(0, np.float32)
        lengths = np.fromiter((len(c) for c in self.columns), dtype=np.int64, count=n)
        frequency = np.bincount(columns, minlength=BUCKETS)
        idf = np.log1p(n / np.maximum(frequency, 1)).astype(np.float32)
        idf[frequency > max(COMMON_MIN, COMMON_SHARE * n)] = 0.0
        weights = weights * idf[columns]
        names = np.repeat(np.arange(n, dtype=np.int32), lengths)
        norm = np.sqrt(np.bincount(names, weights=weights.astype(np.float64) ** 2, minlength=n))
        weights = (weights / np.maximum(norm, 1e-9)[names]).astype(np.float32)
        kept = weights > 0
        by_name = csr_matrix((weights[kept], (columns[kept], names[kept])), shape=(BUCKETS, max(n, 0)))
        self._save("postings_weight", by_name.data)
        self._save("postings_name", by_name.indices.astype(np.int32))
        self._save("postings_start", by_name.indptr.astype(np.int32 if by_name.nnz < 2**31 else np.int64))
        self._save("idf", idf)

    def _save_hashes(self, name: str, pairs: list[tuple[int, int]]) -> None:
        pairs.sort()
        self._save(f"{name}_hash", np.asarray([p[0] for p in pairs], dtype=np.uint64))
        self._save(f"{name}_row", np.asarray([p[1] for p in pairs], dtype=np.int32))

    def _save(self, name: str, values: npt.NDArray[Any]) -> None:
        np.save(self.folder / f"{name}.npy", values, allow_pickle=False)


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def _lookup(hashes: npt.NDArray[np.uint64], rows: npt.NDArray[np.int32], key: str) -> list[int]:
    wanted = np.uint64(_hash(key))
    start, end = np.searchsorted(hashes, wanted, "left"), np.searchsorted(hashes, wanted, "right")
    return [int(row) for row in rows[start:end]]
