"""Rows of the log: added at its end, each with the hash of itself and of the row before."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection, Select, func, insert, select
from sqlalchemy.exc import DatabaseError

from lintas.model.log import Wanted
from lintas.store.database import is_damage
from lintas.store.log import tree
from lintas.store.log.beside import PIECE, Beside
from lintas.store.log.tables import log, log_subjects

BEGINNING = sha256(b"lintas log 1").hexdigest()  # what the first row is chained to
LONGEST_SUBJECT = 300  # characters
_APPENDING = 0x6C6F67  # "log": PostgreSQL's advisory lock of whoever adds a row


@dataclass(frozen=True)
class Row:
    """What is kept of one act, as texts. `at`: ISO 8601 UTC with microseconds, so that text order is time order."""

    at: str
    officer: str
    agency: str
    purpose: str
    via: str
    verb: str
    object: str
    outcome: str  # asked: begun or read; done: what it came to; refused
    subjects: str  # JSON array of texts such as "entity:un-1"
    details: str  # JSON object


_SUBJECTS = [field.name for field in fields(Row)].index("subjects")


@dataclass(frozen=True)
class Head:
    """The newest row: its number (0 when there is none) and its hash."""

    number: int
    hash: str


@dataclass(frozen=True)
class Fault:
    """What is wrong with the log, and the number of the first row that does not belong there."""

    number: int
    words: str


Numbered = tuple[int, Row, str]  # a row with its number before it and its hash behind
Mac = Callable[[str], str]  # of a hash, under a key that the database does not hold


def append(connection: Connection, row: Row, mac: Mac) -> Head:
    """Add a row at the end. On SQLite the caller's transaction is the only writer; PostgreSQL takes a lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_APPENDING)))
    before = head(connection)
    made = Head(before.number + 1, chained(before, row))
    connection.execute(insert(log).values(number=made.number, hash=made.hash, mac=mac(made.hash), **vars(row)))
    tree.grow(connection, made.number, before.hash, made.hash)
    named = sorted(set(orjson.loads(row.subjects)))
    if named:
        connection.execute(insert(log_subjects), [{"subject": one, "number": made.number} for one in named])
    return made


def chained(before: Head, row: Row) -> str:
    """SHA-256 over the row, its number and the hash of the row before; JSON keeps the fields apart."""
    return sha256(orjson.dumps([before.number + 1, before.hash, *astuple(row)])).hexdigest()


def head(connection: Connection) -> Head:
    """The newest row."""
    found = connection.execute(select(log.c.number, log.c.hash).order_by(log.c.number.desc()).limit(1)).one_or_none()
    return Head(0, BEGINNING) if found is None else Head(found.number, found.hash)


def hash_at(connection: Connection, number: int) -> str | None:
    """The hash of the row of a number; of number 0 what the first row is chained to."""
    if number == 0:
        return BEGINNING
    found = connection.execute(select(log.c.hash).where(log.c.number == number)).one_or_none()
    return None if found is None else str(found.hash)


def holds(connection: Connection, digest: str) -> bool:
    """Whether any row has this hash."""
    return connection.execute(select(log.c.number).where(log.c.hash == digest).limit(1)).one_or_none() is not None


def find(connection: Connection, wanted: Wanted, limit: int, offset: int = 0) -> list[Numbered]:
    """The newest rows that are wanted."""
    return list(_read(connection, _wanted(wanted).order_by(log.c.number.desc()).limit(limit).offset(offset)))


def count(connection: Connection, wanted: Wanted, most: int) -> int:
    """How many rows are wanted; no more than `most` are counted."""
    some = _wanted(wanted).with_only_columns(log.c.number).limit(most).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def walk(connection: Connection, wanted: Wanted = Wanted()) -> Iterator[Numbered]:
    """Every wanted row, the oldest first, without holding them all."""
    query = _wanted(wanted).order_by(log.c.number)
    yield from _read(connection.execution_options(yield_per=PIECE), query)


def verify(connection: Connection, mac: Mac) -> tuple[Head, Fault | None]:
    """The head as far as the chain holds, and what is wrong with the row after it."""
    so_far = Head(0, BEGINNING)
    query = select(log).order_by(log.c.number)
    try:
        names, grown = _Names(connection), tree.Check(connection)
        for number, *texts, digest, sealed in connection.execution_options(yield_per=PIECE).execute(query):
            if fault := _fault(so_far, number, texts, digest):
                return so_far, fault
            if mac(digest) != sealed:
                return so_far, Fault(number, "row was not written by this node")
            if not names.fit(number, texts[_SUBJECTS]):
                return so_far, Fault(number, "subjects under which the row is found were changed")
            if not grown.fits(number, digest):
                return so_far, Fault(number, "tree over the rows does not fit them")
            so_far = Head(number, digest)
        extra = _extra(names, grown)
    except DatabaseError as error:
        if not is_damage(error):
            raise
        return so_far, Fault(so_far.number + 1, "row cannot be read")
    return so_far, extra


def _extra(names: "_Names", grown: tree.Check) -> Fault | None:
    if (number := names.left()) is not None:
        return Fault(number, "subjects name a row that is not there")
    if (number := grown.left()) is not None:
        return Fault(number, "tree stands over a row that is not there")
    return None


def _fault(before: Head, number: int, texts: Sequence[object], digest: str) -> Fault | None:
    if number != before.number + 1:
        is_gap = number > before.number
        return Fault(before.number + 1, "row is missing") if is_gap else Fault(number, "row was added")
    is_text = all(isinstance(text, str) for text in texts)  # SQLite lets other kinds into a column of text
    if not is_text or chained(before, Row(*map(str, texts))) != digest:
        return Fault(number, "row was changed, or one before it was replaced")
    return None


class _Names:
    """The table of subjects beside the rows."""

    def __init__(self, connection: Connection) -> None:
        query = select(log_subjects.c.number, log_subjects.c.subject).order_by(log_subjects.c.number)
        self._there = Beside(connection, query)

    def fit(self, number: int, subjects: str) -> bool:
        """Whether exactly the subjects of the row are listed for it."""
        listed, named = self._there.of(number), set(subjects_of(subjects))
        return listed is not None and len(listed) == len(named) and {one for (one,) in listed} == named

    def left(self) -> int | None:
        """The first row that subjects are listed for and that is not there."""
        return self._there.left()


def subjects_of(text: str) -> tuple[str, ...]:
    """The subjects of a row; none when it was changed into what is no JSON array."""
    told = _json(text)
    return tuple(map(str, told)) if isinstance(told, list) else ()


def details_of(text: str) -> dict[str, Any]:
    """The details of a row; none when it was changed into what is no JSON object."""
    told = _json(text)
    return told if isinstance(told, dict) else {}


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _wanted(wanted: Wanted) -> Select[Any]:
    query = select(log)
    for name in ("officer", "agency", "purpose", "verb", "outcome"):
        if value := getattr(wanted, name):
            query = query.where(log.c[name] == value)
    if wanted.subject:
        query = query.where(
            log.c.number.in_(select(log_subjects.c.number).where(log_subjects.c.subject == wanted.subject))
        )
    if wanted.since:
        query = query.where(log.c.at >= wanted.since)
    if wanted.until:
        query = query.where(log.c.at < wanted.until)
    if wanted.before:
        query = query.where(log.c.number < wanted.before)
    return query


def _read(connection: Connection, query: Select[tuple[object, ...]]) -> Iterator[Numbered]:
    rows: Iterable[Sequence[object]] = connection.execute(query)
    for number, *texts, digest, _ in rows:
        yield int(str(number)), Row(*map(str, texts)), str(digest)
