"""The index of the node: always that of the lists as they are now."""

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

from lintas.desk.office import Office
from lintas.model.entity import Entity, schema_of
from lintas.model.errors import UnavailableError
from lintas.model.listing import ListedEntity, ListVersion
from lintas.screening.index import FORMAT_VERSION, Index, build
from lintas.screening.normalise import NORMALISER_VERSION
from lintas.store import entities, lists

DEFAULT = "default"  # the dataset that is all lists together, as yente's clients name it
ATTEMPTS = 10  # to open an index that newer lists may replace at any moment
# One opening at a time: numpy parses the heads of arrays with `ast`, of which CPython before 3.11.8 and 3.12.2 fails
# now and then in several threads at once (python/cpython issue 106905).
_OPENING = threading.Lock()
_BUILDING = threading.Lock()  # one build at a time in a process: many queries may find the index missing at once


@dataclass(frozen=True)
class Lookup:
    """An open index and the versions of the lists it was built from."""

    index: Index
    versions: Mapping[str, ListVersion]

    @property
    def hashes(self) -> dict[str, str]:
        """Content SHA-256 by list."""
        return {name: version.content_sha256 for name, version in self.versions.items()}

    @property
    def is_fictional(self) -> bool:
        """Whether any list in it is fictional."""
        return any(version.is_fictional for version in self.versions.values())


def is_fictional(office: Office) -> bool:
    """Whether any list of the node is fictional. Said on every page, of nobody: neither asked for nor logged."""
    with office.database.read() as connection:
        return any(version.is_fictional for version in lists.current(connection).values())


def current(office: Office) -> Lookup:
    """The index of the lists as they are now; built when no process has built it yet.

    Raises UnavailableError when it cannot be opened time and again.
    """
    for _ in range(ATTEMPTS):
        with office.database.read() as connection:
            versions = lists.current(connection)
        if not is_built(office, versions):
            refresh(office)
            continue
        folder = _folder(office, versions)
        try:
            with _OPENING:
                return Lookup(_open(folder), versions)
        except (FileNotFoundError, EOFError, ValueError):
            # Newer lists came in between and their index took the place of this one, or the disk lost a part of it.
            _drop(office, folder)
    raise UnavailableError(
        "The index of the lists cannot be opened",
        do="Try again; when it stays so, check the disk of the node's folder.",
        code="no_index",
    )


def is_built(office: Office, versions: Mapping[str, ListVersion]) -> bool:
    """Whether some process has built the index of these versions."""
    return (_folder(office, versions) / "meta.json").exists()


def refresh(office: Office, progress: Callable[[str, int], None] = lambda what, n: None) -> None:
    """Build the index of the lists as they are now, unless it is there, and drop older ones."""
    with _BUILDING:
        _build(office, progress)


def _build(office: Office, progress: Callable[[str, int], None]) -> None:
    with office.database.read() as connection:
        versions = lists.current(connection)
        folder = _folder(office, versions)
        if is_built(office, versions):
            return
        made = Path(tempfile.mkdtemp(dir=office.scratch))
        try:
            build(made, _counted(documents(entities.listed(connection)), progress))
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
    _put(office, made, folder, versions)
    with office.database.read() as connection:
        if lists.current(connection) != versions:
            return  # newer lists came in between; who loaded them drops this one
    for old in office.index.iterdir():
        if old != folder:  # a process that still reads an old one keeps its mapping until it closes
            _drop(office, old)


def _put(office: Office, made: Path, folder: Path, versions: Mapping[str, ListVersion]) -> None:
    if folder.exists() and not is_built(office, versions):
        _drop(office, folder)  # half of an index, whoever left it
    try:
        made.rename(folder)
    except OSError:
        shutil.rmtree(made, ignore_errors=True)
        if not is_built(office, versions):
            raise  # the disk; else another process was faster, and its index is as good


def _drop(office: Office, folder: Path) -> None:
    """Take an index away whole, so that nobody finds half of it."""
    gone = Path(tempfile.mkdtemp(dir=office.scratch))
    with suppress(OSError):  # another process was faster
        folder.rename(gone / "index")
    shutil.rmtree(gone, ignore_errors=True)


def documents(listed: Iterator[ListedEntity]) -> Iterator[dict[str, Any]]:
    """What the index keeps of each matchable entity: the statements of all lists under one id."""
    for _, group in groupby(listed, key=lambda found: found.entity.id):
        held = list(group)
        if held[0].entity.is_matchable:
            yield document(held)


def document(held: list[ListedEntity]) -> dict[str, Any]:
    """One entity as clients read it: yente's fields, in FollowTheMoney's words."""
    schema = schema_of(_schema(held))
    statements = (s for one in held for s in one.entity.statements if schema.get(s.prop) is not None)
    whole = Entity(held[0].entity.id, schema.name, tuple(statements))
    return {
        **whole.as_dict(),
        "datasets": [one.list for one in held],
        "referents": [],
        "target": whole.is_target,
        "first_seen": _time(min(one.first_seen_at for one in held)),
        "last_seen": _time(max(one.seen_at for one in held)),
        "last_change": _time(max(one.changed_at for one in held)),
        "is_fictional": any(one.is_fictional for one in held),
    }


def _schema(held: list[ListedEntity]) -> str:
    """The schema that is of the kind of all the others, as Company is a kind of Organization; else the first."""
    named = [one.entity.schema for one in held]
    return next((name for name in named if all(schema_of(name).is_a(other) for other in named)), named[0])


def _time(at: Any) -> str:
    return str(at.strftime("%Y-%m-%dT%H:%M:%S"))


def _folder(office: Office, versions: Mapping[str, ListVersion]) -> Path:
    state = "\n".join(
        (FORMAT_VERSION, NORMALISER_VERSION, *(f"{v.list} {v.number} {v.content_sha256}" for v in versions.values()))
    )
    return office.index / sha256(state.encode()).hexdigest()[:16]


@lru_cache(maxsize=2)
def _open(folder: Path) -> Index:
    return Index(folder)


def _counted(found: Iterator[dict[str, Any]], progress: Callable[[str, int], None]) -> Iterator[dict[str, Any]]:
    n = 0
    for n, one in enumerate(found, start=1):
        if n % 1000 == 0:
            progress("entities indexed", n)
        yield one
    progress("entities indexed", n)
