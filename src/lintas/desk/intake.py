"""Lists in: a load is one transaction, and a bad file changes nothing."""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import orjson

from lintas.desk import access, lookup
from lintas.desk.office import Office
from lintas.desk.paging import check_page
from lintas.model.entity import Entity, Statement
from lintas.model.errors import FileError, GuardError, InputError
from lintas.model.listing import Change, Leftover, ListSource, ListVersion, ParseNotes, RawFile
from lintas.model.officer import Officer
from lintas.model.text import storable
from lintas.sources import catalogue
from lintas.store import lists

MAX_FILE_BYTES = 8 * 1024**3  # the largest FollowTheMoney export of the field is under 6 GB
COPY_BYTES = 1024 * 1024

Progress = Callable[[str, int], None]  # what is counted, how many so far


@dataclass(frozen=True)
class LoadReport:
    """What a load came to; `is_new` is False when these very files were loaded before."""

    version: ListVersion
    is_new: bool
    leftovers: tuple[Leftover, ...]


@dataclass(frozen=True)
class ListStatus:
    """A list on the shelf and its newest version, if it was ever loaded."""

    source: ListSource
    version: ListVersion | None


@dataclass
class _Reading:
    """What was read of a list so far, beside what the node holds."""

    spool: Path
    notes: ParseNotes
    held: dict[str, str]
    seen: dict[str, str]
    n_touched: int = 0
    n_added: int = 0
    n_unclean: int = 0


def load(
    office: Office,
    officer: Officer,
    name: str,
    files: Sequence[Path],
    *,
    fictional: bool = False,
    accept_removals: bool = False,
    progress: Progress = lambda what, n: None,
) -> LoadReport:
    """Load a version of a list from files as its publisher gives them.

    Raises FileError for a file that is damaged or of another list, GuardError when too many entries are
    missing, ConflictError when another load was faster. In all of these cases the node holds what it held.
    """
    access.require(office, officer, "lists.load", name, {"files": [path.name for path in files]})
    source, parse = catalogue.source(name), catalogue.parser(name)
    kept = list({raw.sha256: raw for raw in (keep(office, path) for path in files)}.values())  # a file twice is one
    with office.database.read() as connection:
        before = lists.current(connection).get(name)
        held = lists.digests(connection, name)
    with tempfile.TemporaryDirectory(dir=office.scratch) as folder:
        reading = _Reading(Path(folder) / "touched", ParseNotes(), held, {})
        _read(parse(_named(Path(folder), office, kept), reading.notes), reading, progress)
        version = _version(office, officer, name, kept, before, reading, fictional)
        if before is not None and _is_same(before, version):
            return LoadReport(before, False, ())
        _guard(source, before, version, fictional, accept_removals)
        _write(office, officer, version, reading)
    lookup.refresh(office, progress)
    return LoadReport(version, True, tuple(reading.notes.leftovers))


def keep(office: Office, path: Path) -> RawFile:
    """Keep a copy of a file under its SHA-256. Raises InputError when it cannot be read or is too large."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES or not path.is_file():
            raise InputError(
                "This is no file of a size that is read here",
                where=str(path),
                do=f"Give a file of at most {MAX_FILE_BYTES // 1024**3} GiB.",
                code="bad_file",
            )
        with path.open("rb") as stream, tempfile.TemporaryDirectory(dir=office.scratch) as folder:
            copy = Path(folder) / "copy"
            raw = RawFile(_copy(stream, copy), storable(path.name), copy.stat().st_size)
            target = raw_path(office, raw)
            target.parent.mkdir(mode=0o700, exist_ok=True)
            copy.replace(target)
    except OSError as error:
        raise InputError(
            f"The file cannot be read and kept: {error.strerror}",
            where=str(path),
            do="Check its name and rights, and the room on the node's disk.",
            code="no_file",
        ) from error
    return raw


def _copy(stream: BinaryIO, target: Path) -> str:
    """Copy a file; its SHA-256. It is on the disk before anything refers to it."""
    digest = sha256()
    with target.open("xb") as copy:
        while block := stream.read(COPY_BYTES):
            digest.update(block)
            copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())
    target.chmod(0o600)
    return digest.hexdigest()


def raw_path(office: Office, raw: RawFile) -> Path:
    """Where a kept file lies."""
    return office.raw / raw.sha256[:2] / raw.sha256


def status(office: Office, officer: Officer) -> list[ListStatus]:
    """Every list on the shelf with its newest version."""
    access.require(office, officer, "lists.read", "all lists")
    return list(shelf(office))


def shelf(office: Office) -> tuple[ListStatus, ...]:
    """The same for the verbs that show beside a result which lists were asked; they have asked for leave."""
    with office.database.read() as connection:
        newest = lists.current(connection)
    return tuple(ListStatus(source, newest.get(source.name)) for source in catalogue.sources())


def versions(office: Office, officer: Officer, name: str) -> list[ListVersion]:
    """Every version of a list, the newest first. Raises NotFoundError for a list nobody knows."""
    access.require(office, officer, "lists.read", name)
    catalogue.source(name)
    with office.database.read() as connection:
        return lists.versions(connection, name)


@dataclass(frozen=True)
class ListHistory:
    """A list and every version of it, the newest first."""

    source: ListSource
    versions: tuple[ListVersion, ...]


def history(office: Office, officer: Officer, name: str) -> ListHistory:
    """The same with what the publisher says of the list. Raises NotFoundError for a list nobody knows."""
    found = versions(office, officer, name)
    return ListHistory(catalogue.source(name), tuple(found))


@dataclass(frozen=True)
class Delta:
    """A page of what a version changed."""

    source: ListSource
    version: ListVersion
    changes: list[Change]
    leftovers: list[Leftover]


def delta(
    office: Office,
    officer: Officer,
    name: str,
    number: int,
    *,
    kind: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> Delta:
    """What version `number` changed against the one before, field by field. Raises NotFoundError."""
    access.require(office, officer, "lists.read", f"{name} version {number}")
    check_page(limit, offset)
    with office.database.read() as connection:
        version = lists.version(connection, name, number)
        changes = lists.delta(connection, name, number, kind=kind, limit=limit, offset=offset)
        return Delta(catalogue.source(name), version, changes, lists.left_over(connection, name, number))


def _read(entities: Iterator[Entity], reading: _Reading, progress: Progress) -> None:
    with reading.spool.open("wb") as spool:
        for entity in entities:
            if entity.id in reading.seen:
                raise FileError(
                    f"The id {entity.id} stands twice in what was read",
                    do="Fetch the file again, or load files of one publication only. Nothing was changed.",
                    code="duplicate_id",
                )
            digest = entity.digest
            reading.seen[entity.id] = digest
            reading.n_unclean += sum(not s.is_clean for s in entity.statements)
            if reading.held.get(entity.id) != digest:
                reading.n_touched += 1
                reading.n_added += entity.id not in reading.held
                spool.write(_spooled(entity))
            if len(reading.seen) % 1000 == 0:
                progress("entities read", len(reading.seen))
    progress("entities read", len(reading.seen))


def _named(folder: Path, office: Office, kept: Sequence[RawFile]) -> list[Path]:
    """The kept files under the names they came with, so that an error names what the officer knows."""
    paths = [folder / str(i) / raw.name for i, raw in enumerate(kept)]
    for path, raw in zip(paths, kept, strict=True):
        path.parent.mkdir()
        path.symlink_to(raw_path(office, raw))
    return paths


def _version(
    office: Office,
    officer: Officer,
    name: str,
    files: Sequence[RawFile],
    before: ListVersion | None,
    reading: _Reading,
    fictional: bool,
) -> ListVersion:
    content = sha256()
    for entity_id in sorted(reading.seen):
        content.update(f"{entity_id} {reading.seen[entity_id]}\n".encode())
    return ListVersion(
        list=name,
        number=before.number + 1 if before else 1,
        loaded_at=office.now(),
        loaded_by=officer.id,
        published_at=reading.notes.published_at,
        files=tuple(files),
        content_sha256=content.hexdigest(),
        n_entries=reading.notes.counts.total(),
        n_entities=len(reading.seen),
        n_added=reading.n_added,
        n_changed=reading.n_touched - reading.n_added,
        n_removed=len(reading.held.keys() - reading.seen.keys()),
        n_unclean=reading.n_unclean,
        n_leftovers=len(reading.notes.leftovers),
        counts=dict(reading.notes.counts),
        is_fictional=fictional,
    )


def _is_same(before: ListVersion, version: ListVersion) -> bool:
    return (
        {raw.sha256 for raw in before.files} == {raw.sha256 for raw in version.files}
        and before.content_sha256 == version.content_sha256
        and before.is_fictional == version.is_fictional
    )


def _guard(
    source: ListSource, before: ListVersion | None, version: ListVersion, fictional: bool, accept_removals: bool
) -> None:
    if version.n_entries == 0:
        raise GuardError(
            f"The files hold no entry of {source.name}",
            do="Check that these are the publisher's files. Nothing was changed.",
        )
    if not fictional and version.n_entries < source.min_entries:
        raise GuardError(
            f"The files hold {version.n_entries} entries; {source.name} never had fewer than {source.min_entries}",
            do="Fetch the files again; for training data give --fictional. Nothing was changed.",
        )
    n_lost = before.n_entries - version.n_entries if before and before.is_fictional == fictional else 0
    if before and n_lost > source.max_shrink * before.n_entries and not accept_removals:
        raise GuardError(
            f"{n_lost / before.n_entries:.0%} of the entries of version {before.number} are missing "
            f"({version.n_entries} instead of {before.n_entries})",
            do="Fetch the files again; give --accept-removals if the publisher did remove them. Nothing was changed.",
        )
    if before and fictional and not before.is_fictional:
        raise GuardError(
            f"{source.name} holds real entries; fictional ones would replace them",
            do="Load fictional data into a node of its own. Nothing was changed.",
            code="fictional_over_real",
        )


def _write(office: Office, officer: Officer, version: ListVersion, reading: _Reading) -> None:
    removed = sorted(reading.held.keys() - reading.seen.keys())
    with office.database.write() as connection:
        lists.save(
            connection, version, touched=_unspooled(reading.spool), removed=removed, left=reading.notes.leftovers
        )
    about = f"{version.list} version {version.number}"
    counts = {"added": version.n_added, "changed": version.n_changed, "removed": version.n_removed}
    access.done(office, officer, "lists.load", about, counts)


def _spooled(entity: Entity) -> bytes:
    rows = [[s.prop, s.value, s.original, s.is_clean, s.lang] for s in entity.statements]
    return orjson.dumps([entity.id, entity.schema, rows]) + b"\n"


def _unspooled(spool: Path) -> Iterator[Entity]:
    with spool.open("rb") as lines:
        for line in lines:
            entity_id, schema, rows = orjson.loads(line)
            yield Entity(entity_id, schema, tuple(Statement(*row) for row in rows))
