"""Erase a run: its customers, matches and what was written on them. Its row stays, with the counts. Or hold it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, select, text, update

from lintas.model.job import WAITING
from lintas.store.tables import (
    batches,
    customers,
    decisions,
    jobs,
    list_versions,
    matches,
    offers,
    outcomes,
    proposals,
    runs,
)

PIECE = 500  # rows per transaction: nobody waits long, and a kill loses little
CHECKPOINT_WAITS_MS = 2000  # for readers; what they hold up is written over later
KEPT_PROPOSALS = ("runs.erase", "runs.release")  # about the run as such; others may quote a customer
GONE = "This was erased with the run"


def hold(connection: Connection, number: int, *, by: str, at: datetime, reason: str) -> bool:
    """Put a run under legal hold; False when it is held already or was erased."""
    may = (runs.c.number == number) & runs.c.held_at.is_(None) & runs.c.erased_at.is_(None)
    values = {"held_at": at, "held_by": by, "hold_reason": reason}
    return connection.execute(update(runs).where(may).values(values)).rowcount == 1


def release(connection: Connection, number: int) -> bool:
    """Lift a legal hold; False when there is none."""
    this = update(runs).where(runs.c.number == number, runs.c.held_at.is_not(None))
    return connection.execute(this.values(held_at=None, held_by=None, hold_reason=None)).rowcount == 1


def begin(connection: Connection, number: int, *, at: datetime, by: str, why: str) -> Mapping[str, int] | None:
    """Mark a run as erased, if it has ended, is not held and was not erased before; what there was to erase.

    From here on it is erased for whoever asks; `piece` and `finish` take its rows away. None: it may not be.
    """
    may = (runs.c.number == number) & runs.c.held_at.is_(None) & runs.c.erased_at.is_(None)
    marked = update(runs).where(may, runs.c.status.not_in(WAITING)).values(erased_at=at)
    if connection.execute(marked).rowcount != 1:
        return None
    for table in (offers, batches):  # what other agencies could match with it, and what they were asked about it
        connection.execute(delete(table).where(table.c.run == number))
    held = _counts(connection, number)
    erasure = {"by": by, "why": why, "counts": held, "is_whole": False}
    connection.execute(update(runs).where(runs.c.number == number).values(erasure=erasure))
    return held


def counts(connection: Connection, number: int) -> Mapping[str, int]:
    """What an erased run held."""
    erasure = connection.execute(select(runs.c.erasure).where(runs.c.number == number)).scalar_one()
    return dict(erasure["counts"])


def due(connection: Connection, *, before: datetime) -> list[int]:
    """Runs that ended before then, are not held and were not erased, the oldest first."""
    query = select(runs.c.number).where(
        runs.c.finished_at < before, runs.c.held_at.is_(None), runs.c.erased_at.is_(None)
    )
    return list(connection.execute(query.where(runs.c.status.not_in(WAITING)).order_by(runs.c.number)).scalars())


def unfinished(connection: Connection) -> list[int]:
    """Runs whose erasure was begun and not finished, because its process died."""
    query = select(runs.c.number, runs.c.erasure).where(runs.c.erased_at.is_not(None)).order_by(runs.c.number)
    return [row.number for row in connection.execute(query) if not row.erasure["is_whole"]]


def piece(connection: Connection, number: int) -> int:
    """Take some rows of a run away; how many, 0 when none is left."""
    _overwrite(connection)
    found = select(matches.c.number).where(matches.c.run == number).order_by(matches.c.row).limit(PIECE)
    if numbers := list(connection.execute(found).scalars()):
        connection.execute(delete(decisions).where(decisions.c.match.in_(numbers)))
        return connection.execute(delete(matches).where(matches.c.number.in_(numbers))).rowcount
    people = select(customers.c.row).where(customers.c.run == number).order_by(customers.c.row).limit(PIECE)
    if rows := list(connection.execute(people).scalars()):
        return connection.execute(
            delete(customers).where(customers.c.run == number, customers.c.row.in_(rows))
        ).rowcount
    return 0


def finish(connection: Connection, number: int, *, at: datetime) -> None:
    """Take away what the run's own rows may say of its customers: names of file and columns, errors, reasons."""
    _overwrite(connection)
    file, erasure, error = connection.execute(
        select(runs.c.file, runs.c.erasure, runs.c.error).where(runs.c.number == number)
    ).one()
    values: dict[str, Any] = {
        "file": {**file, "name": ""},
        "mapping": {},
        "columns": [],
        "error": _blank(error),
        "erasure": {**erasure, "is_whole": True},
    }
    connection.execute(update(runs).where(runs.c.number == number).values(values))
    for row in connection.execute(select(jobs.c.number, jobs.c.error).where(jobs.c.run == number)).all():
        connection.execute(update(jobs).where(jobs.c.number == row.number).values(error=_blank(row.error)))
    connection.execute(update(outcomes).where(outcomes.c.run == number).values(reason=GONE))
    quoting = (proposals.c.run == number) & proposals.c.verb.not_in(KEPT_PROPOSALS)
    undecided = {"outcome": "refused", "decided_by": erasure["by"], "decided_at": at}
    connection.execute(update(proposals).where(quoting, proposals.c.outcome.is_(None)).values(undecided))
    connection.execute(update(proposals).where(quoting).values(reason=GONE, decision_reason=GONE, arguments={}))


def is_used(connection: Connection, sha256: str) -> bool:
    """Whether a raw file is that of a run that is kept, or of a list. No run is added until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE runs IN SHARE MODE"))
    theirs = select(runs.c.number).where(runs.c.erased_at.is_(None), runs.c.file["sha256"].as_string() == sha256)
    if connection.execute(theirs.limit(1)).one_or_none() is not None:
        return True
    return any(raw["sha256"] == sha256 for files in connection.scalars(select(list_versions.c.files)) for raw in files)


def settle(engine: Engine) -> None:
    """Let SQLite take over its journal, which still holds what was erased; as far as no reader is in the way."""
    if engine.dialect.name != "sqlite":
        return
    raw = engine.raw_connection()
    try:
        held = raw.cursor()
        (usual_ms,) = held.execute("PRAGMA busy_timeout").fetchone()
        held.execute(f"PRAGMA busy_timeout={CHECKPOINT_WAITS_MS}")
        held.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        held.execute(f"PRAGMA busy_timeout={usual_ms}")
    finally:
        raw.close()


def _overwrite(connection: Connection) -> None:
    """SQLite leaves what is deleted in the file until something else needs the room, unless it is told otherwise."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")


def _counts(connection: Connection, number: int) -> dict[str, int]:
    its = select(matches.c.number).where(matches.c.run == number)
    query = select(matches.c.verdict, func.count()).where(matches.c.run == number).group_by(matches.c.verdict)
    by_verdict = {verdict or "waiting": n for verdict, n in connection.execute(query)}
    n_customers = select(func.count()).select_from(customers).where(customers.c.run == number)
    n_decisions = select(func.count()).select_from(decisions).where(decisions.c.match.in_(its))
    return {
        "customers": int(connection.execute(n_customers).scalar_one()),
        "matches": sum(by_verdict.values()),
        "decisions": int(connection.execute(n_decisions).scalar_one()),
        **by_verdict,
    }


def _blank(error: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Which error it was stays; what it said may quote a customer."""
    return (
        None if error is None else {"code": error["code"], "what": GONE, "where": None, "do": "Nothing is left to do."}
    )
