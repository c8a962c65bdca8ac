"""An empty node that is being filled: until that is done, it says that it is incomplete and does not open."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from lintas.desk.book import FOLDER
from lintas.desk.office import Settings, make_folder
from lintas.model.errors import ConflictError
from lintas.store import revisions
from lintas.store.database import Database, attach, require_answer
from lintas.store.revisions import LOG, NODE, RESTORING


class Vacant(NamedTuple):
    """The databases of an empty node."""

    database: Database
    log: Database


@contextmanager
def filled(settings: Settings) -> Iterator[Vacant]:
    """Take an empty node; when the block ends badly nothing is left in it. Whoever fills it removes the mark at last.

    Raises ConflictError when it is not empty, or another process fills it.
    """
    was_there = settings.node.exists()
    vacant = Vacant(attach(settings.database), attach(settings.log))
    make_folder(settings)
    try:
        with _alone(settings.node):
            try:
                for each in vacant:
                    require_answer(each)
                _claim(vacant, settings)
                with _wiped(vacant, settings):
                    yield vacant
            except BaseException:
                if not was_there:
                    shutil.rmtree(settings.node, ignore_errors=True)
                raise
            _mark(settings).unlink(missing_ok=True)
    finally:
        for each in vacant:
            each.engine.dispose()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    opened = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConflictError(
                "Another process restores this node", where=str(folder), do="Wait for it.", code="restore_runs"
            ) from error
        yield
    finally:
        os.close(opened)


def _claim(vacant: Vacant, settings: Settings) -> None:
    """Mark the node as incomplete, for good once it is marked. What a killed restore left in it is taken out."""
    with vacant.database.write() as connection:
        revisions.lock(connection)
        at = revisions.revision(connection)
        if at not in (None, RESTORING):
            raise _not_empty(settings, "its database holds a node")
        is_again = at == RESTORING
        with vacant.log.read() as log:
            is_log_there = revisions.revision(log, LOG) is not None
        if is_log_there and (not is_again or settings.log_url):
            raise _not_empty(settings, "its database holds a log")
        if is_again and _mark(settings).exists():
            _clear(settings.node)
        _require_free(settings)
        if is_log_there:
            with vacant.log.write() as log:
                revisions.forget(log, LOG)
        _mark(settings).touch()
        revisions.mark(connection, NODE, RESTORING)


def _require_free(settings: Settings) -> None:
    if any((settings.node / "raw").iterdir()):
        raise _not_empty(settings, "its folder holds files of a node")
    if any(path.suffix != ".lock" for path in (settings.node / "keys").glob("*")):
        raise _not_empty(settings, "its folder holds the keys of a node")
    if any((settings.node / FOLDER).glob("*")):
        raise _not_empty(settings, "its folder holds policies of a node")


@contextmanager
def _wiped(vacant: Vacant, settings: Settings) -> Iterator[None]:
    """When the block ends badly, take out all that is in the node: it came by this restore."""
    try:
        yield
    except BaseException:
        _wipe(vacant, settings)
        raise


def _wipe(vacant: Vacant, settings: Settings) -> None:
    for database, tables in zip(vacant, (NODE, LOG), strict=True):
        if database.engine.dialect.name == "sqlite":
            database.engine.dispose()
            for end in ("", "-wal", "-shm"):
                Path(f"{database.engine.url.database}{end}").unlink(missing_ok=True)
        else:
            with database.write() as connection:
                revisions.forget(connection, tables)
    _clear(settings.node)
    _mark(settings).unlink(missing_ok=True)


def _clear(folder: Path) -> None:
    for name in ("raw", "keys", FOLDER, "scratch"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("raw", "scratch"):
        (folder / name).mkdir(mode=0o700, exist_ok=True)


def _mark(settings: Settings) -> Path:
    """Beside the mark in the database: that what is in this folder is of a restore."""
    return settings.node / "scratch" / "restoring"


def _not_empty(settings: Settings, why: str) -> ConflictError:
    return ConflictError(
        f"A backup is restored into an empty node only: {why}",
        where=str(settings.node),
        do="Name a folder that is new, and for PostgreSQL a new database.",
        code="not_empty",
    )
