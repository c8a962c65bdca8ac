"""Work in the background and retention by command."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lintas.cli.main import app
from lintas.desk import demonstration, exports, jobs, officers, runs
from lintas.desk.office import Office
from lintas.model.errors import ConflictError, InputError
from lintas.store import settings
from tests.conftest import load_samples
from tests.desk.background import until

Run = Callable[..., str]


@pytest.fixture
def office(sqlite_office: Office) -> Office:
    """A node with a run that is done and one that waits; nobody is asked for a second officer."""
    me = officers.owner(sqlite_office)
    load_samples(sqlite_office, me)
    for _ in range(2):
        runs.create(sqlite_office, me, demonstration.CUSTOMERS, fictional=True)
    jobs.work(sqlite_office)
    with sqlite_office.database.write() as connection:
        settings.put(connection, "four_eyes", [], by="owner", at=sqlite_office.now())
    return sqlite_office


@pytest.fixture
def lintas(office: Office, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on the node; what it says. Raises what it refuses."""
    monkeypatch.setenv("COLUMNS", "250")
    monkeypatch.delenv("LINTAS_DATABASE_URL", raising=False)

    def command(*words: object) -> str:
        ended: Result = CliRunner().invoke(app, ["--node", str(office.node), *map(str, words)])
        if ended.exception is not None:
            raise ended.exception
        return ended.output

    return command


def rows(text: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split() for line in text.splitlines()[1:]}


def test_jobs_are_listed_with_how_far_they_are(lintas: Run) -> None:
    held = rows(lintas("jobs", "list"))
    assert held["1"][1:5] == ["screen", "run", "1", "done"]
    assert held["2"][1:5] == ["screen", "run", "2", "queued"]


def test_what_waits_is_done_or_stopped_by_command(lintas: Run) -> None:
    assert "Job 2 is stopped" in lintas("jobs", "stop", 2)
    assert "Job 3 is queued" in lintas("jobs", "export", 1, "csv")
    assert "1 job done" in lintas("jobs", "work")
    held = rows(lintas("jobs", "list"))
    assert (held["2"][4], held["3"][4]) == ("stopped", "done")


def test_a_screening_by_command_beside_a_served_node_comes_to_its_end_once(
    lintas: Run, office: Office, tmp_path: Path
) -> None:
    me = officers.owner(office)
    with jobs.worker(office):
        said = lintas("screen", demonstration.CUSTOMERS, "--out", tmp_path / "results.csv", "--fictional")
        until(lambda: all(job.status == "done" for job in jobs.latest(office, me) if job.kind == "screen"))
    assert "Run 3" in said
    assert [run.status for run in runs.latest(office, me)] == ["done"] * 3
    assert {run.n_done for run in runs.latest(office, me)} == {runs.get(office, me, 1).n_done}
    assert (tmp_path / "results.csv").stat().st_size > 1000


def test_a_list_is_scheduled_and_no_more(lintas: Run, office: Office) -> None:
    assert "by the clock" in lintas("jobs", "schedule", "un_sc")
    assert jobs.scheduled(office, officers.owner(office)) == {"un_sc"}
    lintas("jobs", "schedule", "un_sc", "--off")
    assert jobs.scheduled(office, officers.owner(office)) == frozenset()
    with pytest.raises(InputError):
        lintas("jobs", "refresh", "ftm")


def test_for_how_long_runs_are_kept_is_shown_and_set(lintas: Run) -> None:
    assert lintas("retention", "show").startswith("Runs are kept for ever.\nFATF Recommendation 11")
    lintas("retention", "keep", 1826)
    assert lintas("retention", "show").startswith("Runs are erased 1826 days after their end.")
    assert "0 runs erased" in lintas("retention", "run")
    lintas("retention", "keep")
    assert lintas("retention", "show").startswith("Runs are kept for ever.")


def test_a_run_is_held_released_and_erased(lintas: Run, office: Office) -> None:
    assert "under legal hold" in lintas("retention", "hold", 1, "--reason", "order of the court")
    with pytest.raises(ConflictError):
        lintas("retention", "erase", 1, "--reason", "sent by mistake")
    assert "no longer held" in lintas("retention", "release", 1, "--reason", "order lifted")
    lintas("jobs", "export", 1, "csv")
    lintas("jobs", "work")
    assert "Run 1 is erased" in lintas("retention", "erase", 1, "--reason", "sent by mistake")
    assert list(exports.folder(office).iterdir()) == []


def test_where_a_second_officer_is_asked_for_it_says_so(lintas: Run, office: Office) -> None:
    with office.database.write() as connection:
        settings.put(connection, "four_eyes", ["runs.erase"], by="owner", at=office.now())
    assert "waits for a second officer" in lintas("retention", "erase", 1, "--reason", "sent by mistake")
    assert runs.get(office, officers.owner(office), 1).erased_at is None
