"""The wiring of a node: its folder, its database, its clock. One frozen object, handed to every verb."""

import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lintas.model.errors import InputError
from lintas.store.database import Database, connect

OWNER = "owner"
SCRATCH_LIVES = timedelta(days=1)  # no load or export takes so long


@dataclass(frozen=True)
class Settings:
    """Where a node lives. `database_url` empty: SQLite in the node's folder."""

    node: Path
    database_url: str = ""


@dataclass(frozen=True)
class Office:
    """A node that is open."""

    node: Path
    database: Database
    now: Callable[[], datetime]  # aware UTC
    secret: Callable[[], str]  # an unguessable text, 256 bits

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
    """Settings from the command line and the environment: LINTAS_NODE and LINTAS_DATABASE_URL.

    Raises InputError when no node is named.
    """
    named = node or (Path(os.environ["LINTAS_NODE"]) if os.environ.get("LINTAS_NODE") else None)
    if named is None:
        raise InputError(
            "No node is named",
            do="Give --node DIR or set LINTAS_NODE; the folder is made on first use.",
            code="no_node",
        )
    return Settings(named.resolve(), os.environ.get("LINTAS_DATABASE_URL", ""))


def open_office(
    settings: Settings,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    secret: Callable[[], str] = secrets.token_urlsafe,
) -> Office:
    """Open a node, and make its folder and tables on first use.

    Raises InputError when the folder cannot be one, UnavailableError when the database does not answer.
    """
    try:
        for folder in (settings.node, *(settings.node / name for name in ("raw", "index", "scratch"))):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not settings.database_url:
            (settings.node / "node.sqlite").touch(mode=0o600)  # the folder may have been there before, open to all
    except OSError as error:
        raise InputError(
            "The node's folder cannot be made or opened",
            where=str(settings.node),
            do=f"Choose a folder that this account may write ({error.strerror}).",
            code="bad_node_folder",
        ) from error
    opened = Office(settings.node, connect(settings.database_url or settings.node / "node.sqlite"), now, secret)
    _sweep(opened)
    return opened


def _sweep(office: Office) -> None:
    """Remove what killed processes left in scratch; what is younger may be of a process that still works."""
    before = (office.now() - SCRATCH_LIVES).timestamp()
    for left in office.scratch.iterdir():
        with suppress(OSError):  # its maker, or another process that sweeps, was faster
            if left.stat().st_mtime < before:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
