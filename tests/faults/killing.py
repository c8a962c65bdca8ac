"""Let a process do something, kill it in the middle, and hear what it had acknowledged before."""

import os
import random
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

from lintas.desk.office import Settings
from tests.forking import forked

Say = Callable[[str], None]
PATIENCE_S = 300
BEGUN = "begun"


@dataclass(frozen=True)
class Death:
    """When a process is killed: at the n-th thing that it asks of a database, or so long after it began."""

    statement: int = 0
    after_s: float = 0.0

    def __str__(self) -> str:
        return f"at statement {self.statement}" if self.statement else f"after {self.after_s:.4f} s"


@dataclass(frozen=True)
class Ended:
    """What became of a process: what it said before, whether it was killed, how much it did and how long it took."""

    said: tuple[str, ...]
    is_killed: bool
    n_statements: int
    seconds: float


def let(act: Callable[[Settings, Say], None], settings: Settings, death: Death = Death()) -> Ended:
    """Let a process `act` until it ends or dies. It `says` what is acknowledged, after the call that it is of."""
    inner, outer = os.pipe()
    child = forked(_live, act, settings, death, inner, outer)
    os.close(outer)
    with os.fdopen(inner, encoding="utf-8") as lines:
        if lines.readline() != f"{BEGUN}\n":
            raise RuntimeError("the process did not begin")
        started = time.perf_counter()
        if death.after_s:
            child.join(death.after_s)
            if child.exitcode is None and child.pid is not None:
                os.kill(child.pid, signal.SIGKILL)
        said = [line[:-1] for line in lines if line.endswith("\n")]
    seconds = time.perf_counter() - started
    child.join(PATIENCE_S)
    if child.exitcode not in (0, -signal.SIGKILL):
        raise RuntimeError(f"the process failed with {child.exitcode}:\n" + "\n".join(said))
    _wait_for_database(settings)
    n_statements = int(said.pop().removeprefix("statements ")) if child.exitcode == 0 else 0
    return Ended(tuple(said), child.exitcode != 0, n_statements, seconds)


def deaths(whole: Ended, chance: random.Random) -> Death:
    """Any moment of a life that went on to its end: at a statement, or, every other time, by the clock."""
    if chance.random() < 0.5:
        return Death(statement=chance.randint(1, whole.n_statements))
    return Death(after_s=max(0.001, chance.uniform(0, whole.seconds)))


def _live(act: Callable[[Settings, Say], None], settings: Settings, death: Death, inner: int, outer: int) -> None:
    os.close(inner)
    n = 0

    def happens(*_: Any) -> None:
        nonlocal n
        n += 1
        if n == death.statement:
            os.kill(os.getpid(), signal.SIGKILL)

    def say(what: str) -> None:
        os.write(outer, f"{what}\n".encode())

    for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(Engine, moment, happens)
    say(BEGUN)
    try:
        act(settings, say)
    except BaseException:
        say(traceback.format_exc())
        os._exit(1)
    say(f"statements {n}")
    os._exit(0)


def _wait_for_database(settings: Settings) -> None:
    """PostgreSQL may still finish the last statement of a process that is gone: only then it is seen what is left."""
    if not settings.database_url:
        return
    url = make_url(settings.database_url)
    server = url.set(database="postgres").render_as_string(hide_password=False)
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
    deadline = time.monotonic() + PATIENCE_S
    with psycopg.connect(server, autocommit=True) as connection:
        while True:
            left = connection.execute(asked, [url.database]).fetchone()
            if left is None or left[0] == 0:
                return
            if time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL still works for a process that is gone")
            time.sleep(0.01)
