"""A node of its own for what would harm it: worked in, served whole, asked by an officer and by a program."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI

from lintas.cli.serving import application
from lintas.desk import officers, sessions
from lintas.desk.office import Office
from lintas.web.signing import COOKIE
from tests.doors.routes import Door, Place, doors
from tests.serving import running
from tests.web import node

# What an answer must never say: where the code stands, what it calls, what it asked the database.
INSIDES = re.compile(
    r"Traceback \(|File \"|\.py\b|site-packages|sqlalchemy|sqlite3?\.|psycopg|pydantic|starlette|uvicorn|"
    r"lintas\.(?:desk|store|web)|SELECT .* FROM|INSERT INTO|no such table|object at 0x"
)
OWN = {"Sec-Fetch-Site": "same-origin"}  # what a browser says of a request of a page of the same host


@dataclass
class World:
    """The node, its application, and who asks it."""

    office: Office
    app: FastAPI
    api: httpx.Client
    officer: httpx.Client

    def sign_in(self) -> None:
        """A new session for the officer, who may have been signed out."""
        self.officer.cookies.clear()
        self.officer.cookies.set(COOKIE, node.session(self.office))

    def ask(self, place: Place, text: str) -> httpx.Response:
        """Send `text` at a place, as the one who is asked for there."""
        client = self.api if place.door.is_api else self.officer
        answer = client.send(place.request(client, text))
        if answer.status_code == 401 or place.door.path == "/sign-out":
            self.sign_in()
        return answer


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    office = node.worked_in(tmp_path_factory.mktemp("doors") / "node")
    app = application(office)
    token = {"Authorization": f"ApiKey {sessions.create_token(office, officers.owner(office))}"}
    with (
        running(app) as url,
        httpx.Client(base_url=url, headers=token, timeout=60) as api,
        httpx.Client(base_url=url, headers=OWN, timeout=60) as officer,
    ):
        made = World(office, app, api, officer)
        made.sign_in()
        yield made
    office.close()


@pytest.fixture(scope="session")
def served(world: World) -> list[Door]:
    """Every route, as the application has them."""
    return doors(world.app, entity_id=node.a_dossier(world.office))


@pytest.fixture
def tried(record_property: Callable[[str, object], None]) -> Iterator[Callable[[int], None]]:
    """Count what was sent; the sum over all tests stands at the end of the run."""
    total = 0

    def count(n: int) -> None:
        nonlocal total
        total += n

    yield count
    record_property("bad inputs tried", total)
