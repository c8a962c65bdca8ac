"""A process that loads a list is killed (kill -9) at several moments: the node holds one version wholly."""

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from lintas.desk import intake, lookup
from lintas.desk.office import Office, Settings, open_office
from lintas.store import lists
from tests.desk.cast import ALICE
from tests.desk.entries import is_whole, load, people, person, write
from tests.forking import forked

N, CHUNK = 120, 40  # so that a load writes in several pieces
OLD = people(N)
NEW = [*(person(i, f"New Name {i}") for i in range(30, N)), *(person(i) for i in range(N, N + 20))]
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)

# The moment: the n-th statement that begins so, or the n-th time that this is counted.
MOMENTS = {
    "entities read": 1,
    "INSERT INTO list_versions": 1,
    "UPDATE statements": 2,
    "INSERT INTO statements": 3,
    "UPDATE entities": 91,  # 90 are changed, then come those that are removed
    "commit": 1,
    "the log of what was done": 1,
    "entities indexed": 1,
}
LOADED_BEFORE_IT_DIED = {"the log of what was done", "entities indexed"}


def _die(at: str) -> Callable[[str], None]:
    """Count what happens, and die when it is `at`."""
    left = MOMENTS[at]

    def happens(what: str) -> None:
        nonlocal left
        if what.startswith(at):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return happens


def _load_and_die(settings: Settings, path: Path, moment: str) -> None:
    office = open_office(settings, now=lambda: AT)
    happens = _die(moment)

    def executed(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        is_last = statement.startswith("INSERT INTO log ") and "'done'" in repr(parameters).replace('"', "'")
        happens("the log of what was done" if is_last else statement)

    for engine in (office.database.engine, office.log.engine):
        event.listen(engine, "before_cursor_execute", executed)
    event.listen(office.database.engine, "commit", lambda _: happens("commit"))
    intake.load(office, ALICE, "ftm", [path], accept_removals=True, progress=lambda what, n: happens(what))


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_load_that_is_killed_leaves_one_version_wholly_and_the_next_load_works(
    office: Office, tmp_path: Path, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "CHUNK", CHUNK)
    load(office, OLD)
    settings = Settings(office.node, office.database.engine.url.render_as_string(hide_password=False))
    office.close()  # a child must not share an open connection
    path = write(tmp_path / "new.json", NEW)
    child = forked(_load_and_die, settings, path, moment)
    child.join(120)
    assert child.exitcode == -signal.SIGKILL, "it did not come to this moment"

    opened = open_office(settings)
    is_new = moment in LOADED_BEFORE_IT_DIED
    with opened.database.read() as connection:
        assert is_whole(connection, NEW if is_new else OLD, 2 if is_new else 1)
    assert lookup.current(opened).index.n_entities == len(NEW if is_new else OLD)
    report = intake.load(opened, ALICE, "ftm", [path], accept_removals=True)
    assert (report.is_new, report.version.number) == (not is_new, 2)
    with opened.database.read() as connection:
        assert is_whole(connection, NEW, 2)
    opened.close()
