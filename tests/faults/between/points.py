"""The points of sending and receiving at which a node is killed (kill -9), and how it comes to die there."""

import functools
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pkgutil import resolve_name
from typing import Any, NamedTuple

from sqlalchemy import Connection

from lintas.store.database import Database


class Point(NamedTuple):
    """A place in the code: `when` (before, after) what is called there; `in_`: the commands that come past it."""

    owner: str
    name: str
    when: str
    in_: tuple[str, ...]

    @property
    def is_last(self) -> bool:
        """Whether the command is over by then, and its answer given."""
        return (self.owner, self.when) == (ANSWER, "after")

    def __str__(self) -> str:
        return f"{self.when} {self.owner.removeprefix('lintas.').replace(':', '.')}.{self.name}"


_SEND, _RECEIVE, _DELIVER = "act", "receive", "deliver"
_WRITERS = (_SEND, _RECEIVE, _DELIVER, "take", "rotate", "retain")
_BOTH = ("before", "after")
COMMIT, ANSWER = "commit of", "answer of"
# What is called, and in which commands of a node that matters. Commits and answers are added below.
_CALLED = (
    ("lintas.desk.access", "require", (_SEND, "make", "take", "rotate", "retain")),
    ("lintas.desk.post", "_sent", (_SEND,)),
    ("lintas.exchange.envelope", "sign", (_SEND, "rotate", "retain")),
    ("lintas.exchange.envelope", "seal", (_SEND, "rotate", "retain")),
    ("lintas.store.messages", "put", (_SEND, _RECEIVE, "take", "rotate", "retain")),
    ("lintas.store.attachments", "keep", (_SEND, _RECEIVE)),
    ("lintas.store.jobs", "again", (_SEND, "rotate", "retain")),
    ("lintas.exchange.envelope", "knowing", (_DELIVER, "make")),
    ("lintas.exchange.parcel", "pack", (_DELIVER, "make")),
    ("lintas.desk.outward", "_carried", (_DELIVER,)),
    ("lintas.exchange.receipts", "read", (_DELIVER, "take")),
    ("lintas.desk.witness", "doubt", (_DELIVER, "take")),
    ("lintas.desk.outward", "_settle", (_DELIVER, "take")),
    ("lintas.desk.outward", "_later", (_DELIVER,)),
    ("lintas.exchange.parcel", "unpack", (_RECEIVE,)),
    ("lintas.exchange.envelope", "open_", (_RECEIVE, "take")),
    ("lintas.desk.access", "asked", (_RECEIVE, _DELIVER, "take")),
    ("lintas.store.messages", "found", (_RECEIVE,)),
    ("lintas.desk.witness", "passed_on", (_RECEIVE,)),
    ("lintas.exchange.receipts", "sign", (_RECEIVE, "take")),
    ("lintas.desk.effects", "apply", (_RECEIVE, "take")),
    ("lintas.desk.inward", "_unpark", (_RECEIVE, "take")),
    ("lintas.desk.inward", "_again", (_RECEIVE, "take")),
    ("lintas.desk.access", "done", (_SEND, _RECEIVE, _DELIVER, "take", "rotate", "retain")),
    ("lintas.exchange.pouch", "pack", ("make", "take")),
    ("lintas.exchange.pouch", "unpack", ("take",)),
    ("lintas.desk.outward", "believe", ("take",)),
    ("lintas.desk.node_card", "_write", ("rotate",)),
    ("lintas.desk.rotation", "_tell", ("rotate",)),
    ("lintas.desk.purging", "_purge", ("retain",)),
    ("lintas.desk.seal:Seal", "keep", _WRITERS),
)
POINTS = (
    *(Point(owner, name, when, in_) for owner, name, in_ in _CALLED for when in _BOTH),
    *(Point(COMMIT, what, when, _WRITERS) for what in ("node.sqlite", "log.sqlite") for when in _BOTH),
    *(Point(ANSWER, what, when, (what,)) for what in (*_WRITERS, "make") for when in _BOTH),
)


class Death:
    """When this process dies: the `nth` time that it comes to a point."""

    def __init__(self) -> None:
        self.point: tuple[str, ...] = ()
        self.nth = 0

    def arm(self, point: tuple[str, str, str] | None, nth: int) -> None:
        """Die there, in the command that follows; None: not at all."""
        self.point, self.nth = point or (), nth

    def reached(self, owner: str, name: str, when: str) -> None:
        if (owner, name, when) == self.point:
            self.nth -= 1
            if self.nth == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def watch(death: Death) -> None:
    """Let a process die at its points. It is the child of a test, and what is changed in it ends with it."""
    for owner, name, _ in _CALLED:
        place = resolve_name(owner)
        setattr(place, name, _watched(getattr(place, name), owner, name, death))
    write = Database.write

    @contextmanager
    def watched(self: Database) -> Iterator[Connection]:
        name = os.path.basename(self.engine.url.database or "")  # noqa: PTH119
        with write(self) as connection:
            yield connection
            death.reached(COMMIT, name, "before")
        death.reached(COMMIT, name, "after")

    Database.write = watched  # type: ignore[method-assign]


def _watched(call: Callable[..., Any], owner: str, name: str, death: Death) -> Callable[..., Any]:
    @functools.wraps(call)
    def called(*args: Any, **given: Any) -> Any:
        death.reached(owner, name, "before")
        result = call(*args, **given)
        death.reached(owner, name, "after")
        return result

    return called
