"""kill -9 at any moment of a deed: see `work` and `safety` for what must hold after it."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import killing
from tests.faults.exchange import EXCHANGE
from tests.faults.killing import Ended
from tests.faults.nodes import Copies, prepared
from tests.faults.safety import SAFETY
from tests.faults.work import WORK

DEEDS = WORK | SAFETY | EXCHANGE
KINDS = ("sqlite", "postgresql")
PLACES = [(name, kind) for name in DEEDS for kind in KINDS]
# A few for every day: each deed once, and on PostgreSQL those that are most of a transaction.
SOME = [*((name, "sqlite") for name in DEEDS), *((name, "postgresql") for name in list(DEEDS)[::2])]
N_KILLS = int(os.environ.get("FAULTS", "500"))  # in all, of the long test
SEED = int(os.environ.get("FAULTS_SEED", "20260301"))
MOST_TRIES = 20  # for a kill that comes after the end is none; on a busy machine the first time is slow


class Bench:
    """A deed on one kind of database, done again and again on copies of one node."""

    def __init__(self, name: str, copies: Copies) -> None:
        self.name, self.deed, self._copies = name, DEEDS[name], copies
        self._whole: Ended | None = None

    def whole(self) -> Ended:
        """The deed from its beginning to its end, with nobody killed."""
        if self._whole is None:
            self._whole = self._done(killing.Death())
        return self._whole

    def kill(self, chance: random.Random) -> str:
        """Kill it once somewhere and check; when."""
        whole = self.whole()
        for _ in range(MOST_TRIES):
            death = killing.deaths(whole, chance)
            if self._done(death).is_killed:
                return str(death)
        raise AssertionError(f"{self.name}: it was always over before it was killed")

    def _done(self, death: killing.Death) -> Ended:
        settings = self._copies.copy()
        ended = killing.let(self.deed.act, settings, death)
        try:
            self.deed.check(settings, ended.said)
        except BaseException as error:
            error.add_note(f"{self.name}, killed {death}; it had said {list(ended.said)}; see {settings.node}")
            raise
        self._copies.drop(settings)
        return ended


@pytest.fixture
def bench(tmp_path: Path, new_database: Callable[[str], str]) -> Callable[[str, str], Bench]:
    """Prepare a deed on a kind of database."""

    def make(name: str, kind: str) -> Bench:
        return Bench(name, prepared(DEEDS[name].make, tmp_path / "nodes", new_database(kind)))

    return make


@pytest.mark.parametrize(("name", "kind"), SOME)
def test_nothing_acknowledged_is_lost_and_nothing_half_done_is_seen(
    bench: Callable[[str, str], Bench], name: str, kind: str
) -> None:
    chance = random.Random(f"{SEED} {name} {kind}")
    bench(name, kind).kill(chance)


@pytest.mark.long
@pytest.mark.parametrize(("name", "kind"), PLACES)
def test_the_same_many_times(
    bench: Callable[[str, str], Bench], name: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = PLACES.index((name, kind))
    n_kills = len(range(place, N_KILLS, len(PLACES)))
    killed = bench(name, kind)
    when = [killed.kill(random.Random(f"{SEED} {name} {kind} {n}")) for n in range(n_kills)]
    by_clock = sum(one.startswith("after") for one in when)
    with capsys.disabled():
        how = f"{len(when) - by_clock} at a statement, {by_clock} by the clock"
        print(f"\n{len(when)} kills while {name} on {kind}: {how}; nothing was lost")
