"""Work among three nodes while everything fails that can."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from pathlib import Path

from tests.faults.between.script import NODES, Deed, perform, script
from tests.faults.between.trouble import Kills, Trouble

SKEW = timedelta(minutes=10)
PAIRS = tuple(permutations(NODES, 2))
MOST_ROUNDS = 40  # until everything is delivered, once nothing fails any more
MOST_STEPS = 2000


class Storm(Trouble):
    """`said`: ids of messages that a node told its officer to have sent, and the node."""

    def __init__(self, folder: Path, seed: str, kills: Kills) -> None:
        super().__init__(folder, seed, kills)
        self.open, self.said = script(), dict[str, str]()
        self.rotated, self.broken_off = set[str](), set[str]()

    def rage(self, n_faults: int) -> None:
        """Work and fail until there were so many faults."""
        for _ in range(MOST_STEPS):
            if self.counts.total() >= n_faults:
                return
            self.at += timedelta(seconds=self.chance.randint(1, 300))
            self.chance.choices(*zip(*self._steps(), strict=True))[0]()
        raise AssertionError(f"only {self.counts.total()} faults in {MOST_STEPS} steps")

    def calm(self) -> None:
        """Nothing fails any more: what is left of the work is done, what is late comes in, all is delivered."""
        self.skews = dict.fromkeys(NODES, timedelta())
        for node in self.broken_off:
            self.quiet(node, "rotate")
        for _ in range(MOST_ROUNDS):
            self.at += timedelta(hours=1)
            for deed in self._doable():
                self._perform(deed)
            n = sum(self.quiet(one, "deliver", other) for one, other in PAIRS)
            if n == 0 and not self.open:
                break
        for to, parcel in self.late:
            self.quiet(to, "receive", parcel)
        self.at += timedelta(days=4)
        for name in NODES[:1] * 2:  # the one that holds what ends with its day
            self.troubled(name, "retain")
        for name in NODES:
            self.quiet(name, "retain")
        for one, other in PAIRS * 3:
            self.quiet(one, "deliver", other)

    def _steps(self) -> list[tuple[Callable[[], None], int]]:
        return [
            (self._work, 30),
            (self._deliver, 50),
            (self._reorder, 10),
            (self._carry, 8),
            (self._late_comes, 5),
            (self._skew, 3),
            (self._outage, 1),
            (self._rotate, 3),
            (self._die_at_rest, 1),
        ]

    def _doable(self) -> list[Deed]:
        return self.open[:-1] or self.open

    def _work(self) -> None:
        if self.open:
            self._perform(self.chance.choice(self._doable()[:6]), is_troubled=True)

    def _perform(self, deed: Deed, *, is_troubled: bool = False) -> None:
        """An officer does it; after a fault it stands or not, and is done again later unless it stands."""
        arguments = (perform, deed.do, deed.mark)
        made = self.troubled(deed.node, "act", *arguments) if is_troubled else self.quiet(deed.node, "act", *arguments)
        if made is not None:
            self.said[made] = deed.node
            self.open.remove(deed)

    def _deliver(self) -> None:
        one, other = self.chance.choice(PAIRS)
        self.troubled(one, "deliver", other, wire=self.bad_wire(one))

    def _reorder(self) -> None:
        """What waits is handed in in another order, and nobody hears an answer."""
        one, other = self.chance.choice(PAIRS)
        parcels = self.quiet(one, "waiting", other)
        shuffled = self.chance.sample(parcels, len(parcels))
        if shuffled != parcels:
            self.counts["parcels in another order"] += 1
            for parcel in shuffled:
                self.troubled(other, "receive", parcel)

    def _carry(self) -> None:
        """What waits goes by a file, and the answer comes back by another; a file may be lost, or taken twice."""
        one, other = self.chance.choice(PAIRS)
        file = self.troubled(one, "make", other)
        if file is None or self.happens("a file is lost"):
            return
        if self.happens("a file is taken twice"):
            self.troubled(other, "take", file)
        answer = self.troubled(other, "take", file)
        if answer is None or self.happens("the file of the answer is lost"):
            return
        if self.happens("the file of the answer is taken twice"):
            self.troubled(one, "take", answer)
        self.troubled(one, "take", answer)

    def _late_comes(self) -> None:
        if self.late:
            self.counts["parcel comes late, after others"] += 1
            to, parcel = self.late.pop(self.chance.randrange(len(self.late)))
            self.troubled(to, "receive", parcel)

    def _skew(self) -> None:
        node, skew = self.chance.choice(NODES), self.chance.choice((-SKEW, timedelta(), SKEW))
        self.counts["clock of a node 10 minutes off"] += bool(skew) and skew != self.skews[node]
        self.skews[node] = skew

    def _outage(self) -> None:
        """A node is away for 24 hours; the others try, and what they have for it waits."""
        away = self.chance.choice(NODES)
        self.nodes[away].kill()
        self.counts["node away for 24 hours"] += 1
        for _ in range(4):
            self.at += timedelta(hours=6)
            for one, other in PAIRS:
                if one != away:
                    self.quiet(one, "deliver", other, wire=self.without(away))

    def _rotate(self) -> None:
        """New keys; what was broken off is done by calling it again, a while later."""
        node = self.chance.choice(NODES)
        if node in self.broken_off:
            self.quiet(node, "rotate")
            self.broken_off.remove(node)
        elif node not in self.rotated:
            self.rotated.add(node)
            self.counts["keys renewed, messages on their way"] += 1
            if self.troubled(node, "rotate") is None:
                self.broken_off.add(node)

    def _die_at_rest(self) -> None:
        self.nodes[self.chance.choice(NODES)].kill()
        self.counts["kill -9 at rest"] += 1
