"""A side of the comparison in a process of its own, asked over JSON lines. Standard library only: both sides use it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.places import ROOT


class Worker:
    """The asking end. Idle while it is not asked, so two of them can take turns on one machine."""

    def __init__(self, python: Path, module: str) -> None:
        self._process = subprocess.Popen(
            [python, "-m", module], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._read()  # it has imported what it needs

    def ask(self, command: str, **given: Any) -> Any:
        """Let it do one thing; what came of it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"command": command, "given": given}) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended with status {self._process.wait()}")
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate()  # the end of its input is the end of its work


def work(commands: Mapping[str, Callable[..., Any]]) -> None:
    """The answering end: one line in, one line out, until the input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    print(json.dumps("ready"), file=answers, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(commands[asked["command"]](**asked["given"])), file=answers, flush=True)


def keep_to_one_core() -> bool:
    """Bind every thread of this process to one core; whether that can be done here."""
    if not hasattr(os, "sched_setaffinity"):
        return False
    core = min(os.sched_getaffinity(0))
    for thread in Path("/proc/self/task").iterdir():
        os.sched_setaffinity(int(thread.name), {core})
    return True
