"""Fixtures of the desk's tests: a clock that the test moves, officers of each role."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lintas.desk import trail
from lintas.desk.office import Office
from tests.desk.cast import ALICE, enlist


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        """Let time pass: hours=1, minutes=15."""
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(office: Office, clock: Clock) -> Office:
    """An empty node that lives by `clock`, and knows the cast."""
    made = replace(office, now=clock)
    enlist(made)
    return made


@pytest.fixture
def sqlite_timed(sqlite_office: Office, clock: Clock) -> Office:
    """The same on SQLite, for tests that do not touch what differs between databases."""
    made = replace(sqlite_office, now=clock)
    enlist(made)
    return made


@pytest.fixture
def log() -> Callable[[Office], list[tuple[str, str, str]]]:
    """Read the log of a node, the oldest row first: officer, verb, outcome."""

    def read(office: Office) -> list[tuple[str, str, str]]:
        found = trail.find(office, ALICE, limit=500).rows[1:]  # the newest is this look itself
        return [(row.officer, row.verb, row.outcome) for row in reversed(found)]

    return read
