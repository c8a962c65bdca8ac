"""Lists by the clock: their publishers are asked as often as was said, and what goes wrong is an alarm."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import orjson
import pytest

from lintas.desk import alarms, intake, jobs, refresh
from lintas.desk.office import Office
from lintas.model.errors import DeniedError, InputError, NotFoundError
from lintas.model.listing import ListSource
from lintas.sources import catalogue
from lintas.store import jobs as kept
from tests.desk.background import held
from tests.desk.cast import ALICE, BOB, CHARLIE
from tests.desk.conftest import Clock
from tests.desk.entries import load, people
from tests.desk.publisher import MACHINE, Publisher, publishing

EVERY_H = 6


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    """A publisher of the list `ftm` on this machine, to be asked every six hours."""
    true_source, true_refresh = catalogue.source, refresh.refresh
    with publishing() as serving:

        def source(name: str) -> ListSource:
            its = {"urls": (serving.url(),), "hosts": ("127.0.0.1",), "every_h": EVERY_H} if name == "ftm" else {}
            return replace(true_source(name), **its)  # type: ignore[arg-type]

        monkeypatch.setattr(catalogue, "source", source)
        monkeypatch.setattr(refresh, "refresh", partial(true_refresh, outside=MACHINE))
        publish(serving, 10)
        yield serving


def publish(publisher: Publisher, n: int, etag: str = '"one"') -> None:
    publisher.files["/list.json"] = b"".join(orjson.dumps(one) + b"\n" for one in people(n))
    publisher.etags["/list.json"] = etag


def raised(office: Office) -> list[tuple[str, str]]:
    return [(alarm.list, alarm.kind) for alarm in alarms.alarms(office, BOB)]


def refreshes(office: Office) -> list[tuple[str, Any]]:
    return [(one.status, one.result and one.result.get("version")) for one in held(office, "refresh")]


def test_nobody_is_asked_until_an_officer_says_so(timed: Office, clock: Clock, publisher: Publisher) -> None:
    load(timed, people(10))
    with jobs.worker(timed):
        clock.move(days=10)
    assert (held(timed, "refresh"), publisher.asked, jobs.scheduled(timed, BOB)) == ([], [], frozenset())


def test_a_list_is_asked_for_as_often_as_its_source_says_by_the_node_itself(
    timed: Office, clock: Clock, publisher: Publisher
) -> None:
    jobs.schedule(timed, CHARLIE, "ftm", is_on=True)
    jobs.schedule(timed, CHARLIE, "ftm", is_on=True)
    assert jobs.work(timed) is not None
    assert refreshes(timed) == [("done", 1), ("queued", None)]
    assert jobs.work(timed) is None
    clock.move(hours=EVERY_H)
    publish(publisher, 11, '"two"')
    jobs.work(timed)
    clock.move(hours=EVERY_H)
    jobs.work(timed)
    assert refreshes(timed) == [("done", 1), ("done", 2), ("done", None), ("queued", None)]
    assert {version.loaded_by for version in intake.versions(timed, ALICE, "ftm")} == {"node"}


def test_a_schedule_that_is_switched_off_is_off_and_one_that_runs_ends(
    timed: Office, clock: Clock, publisher: Publisher
) -> None:
    jobs.schedule(timed, CHARLIE, "ftm", is_on=True)
    with timed.database.write() as connection:
        taken = kept.claim(connection, ["refresh"], at=clock.at, stale_before=None)
    assert jobs.scheduled(timed, BOB) == {"ftm"}
    jobs.schedule(timed, CHARLIE, "ftm", is_on=False)
    jobs.schedule(timed, CHARLIE, "ftm", is_on=False)
    assert (jobs.scheduled(timed, BOB), held(timed, "refresh")[0].status) == (frozenset(), "running")
    assert taken is not None
    with timed.database.write() as connection:
        assert kept.end(connection, taken, status="done", at=clock.at)
    assert refreshes(timed) == [("done", None)]
    jobs.schedule(timed, CHARLIE, "ftm", is_on=True)
    jobs.schedule(timed, CHARLIE, "ftm", is_on=False)
    assert refreshes(timed) == [("done", None), ("stopped", None)]


def test_a_refresh_that_is_started_now_is_the_one_that_waits(timed: Office, clock: Clock, publisher: Publisher) -> None:
    jobs.schedule(timed, CHARLIE, "ftm", is_on=True)
    jobs.work(timed)
    clock.move(hours=1)
    first, second = jobs.start_refresh(timed, CHARLIE, "ftm"), jobs.start_refresh(timed, CHARLIE, "ftm")
    assert (first.number, first.due_at, first.every_h) == (second.number, clock.at, EVERY_H)
    jobs.work(timed)
    assert refreshes(timed) == [("done", 1), ("done", None), ("queued", None)]


def test_it_is_for_an_administrator_and_for_lists_that_have_an_address(timed: Office) -> None:
    for call in (
        lambda: jobs.schedule(timed, BOB, "un_sc", is_on=True),
        lambda: jobs.start_refresh(timed, BOB, "un_sc"),
        lambda: jobs.latest(timed, BOB),
    ):
        with pytest.raises(DeniedError):
            call()
    for name, kind in (("ftm", InputError), ("atlantis", NotFoundError)):
        with pytest.raises(kind):
            jobs.start_refresh(timed, CHARLIE, name)
    assert held(timed) == []


class TestAlarms:
    def test_a_list_is_late_when_nobody_saw_it_for_twice_as_long_as_it_should_be(
        self, timed: Office, clock: Clock, publisher: Publisher
    ) -> None:
        refresh.refresh(timed, ALICE, "ftm")
        clock.move(hours=2 * EVERY_H)
        assert raised(timed) == []
        clock.move(seconds=1)
        assert raised(timed) == [("ftm", "late")]
        assert refresh.refresh(timed, ALICE, "ftm") is None, "nothing new"
        assert raised(timed) == []

    def test_a_list_that_is_fictional_or_has_no_address_is_never_late(self, timed: Office, clock: Clock) -> None:
        load(timed, people(10))
        intake.load(timed, ALICE, "un_sc", catalogue.samples("un_sc"), fictional=True)
        clock.move(days=100)
        assert raised(timed) == []

    def test_a_refresh_that_failed_is_an_alarm_until_one_went_well_or_the_list_was_loaded_by_hand(
        self, timed: Office, clock: Clock, publisher: Publisher
    ) -> None:
        publisher.files.clear()
        jobs.schedule(timed, CHARLIE, "ftm", is_on=True)
        jobs.work(timed)
        (alarm,) = alarms.alarms(timed, BOB)
        assert (alarm.list, alarm.kind, alarm.since) == ("ftm", "failed", clock.at)
        assert alarm.error is not None
        assert alarm.error["code"] == "publisher_silent"
        publish(publisher, 10)
        clock.move(hours=EVERY_H)
        jobs.work(timed)
        assert raised(timed) == []
        publisher.files.clear()
        publisher.etags.clear()
        clock.move(hours=EVERY_H)
        jobs.work(timed)
        assert raised(timed) == [("ftm", "failed")]
        clock.move(minutes=1)
        load(timed, people(11))
        assert raised(timed) == []

    def test_a_refresh_that_a_guard_refused_is_an_alarm_of_its_own(
        self, timed: Office, clock: Clock, publisher: Publisher
    ) -> None:
        refresh.refresh(timed, ALICE, "ftm")
        publish(publisher, 3, '"two"')
        clock.move(hours=1)
        jobs.start_refresh(timed, CHARLIE, "ftm")
        jobs.work(timed)
        assert raised(timed) == [("ftm", "refused")]
        assert held(timed, "refresh")[0].status == "failed"
        assert len(intake.versions(timed, ALICE, "ftm")) == 1
