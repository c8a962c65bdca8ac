"""Whether this node can answer at all, for machines; and how it is, in words, for whoever looks after it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Any

from lintas.desk import access, alarms, bell, lookup, mailer, measures, stamps, witness
from lintas.desk.alarms import Alarm
from lintas.desk.life import STALE
from lintas.desk.measures import Measures
from lintas.desk.office import Office
from lintas.desk.refresh import MAX_BYTES
from lintas.model.errors import LintasError
from lintas.model.filters import Filters
from lintas.model.officer import Officer
from lintas.screening import matcher
from lintas.screening.index import Index
from lintas.screening.query import subject
from lintas.store import lists
from lintas.store import measures as kept

MIN_FREE_BYTES = 2 * MAX_BYTES  # a list of the largest size that is downloaded, as it came and as it is held
FAILED_SINCE = timedelta(days=1)


@dataclass(frozen=True)
class Readiness:
    """`words` says what is missing while it is not ready."""

    is_ready: bool
    words: str


@dataclass(frozen=True)
class Check:
    """One part of the node: whether it is well, in words, and the same as numbers for a page that says it otherwise."""

    name: str  # database, log, policies, index, worker, disk, lists, jobs, peers, stamps, mail
    is_well: bool
    words: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Health:
    """How the node is, and what is wrong with its lists."""

    checks: tuple[Check, ...]
    alarms: tuple[Alarm, ...]

    @property
    def is_well(self) -> bool:
        """Whether every part is."""
        return all(check.is_well for check in self.checks)


def readiness(office: Office) -> Readiness:
    """Ready: at least one list is loaded, and the index of the lists as they are now is open and was used once."""
    with office.database.read() as connection:
        versions = lists.current(connection)
    if not versions:
        return Readiness(False, "no list is loaded")
    if not lookup.is_built(office, versions):
        return Readiness(False, "the index is being built")
    warm(office)
    return Readiness(True, "ok")


def warm(office: Office) -> None:
    """Open the index, build it when nobody did yet, and screen two made-up names, so that the next query is fast."""
    _use_once(lookup.current(office).index)


def state(office: Office, officer: Officer) -> Health:
    """How the node is: database, log, policies, index, worker, disk, lists, jobs, peers, stamps, mail."""
    access.require(office, officer, "metrics.read", "health of the node")
    taken, raised = measures.taken(office), alarms.raised(office)
    with office.database.read() as connection:
        n_failed = kept.n_failed_jobs(connection, since=office.now() - FAILED_SINCE)
    checks = (
        _database(office, taken),
        _log(office, taken),
        _policies(office),
        _index(taken),
        _worker(taken),
        _disk(taken),
        _lists(raised),
        _jobs(n_failed),
        _peers(witness.split(office)),
        _stamps(office),
        _mail(office),
    )
    return Health(checks, raised)


@lru_cache(maxsize=2)
def _use_once(index: Index) -> None:
    for schema, name in (("Person", "Warm Up"), ("Company", "Warm Up Trading Limited")):
        asked = subject(schema, {"name": [name], "country": ["zz"]})
        matcher.match(index, [matcher.Query(asked, Filters(schema=schema))], {})


def _database(office: Office, taken: Measures) -> Check:
    kind = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[office.database.engine.dialect.name]
    words = f"{kind} answers; it holds {taken.database_bytes / 1e6:,.1f} MB"
    return Check("database", True, words, {"kind": kind, "bytes": taken.database_bytes})


def _log(office: Office, taken: Measures) -> Check:
    """That somebody looked at the health was just written, and the kept head was held against the chain for it."""
    facts = {"rows": taken.n_log_rows}
    if faults := list(office.seal.faults.values()):
        return Check("log", False, f"A head that was kept does not fit the log: {'; '.join(faults)}", facts)
    return Check("log", True, f"{taken.n_log_rows:,} rows; the head that is kept outside the database fits", facts)


def _policies(office: Office) -> Check:
    if fault := office.book.rules().fault:
        words = f"A policy of this agency is damaged, so the node is closed: {fault}"
        return Check("policies", False, words, {"fault": fault})
    return Check("policies", True, "The floor holds, with what the agency forbids over it")


def _index(taken: Measures) -> Check:
    if not taken.list_age_s:
        return Check("index", False, "No list is loaded")
    if not taken.is_index_ready:
        return Check("index", False, "The index of the lists is not built")
    return Check("index", True, "The index is that of the lists as they are")


def _worker(taken: Measures) -> Check:
    silent_s = taken.worker_silent_s
    if silent_s is None:
        return Check("worker", False, "No worker was ever seen; it works while the node is served")
    is_well = silent_s <= STALE.total_seconds()
    words = f"The worker's last sign of life is {silent_s:,.0f} s old"
    return Check("worker", is_well, words, {"silent_s": silent_s})


def _disk(taken: Measures) -> Check:
    words = f"{taken.free_bytes / 1e9:,.1f} GB are free"
    return Check("disk", taken.free_bytes >= MIN_FREE_BYTES, words, {"free_bytes": taken.free_bytes})


def _lists(raised: tuple[Alarm, ...]) -> Check:
    if not raised:
        return Check("lists", True, "No list is late, and no refresh failed")
    words = "; ".join(f"{alarm.list}: {_SAID[alarm.kind]}" for alarm in raised)
    return Check("lists", False, words, {"n": len(raised)})


def _jobs(n_failed: int) -> Check:
    words = f"{n_failed} jobs failed since yesterday" if n_failed else "No job failed since yesterday"
    return Check("jobs", n_failed == 0, words, {"n": n_failed})


def _peers(split: tuple[str, ...]) -> Check:
    if not split:
        return Check("peers", True, "No node of another agency showed logs that contradict each other")
    return Check("peers", False, f"Logs that contradict each other: {', '.join(split)}", {"nodes": ", ".join(split)})


def _stamps(office: Office) -> Check:
    held = stamps.standing(office)
    if held.since is None:
        return Check("stamps", True, "No authority is named that stamps the log")
    facts = {"since": held.since}
    if held.is_late(office.now()):
        return Check("stamps", False, f"There was no time stamp since {held.since:%Y-%m-%d %H:%M} UTC", facts)
    return Check("stamps", True, "The head of the log is stamped once a day", facts)


def _mail(office: Office) -> Check:
    try:
        server, since = mailer.configured(), bell.fails_since(office)
    except LintasError as error:
        return Check("mail", False, error.what)
    if server is None:
        return Check("mail", True, "No mail server is named; nobody is told by mail that something waits")
    if since is not None:
        words = f"The mail server takes nothing since {since:%Y-%m-%d %H:%M} UTC; it is tried again"
        return Check("mail", False, words)
    return Check("mail", True, "The mail server took what was sent")


_SAID = {"late": "late", "failed": "the last refresh failed", "refused": "the last refresh was refused by a guard"}
