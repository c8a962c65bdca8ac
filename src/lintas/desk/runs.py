"""Screening runs: a customer file against the lists, in pieces that survive a killed process."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from lintas.desk import access, casework, clocks, decisions, intake, lookup, outcomes, result_files
from lintas.desk.life import Interrupted
from lintas.desk.office import Office
from lintas.desk.paging import check_page
from lintas.desk.results import ResultRow
from lintas.model.batch import batched
from lintas.model.case import Case
from lintas.model.customer import Customer
from lintas.model.errors import ConflictError, DeniedError, InputError, LintasError
from lintas.model.filters import Filters
from lintas.model.listing import RawFile
from lintas.model.match import Match
from lintas.model.officer import RESTRICTED, Officer
from lintas.model.run import VERDICTS, Decision, Run, RunMatch
from lintas.model.text import clean_text
from lintas.screening import matcher
from lintas.screening.query import subject
from lintas.sources.customers import kinds
from lintas.sources.customers.read import open_customers
from lintas.store import jobs, runs

WAIT_S = 0.2
PIECE = 200  # customers per transaction: progress is seen, and lost by a kill, in pieces of this size
STALE = timedelta(seconds=60)  # a worker that wrote nothing for so long is dead
MATCHES_PER_CUSTOMER = 10
EXPORTS = result_files.KINDS

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
    doing: outcomes.Doing  # what was done about it, and what can be
    clock: clocks.Clock | None
    seen_by: tuple[str, ...]  # the officers who can see it now
    rights: frozenset[str]


@dataclass(frozen=True)
class Review:
    """A page of a run's matches, and how many there are of each kind."""

    run: Run
    matches: tuple[RunMatch, ...]
    total: int  # of this page's kind
    verdicts: Mapping[str, int]  # waiting, same, different, ask
    bands: tuple[int, ...]  # of the wanted verdict: those from the first edge up, from the second, ..., the rest
    rights: frozenset[str]


@dataclass(frozen=True)
class Front:
    """The newest runs, and what a new one can be made with."""

    runs: tuple[Run, ...]
    may_create: bool
    cases: tuple[Case, ...]  # open ones that the officer reaches


def create(
    office: Office,
    officer: Officer,
    path: Path,
    *,
    name: str | None = None,
    mapping: Mapping[str, str] | None = None,
    threshold: float = matcher.THRESHOLD,
    fictional: bool = False,
    clearance: int = RESTRICTED,
    case: int | None = None,
) -> Run:
    """Take a customer file in. Raises InputError when it cannot be read or none of its columns can be screened by.

    It belongs to the officer's agency and to the purpose of their session; `case` opens it to the case's officers.
    """
    name = clean_text(name or path.name)
    access.require(office, officer, "runs.create", name, {"threshold": threshold})
    casework.check_clearance(officer, clearance)
    if case is not None:
        access.require(office, officer, "cases.read", f"case {case}", on=("case", case))
    if not 0 < threshold <= 1:
        raise InputError(f"{threshold} is no threshold", do="Use a number over 0 and up to 1.", code="bad_threshold")
    file = open_customers(path, name, mapping)
    kinds.check_name(name, file.kind)
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
            agency=officer.agency,
            clearance=clearance,
            purpose=officer.purpose,
            case=case,
        )
        jobs.add(connection, "screen", by=officer.id, at=at, arguments={"run": number}, run=number)
        made = runs.get(connection, number)
    if not intake.raw_path(office, raw).exists():  # an erased run had the same file, and took it away in between
        intake.keep(office, path)
    subjects = [f"run:{number}"]
    access.done(office, officer, "runs.create", f"run {number}", {"file": raw.sha256}, subjects=subjects)
    return made


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
    access.require(office, officer, "runs.stop", f"run {number}", on=("run", number))
    with office.database.write() as connection:
        if runs.end(connection, number, status="stopped", at=office.now()):
            jobs.end_with_run(connection, number, status="stopped", at=office.now())
        return runs.get(connection, number)


def latest(office: Office, officer: Officer) -> list[Run]:
    """The newest runs."""
    access.require(office, officer, "inbox.read", "all runs")
    scope = access.reach(office, officer, "runs.read", "run")
    with office.database.read() as connection:
        return runs.latest(connection, scope)


def front(office: Office, officer: Officer) -> Front:
    """What stands before the runs: the newest, and whether and where the officer may make another."""
    held, may_create = latest(office, officer), access.may(office, officer, "runs.create")
    known = casework.all_cases(office, officer) if may_create else []
    return Front(tuple(held), may_create, tuple(case for case in known if case.closed_at is None))


def get(office: Office, officer: Officer, number: int) -> Run:
    """One run. Raises NotFoundError."""
    access.require(office, officer, "runs.read", f"run {number}", on=("run", number))
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
    access.require(office, officer, "runs.read", f"matches of run {number}", on=("run", number))
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
    access.require(office, officer, "runs.read", f"matches of run {number}", on=("run", number))
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
    rights = access.rights(office, officer, ("runs.decide", "runs.export", "runs.stop"), on=("run", number))
    return Review(run, tuple(page), sum(bands) if band is None else bands[band], verdicts, bands, rights)


def again(office: Office, officer: Officer, number: int, mapping: Mapping[str, str], threshold: float) -> Run:
    """Screen the file of a run once more, with its columns read as `mapping` says. Raises as `create` does."""
    run = get(office, officer, number)
    if not access.rights(office, officer, ("runs.read",), on=("run", number), by_glass=False):
        raise DeniedError(
            "Emergency access opens a run for an hour; one made anew would stay open",
            do="Ask its maker or a supervisor to screen the file again.",
            code="glass_only",
        )
    result_files.check_kept(run)
    raw = RawFile(**run.file)
    may = () if run.case is None else access.rights(office, officer, ("cases.read",), on=("case", run.case))
    return create(
        office,
        officer,
        intake.raw_path(office, raw),
        name=raw.name,
        mapping=mapping,
        threshold=threshold,
        fictional=run.is_fictional,
        clearance=run.clearance,
        case=run.case if may else None,
    )


def neighbours(office: Office, officer: Officer, number: int, match_number: int, around: int = 20) -> list[RunMatch]:
    """The matches before and after one in the order of review, and it among them."""
    access.require(office, officer, "runs.read", f"matches of run {number}", on=("run", number))
    with office.database.read() as connection:
        result_files.check_kept(runs.get(connection, number))
        here = runs.run_match(connection, match_number, run=number)
        return runs.around(connection, here, around)


def problems(office: Office, officer: Officer, number: int) -> list[Customer]:
    """Customers of a run with something that could not be understood."""
    access.require(office, officer, "runs.read", f"problems of run {number}", on=("run", number))
    with office.database.read() as connection:
        return runs.problems(connection, number)


def show_match(office: Office, officer: Officer, number: int, match_number: int) -> MatchView:
    """One match of a run with all that an officer needs to decide it. Raises NotFoundError."""
    with office.database.read() as connection:
        entity = runs.entity_of(connection, match_number, run=number)
    subjects = [] if entity is None else [f"entity:{entity}"]
    about = f"match {match_number} of run {number}"
    access.require(office, officer, "runs.read", about, on=("run", number), subjects=subjects)
    with office.database.read() as connection:
        run = runs.get(connection, number)
        result_files.check_kept(run)
        found = runs.run_match(connection, match_number, run=number)
        customer = runs.customer(connection, number, found.row)
        history = tuple(runs.history(connection, match_number))
        others = tuple(m for m in runs.run_matches(connection, number, row=found.row) if m.number != match_number)
        read = clocks.read(connection, office.now())
    rights = access.rights(office, officer, ("runs.decide", outcomes.VERB), on=("run", number))
    is_open = found.verdict == "same" and outcomes.VERB in rights
    doing = outcomes.doing(office, run, match_number, officer.id, is_open=is_open)
    here = lookup.current(office)
    row = here.index.by_id(found.match.entity_id)
    shelf = tuple(one for one in intake.shelf(office) if one.source.name in found.match.lists)
    document = None if row is None else here.index.document(row)
    clock, seen_by = read.of_match(run, found, doing.history), access.audience(office, "runs.read", on=("run", number))
    return MatchView(run, found, customer, history, document, others, shelf, doing, clock, seen_by, rights)


def decide(
    office: Office,
    officer: Officer,
    number: int,
    match_numbers: Sequence[int],
    verdict: str | None,
    reason: str,
    *,
    seen: int | None = None,
) -> int:
    """Decide one match or many of a run under one reason; how many. `verdict` None reopens. `seen`: see `decisions`.

    Raises InputError without a reason, NotFoundError when a match is not of this run, ConflictError.
    """
    return decisions.decide(office, officer, {number: match_numbers}, verdict, reason, seen=seen)


def export(office: Office, officer: Officer, number: int, kind: str, target: Path) -> None:
    """Write a run's results to a file: jsonl, csv, xlsx, or zip, a pack that `lintas verify` checks.

    Raises InputError for another kind, ConflictError while the run is not at its end, UnavailableError when the
    file cannot be written.
    """
    access.require(office, officer, "runs.export", f"run {number} as {kind}", on=("run", number))
    with office.database.read() as connection:
        run = runs.get(connection, number)
    result_files.check(run, kind)
    result_files.write(office, run, kind, target, lambda: result_rows(office, number))


def result_rows(office: Office, number: int) -> Iterator[ResultRow]:
    """Every customer of a run with its matches."""
    with office.database.read() as connection:
        for customer, hits, decided in runs.results(connection, number):
            yield ResultRow(customer, hits, decided)


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
        try:
            progress(n_done, run.n_rows)
        except Interrupted:
            with office.database.write() as connection:
                runs.advance(connection, number, at, status="queued")  # for whoever comes next, at once
            raise
    with office.database.write() as connection:
        if runs.advance(connection, number, at, status="done", n_rows=n_done, finished_at=office.now()):
            jobs.end_with_run(connection, number, status="done", at=office.now())


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
        if runs.end(connection, number, status="failed", at=office.now(), error=error.as_dict()):
            jobs.end_with_run(connection, number, status="failed", at=office.now())


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
