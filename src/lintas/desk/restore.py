"""A backup into an empty node: all of it, checked, or nothing that opens."""

import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import orjson
from sqlalchemy import Connection, MetaData

from lintas.desk import access, archive, book, policy, seal, trail, vacancy
from lintas.desk.archive import Member, damaged
from lintas.desk.backup import DIGEST, HEAD, KIND, MANIFEST, SETS, Told
from lintas.desk.office import Office, Settings, furnish
from lintas.desk.trail import Verified
from lintas.model.errors import FileError, InputError
from lintas.model.officer import Officer
from lintas.store import dump, revisions, upgrade
from lintas.store.revisions import LOG, NODE

HANDS = Officer("node", frozenset({"administrator"}), via="command")  # whoever has the folder; nobody signed in yet
# Who came with these may have been sent away since, so nobody comes with what is in a backup.
SECRETS = ("credentials", "challenges")
MAX_PART_BYTES = 256 * 1024**2  # what is larger was not written by `lintas backup`: see backup.PART_BYTES
_TABLE = re.compile(r"(node|log)/([a-z_]{1,63})/[0-9]{8}\.json")
_RAW = re.compile(rf"raw/({DIGEST.pattern})")
_POLICY = re.compile(rf"{book.FOLDER}/({book.NAME.pattern})")
_KEY = re.compile(r"keys/([A-Za-z0-9_-][A-Za-z0-9._-]{0,63})")


@dataclass(frozen=True)
class Restored:
    """What was restored. `verified`: the log, whole; None when it is not, or an older version of lintas is to read it.

    `fault`: what is wrong with the log. `n_lost`: rows that the log had after the backup, as its second head says.
    """

    made_at: datetime
    n_rows: int
    n_files: int
    revision: str
    verified: Verified | None
    fault: str
    n_lost: int


@dataclass(frozen=True)
class _Head:
    """What stands first in a backup. Revisions and tables by folder: node, and log where there was one."""

    made_at: datetime
    revisions: dict[str, str]
    tables: dict[str, MetaData]


@dataclass
class _Seen:
    """What came out of the backup so far."""

    head: _Head
    parts: list[list[Any]]
    rows: dict[str, int]
    keys: dict[str, bytes] = field(default_factory=dict)
    policies: dict[str, bytes] = field(default_factory=dict)
    manifest: dict[str, Any] | None = None
    n_files: int = 0


def restore(
    settings: Settings,
    path: Path,
    identity: Path,
    *,
    is_upgraded: bool = True,
    accept_broken_log: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    told: Told = lambda what, n: None,
) -> Restored:
    """Fill an empty node from a backup. `identity`: a file with the secret key of a custodian.

    An older backup is brought to this version of the house unless `is_upgraded` is False: then only the version that
    made it can open the node. Sessions, links and tokens are left out: everybody signs in anew.
    Raises InputError for a key file that is none, FileError for a file that is no backup, is damaged, is for another
    key, from a newer version or with a log that was tampered with, ConflictError for a node that is not empty. Then
    nothing is left of it.
    """
    with archive.read(path, archive.identities(identity)) as members:
        seen = _begin(next(members, None), path.name)
        # The log is committed first, then the keys are there, then the node: that one step makes it whole.
        with vacancy.filled(settings) as empty, empty.database.write() as to_node:
            with empty.log.write() as to_log:
                into = {"node": to_node, "log": to_log}
                _make_tables(into, seen.head)
                for member in members:
                    _take(settings.node, into, seen, member, path.name)
                    told("parts", len(seen.parts))
                _check(into, seen, path.name)
                _finish(into, seen.head, is_upgraded)
                at = {folder: revisions.revision(connection, SETS[folder]) for folder, connection in into.items()}
            _put_files(settings.node / "keys", seen.keys)
            if seen.policies:
                _put_files(settings.node / book.FOLDER, seen.policies)
            verified, fault = None, ""
            if at["log"] == revisions.newest(LOG):
                made = furnish(replace(settings, log_head=None), *empty, now=now, secret=token_urlsafe)
                office = replace(made, book=book.Fixed(policy.FLOOR))  # the tables are not there yet for others to read
                verified, fault = _verify(office, accept_broken_log)
                _log(office, path.name, seen)
    n_lost = _lost(settings.log_head, seen.rows.get("log/log", 0))
    n_rows = sum(seen.rows.values())
    return Restored(seen.head.made_at, n_rows, seen.n_files, str(at["node"]), verified, fault, n_lost)


def _begin(member: Member | None, name: str) -> _Seen:
    """Read what stands first, before anything is made. Raises FileError."""
    if member is None or member.name != HEAD:
        raise damaged(name)
    data = _whole(member, name)
    try:
        said = orjson.loads(data)
        at = {folder: str(one) for folder, one in said["revisions"].items() if one is not None}
        if said["kind"] != KIND or not all(revisions.is_known(one, SETS[folder]) for folder, one in at.items()):
            raise _newer(str(said["lintas"]), name)
        tables = {folder: revisions.described(one, SETS[folder]) for folder, one in at.items()}
        head = _Head(datetime.fromisoformat(said["made_at"]), at, tables)
        if "node" not in at or said["columns"] != {folder: dump.columns(each) for folder, each in tables.items()}:
            raise damaged(name)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(name) from error
    rows = {f"{folder}/{table}": 0 for folder, each in tables.items() for table in each.tables}
    return _Seen(head, [[HEAD, len(data), sha256(data).hexdigest()]], rows)


def _make_tables(into: Mapping[str, Connection], head: _Head) -> None:
    revisions.mark(into["node"], NODE, None)  # in this transaction it is no longer incomplete
    for folder, at in head.revisions.items():
        revisions.migrate(into[folder], SETS[folder], at)


def _take(folder: Path, into: Mapping[str, Connection], seen: _Seen, member: Member, name: str) -> None:
    """Put one part where it belongs. Its name decides nothing else: a path in it leads nowhere."""
    if seen.manifest is not None:
        raise damaged(name)
    if found := _TABLE.fullmatch(member.name):
        data = _whole(member, name)
        _take_rows(into[found[1]], seen, f"{found[1]}/{found[2]}", data, name)
        digest = sha256(data).hexdigest()
    elif found := _RAW.fullmatch(member.name):
        digest = _take_file(folder, found[1], member, name)
        seen.n_files += 1
    elif found := _KEY.fullmatch(member.name):
        data = seen.keys[found[1]] = _whole(member, name)
        digest = sha256(data).hexdigest()
    elif found := _POLICY.fullmatch(member.name):
        data = seen.policies[found[1]] = _whole(member, name)
        digest = sha256(data).hexdigest()
    elif member.name == MANIFEST:
        seen.manifest = _parsed(_whole(member, name), name)
        return
    else:
        raise damaged(f"{name}: {member.name[:80]}")
    seen.parts.append([member.name, member.size_bytes, digest])


def _take_rows(connection: Connection, seen: _Seen, table: str, data: bytes, name: str) -> None:
    folder, _, short = table.partition("/")
    if table not in seen.rows:
        raise damaged(f"{name}: {table}")
    rows, to = _parsed(data, name), seen.head.tables[folder].tables[short]
    n_columns = len(to.c)
    if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) == n_columns for row in rows):
        raise damaged(f"{name}: {table}")
    dump.back(connection, to, rows)
    seen.rows[table] += len(rows)


def _take_file(folder: Path, digest: str, member: Member, name: str) -> str:
    target = folder / "raw" / digest[:2] / digest
    part, found = folder / "scratch" / digest, sha256()
    with part.open("wb") as stream:
        part.chmod(0o600)
        for block in member.blocks:
            found.update(block)
            stream.write(block)
        stream.flush()
        os.fsync(stream.fileno())
    if found.hexdigest() != digest:
        raise damaged(f"{name}: {member.name}")
    target.parent.mkdir(mode=0o700, exist_ok=True)
    part.replace(target)
    return digest


def _check(into: Mapping[str, Connection], seen: _Seen, name: str) -> None:
    """Raises FileError unless every part and every row came out that went in, and stands in its table."""
    if seen.manifest != {"rows": seen.rows, "parts": seen.parts}:
        raise damaged(name)
    for folder, tables in seen.head.tables.items():
        held = dump.counts(into[folder], tables)
        if any(seen.rows[f"{folder}/{table}"] != n_rows for table, n_rows in held.items()):
            raise damaged(name)


def _finish(into: Mapping[str, Connection], head: _Head, is_upgraded: bool) -> None:
    for folder, tables in head.tables.items():
        dump.set_sequences(into[folder], tables)
    dump.empty(into["node"], head.tables["node"], SECRETS)
    if is_upgraded:
        for folder, connection in into.items():
            upgrade.bring(connection, SETS[folder])


def _put_files(folder: Path, held: Mapping[str, bytes]) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, data in held.items():
        with (folder / name).open("wb") as stream:
            (folder / name).chmod(0o600)
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())


def _verify(office: Office, accept_broken_log: bool) -> tuple[Verified | None, str]:
    try:
        return trail.verify(office, HANDS), ""
    except FileError as error:
        if accept_broken_log:
            return None, f"{error.what} ({error.where})" if error.where else error.what
        raise FileError(
            f"{error.what}, in the backup",
            where=error.where,
            do="Restore an earlier backup and compare; or give --accept-broken-log. Nothing was restored.",
            code=error.code,
        ) from error


def _log(office: Office, name: str, seen: _Seen) -> None:
    said = {"made_at": seen.head.made_at.isoformat(), "rows": sum(seen.rows.values()), "files": seen.n_files}
    access.done(office, HANDS, "backup.restore", name, said)


def _lost(second: Path | None, n_held: int) -> int:
    """How many rows were added to the log after the backup, as far as the head in the second place knows."""
    with suppress(InputError):
        return 0 if second is None else max(0, seal.read(second).number - n_held)
    return 0


def _whole(member: Member, name: str) -> bytes:
    if member.size_bytes > MAX_PART_BYTES:
        raise damaged(f"{name}: {member.name[:80]}")
    return b"".join(member.blocks)


def _parsed(data: bytes, name: str) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise damaged(name) from error


def _newer(lintas: str, name: str) -> FileError:
    return FileError(
        f"The backup was made by a newer version of lintas ({lintas[:40]})",
        where=name,
        do="Install that version or a newer one, and restore with it. Nothing was restored.",
        code="newer_backup",
    )
