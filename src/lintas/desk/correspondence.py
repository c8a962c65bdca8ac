"""Threads as officers read them: what was said, what became of it, and what may be said next."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lintas.desk import access, files, node_card, post, timeliness
from lintas.desk.clocks import Clock
from lintas.desk.files import FileView
from lintas.desk.office import Office
from lintas.exchange import reports, threads, types
from lintas.exchange.types import Kind
from lintas.model.officer import Officer
from lintas.store import attachments, messages
from lintas.store.messages import Kept, Thread


@dataclass(frozen=True)
class Line:
    """A thread in the list: its newest message, the clock that runs in it, and whether it runs for this agency."""

    thread: Thread
    newest: Kept
    clock: Clock | None = None
    is_ours: bool = False


@dataclass(frozen=True)
class Answerable:
    """A message, and the types that this node may reply to it with."""

    message: Kept
    kind: Kind
    replies: Mapping[str, Kind]
    clock: Clock | None = None
    files: tuple[FileView, ...] = ()


@dataclass(frozen=True)
class ThreadView:
    """One thread with all that its page shows."""

    thread: Thread
    messages: tuple[Answerable, ...]
    may_send: bool
    readers: tuple[str, ...]


def overview(office: Office, officer: Officer) -> list[Line]:
    """The threads that an officer reaches: what waits for this agency first, by when it is due; then the newest."""
    access.require(office, officer, "inbox.read", "threads")
    scope, at = access.reach(office, officer, "exchange.read", "thread"), office.now()
    with office.database.read() as connection:
        held = messages.reachable(connection, scope)
        said = messages.of_threads(connection, [one.number for one in held])
    lines = [_line(one, said[one.number], at) for one in held if one.number in said]
    return sorted(lines, key=lambda line: (not line.is_ours, line.clock.due if line.clock and line.is_ours else at))


def show(office: Office, officer: Officer, number: int) -> ThreadView:
    """One thread. Raises NotFoundError."""
    access.require(office, officer, "exchange.read", f"thread {number}", on=("thread", number))
    own = node_card.own(office).id
    with office.database.read() as connection:
        held, kept = messages.thread(connection, number), messages.of_thread(connection, number)
        beside = attachments.of_messages(connection, [one.number for one in kept])
    may_send = bool(access.rights(office, officer, (post.VERB,), on=("thread", number)))
    counted = [post.said(one, own) for one in kept if one.status in messages.COUNTED]
    clocks = {one.asked.id: one.clock(office.now()) for one in timeliness.courses(kept)}
    views = tuple(
        replace(
            _answerable(one, counted, own if may_send else ""),
            clock=clocks.get(one.id),
            files=files.shown(one, beside.get(one.number, [])),
        )
        for one in kept
    )
    return ThreadView(held, views, may_send, access.audience(office, "exchange.read", on=("thread", number)))


def kinds() -> Mapping[str, Kind]:
    """The types that open a thread and that an officer writes."""
    return {name: types.of(name) for name in types.names() if types.of(name).opens and not types.of(name).by_machine}


def kind_of(name: str) -> Kind:
    """The type of a name. Raises NotFoundError."""
    return types.of(name)


def channels() -> tuple[str, ...]:
    """The channels that have fields of their own."""
    return reports.names()


def report_of(channel: str) -> type[Any]:
    """What a report of a channel holds, as a dataclass. Raises NotFoundError."""
    return reports.of(channel)


def _line(thread: Thread, said: list[Kept], at: datetime) -> Line:
    clock, is_ours = timeliness.running(said, at) or (None, False)
    return Line(thread, said[-1], clock, is_ours)


def _answerable(one: Kept, counted: list[threads.Said], own: str) -> Answerable:
    is_open = own and one.status in messages.COUNTED and one.recalled_at is None
    names = threads.may_follow(counted, post.said(one, own), own) if is_open else ()
    replies = {name: types.of(name) for name in names if not types.of(name).by_machine}
    return Answerable(one, types.of(one.type), replies)
