"""What fails when three nodes work: the process of a node, its disk, the wire; by chance, the same for a seed."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.faults.between.points import POINTS, Point
from tests.faults.between.process import Command, FailedError, KilledError, NodeProcess, Wire
from tests.faults.between.script import NODES

BEGINS = datetime(2026, 11, 22, 9, tzinfo=UTC)
RARE = ("rotate", "retain")  # commands that one work gives few times: they are killed while a point is not reached
Kills = Counter[tuple[str, Point]]  # in which command, where


class Trouble:
    """Three nodes. `counts`: faults that took place, by kind. `kills`: those at a point. `at`: the right time.

    `late`: to whom, and the parcel that is still on its way.
    """

    def __init__(self, folder: Path, seed: str, kills: Kills) -> None:
        self.nodes = {name: NodeProcess(folder / name) for name in NODES}
        self.chance, self.kills = random.Random(seed), kills
        self.counts = Counter[str]()
        self.at, self.skews = BEGINS, dict.fromkeys(NODES, timedelta())
        self.late = list[tuple[str, bytes]]()
        self.damaged = set[tuple[str, str]]()  # from whom to whom the last parcel was: not twice in a row

    def end(self) -> None:
        """Every process is gone."""
        for node in self.nodes.values():
            node.kill()

    def troubled(self, node: str, what: str, *arguments: Any, wire: Wire | None = None) -> Any:
        """A command during which its node may be killed, or its disk be full; None when it did not come to an end."""
        fate = 0.0 if what in RARE and self._unreached(what) else self.chance.random()
        point, limit = None, None
        if fate < 0.5:
            point = self._point(what)
        elif fate < 0.55:
            limit = self.chance.randrange(0, 400_000, 4096)
        nth = 1 if what in RARE or (point and point.is_last) else self.chance.choice((1, 1, 1, 2))
        try:
            answer = self.nodes[node].call(Command(what, arguments, self.clock(node), point, nth, limit), wire)
            if point and point.is_last:
                self._killed(point, what)
            return answer
        except KilledError:
            assert point is not None
            self._killed(point, what)
        except FailedError:
            if limit is None:
                raise
            self.counts["disk full"] += 1
        return None

    def _killed(self, point: Point, what: str) -> None:
        self.kills[what, point] += 1
        self.counts[f"kill -9 in the middle: {what}"] += 1

    def quiet(self, node: str, what: str, *arguments: Any, wire: Wire | None = None) -> Any:
        return self.nodes[node].call(Command(what, arguments, self.clock(node)), wire or self.wire)

    def _point(self, what: str) -> Point:
        """One of those where a command was killed least."""
        there = self._unreached(what) or [one for one in POINTS if what in one.in_]
        least = min(self.kills[what, one] for one in there)
        return self.chance.choice([one for one in there if self.kills[what, one] <= least])

    def _unreached(self, what: str) -> list[Point]:
        reached = {point for _, point in self.kills}
        return [one for one in POINTS if what in one.in_ and one not in reached]

    def wire(self, to: str, body: bytes) -> bytes | None:
        try:
            answer: bytes = self.nodes[to].call(Command("receive", (body,), self.clock(to)))
        except FailedError:
            return None
        return answer

    def without(self, away: str) -> Wire:
        return lambda to, body: None if to == away else self.wire(to, body)

    def bad_wire(self, by: str) -> Wire:
        def carry(to: str, body: bytes) -> bytes | None:
            if self.happens("parcel lost"):
                return None
            if self.happens("parcel delayed, its sender gives up"):
                self.late.append((to, body))
                return None
            if (by, to) not in self.damaged and self.happens("parcel damaged"):
                self.damaged.add((by, to))
                at = self.chance.randrange(len(body))
                body = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
            else:
                self.damaged.discard((by, to))
            if self.happens("parcel twice"):
                self.troubled(to, "receive", body)
                self.late.append((to, body))
            answer: bytes | None = self.troubled(to, "receive", body)
            return None if answer is None or self.happens("answer lost") else answer

        return carry

    def happens(self, what: str) -> bool:
        happens = self.chance.random() < 0.12
        self.counts[what] += happens
        return happens

    def clock(self, node: str) -> datetime:
        return self.at + self.skews[node]
