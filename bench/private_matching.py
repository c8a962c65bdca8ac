"""`python -m bench.private_matching [--held N]`: private matching against openmined-psi with a Bloom filter.

The rival is asked in an environment of its own, whose interpreter LINTAS_PSI_PYTHON names; there this module is the
answering end (`python -m venv psi && psi/bin/pip install openmined-psi==2.0.6`). Sides take turns on one core. Both
promise a rate of false hits of 1e-9 for each query. The functions of the two sides have the same names.
"""

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

from bench.measure import OURS, RIVAL, Measure
from bench.worker import Worker, keep_to_one_core, work

IS_RIVAL = find_spec("private_set_intersection") is not None
if IS_RIVAL:
    from private_set_intersection.python import DataStructure, Request, client, server  # type: ignore[import-not-found]
else:
    from lintas.exchange import oprf, tags

VARIABLE = "LINTAS_PSI_PYTHON"
RATE = 1e-9
Figures = dict[str, float]


class Side(Protocol):
    """One side, however it is asked."""

    def ask(self, command: str, **given: Any) -> Any:
        """What came of a command."""


class Ours:
    """Lintas in this process."""

    def ask(self, command: str, **given: Any) -> Any:
        """What came of a command."""
        return getattr(self, command)(**given)

    def one_core(self) -> bool:
        """Whether this process could be bound to one core."""
        return keep_to_one_core()

    def build(self, n: int) -> Figures:
        """Seconds for a set of n texts, and its bytes."""
        self.pair, texts, started = oprf.new_key_pair(), [text.encode() for text in _texts(n)], perf_counter()
        self.held = tags.build(self.pair.secret, texts, mode=oprf.Mode.VOPRF, rate=RATE, draw=os.urandom)
        seconds = perf_counter() - started
        return {"seconds": seconds, "bytes": len(self.held.to_bytes())}

    def query(self, first: int, n: int) -> Figures:
        """Seconds of the steps of one exchange about n texts, and its bytes."""
        times, texts = [perf_counter()], [text.encode() for text in _texts(n, first)]
        blinds = [oprf.blind(text, mode=oprf.Mode.VOPRF) for text in texts]
        times.append(perf_counter())
        evaluated = oprf.evaluate(self.pair.secret, [element for _, element in blinds])
        times.append(perf_counter())
        found = self.held.holds(oprf.finalize_all(texts, [scalar for scalar, _ in blinds], evaluated))
        times.append(perf_counter())
        return _figures(times, sum(len(one) for _, one in blinds), sum(map(len, evaluated)), sum(found))

    def proof(self, n: int) -> Figures:
        """Seconds that proving and verifying add to an exchange about n texts."""
        blinded = [oprf.blind(text.encode(), mode=oprf.Mode.VOPRF)[1] for text in _texts(n)]
        evaluated, started = oprf.evaluate(self.pair.secret, blinded), perf_counter()
        proof = oprf.prove(self.pair, blinded, evaluated)
        proven = perf_counter()
        assert oprf.verify(self.pair.public, blinded, evaluated, proof)
        return {"holder": proven - started, "asker": perf_counter() - proven}


class Rival:
    """openmined-psi, in its own environment."""

    def build(self, n: int) -> Figures:
        """Seconds for a Bloom filter of n texts, and its bytes."""
        texts, self.server, started = _texts(n), server.CreateWithNewKey(True), perf_counter()
        self.held = self.server.CreateSetupMessage(RATE, 1, texts, DataStructure.BLOOM_FILTER)
        seconds = perf_counter() - started
        return {"seconds": seconds, "bytes": self.held.ByteSize()}

    def query(self, first: int, n: int) -> Figures:
        """Seconds of the steps of one exchange about n texts, and its bytes."""
        asker, times = client.CreateWithNewKey(True), [perf_counter()]
        asked = asker.CreateRequest(_texts(n, first)).SerializeToString()
        times.append(perf_counter())
        answer = self.server.ProcessRequest(Request.FromString(asked))
        times.append(perf_counter())
        found = asker.GetIntersection(self.held, answer)
        times.append(perf_counter())
        return _figures(times, len(asked), answer.ByteSize(), len(found))


def main() -> int:
    """Measure and print."""
    given = _arguments()
    with ExitStack() as stack:
        sides: dict[str, Side] = {OURS: Ours()}
        python = Path(os.environ.get(VARIABLE, ""))
        if python.is_file():
            sides[RIVAL] = stack.enter_context(Worker(python, "bench.private_matching"))
        else:
            print(f"bench: openmined-psi is left out, because {VARIABLE} names no interpreter", file=sys.stderr)
        for side in sides.values():
            side.ask("one_core")
        rows = [*_built(sides, given), *_asked(sides, given)]
    _print(rows)
    return 0


def _built(sides: dict[str, Side], given: argparse.Namespace) -> list[Measure]:
    speed = defaultdict[str, list[float]](list)
    for _ in range(given.rounds):
        for name, side in sides.items():
            speed[name].append(given.build / side.ask("build", n=given.build)["seconds"])
    return [Measure(f"sets of {given.build:,} built on one core, texts", "/s", speed, "higher", "at least 1.2 times")]


def _asked(sides: dict[str, Side], given: argparse.Namespace) -> list[Measure]:
    published = {name: side.ask("build", n=given.held)["bytes"] for name, side in sides.items()}
    figures = defaultdict[str, defaultdict[str, list[float]]](lambda: defaultdict(list))
    for number in range(given.rounds):
        for name, side in sides.items():
            first = given.held - given.asked // 10  # one in ten is held
            found = side.ask("query", first=first, n=given.asked)
            assert found.pop("found") == given.asked // 10, f"{name} in round {number}"
            for step, value in found.items():
                figures[step][name].append(value)
    title = f"{given.asked:,} queries against {given.held:,}"
    proof = sides[OURS].ask("proof", n=given.asked)
    return [
        *(Measure(f"{title}: {step}", "B" if "bytes" in step else "ms", found) for step, found in figures.items()),
        *(Measure(f"{title}: proof, {who}", "ms", {OURS: [1000 * proof[who]]}) for who in proof),
        Measure("published for a million", "MB", {name: [n / given.held] for name, n in published.items()}),
    ]


def _texts(n: int, first: int = 0) -> list[str]:
    return [f"passport|MY|A{i:08d}" for i in range(first, first + n)]


def _figures(times: Sequence[float], up: int, down: int, found: int) -> Figures:
    steps = (1000 * (end - start) for start, end in pairwise(times))
    named = dict(zip(("blind", "evaluate", "finalize and look up"), steps, strict=True))
    return {**named, "in all": sum(named.values()), "bytes up": up, "bytes down": down, "found": found}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.private_matching")
    for name, default in (("held", 100_000), ("asked", 1_000), ("build", 20_000), ("rounds", 5)):
        parser.add_argument(f"--{name}", type=int, default=default, metavar="N")
    return parser.parse_args()


def _print(rows: Sequence[Measure]) -> None:
    print(f"| | {OURS} | openmined-psi, Bloom | times better | aim |\n| --- | ---: | ---: | ---: | --- |")
    for row in rows:
        times = row.times()
        ratio = f"{times:.2f}" if times else ""
        print("|", " | ".join([row.what, _spread(row, OURS), _spread(row, RIVAL), ratio, row.aim]), "|")


def _spread(row: Measure, side: str) -> str:
    middle, digits = row.middle(side), 2 if row.unit == "MB" else 0
    if middle is None:
        return ""
    least, most = (f"{end(row.values[side]):,.{digits}f}" for end in (min, max))
    return f"{middle:,.{digits}f} {row.unit}" + (f" ({least} to {most})" if least != most else "")


if __name__ == "__main__":
    if IS_RIVAL:
        rival = Rival()
        work({"one_core": keep_to_one_core, "build": rival.build, "query": rival.query})
    else:
        sys.exit(main())
