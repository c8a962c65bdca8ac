"""Bring tables to this version of the house, and see that nothing was lost on the way."""

from sqlalchemy import Connection, MetaData

from lintas.model.errors import FileError
from lintas.store import dump, revisions
from lintas.store.log.tables import metadata as log_tables
from lintas.store.revisions import LOG, NODE
from lintas.store.tables import metadata as node_tables

WANTED: dict[str, MetaData] = {NODE: node_tables, LOG: log_tables}


def bring(connection: Connection, tables: str) -> None:
    """Migrate in the transaction of the connection and compare with what was there. Raises FileError, ConflictError."""
    before = revisions.revision(connection, tables)
    held = {} if before is None else dump.counts(connection, revisions.described(before, tables))
    revisions.migrate(connection, tables)
    if faults := revisions.differences(connection, tables, WANTED[tables]):
        raise _failed(f"{len(faults)} differences, the first: {str(faults[0])[:200]}")
    if not dump.is_sound(connection):
        raise _failed("the database finds its own file damaged")
    if before is not None:
        _compare(connection, tables, before, held)


def _compare(connection: Connection, tables: str, before: str, held: dict[str, int]) -> None:
    emptied, renamed = (revisions.told(before, tables, about) for about in ("EMPTIES", "RENAMES"))
    kept = dump.counts(connection, WANTED[tables])
    for name, n_rows in held.items():
        now = renamed.get(name, name)
        if name not in emptied and kept.get(now) != n_rows:
            raise _failed(f"{now} holds {kept.get(now)} rows instead of {n_rows}")


def _failed(where: str) -> FileError:
    return FileError(
        "The tables are not what they should be after the upgrade; nothing was changed",
        where=where,
        do="Keep the backup that was made, go on with the version of lintas that made the tables, and report this.",
        code="upgrade_failed",
    )
