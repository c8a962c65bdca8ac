"""The node in numbers, for the machines that watch it and for its health page: of nobody, and of nothing it found."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass

from lintas.desk import access, alarms, lookup, stamps, witness
from lintas.desk.life import ALIVE
from lintas.desk.office import Office
from lintas.model.officer import Officer
from lintas.sources import catalogue
from lintas.store import lists, measures
from lintas.store.log import rows


@dataclass(frozen=True)
class Measures:
    """Counts, ages in seconds, sizes in bytes."""

    jobs: Mapping[tuple[str, str], int]  # by kind and status
    n_waiting_matches: int
    n_log_rows: int
    list_age_s: Mapping[str, float]  # since a list was last seen to be what its publisher publishes
    is_index_ready: bool
    database_bytes: int
    log_bytes: int  # on PostgreSQL both may live in one database, and then both say its size
    free_bytes: int  # on the disk of the node's folder
    worker_silent_s: float | None  # since its last sign of life; None: never seen
    stamp_age_s: float | None  # since the log was stamped, or its authority named; None: there is none
    n_split_peers: int  # nodes that showed logs that contradict each other


def read(office: Office, officer: Officer) -> Measures:
    """The node as it is now."""
    access.require(office, officer, "metrics.read", "measures of the node")
    return taken(office)


def taken(office: Office) -> Measures:
    """The same for verbs that have asked for leave."""
    now, stamped = office.now(), stamps.standing(office).since
    with office.log.read() as connection:
        n_log_rows, log_bytes = rows.head(connection).number, measures.size_bytes(connection)
    with office.database.read() as connection:
        versions = lists.current(connection)
        seen = {
            name: alarms.asked_at(connection, catalogue.source(name), version) for name, version in versions.items()
        }
        return Measures(
            jobs=measures.n_jobs(connection),
            n_waiting_matches=measures.n_waiting_matches(connection),
            n_log_rows=n_log_rows,
            list_age_s={name: (now - at).total_seconds() for name, at in seen.items()},
            is_index_ready=bool(versions) and lookup.is_built(office, versions),
            database_bytes=measures.size_bytes(connection),
            log_bytes=log_bytes,
            free_bytes=shutil.disk_usage(office.node).free,
            worker_silent_s=_worker_silent_s(office),
            stamp_age_s=None if stamped is None else (now - stamped).total_seconds(),
            n_split_peers=len(witness.split(office)),
        )


def _worker_silent_s(office: Office) -> float | None:
    try:
        return max(0.0, office.now().timestamp() - (office.node / ALIVE).stat().st_mtime)
    except FileNotFoundError:
        return None
