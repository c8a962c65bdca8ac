"""A run's results as one file: JSON lines, CSV, XLSX, or a pack that `lintas verify` checks."""

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from lintas.desk import intake, packs
from lintas.desk.office import Office
from lintas.desk.results import ResultRow, whole, write_results
from lintas.model.errors import ConflictError, InputError
from lintas.model.job import WAITING
from lintas.model.listing import RawFile
from lintas.model.run import Run

KINDS = ("jsonl", "csv", "xlsx", "zip")
IN_PACK = ("jsonl", "csv", "xlsx")

Rows = Callable[[], Iterable[ResultRow]]  # every customer with its matches, from the beginning each time


def check(run: Run, kind: str) -> None:
    """Raises InputError for another kind, ConflictError for a run that is not at its end or was erased."""
    if kind not in KINDS:
        raise InputError(
            f"{kind!r} is no kind of results", do=f"Use one of: {', '.join(KINDS)}.", code="unknown_export"
        )
    check_kept(run)
    if run.status in WAITING:
        raise ConflictError(
            f"Run {run.number} is not at its end: {run.n_done} rows are screened",
            do="Wait for it, or stop it and export what it found so far.",
            code="run_unfinished",
        )


def check_kept(run: Run) -> None:
    """Raises ConflictError for a run whose customers and matches were erased."""
    if run.erased_at is not None:
        raise ConflictError(
            f"Run {run.number} was erased on {run.erased_at:%Y-%m-%d}",
            do="Its counts stay, its customers and matches do not. Screen the file again if you hold it by right.",
            code="run_erased",
        )


def write(office: Office, run: Run, kind: str, target: Path, rows: Rows) -> None:
    """Write the results; the file appears when it is whole. Raises UnavailableError when it cannot be written."""
    if kind == "zip":
        with whole(target) as part:
            _pack(office, run, part, rows)
    else:
        write_results(kind, target, rows(), fictional=run.is_fictional)


def _pack(office: Office, run: Run, target: Path, rows: Rows) -> None:
    """A pack with the customer file and the results in three forms."""
    with tempfile.TemporaryDirectory(dir=office.scratch) as folder:
        parts = {f"results.{kind}": Path(folder) / f"results.{kind}" for kind in IN_PACK}
        for kind, path in zip(IN_PACK, parts.values(), strict=True):
            write_results(kind, path, rows(), fictional=run.is_fictional)
        parts["customers"] = intake.raw_path(office, RawFile(**run.file))
        facts = {
            "kind": "lintas.screening-run/1",
            "run": run.number,
            "status": run.status,
            "n_rows": run.n_rows,
            "n_done": run.n_done,
            "file": run.file,
            "threshold": run.threshold,
            "scorer_version": run.scorer_version,
            "list_versions": run.list_versions,
            "is_fictional": run.is_fictional,
            "made_at": office.now().isoformat(),
        }
        packs.write(target, parts, facts)
