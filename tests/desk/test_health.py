"""How the node is, in words: each part says so when it is not well."""

import os
import shutil

import pytest

from lintas.desk import health, jobs, measures
from lintas.desk.health import MIN_FREE_BYTES, Health
from lintas.desk.life import ALIVE, alive
from lintas.desk.office import Office
from lintas.model.errors import DeniedError
from tests.desk.background import held, until
from tests.desk.cast import BOB, CHARLIE, enlist
from tests.desk.conftest import Clock
from tests.desk.customers import LISTED, create, done
from tests.desk.entries import load
from tests.desk.waiting import INES, SARI

PARTS = ["database", "log", "policies", "index", "worker", "disk", "lists", "jobs", "peers", "stamps", "mail"]


@pytest.fixture
def node(timed: Office, clock: Clock) -> Office:
    """A node that is well."""
    load(timed, LISTED)
    enlist(timed, SARI, INES)
    seen(timed, clock)
    return timed


def seen(office: Office, clock: Clock) -> None:
    """The worker lives, by the test's clock."""
    alive(office)
    os.utime(office.node / ALIVE, (clock.at.timestamp(),) * 2)


def unwell(state: Health) -> dict[str, str]:
    return {check.name: check.words for check in state.checks if not check.is_well}


def test_a_node_that_is_well_says_so_of_every_part(node: Office) -> None:
    state = health.state(node, CHARLIE)
    assert [check.name for check in state.checks] == PARTS
    assert (unwell(state), state.is_well, state.alarms) == ({}, True, ())


def test_it_is_for_who_looks_after_the_node(node: Office) -> None:
    assert health.state(node, INES).is_well
    for officer in (BOB, SARI):
        with pytest.raises(DeniedError):
            health.state(node, officer)


def test_a_worker_that_is_silent_for_a_minute_is_seen(node: Office, clock: Clock) -> None:
    clock.move(seconds=60)
    assert "worker" not in unwell(health.state(node, CHARLIE))
    clock.move(seconds=1)
    assert unwell(health.state(node, CHARLIE)) == {"worker": "The worker's last sign of life is 61 s old"}
    (node.node / ALIVE).unlink()
    assert "No worker was ever seen" in unwell(health.state(node, CHARLIE))["worker"]


def test_a_worker_that_has_nothing_to_do_gives_signs_of_life(office: Office) -> None:
    assert measures.taken(office).worker_silent_s is None
    with jobs.worker(office):
        until(lambda: measures.taken(office).worker_silent_s is not None)
        os.utime(office.node / ALIVE, (0, 0))
        until(lambda: (measures.taken(office).worker_silent_s or 0) < 60)


def test_a_log_that_does_not_fit_its_kept_head_is_seen(node: Office) -> None:
    with node.log.write() as connection:
        connection.exec_driver_sql("DELETE FROM log WHERE number > 1")
    assert set(unwell(health.state(node, CHARLIE))) == {"log"}


def test_an_index_that_is_missing_is_seen(node: Office) -> None:
    for folder in node.index.iterdir():
        shutil.rmtree(folder)
    assert unwell(health.state(node, CHARLIE)) == {"index": "The index of the lists is not built"}


def test_a_disk_that_is_nearly_full_is_seen(node: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    nearly_full = shutil.disk_usage(node.node)._replace(free=MIN_FREE_BYTES - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: nearly_full)
    assert set(unwell(health.state(node, CHARLIE))) == {"disk"}


def test_jobs_that_failed_are_seen_for_a_day(node: Office, clock: Clock) -> None:
    run = create(node)
    for path in node.raw.rglob(run.file["sha256"]):
        path.unlink()
    jobs.work(node)
    assert held(node)[0].status == "failed"
    assert unwell(health.state(node, CHARLIE)) == {"jobs": "1 jobs failed since yesterday"}
    clock.move(days=1, seconds=1)
    seen(node, clock)
    assert unwell(health.state(node, CHARLIE)) == {}


def test_the_node_in_numbers(node: Office, clock: Clock) -> None:
    done(node)
    create(node)
    clock.move(hours=5)
    taken = measures.read(node, CHARLIE)
    assert taken.jobs == {("screen", "done"): 1, ("screen", "queued"): 1}
    assert (taken.n_waiting_matches, taken.list_age_s, taken.is_index_ready) == (3, {"ftm": 5 * 3600.0}, True)
    assert (taken.worker_silent_s, taken.n_log_rows > 5) == (5 * 3600, True)
    assert min(taken.database_bytes, taken.log_bytes, taken.free_bytes) > 1000
