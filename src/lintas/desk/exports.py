"""Results of a run as a file that is made in the background, kept for a week, and downloaded when it is there."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from lintas.desk import access, result_files, runs
from lintas.desk.office import Office
from lintas.desk.results import ResultRow
from lintas.model.errors import ConflictError
from lintas.model.job import Job
from lintas.model.officer import Officer
from lintas.store import jobs
from lintas.store import runs as kept

LIVES = timedelta(days=7)  # ours: time to fetch it; customers are not to lie about in files that nobody wants
PASSES = {"zip": len(result_files.IN_PACK)}  # how often a kind goes through the rows; else once

Told = Callable[[int, int | None], None]  # rows done, rows in all


@dataclass(frozen=True)
class Export:
    """A file that was made: where it lies, and what it is called when it is handed out."""

    path: Path
    name: str
    kind: str
    sha256: str
    size_bytes: int


def folder(office: Office) -> Path:
    """Where exports lie until they are fetched or too old."""
    return office.node / "exports"


def ask(office: Office, officer: Officer, run: int, kind: str) -> Job:
    """Let a run's results be written to a file in the background: jsonl, csv, xlsx or zip.

    Raises InputError for another kind, ConflictError while the run is not at its end, or when it was erased.
    """
    access.require(office, officer, "runs.export", f"run {run} as {kind[:10]}", on=("run", run))
    with office.database.write() as connection:
        result_files.check(kept.get(connection, run), kind)
        arguments = {"run": run, "kind": kind}
        number = jobs.add(connection, "export", by=officer.id, at=office.now(), arguments=arguments, run=run)
        made = jobs.get(connection, number)
    access.done(office, officer, "runs.export", f"export {number} of run {run}", subjects=[f"run:{run}"])
    return made


def of_run(office: Office, officer: Officer, run: int) -> list[Job]:
    """The exports of a run with how far they are, the newest first."""
    access.require(office, officer, "runs.export", f"exports of run {run}", on=("run", run))
    with office.database.read() as connection:
        return jobs.of_run(connection, run, "export")


def get(office: Office, officer: Officer, run: int, number: int) -> Export:
    """An export that is there, to be handed out. Raises ConflictError when it is not there yet or no more."""
    access.require(office, officer, "runs.export", f"export {number} of run {run}", on=("run", run))
    with office.database.read() as connection:
        result_files.check_kept(kept.get(connection, run))
        job = next((one for one in jobs.of_run(connection, run, "export") if one.number == number), None)
    path = None if job is None else _path(office, job)
    if job is None or job.result is None or path is None or not path.exists():
        raise ConflictError(
            f"Export {number} of run {run} is not there, or no more",
            do=f"Wait for its end, or ask for it again; files are kept for {LIVES.days} days.",
            code="no_export",
        )
    return Export(path, **{name: job.result[name] for name in ("name", "kind", "sha256", "size_bytes")})


def make(office: Office, job: Job, told: Told) -> dict[str, Any]:
    """Write the file of a job: whole, or not at all; after a kill from the beginning. What it came to."""
    number, kind = int(job.arguments["run"]), str(job.arguments["kind"])
    with office.database.read() as connection:
        run = kept.get(connection, number)
    result_files.check(run, kind)
    n, n_total = 0, run.n_done * PASSES.get(kind, 1)

    def rows() -> Iterator[ResultRow]:
        nonlocal n
        for row in runs.result_rows(office, number):
            n += 1
            told(n, n_total)
            yield row

    folder(office).mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=office.scratch) as scratch:  # a killed worker leaves nothing among the exports
        made = Path(scratch) / f"results.{kind}"
        result_files.write(office, run, kind, made, rows)
        made.chmod(0o600)
        with made.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            os.fsync(stream.fileno())
        size = made.stat().st_size
        os.utime(made, (office.now().timestamp(),) * 2)
        path = _path(office, job)
        made.replace(path)
    with office.database.read() as connection:
        if kept.get(connection, number).erased_at is not None:  # while it was written
            path.unlink(missing_ok=True)
            result_files.check_kept(kept.get(connection, number))
    about = {"kind": kind, "sha256": digest}
    access.done(office, access.NODE, "runs.export", f"export {job.number}", about, subjects=[f"run:{number}"])
    return {"name": f"lintas-run-{number}.{kind}", "kind": kind, "sha256": digest, "size_bytes": size}


def drop_old(office: Office) -> int:
    """Remove the exports that are too old; how many."""
    before = (office.now() - LIVES).timestamp()
    return _drop([path for path in _there(office) if path.stat().st_mtime < before])


def drop_of_run(office: Office, run: int) -> int:
    """Remove the exports of a run; how many."""
    with office.database.read() as connection:
        held = jobs.of_run(connection, run, "export")
    return _drop([path for path in (_path(office, job) for job in held) if path.exists()])


def _path(office: Office, job: Job) -> Path:
    return folder(office) / f"{job.number}.{job.arguments['kind']}"


def _there(office: Office) -> list[Path]:
    return list(folder(office).iterdir()) if folder(office).exists() else []


def _drop(paths: list[Path]) -> int:
    for path in paths:
        with suppress(FileNotFoundError):  # another process was faster
            path.unlink()
    return len(paths)
