"""What a process is killed in the middle of, and what must hold after that."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from lintas.desk.office import Office, Settings, open_office
from tests.faults.killing import Say

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


class Deed(NamedTuple):
    """`make` a node; `act` on it in another process, which says what is acknowledged; `check` it against that."""

    make: Callable[[Settings], None]
    act: Callable[[Settings, Say], None]
    check: Callable[[Settings, Sequence[str]], None]


@contextmanager
def at_work(settings: Settings, *, later: timedelta = timedelta()) -> Iterator[Office]:
    """The node, open."""
    office = open_office(settings, now=lambda: AT + later)
    try:
        yield office
    finally:
        office.close()
