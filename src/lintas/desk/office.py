"""The wiring of a node: its folder, its database, its clock. One frozen object, handed to every verb."""

import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lintas.desk.book import FOLDER, Book, Kept
from lintas.desk.seal import Seal, open_seal
from lintas.model.errors import InputError
from lintas.store.database import Database, connect
from lintas.store.log import rows
from lintas.store.revisions import LOG

SCRATCH_LIVES = timedelta(days=1)  # no load or export takes so long


@dataclass(frozen=True)
class Settings:
    """Where a node lives. `database_url` empty: SQLite in the node's folder. `log_url` empty: beside it.

    `log_head`: a second place for the newest head of the log, best on another machine.
    """

    node: Path
    database_url: str = ""
    log_url: str = ""
    log_head: Path | None = None

    @property
    def database(self) -> str | Path:
        """Where the tables of the node are."""
        return self.database_url or self.node / "node.sqlite"

    @property
    def log(self) -> str | Path:
        """Where the tables of the log are."""
        return self.log_url or self.database_url or self.node / "log.sqlite"


@dataclass(frozen=True)
class Office:
    """A node that is open."""

    node: Path
    database: Database
    log: Database  # on SQLite a file of its own: who reads is not kept waiting by a list that is written
    seal: Seal
    book: Book  # which policies hold here, now
    now: Callable[[], datetime]  # aware UTC
    secret: Callable[[], str]  # an unguessable text, 256 bits

    def close(self) -> None:
        """Let go of the databases."""
        self.database.engine.dispose()
        self.log.engine.dispose()

    @property
    def raw(self) -> Path:
        """Raw files, by SHA-256."""
        return self.node / "raw"

    @property
    def index(self) -> Path:
        """Indexes, by state of the lists."""
        return self.node / "index"

    @property
    def scratch(self) -> Path:
        """Files while they are made; what a killed process left is removed a day later."""
        return self.node / "scratch"


def settings(node: Path | None = None) -> Settings:
    """Settings from the command line and the environment.

    LINTAS_NODE, LINTAS_DATABASE_URL, and for the log LINTAS_LOG_URL and LINTAS_LOG_HEAD.
    Raises InputError when no node is named.
    """
    named = node or (Path(os.environ["LINTAS_NODE"]) if os.environ.get("LINTAS_NODE") else None)
    if named is None:
        raise InputError(
            "No node is named",
            do="Give --node DIR or set LINTAS_NODE; the folder is made on first use.",
            code="no_node",
        )
    of = os.environ.get
    second = of("LINTAS_LOG_HEAD")
    return Settings(
        named.resolve(), of("LINTAS_DATABASE_URL", ""), of("LINTAS_LOG_URL", ""), Path(second) if second else None
    )


def open_office(
    settings: Settings,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    secret: Callable[[], str] = secrets.token_urlsafe,
) -> Office:
    """Open a node, and make its folder and tables on first use.

    Raises InputError when the folder cannot be one, UnavailableError when the database does not answer.
    """
    make_folder(settings)
    opened = furnish(settings, connect(settings.database), connect(settings.log, LOG), now=now, secret=secret)
    sweep(opened)
    return opened


def furnish(
    settings: Settings, database: Database, log: Database, *, now: Callable[[], datetime], secret: Callable[[], str]
) -> Office:
    """The office over databases that are open, with the seal of the node's folder. Raises InputError for a bad key."""
    with log.read() as connection:
        is_new = rows.head(connection).number == 0
    seal = open_seal(settings.node / "keys", settings.log_head, is_new=is_new)
    book = Kept(settings.node / FOLDER, database)
    return Office(settings.node, database, log, seal, book, now, secret)


def make_folder(settings: Settings) -> None:
    """The folder of a node with all that is in it on first use, for this account alone. Raises InputError."""
    try:
        for folder in (settings.node, *(settings.node / name for name in ("raw", "index", "scratch"))):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not settings.database_url:
            for name in ("node.sqlite", "log.sqlite"):
                (settings.node / name).touch(mode=0o600)  # the folder may have been there before, open to all
    except OSError as error:
        raise InputError(
            "The node's folder cannot be made or opened",
            where=str(settings.node),
            do=f"Choose a folder that this account may write ({error.strerror}).",
            code="bad_node_folder",
        ) from error


def sweep(office: Office) -> None:
    """Remove what killed processes left in scratch; what is younger may be of a process that still works."""
    before = (office.now() - SCRATCH_LIVES).timestamp()
    for left in office.scratch.iterdir():
        with suppress(OSError):  # its maker, or another process that sweeps, was faster
            if left.stat().st_mtime < before:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
