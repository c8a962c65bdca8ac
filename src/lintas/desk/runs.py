"""Screening runs: a customer file against the lists, in pieces that survive a killed process."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from lintas.desk import access, intake, lookup, packs
from lintas.desk.office import Office
from lintas.desk.paging import check_page
from lintas.desk.results import ResultRow, whole, write_results
from lintas.model.batch import batched
from lintas.model.customer import Customer
from lintas.model.errors import ConflictError, InputError, LintasError
from lintas.model.filters import Filters
from lintas.model.listing import RawFile
from lintas.model.match import Match
from lintas.model.officer import Officer
from lintas.model.run import VERDICTS, Decision, Run, RunMatch
from lintas.model.text import storable
from lintas.screening import matcher
from lintas.screening.query import subject
from lintas.sources.customers.read import open_customers
from lintas.store import runs

WAIT_S = 0.2
PIECE = 200  # customers per transaction: progress is seen, and lost by a kill, in pieces of this size
STALE = timedelta(seconds=60)  # a worker that wrote nothing for so long is dead
MATCHES_PER_CUSTOMER = 10
EXPORTS = ("jsonl", "csv", "xlsx", "zip")
MIN_REASON = 3  # characters

Progress = Callable[[int, int | None], None]  # rows done, rows in all


@dataclass(frozen=True)
class MatchView:
    """One match beside its customer and its history."""

    run: Run
    found: RunMatch
    customer: Customer
    history: tuple[Decision, ...]
    document: Mapping[str, Any] | None  # the listed entity as it is now; None when it was removed since
    others: tuple[RunMatch, ...]  # other matches of the same customer
    shelf: tuple[intake.ListStatus, ...]  # the lists that name it


@dataclass(frozen=True)
class Review:
    """A page of a run's matches, and how many there are of each kind."""

    run: Run
    matches: tuple[RunMatch, ...]
    total: int  # of this page's kind
    verdicts: Mapping[str, int]  # waiting, same, different, ask
    bands: tuple[int, ...]  # of the wanted verdict: those from the first edge up, from the second, ..., the rest


def create(
    office: Office,
    officer: Officer,
    path: Path,
    *,
    name: str | None = None,
    mapping: Mapping[str, str] | None = None,
    threshold: float = matcher.THRESHOLD,
    fictional: bool = False,
) -> Run:
    """Take a customer file in. Raises InputError when it cannot be read or none of its columns can be screened by."""
    name = storable(name or path.name)
    access.require(office, officer, "runs.create", name, {"threshold": threshold})
    if not 0 < threshold <= 1:
        raise InputError(f"threshold={threshold}", do="Use a number over 0 and up to 1.", code="bad_threshold")
    file = open_customers(path, name, mapping)
    here = lookup.current(office)
    if not here.versions:
        raise ConflictError("No list is loaded", do="Load one: lintas lists load NAME FILE.", code="no_list")
    raw = intake.keep(office, path)  # last: of customers that are not screened nothing is kept
    at = office.now()
    with office.database.write() as connection:
        number = runs.add(
            connection,
            file=asdict(RawFile(raw.sha256, name, raw.size_bytes)),
            mapping=dict(mapping or {}),
            columns=[asdict(column) for column in file.columns],
            threshold=threshold,
            status="queued",
            n_rows=file.n_rows,
            n_done=0,
            n_problems=0,
            n_matches=0,
            created_by=officer.id,
            created_at=at,
            touched_at=at,
            list_versions={},
            is_fictional=fictional or here.is_fictional,
        )
        access.done(connection, office, officer, "runs.create", f"run {number}", {"file": raw.sha256})
        return runs.get(connection, number)


def work(office: Office, number: int | None = None, progress: Progress = lambda done, total: None) -> int | None:
    """Screen a run that waits (or was left by a dead worker) to its end; its number, None when none waits."""
    at = office.now()
    with office.database.write() as connection:
        claimed = runs.claim(connection, at=at, stale_before=at - STALE, number=number)
    if claimed is None:
        return None
    try:
        _screen(office, claimed, at, progress)
    except LintasError as error:
        _fail(office, claimed, error)
    except Exception:
        do = "Screen the file again; the node's log says what happened."
        _fail(office, claimed, LintasError("The screening broke off unforeseen", do=do, code="unforeseen"))
        raise
    return claimed


def stop(office: Office, officer: Officer, number: int) -> Run:
    """Stop a run; what it found so far stays."""
    access.require(office, officer, "runs.create", f"stop run {number}")
    with office.database.write() as connection:
        run = runs.get(connection, number)
        if run.status in ("queued", "running"):
            runs.change(connection, number, status="stopped", finished_at=office.now())
        return runs.get(connection, number)


def latest(office: Office, officer: Officer) -> list[Run]:
    """The newest runs."""
    access.require(office, officer, "runs.read", "all runs")
    with office.database.read() as connection:
        return runs.latest(connection)


def get(office: Office, officer: Officer, number: int) -> Run:
    """One run. Raises NotFoundError."""
    access.require(office, officer, "runs.read", f"run {number}")
    with office.database.read() as connection:
        return runs.get(connection, number)


def wait(office: Office, officer: Officer, number: int) -> Run:
    """Look again at a run that another process screens, a moment later; take it over when that one died."""
    get(office, officer, number)
    time.sleep(WAIT_S)
    work(office, number)
    return get(office, officer, number)


def matches(
    office: Office, officer: Officer, number: int, *, verdict: str | None = None, limit: int = 200, offset: int = 0
) -> list[RunMatch]:
    """Matches of a run, the strongest first; `verdict`: waiting, same, different, ask, or all."""
    access.require(office, officer, "runs.read", f"matches of run {number}")
    check_page(limit, offset)
    with office.database.read() as connection:
        return runs.run_matches(connection, number, verdict=verdict, limit=limit, offset=offset)


def review(
    office: Office,
    officer: Officer,
    number: int,
    *,
    verdict: str | None = None,
    edges: Sequence[float] = (),
    band: int | None = None,
    limit: int = 100,
    offset: int = 0,
) -> Review:
    """A page of the matches of a run, the strongest first, with counts. `edges`: scores, falling; band 0 is the top."""
    access.require(office, officer, "runs.read", f"matches of run {number}")
    check_page(limit, offset)
    bounds = [(low, high) for high, low in pairwise((2.0, *edges, 0.0))]
    if band is not None and not 0 <= band < len(bounds):
        raise InputError(f"There is no band {band}", do=f"Ask for 0 to {len(bounds) - 1}.", code="bad_band")
    with office.database.read() as connection:
        run = runs.get(connection, number)
        bands = tuple(runs.count(connection, number, verdict=verdict, between=between) for between in bounds)
        between = None if band is None else bounds[band]
        page = runs.run_matches(connection, number, verdict=verdict, between=between, limit=limit, offset=offset)
        verdicts = {name: runs.count(connection, number, verdict=name) for name in ("waiting", *VERDICTS)}
    return Review(run, tuple(page), sum(bands) if band is None else bands[band], verdicts, bands)


def again(office: Office, officer: Officer, number: int, mapping: Mapping[str, str], threshold: float) -> Run:
    """Screen the file of a run once more, with its columns read as `mapping` says. Raises as `create` does."""
    run = get(office, officer, number)
    raw = RawFile(**run.file)
    return create(
        office,
        officer,
        intake.raw_path(office, raw),
        name=raw.name,
        mapping=mapping,
        threshold=threshold,
        fictional=run.is_fictional,
    )


def neighbours(office: Office, officer: Officer, number: int, match_number: int, around: int = 20) -> list[RunMatch]:
    """The matches before and after one in the order of review, and it among them."""
    access.require(office, officer, "runs.read", f"matches of run {number}")
    with office.database.read() as connection:
        here = runs.run_match(connection, match_number, run=number)
        return runs.around(connection, here, around)


def problems(office: Office, officer: Officer, number: int) -> list[Customer]:
    """Customers of a run with something that could not be understood."""
    access.require(office, officer, "runs.read", f"problems of run {number}")
    with office.database.read() as connection:
        return runs.problems(connection, number)


def show_match(office: Office, officer: Officer, number: int, match_number: int) -> MatchView:
    """One match of a run with all that an officer needs to decide it. Raises NotFoundError."""
    access.require(office, officer, "runs.read", f"match {match_number} of run {number}")
    with office.database.read() as connection:
        run = runs.get(connection, number)
        found = runs.run_match(connection, match_number, run=number)
        customer = runs.customer(connection, number, found.row)
        history = tuple(runs.history(connection, match_number))
        others = tuple(m for m in runs.run_matches(connection, number, row=found.row) if m.number != match_number)
    here = lookup.current(office)
    row = here.index.by_id(found.match.entity_id)
    shelf = tuple(one for one in intake.shelf(office) if one.source.name in found.match.lists)
    return MatchView(run, found, customer, history, None if row is None else here.index.document(row), others, shelf)


def decide(
    office: Office, officer: Officer, number: int, match_numbers: Sequence[int], verdict: str | None, reason: str
) -> int:
    """Decide one match or many of a run under one reason; how many. `verdict` None reopens.

    Raises InputError without a reason, NotFoundError when a match is not of this run.
    """
    chosen, reason = list(dict.fromkeys(match_numbers)), storable(reason).strip()
    access.require(office, officer, "runs.decide", f"run {number}", {"matches": chosen, "verdict": verdict})
    if verdict is not None and verdict not in VERDICTS:
        raise InputError(f"No verdict {verdict!r}", do=f"Use one of: {', '.join(VERDICTS)}.", code="unknown_verdict")
    if len(reason) < MIN_REASON:
        raise InputError("A decision needs a reason", do="Write why, in a few words.", code="no_reason")
    if not chosen:
        raise InputError("No match was chosen", do="Choose at least one.", code="no_match_chosen")
    with office.database.write() as connection:
        runs.check_matches(connection, chosen, run=number)
        runs.decide(connection, chosen, verdict=verdict, reason=reason, officer=officer.id, at=office.now())
        access.done(connection, office, officer, "runs.decide", f"run {number}", {"matches": chosen})
    return len(chosen)


def export(office: Office, officer: Officer, number: int, kind: str, target: Path) -> None:
    """Write a run's results to a file: jsonl, csv, xlsx, or zip, a pack that `lintas verify` checks.

    Raises InputError for another kind, ConflictError while the run is not at its end, UnavailableError when the
    file cannot be written.
    """
    access.require(office, officer, "runs.export", f"run {number} as {kind}")
    if kind not in EXPORTS:
        raise InputError(
            f"{kind!r} is no kind of results", do=f"Use one of: {', '.join(EXPORTS)}.", code="unknown_export"
        )
    with office.database.read() as connection:
        run = runs.get(connection, number)
    if run.status in ("queued", "running"):
        raise ConflictError(
            f"Run {number} is not at its end: {run.n_done} rows are screened",
            do="Wait for it, or stop it and export what it found so far.",
            code="run_unfinished",
        )
    if kind == "zip":
        with whole(target) as part:
            _pack(office, run, part)
    else:
        write_results(kind, target, result_rows(office, number), fictional=run.is_fictional)


def result_rows(office: Office, number: int) -> Iterator[ResultRow]:
    """Every customer of a run with its matches."""
    with office.database.read() as connection:
        for customer, hits in runs.results(connection, number):
            yield ResultRow(customer, hits)


def _screen(office: Office, number: int, at: datetime, progress: Progress) -> None:
    """Screen a run that was claimed at `at`, until it is done, stopped, or taken over by another worker."""
    here = lookup.current(office)
    with office.database.write() as connection:
        run = runs.get(connection, number)
        state = {"list_versions": here.hashes, "scorer_version": matcher.VERSION}
        is_other = run.list_versions != here.hashes or run.scorer_version != matcher.VERSION
        anew = {"n_done": 0, "n_problems": 0, "n_matches": 0} if is_other else {}  # never half of one, half of another
        if not runs.advance(connection, number, at, **state, **anew):
            return
        if is_other:
            _begin_anew(connection, number)
        run = runs.get(connection, number)
    raw = RawFile(**run.file)
    file = open_customers(intake.raw_path(office, raw), raw.name, run.mapping)
    n_done, n_problems, n_matches = run.n_done, run.n_problems, run.n_matches
    for piece in batched(islice(file.rows(), n_done, None), PIECE):
        hits = _match(here, piece, run.threshold)
        n_problems += sum(bool(customer.problems) for customer in piece)
        n_matches += sum(len(found) for found in hits)
        n_done, now = n_done + len(piece), office.now()
        counts = {"n_done": n_done, "n_problems": n_problems, "n_matches": n_matches, "touched_at": now}
        with office.database.write() as connection:
            if not runs.advance(connection, number, at, **counts):
                return
            runs.save(connection, number, list(zip(piece, hits, strict=True)))
        at = now
        progress(n_done, run.n_rows)
    with office.database.write() as connection:
        runs.advance(connection, number, at, status="done", n_rows=n_done, finished_at=office.now())


def _begin_anew(connection: Connection, number: int) -> None:
    if runs.is_decided(connection, number):
        raise ConflictError(
            "The lists changed before the end, and matches of the first part are decided already",
            do="What was found and decided stays. Screen the file again for the rest.",
            code="lists_changed",
        )
    runs.clear(connection, number)


def _fail(office: Office, number: int, error: LintasError) -> None:
    with office.database.write() as connection:
        if runs.status(connection, number) == "running":
            runs.change(connection, number, status="failed", error=error.as_dict(), finished_at=office.now())


def _match(here: lookup.Lookup, piece: Sequence[Customer], threshold: float) -> list[Sequence[Match]]:
    """Matches of each customer, of its wallets and accounts too, the strongest first."""
    asked = [(i, entity) for i, customer in enumerate(piece) for entity in (customer.entity, *customer.holds)]
    queries = [
        matcher.Query(
            subject(entity.schema, entity.properties),
            Filters(schema=entity.schema),
            threshold,
            threshold,
            MATCHES_PER_CUSTOMER,
        )
        for _, entity in asked
    ]
    found: list[list[Match]] = [[] for _ in piece]
    for (i, _), answer in zip(asked, matcher.match(here.index, queries, here.hashes), strict=True):
        found[i] += answer.matches
    for matches in found:
        matches.sort(key=lambda match: -match.score)
    return list(found)


def _pack(office: Office, run: Run, target: Path) -> None:
    """A pack with the customer file and the results in three forms."""
    with tempfile.TemporaryDirectory(dir=office.scratch) as folder:
        parts = {f"results.{kind}": Path(folder) / f"results.{kind}" for kind in ("jsonl", "csv", "xlsx")}
        for name, path in parts.items():
            write_results(name.rsplit(".", 1)[1], path, result_rows(office, run.number), fictional=run.is_fictional)
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
