"""Tables of a new node made at once, as the code describes them; that migrations make the same is tested in store.


A test that opens a new node would else wait for every migration there ever was.
"""

from collections.abc import Callable

from sqlalchemy import Connection

from lintas.store import revisions, tables
from lintas.store.log import tables as log_tables

Migrate = Callable[..., None]
_DESCRIBED = {revisions.NODE: tables.metadata, revisions.LOG: log_tables.metadata}


def at_once(migrate: Migrate) -> Migrate:
    """`revisions.migrate` for who has no tables yet; else the real one."""

    def made(connection: Connection, of: str, to: str = "head") -> None:
        if to != "head" or revisions.revision(connection, of) is not None:
            migrate(connection, of, to)
            return
        _DESCRIBED[of].create_all(connection, checkfirst=False)
        revisions.mark(connection, of, revisions.newest(of))

    return made
