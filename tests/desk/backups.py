"""A node with something of everything, its backup, and what is inside of one."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select

from lintas.desk import archive, backup, casework, custodians, runs, sessions
from lintas.desk.archive import Member
from lintas.desk.office import Office, Settings
from lintas.desk.restore import SECRETS
from lintas.store import settings
from lintas.store.log.rows import Numbered, walk
from lintas.store.tables import metadata
from tests.desk.cast import ALICE, BOB, CHARLIE, enlist
from tests.desk.customers import LISTED, done
from tests.desk.entries import Entry, load, people

Part = tuple[str, bytes]
HIDDEN = "Halim Halimbawa"  # a customer: nobody may read of him in a file that is not the node's own


def fill(office: Office) -> int:
    """Two versions of a list, officers, a run with decisions, a case, settings, a token; the run's number."""
    load(office, others(30))
    load(office, [*LISTED, *others(40)])
    enlist(office, ALICE, BOB, CHARLIE)
    run = done(office, 45).number
    first, second, *_ = runs.matches(office, BOB, run)
    runs.decide(office, BOB, run, [first.number], "different", "born 30 years later")
    runs.decide(office, BOB, run, [second.number], "same", "passport – ชื่อเดียวกัน")
    casework.open_case(office, BOB, "Kasus \"satu\"\n'dua'")
    sessions.create_token(office, BOB, ["entities.match"], label="for the core banking")
    with office.database.write() as connection:
        settings.put(connection, "retention_days", 365, by="alice", at=office.now())
    return run


def others(n: int) -> list[Entry]:
    """So many listed persons beside those of `LISTED`."""
    return people(100 + n)[100:]


def custodian(office: Office, path: Path, label: str = "The safe") -> Path:
    """Make a custodian; the file with the secret key."""
    secret, key, _ = custodians.new(office, ALICE, label)
    path.write_text(f"# public key: {key}\n{secret}\n", encoding="utf-8")
    return path


def backed_up(office: Office, folder: Path) -> tuple[Path, Path]:
    """A backup and the key to it."""
    folder.mkdir(exist_ok=True)
    key = custodian(office, folder / "custodian.key", f"Safe {folder.name}")
    backup.backup(office, ALICE, folder / "node.age")
    return folder / "node.age", key


def place(office: Office) -> Settings:
    """Where an open node is."""
    url = office.database.engine.url
    is_file = url.get_backend_name() == "sqlite"
    return Settings(office.node, "" if is_file else url.render_as_string(hide_password=False))


def rows(office: Office, *, but: Sequence[str] = SECRETS) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in the order of the keys."""
    with office.database.read() as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for name, table in metadata.tables.items()
            if name not in but
        }


def log(office: Office) -> list[Numbered]:
    """Every row of the log."""
    with office.log.read() as connection:
        return list(walk(connection))


def raw(folder: Path) -> dict[str, bytes]:
    """The raw files of a node, by name."""
    return {path.name: path.read_bytes() for path in (folder / "raw").glob("*/*")}


def parts(path: Path, key: Path) -> list[Part]:
    """What is inside of a backup."""
    with archive.read(path, archive.identities(key)) as members:
        return [(member.name, b"".join(member.blocks)) for member in members]


def rewritten(path: Path, key: Path, target: Path, change: Callable[[list[Part]], list[Part]]) -> Path:
    """A backup with other parts, encrypted as well as the first and with a manifest that fits them."""
    public = next(line for line in key.read_text(encoding="utf-8").splitlines() if "age1" in line).split()[-1]
    held = change([part for part in parts(path, key) if part[0] != "manifest.json"])
    manifest = orjson.loads(dict(parts(path, key))["manifest.json"])
    manifest["parts"] = [[name, len(data), sha256(data).hexdigest()] for name, data in held]
    held.append(("manifest.json", orjson.dumps(manifest)))
    return packed(target, held, public)


def packed(target: Path, held: Sequence[Part], public: str) -> Path:
    """These parts as a backup."""
    archive.write(target, [Member(name, len(data), [data]) for name, data in held], [public])
    return target
