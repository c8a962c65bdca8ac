"""The whole node in one encrypted file, made while it runs, for either kind of database."""

import fcntl
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection

from lintas.desk import access, archive, book, custodians
from lintas.desk.archive import BLOCK, Member
from lintas.desk.office import Office
from lintas.model.errors import ConflictError, FileError, InputError
from lintas.model.officer import Officer
from lintas.store import dump, revisions
from lintas.store.revisions import LOG, NODE

KIND = "lintas.backup/1"
HEAD, MANIFEST = "backup.json", "manifest.json"
SETS = {"node": NODE, "log": LOG}  # the folders of a backup, and whose tables they hold
PART_BYTES = 4 * 1024**2  # of rows, unless a single one is larger
DIGEST = re.compile(r"[0-9a-f]{64}")
PASSING = (".lock", ".part")  # keys/ has files that mean something to running processes only

Told = Callable[[str, int], None]  # what is counted, how many so far
Opened = Callable[[], AbstractContextManager[Connection]]


@dataclass(frozen=True)
class Made:
    """A backup. `sha256`: of the encrypted file."""

    path: Path
    sha256: str
    size_bytes: int
    n_rows: int
    n_files: int


@dataclass
class Contents:
    """What goes into a backup, part by part. Where `node` and `log` lead, everything is read in one transaction.

    The log is read last: whatever the tables say was done has its row in it.
    """

    folder: Path
    node: Opened
    log: Opened
    made_at: datetime
    told: Told = lambda what, n: None
    parts: list[tuple[str, int, str]] = field(default_factory=list)  # name, bytes, SHA-256
    rows: dict[str, int] = field(default_factory=dict)
    n_files: int = 0

    def members(self) -> Iterator[Member]:
        """Everything, the manifest last. Raises FileError for a kept file that is not what it was."""
        with self.log() as connection:
            log_revision = revisions.revision(connection, LOG)
        with self.node() as connection:
            yield self._part(HEAD, self._head(revisions.revision(connection), log_revision))
            yield from self._tables("node", connection)
        yield from self._raw()
        for name, data in book.texts(self.folder / book.FOLDER).items():
            yield self._part(f"{book.FOLDER}/{name}", data)
        keys = dict(self._keys())  # with the head of the log, which the log then holds
        with self.log() as connection:
            yield from self._tables("log", connection)
        for name, data in keys.items():
            yield self._part(f"keys/{name}", data)
        yield _member(MANIFEST, orjson.dumps({"rows": self.rows, "parts": self.parts}))

    def _head(self, node: str | None, log: str | None) -> bytes:
        found = {"node": node, "log": log}
        columns = {
            name: dump.columns(revisions.described(at, SETS[name])) for name, at in found.items() if at is not None
        }
        made = {"made_at": self.made_at.isoformat(), "revisions": found, "columns": columns}
        return orjson.dumps({"kind": KIND, "lintas": version("lintas"), **made})

    def _tables(self, folder: str, connection: Connection) -> Iterator[Member]:
        at = revisions.revision(connection, SETS[folder])
        if at is None:
            return
        tables = revisions.described(at, SETS[folder])
        self.rows |= {f"{folder}/{name}": 0 for name in tables.tables}
        n = count(1)
        for table, rows in dump.out(connection, tables):
            self.rows[f"{folder}/{table}"] += len(rows)
            for data in _said(rows):
                yield self._part(f"{folder}/{table}/{next(n):08}.json", data)
            self.told("rows", sum(self.rows.values()))

    def _raw(self) -> Iterator[Member]:
        for path in sorted((self.folder / "raw").glob("??/*")):
            if DIGEST.fullmatch(path.name) and (found := _kept(path)) is not None:
                self.n_files += 1
                self.parts.append((found.name, found.size_bytes, path.name))
                self.told("files", self.n_files)
                yield found

    def _keys(self) -> Iterator[tuple[str, bytes]]:
        for path in sorted((self.folder / "keys").glob("*")):
            if path.is_file() and path.suffix not in PASSING:
                with path.open("rb") as stream:
                    fcntl.flock(stream, fcntl.LOCK_SH)  # the head of the log is written over in place
                    yield path.name, stream.read()

    def _part(self, name: str, data: bytes) -> Member:
        self.parts.append((name, len(data), sha256(data).hexdigest()))
        return _member(name, data)


def backup(office: Office, officer: Officer, target: Path, *, told: Told = lambda what, n: None) -> Made:
    """Write the node as it is now into one file that its custodians can open.

    Raises InputError without a custodian or for a place inside the node, ConflictError when the file is there already,
    UnavailableError when it cannot be written, FileError when a kept file of the node is damaged.
    """
    access.require(office, officer, "backup.create", target.name)
    if target.resolve().is_relative_to(office.node.resolve()):
        raise InputError(
            "A backup inside the node's folder would be lost with it",
            where=str(target),
            do="Name a place on another disk.",
            code="backup_inside",
        )
    with office.database.read() as connection:
        keys = custodians.required(custodians.held(connection))
    contents = Contents(office.node, office.database.read, office.log.read, office.now(), told)
    made = write(contents, target, keys)
    said: dict[str, Any] = {"sha256": made.sha256, "bytes": made.size_bytes, "rows": made.n_rows}
    access.done(office, officer, "backup.create", target.name, said)
    return made


def write(contents: Contents, target: Path, keys: list[str]) -> Made:
    """The file itself. Raises as `backup` does."""
    if target.exists():
        raise ConflictError(
            "There is a file of this name", where=str(target), do="Choose another name.", code="file_exists"
        )
    written = archive.write(target, contents.members(), keys)
    return Made(target, written.sha256, written.size_bytes, sum(contents.rows.values()), contents.n_files)


def _member(name: str, data: bytes) -> Member:
    return Member(name, len(data), [data])


def _said(rows: list[dump.Row]) -> Iterator[bytes]:
    """The rows as JSON, in as many parts as keep each of them small: whoever reads one holds it in memory."""
    data = orjson.dumps(rows)
    if len(data) <= PART_BYTES or len(rows) == 1:
        yield data
    else:
        yield from _said(rows[: len(rows) // 2])
        yield from _said(rows[len(rows) // 2 :])


def _kept(path: Path) -> Member | None:
    """A raw file; None when it was erased since it was seen."""
    try:
        size = path.stat().st_size
        stream = path.open("rb")
    except FileNotFoundError:
        return None

    def blocks() -> Iterator[bytes]:
        digest = sha256()
        with stream:
            while block := stream.read(BLOCK):
                digest.update(block)
                yield block
        if digest.hexdigest() != path.name:
            raise FileError(
                "A kept file is not what it was when it came in",
                where=str(path),
                do="Put it back from an earlier backup; then make this one.",
                code="raw_damaged",
            )

    return Member(f"raw/{path.name}", size, blocks())
