"""How much is measured, and what the parts of a run share: a loaded node, its export, the queries, both sides."""

import sys
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from bench import queries, rivals
from bench.measure import OURS, RIVAL
from bench.places import LISTS, list_file
from bench.queries import Question
from bench.worker import Worker

T = TypeVar("T")
MODULES = {OURS: "bench.ours", RIVAL: "bench.rival"}


@dataclass(frozen=True)
class Sizes:
    """How often and how many. A round asks `n_listed + n_others` queries that no other round asks."""

    rounds: int = 3
    starts: int = 5  # of the server; cheap and noisy
    n_listed: int = 600
    n_others: int = 400
    n_http: int = 500
    n_officers: int = 25
    n_steps: int = 40  # requests of each officer
    n_single: int = 20  # queries one by one in a round: the rival needs a second for each
    n_rows: int = 4000  # of the log, written in a round
    n_stored: int = 100_000  # entities of the node that is backed up


QUICK = Sizes(
    rounds=2,
    starts=2,
    n_listed=60,
    n_others=40,
    n_http=50,
    n_officers=5,
    n_steps=5,
    n_single=2,
    n_rows=200,
    n_stored=5000,
)


@dataclass(frozen=True)
class Built:
    """A stored index, and what making it took."""

    folder: str
    seconds: float
    peak_mb: float


@dataclass
class Run:
    """One run of the measurements. Use it as a context: what it started ends with it."""

    sizes: Sizes
    _stack: ExitStack = field(default_factory=ExitStack)

    @cached_property
    def folder(self) -> Path:
        """A folder that is gone after the run."""
        return Path(self._stack.enter_context(TemporaryDirectory(prefix="lintas-bench-")))

    @cached_property
    def loaded(self) -> dict[str, float]:
        """What the load of the node that all parts use came to."""
        return self.load("node")

    @property
    def node(self) -> Path:
        """A node with the lists loaded."""
        assert self.loaded
        return self.folder / "node"

    @cached_property
    def lines(self) -> str:
        """What the node's index holds, as FollowTheMoney JSON lines: the list that both sides build from."""
        lines = self.folder / "listed.jsonl"
        with self.start(OURS) as worker:
            worker.ask("export", node=str(self.node), lines=str(lines))
        return str(lines)

    @cached_property
    def listed(self) -> list[dict[str, Any]]:
        """The same, read."""
        return queries.documents(Path(self.lines))

    @cached_property
    def questions(self) -> list[list[Question]]:
        """The questions of each round, and one more round of them for what is asked beside the batches."""
        sizes = self.sizes
        return queries.rounds(self.listed, sizes.rounds + 1, sizes.n_listed, sizes.n_others)

    @cached_property
    def built(self) -> dict[str, Built]:
        """The stored indexes that all parts use."""
        return {side: self.build(side) for side in self.names}

    @cached_property
    def sides(self) -> dict[str, Worker]:
        """Both sides with their index open; asked in turns, so that what else the machine does hits both."""
        workers = {side: self.keep(self.start(side)) for side in self.names}
        for side, worker in workers.items():
            self.open(side, worker)
        return workers

    @property
    def names(self) -> list[str]:
        """The sides that can be measured here."""
        return [OURS, RIVAL] if rivals.python() else [OURS]

    @property
    def lists(self) -> dict[str, list[str]]:
        """The files of each list."""
        return {name: [str(list_file(file)) for file in files] for name, files in LISTS.items()}

    def start(self, side: str) -> Worker:
        """A fresh process of one side."""
        python = rivals.python() if side == RIVAL else Path(sys.executable)
        assert python is not None
        return Worker(python, MODULES[side])

    def load(self, name: str) -> dict[str, float]:
        """Load the lists into a fresh node of that name; seconds and counts."""
        with self.start(OURS) as worker:
            made: dict[str, float] = worker.ask("load", node=str(self.folder / name), lists=self.lists)
            return made

    def build(self, side: str) -> Built:
        """Build and store an index in a fresh process."""
        folder = self.keep(TemporaryDirectory(dir=self.folder))
        with self.start(side) as worker:
            return Built(folder, worker.ask("build", lines=self.lines, folder=folder), worker.ask("peak_mb"))

    def open(self, side: str, worker: Worker) -> float:
        """Open the stored index in a worker; seconds to its first answer, which is to the same query on every call."""
        seconds: float = worker.ask(
            "open", lines=self.lines, folder=self.built[side].folder, query=self.questions[-1][0].query
        )
        return seconds

    def keep(self, context: AbstractContextManager[T]) -> T:
        """Enter something that ends with the run."""
        return self._stack.enter_context(context)

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.close()
