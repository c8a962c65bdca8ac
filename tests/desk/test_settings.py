"""Settings: who may read and change them, what they may be, and that they hold at once."""

import math
from typing import Any

import pytest

from lintas.desk import clocks, custodians, four_eyes, retention, settings
from lintas.desk.office import Office
from lintas.model.errors import DeniedError, InputError, LintasError, NotFoundError
from lintas.model.officer import Officer
from tests.desk.cast import ALICE, BOB, CHARLIE
from tests.desk.conftest import Clock
from tests.desk.entries import rows

NO_DAYS: tuple[Any, ...] = (0, -1, 36_501, "7", 7.5, True, [])
CUSTODIAN = Officer("kemal", frozenset({"custodian"}))


def test_the_start_values_hold_until_somebody_sets_others(office: Office) -> None:
    held = settings.read(office, CHARLIE)
    assert held["retention_days"].value is None
    assert held["four_eyes"].value == list(four_eyes.START)
    assert held["freeze_within_h"].value == clocks.START["freeze_within_h"]
    assert {one.set_by for one in held.values()} == {None}


def test_what_was_set_is_read_back_with_who_and_when(timed: Office, clock: Clock) -> None:
    clock.move(hours=1)
    for name, value in (("retention_days", 365), ("four_eyes", ["backup.keys"]), ("freeze_within_h", 4)):
        settings.change(timed, CHARLIE, name, value)
        held = settings.read(timed, CUSTODIAN)[name]
        assert (held.value, held.set_by, held.set_at) == (value, "charlie", clock())
    assert settings.read(timed, CHARLIE)["review_within_h"].set_by is None


def test_they_hold_at_once_for_what_asks_them(office: Office) -> None:
    assert four_eyes.asked_for(office, "runs.erase")
    settings.change(office, CHARLIE, "four_eyes", ["outcomes.report"])
    assert not four_eyes.asked_for(office, "runs.erase")
    assert four_eyes.asked_for(office, "outcomes.report")
    settings.change(office, CHARLIE, "answer_within_h", 1.5)
    with office.database.read() as connection:
        assert clocks.read(connection, office.now()).limits_h["answer_within_h"] == (1.5, False)
    settings.change(office, CHARLIE, "retention_days", 30)
    assert retention.keeping(office, CHARLIE).days == 30


def test_everything_that_can_ask_for_a_second_officer_can_be_set(office: Office) -> None:
    """And nothing else: a name that nobody asks about would look like a protection."""
    settings.change(office, CHARLIE, "four_eyes", [*reversed(settings.VERBS), settings.VERBS[0]])
    assert settings.read(office, CHARLIE)["four_eyes"].value == list(settings.VERBS)
    assert set(four_eyes.START) <= set(settings.VERBS)
    assert custodians.VERB in settings.VERBS


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        *(("retention_days", value, "bad_setting") for value in NO_DAYS),
        *(("four_eyes", value, "bad_setting") for value in ("runs.erase", ["runs.read"], [1], None, {"a": 1})),
        *(
            ("freeze_within_h", value, "bad_setting")
            for value in (0, -1, 8761, "4", None, True, math.nan, math.inf, [1], 10**9)
        ),
        *((name, 1, "unknown_setting") for name in ("custodians", "", "x" * 1000, "Four_eyes", "\x00")),
    ],
)
def test_what_cannot_be_set_is_refused_and_changes_nothing(office: Office, name: str, value: Any, code: str) -> None:
    before = rows(office, "settings")
    with pytest.raises((InputError, NotFoundError)) as caught:
        settings.change(office, CHARLIE, name, value)
    assert caught.value.code == code
    assert rows(office, "settings") == before


@pytest.mark.parametrize("officer", [BOB, CUSTODIAN, Officer("anna", frozenset({"inspector"})), Officer("mallory")])
def test_only_an_administrator_changes_them(office: Office, officer: Officer) -> None:
    for name, value in (("retention_days", 1), ("four_eyes", []), ("nosuch", 1)):
        with pytest.raises(DeniedError):
            settings.change(office, officer, name, value)
    assert rows(office, "settings")["settings"] == []


def test_who_may_not_read_them_is_refused(office: Office) -> None:
    with pytest.raises(DeniedError):
        settings.read(office, BOB)


def test_a_token_changes_none(office: Office) -> None:
    with pytest.raises(LintasError):
        settings.change(office, Officer("alice", ALICE.roles, via="token"), "four_eyes", [])
