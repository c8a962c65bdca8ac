"""The log that is read in court: find, export, verify, and carry its head away."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lintas.desk import access, log_files, seal
from lintas.desk.office import Office
from lintas.desk.paging import check_page
from lintas.desk.seal import Kept
from lintas.model.errors import FileError, InputError, UnavailableError
from lintas.model.log import Wanted
from lintas.model.officer import Officer
from lintas.store.log import rows
from lintas.store.log.rows import Head, Numbered

MOST_COUNTED = 10_000  # rows; a count of more is said to be more


@dataclass(frozen=True)
class LogRow:
    """One row of the log, to read."""

    number: int
    at: str
    officer: str
    agency: str
    purpose: str
    via: str
    verb: str
    object: str
    outcome: str
    subjects: tuple[str, ...]
    details: Mapping[str, Any]
    hash: str


@dataclass(frozen=True)
class Verified:
    """What a verification found: how many rows, and the head that they end with."""

    n_rows: int
    head: str  # SHA-256
    words: str  # the head in 24 words
    fingerprint: str  # of the key that signs it


@dataclass(frozen=True)
class Standing:
    """The log as it stands: the newest head, when it was last verified, and what this process found wrong with it."""

    kept: Kept | None
    words: str
    last: LogRow | None
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Trail:
    """A page of the log, the newest row first, and how many rows there are in all, up to MOST_COUNTED."""

    rows: tuple[LogRow, ...]
    total: int
    standing: Standing | None = None  # for who reads the log as a whole


def find(office: Office, officer: Officer, wanted: Wanted = Wanted(), *, limit: int = 100, offset: int = 0) -> Trail:
    """Rows of the log by officer, subject, purpose, verb, outcome and time. Raises InputError for a time that is none.

    `since` and `until` are days or times, ISO 8601, UTC unless they say otherwise; the day of `until` is within.
    """
    access.require(office, officer, "log.read", _said(wanted))
    return replace(_page(office, wanted, limit, offset), standing=_standing(office))


def row(office: Office, officer: Officer, number: int) -> LogRow | None:
    """One row of the log."""
    access.require(office, officer, "log.read", f"row {number}")
    found = _page(office, Wanted(before=number + 1), 1, 0).rows
    return found[0] if found and found[0].number == number else None


def own(office: Office, officer: Officer, *, limit: int = 100, offset: int = 0) -> Trail:
    """What an officer did themselves."""
    access.require(office, officer, "log.own", officer.id)
    return _page(office, Wanted(officer=officer.id), limit, offset)


def who_looked(office: Office, officer: Officer, subject: str, *, limit: int = 100, offset: int = 0) -> Trail:
    """Who looked at a subject, as "entity:un-1" or "run:5": who, when, for what; not at what else, and not the details.

    Who may not read the log sees what officers of their own agency did, and of runs and cases those they reach.
    """
    access.require(office, officer, "log.subject", subject, subjects=[subject])
    wanted = Wanted(subject=subject[: rows.LONGEST_SUBJECT])
    if not access.may(office, officer, "log.read"):
        _require_reach(office, officer, subject)
        wanted = replace(wanted, agency=officer.agency)
    found = _page(office, wanted, limit, offset)
    return replace(found, rows=tuple(replace(one, object="", subjects=(), details={}) for one in found.rows))


def export(office: Office, officer: Officer, wanted: Wanted, kind: str, target: Path) -> int:
    """Write rows to a file, the oldest first: csv or jsonl; how many. Raises InputError for another kind.

    Everything as jsonl can be checked without the node: see `log_files.check`.
    """
    access.require(office, officer, "log.export", f"{kind[:10]}: {_said(wanted)}")
    if kind not in log_files.KINDS:
        raise InputError(f"{kind[:20]!r} is no kind of export", do="Use csv or jsonl.", code="unknown_export")
    kept = [] if kind == "csv" else _heads(office)
    with office.log.read() as connection:
        found = rows.walk(connection, _timed(wanted))
        if kind == "csv":
            return log_files.write_csv(target, found)
        sealed = office.seal if wanted == Wanted() else None
        return log_files.write_lines(target, found, kept, sealed, office.now().astimezone(UTC).isoformat())


def verify(office: Office, officer: Officer, *, head: Path | None = None, words: str = "") -> Verified:
    """Read the whole chain, and hold it against the heads that were kept outside the database, while the node writes.

    `head`: one more of them, in a file. `words`: the 24 words of one, from paper.
    Raises FileError when a row was changed, dropped, reordered or cut off, with its number.
    """
    access.require(office, officer, "log.verify", "the whole log")
    try:
        found = _verified(office, head, words)
    except FileError as error:
        access.done(office, officer, "log.verify", "broken", {"what": error.what, "where": error.where})
        raise
    access.done(office, officer, "log.verify", "whole", {"n_rows": found.number, "head": found.hash})
    return Verified(found.number, found.hash, seal.in_words(found.hash), office.seal.fingerprint)


def head(office: Office, officer: Officer) -> Standing:
    """The newest head, to be carried away, in words for paper too; and when the log was last verified."""
    access.require(office, officer, "log.verify", "the head of the log")
    return _standing(office)


def _standing(office: Office) -> Standing:
    faults = tuple(f"{place}: {fault}" for place, fault in office.seal.faults.items())
    last = _page(office, Wanted(verb="log.verify", outcome="done"), 1, 0).rows
    try:
        kept = seal.read(office.seal.own)
    except InputError:
        return Standing(None, "", last[0] if last else None, faults)
    return Standing(kept, seal.in_words(kept.hash), last[0] if last else None, faults)


def _verified(office: Office, head: Path | None, words: str) -> Head:
    digest = seal.from_words(words) if words else None
    heads = [*_heads(office), *([] if head is None else [seal.read(head)])]  # before the rows: they only grow
    for kept in heads:
        if not office.seal.is_ours(kept):
            raise _broken(kept.number, "kept head does not bear this node's signature")
    with office.log.read() as connection:
        found, fault = rows.verify(connection, office.seal.mac)
        if fault is not None:
            raise _broken(fault.number, fault.words)
        for kept in heads:
            there = rows.hash_at(connection, kept.number)
            if there is None:
                raise _broken(found.number + 1, f"log was cut off: its head was once row {kept.number}")
            if there != kept.hash:
                raise _broken(kept.number, "row is another than the one that was kept")
        if digest is not None and not rows.holds(connection, digest):
            raise _broken(None, "log does not hold the row that the words name")
    return found


def _heads(office: Office) -> list[Kept]:
    """The heads in every place of this node. Raises FileError, or UnavailableError for a second place that is away."""
    found = list[Kept]()
    for place in office.seal.places:
        try:
            found.append(seal.read(place))
        except InputError as error:
            if place == office.seal.second and not place.exists():
                raise UnavailableError(
                    "The second place of the log's head does not answer",
                    where=str(place),
                    do="Connect it, or put the file back.",
                    code="no_second_head",
                ) from error
            raise _broken(None, f"kept head is gone or was changed: {place.name}") from error
    return found


def _require_reach(office: Office, officer: Officer, subject: str) -> None:
    kind, _, name = subject.partition(":")
    if kind in ("run", "case"):
        on = (kind, int(name) if name.isdecimal() and len(name) < 10 else 0)
        access.require(office, officer, f"{kind}s.read", f"who looked at {subject}", on=on)


def _page(office: Office, wanted: Wanted, limit: int, offset: int) -> Trail:
    check_page(limit, offset)
    timed = _timed(wanted)
    with office.log.read() as connection:
        found = rows.find(connection, timed, limit, offset)
        return Trail(tuple(map(_row, found)), rows.count(connection, replace(timed, before=0), MOST_COUNTED))


def _row(found: Numbered) -> LogRow:
    number, it, digest = found
    told = {"subjects": rows.subjects_of(it.subjects), "details": rows.details_of(it.details)}
    return LogRow(number=number, **{**vars(it), **told}, hash=digest)


def _timed(wanted: Wanted) -> Wanted:
    return replace(wanted, since=_moment("since", wanted.since), until=_moment("until", wanted.until))


def _moment(name: str, text: str) -> str:
    """A day or time as the log writes it. Raises InputError."""
    if not text:
        return ""
    try:
        at = datetime.fromisoformat(text)
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        if name == "until" and len(text) <= len("2026-03-01"):
            at += timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{text[:40]!r} is no time", where=name, do="Write 2026-03-01 or 2026-03-01T09:30.", code="bad_time"
        ) from error
    return at.isoformat(timespec="microseconds")


def _said(wanted: Wanted) -> str:
    said = [f"{one.name}={value}" for one in fields(wanted) if (value := getattr(wanted, one.name))]
    return ", ".join(said) or "everything"


def _broken(number: int | None, fault: str) -> FileError:
    return FileError(
        f"The log is broken: the {fault}",
        where=None if number is None else f"row {number}",
        do="Stop the node, keep its files as they are, and compare them with the last backup.",
        code="log_broken",
    )
