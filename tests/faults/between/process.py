"""A node as a process of its own, which does what it is told, speaks through a wire that the test holds, and dies."""

import multiprocessing
import os
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

from lintas.desk.office import Office, Settings, open_office
from tests.faults.between.commands import DOES
from tests.faults.between.points import ANSWER, Death, Point, watch
from tests.forking import forked

Wire = Callable[[str, bytes], bytes | None]  # to whom, what; the answer, None for none
PATIENCE_S = 60


class KilledError(Exception):
    """The process died in the middle of what it was told."""


class FailedError(Exception):
    """The node said that it could not do what it was told."""


@dataclass(frozen=True)
class Command:
    """`at`: by the node's clock. `point`: where it dies, the `nth` time. `limit`: bytes that a file may have."""

    what: str
    arguments: tuple[Any, ...]
    at: datetime
    point: Point | None = None
    nth: int = 1
    limit: int | None = None


class NodeProcess:
    """The node in a folder. `call` gives what it answers; after it died it is begun again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._child: ForkProcess | None = None
        self._line: Connection | None = None

    def call(self, command: Command, wire: Wire | None = None) -> Any:
        """Let it do something. Raises KilledError, FailedError."""
        line = self._begun()
        try:
            line.send(command)
            while True:
                if not line.poll(PATIENCE_S):
                    raise RuntimeError(f"no answer to {command.what} at {command.point}")
                kind, *told = line.recv()
                if kind == "wire":
                    line.send(wire(*told) if wire else None)
                elif kind == "failed":
                    raise FailedError(told[0])
                else:
                    break
        except (EOFError, ConnectionError) as error:
            self._ended()
            raise KilledError(command.what) from error
        if command.point and command.point.is_last:
            self._ended()
        return told[0]

    def kill(self) -> None:
        """kill -9, now."""
        if self._child is not None and self._child.pid is not None:
            os.kill(self._child.pid, signal.SIGKILL)
            self._ended()

    def _begun(self) -> Connection:
        if self._line is None:
            self._line, inner = multiprocessing.Pipe()
            self._child = forked(_live, self.folder, inner, self._line)
            inner.close()
        return self._line

    def _ended(self) -> None:
        assert self._child is not None
        assert self._line is not None
        self._child.join(PATIENCE_S)
        code = self._child.exitcode
        self._line.close()
        self._child, self._line = None, None
        assert code == -signal.SIGKILL, f"the process ended by itself: {code}"


class _Clock:
    at: datetime

    def __call__(self) -> datetime:
        return self.at


def _live(folder: Path, line: Connection, outer: Connection) -> None:
    outer.close()
    death, clock, office = Death(), _Clock(), None
    watch(death)
    while True:
        try:
            told: Command = line.recv()
        except EOFError:
            os._exit(0)
        clock.at = told.at
        office = office or open_office(Settings(folder), now=clock)
        death.arm(told.point and told.point[:3], told.nth)
        answer = _done(office, told, line)
        death.reached(ANSWER, told.what, "before")
        line.send(answer)
        death.reached(ANSWER, told.what, "after")


def _done(office: Office, told: Command, line: Connection) -> tuple[str, Any]:
    most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    if told.limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (told.limit, most))
    try:
        return "done", DOES[told.what](office, line, *told.arguments)
    except Exception as error:  # as a worker or the door would: told, and the node goes on
        return "failed", f"{type(error).__name__} {getattr(error, 'code', '')} {error}"[:500]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
