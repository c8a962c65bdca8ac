"""The worker in the background: it screens what waits, and outlives what breaks."""

import threading
from typing import Any

import pytest

from lintas.desk import jobs, runs
from lintas.desk.office import Office
from tests.desk.cast import ALICE, BOB
from tests.desk.customers import LISTED, create
from tests.desk.entries import load


def ended(office: Office, number: int) -> str:
    for _ in range(100):
        run = runs.get(office, BOB, number)
        if run.status not in ("queued", "running"):
            return run.status
        threading.Event().wait(0.05)
    return "never"


def test_it_screens_what_waits_and_what_comes(office: Office) -> None:
    load(office, LISTED)
    first = create(office)
    with jobs.worker(office):
        assert ended(office, first.number) == "done"
        assert ended(office, create(office, 7).number) == "done"


def test_it_outlives_a_run_that_breaks_off(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    load(office, LISTED)
    true_match, broken = runs._match, create(office)

    def match(*args: Any) -> Any:
        monkeypatch.setattr(runs, "_match", true_match)
        raise ZeroDivisionError

    monkeypatch.setattr(runs, "_match", match)
    with jobs.worker(office):
        assert ended(office, broken.number) == "failed"
        assert ended(office, create(office).number) == "done"


def test_who_waits_for_a_run_that_nobody_screens_screens_it(office: Office) -> None:
    load(office, LISTED)
    run = create(office)
    assert runs.wait(office, ALICE, run.number).status == "done"
