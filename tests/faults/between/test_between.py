"""Three nodes as processes: killed at every step, over a wire that loses, repeats, delays and disorders."""

import os
import shutil
import time
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from lintas.desk import intake, runs
from lintas.desk.office import Office, Settings, open_office
from lintas.sources import catalogue
from tests.desk.cast import ALICE
from tests.faults.between.holds import check
from tests.faults.between.points import POINTS
from tests.faults.between.script import A, B
from tests.faults.between.storm import Storm
from tests.faults.between.trouble import Kills
from tests.nodes.region import NAMES, Region
from tests.nodes.test_matching import ASKED, HEADER, HELD, SOFIA

N_FAULTS = int(os.environ.get("FAULTS_BETWEEN", "1000"))  # in all, of the long test
SEED = os.environ.get("FAULTS_SEED", "20260301")
EACH = 60  # faults while one work is done


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three nodes that met, two of them with customers to match."""
    folder = tmp_path_factory.mktemp("met")
    region = Region(folder)
    for node, rows in ((A, ASKED), (B, HELD)):
        office = region.nodes[node]
        intake.load(office, ALICE, "ftm", catalogue.samples("ftm"), fictional=True)
        (office.scratch / "run.csv").write_text(HEADER + rows)
        run = runs.create(office, SOFIA, office.scratch / "run.csv", fictional=True)
        runs.work(office, run.number)
    region.close()
    return folder


def weathered(met: Path, folder: Path, seed: str, n_faults: int, kills: Kills) -> Counter[str]:
    """The whole work under so many faults, and what must hold after it; the faults by kind."""
    shutil.copytree(met, folder)
    storm = Storm(folder, seed, kills)
    try:
        storm.rage(n_faults)
        storm.calm()
    finally:
        storm.end()
    with ExitStack() as stack:
        nodes = dict[str, Office]()
        for name in NAMES:
            nodes[name] = open_office(Settings(folder / name), now=lambda: storm.at + timedelta(minutes=1))
            stack.callback(nodes[name].close)
        try:
            check(nodes, storm.said)
        except BaseException as error:
            error.add_note(f"seed {seed}; see {folder}; {dict(storm.counts)}")
            raise
    shutil.rmtree(folder)
    return storm.counts


def test_what_was_sent_is_kept_once_whatever_fails(met: Path, tmp_path: Path) -> None:
    counts = weathered(met, tmp_path / "some", SEED, 30, Kills())
    assert counts.total() >= 30


@pytest.mark.long
def test_the_same_under_a_thousand_faults(met: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counts, kills, n = Counter[str](), Kills(), 0
    started = time.monotonic()
    while counts.total() < N_FAULTS:
        counts += weathered(met, tmp_path / str(n), f"{SEED} {n}", EACH, kills)
        n += 1
    with capsys.disabled():
        print(f"\n{counts.total()} faults between nodes in {n} works, {time.monotonic() - started:.0f} s; all held")
        for what, times in sorted(counts.items()):
            print(f"{times:6} {what}")
        print("of the kills in the middle, by point:")
        for point in POINTS:
            print(f"{sum(kills[what, point] for what in point.in_):6} {point}")
    reached = {point for _, point in kills}
    assert N_FAULTS < 1000 or not [str(one) for one in POINTS if one not in reached], "points where nobody was killed"
