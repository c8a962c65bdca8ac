"""What every answer carries and what none says, on every route as the application has them, whatever goes wrong."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from lintas.cli.serving import application
from lintas.desk import officers, sessions
from lintas.web.signing import COOKIE
from tests.doors.conftest import INSIDES, OWN, World
from tests.doors.routes import Door
from tests.serving import running
from tests.web import node

pytestmark = pytest.mark.xdist_group("doors")

SAID_AS = ("application/json", "text/html", "application/taxii+json")  # of errors
METHODS = ("DELETE", "PUT", "PATCH", "TRACE", "OPTIONS", "HEAD", "POST", "GET", "PROPFIND")
LAX = ("'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:", "blob:")
NO_NUMBERS = ("limit", "offset", "page", "number", "match", "threshold", "nested", "changed_since")
TOO_LONG = str(10**12)  # bytes that a request says it has


def safe(answer: httpx.Response) -> int:
    """The headers of any answer, and nothing of the insides in it; its status."""
    said, headers = f"{answer.request.method} {answer.request.url} {answer.status_code}", answer.headers
    assert headers["x-content-type-options"] == "nosniff", said
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'", said
    assert policy["form-action"] in ("'none'", "'self'"), said
    assert not any(source in LAX for sources in policy.values() for source in sources.split()), said
    assert headers["referrer-policy"] in ("no-referrer", "same-origin"), said
    assert headers["cross-origin-resource-policy"] == "same-origin", said
    assert "camera=()" in headers["permissions-policy"], said
    is_kept = answer.request.url.path.startswith("/static/") and answer.status_code == 200
    assert is_kept or headers["cache-control"] == "no-store", said
    assert not {"server", "x-powered-by"} & headers.keys(), said
    if answer.status_code >= 400:
        assert not INSIDES.search(answer.text), f"{said} {answer.text[:500]}"
        assert not answer.content or headers["content-type"].split(";")[0] in SAID_AS, said
    return answer.status_code


def usual(client: httpx.Client, door: Door) -> httpx.Response:
    return client.request(door.method, door.address(), **door.usual())  # type: ignore[arg-type]


def test_an_answer_as_any_other(world: World, served: list[Door]) -> None:
    statuses = set[int]()
    for door in served:
        answer = usual(world.api if door.is_api else world.officer, door)
        statuses.add(safe(answer))
        if answer.status_code == 401 or door.path == "/sign-out":
            world.sign_in()
    assert {200, 303} <= statuses


def test_an_answer_to_nobody_and_to_another_site(world: World, served: list[Door]) -> None:
    statuses = set[int]()
    with httpx.Client(base_url=world.officer.base_url, timeout=30) as stranger:
        for door in served:
            statuses.add(safe(usual(stranger, door)))
            stranger.headers.update({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"})
            statuses.add(safe(usual(stranger, door)))
            stranger.headers.update({**OWN, "Authorization": "ApiKey none", "Cookie": f"{COOKIE}=none"})
            statuses.add(safe(usual(stranger, door)))
            stranger.headers = httpx.Headers()
    assert {200, 401, 403} <= statuses


def test_a_method_that_a_route_does_not_have(world: World, served: list[Door]) -> None:
    had = {(door.method, door.path) for door in served}
    statuses = set[int]()
    for door in served:
        for method in METHODS:
            if (method, door.path) not in had:
                answer = world.officer.request(method, door.address())
                statuses.add(safe(answer))
                assert method != "TRACE" or answer.status_code in (403, 404, 405)
    assert 405 in statuses
    for path in (
        "/nowhere",
        "/runs/1/nowhere",
        "/static/../../etc/passwd",
        "/static/",
        "/.git/config",
        "/%00",
    ):
        assert safe(world.officer.get(path)) in (200, 400, 403, 404)


def test_what_does_not_fit(world: World, served: list[Door]) -> None:
    statuses = set[int]()
    for door in served:
        client = world.api if door.is_api else world.officer
        for place in door.places:
            if place.name in NO_NUMBERS:
                statuses.add(safe(client.send(place.request(client, "no number"))))
        if door.takes_json:
            json = {"Content-Type": "application/json"}
            statuses.update(
                safe(client.post(door.address(), content=body, headers=json)) for body in (b"", b"[]", b"{")
            )
    assert {400, 404, 422} <= statuses


def test_a_body_that_is_too_large(world: World, served: list[Door]) -> None:
    """Asked in this process: no client would say that it has more than it sends."""

    async def answers() -> list[tuple[Door, httpx.Response]]:
        who = {**OWN, "Authorization": world.api.headers["Authorization"], "Content-Length": TOO_LONG}
        cookies = {COOKIE: node.session(world.office)}
        transport = httpx.ASGITransport(world.app, raise_app_exceptions=False)
        address = "http://127.0.0.1"
        async with httpx.AsyncClient(transport=transport, base_url=address, headers=who, cookies=cookies) as client:
            return [(door, await client.post(door.address(), content=b"x")) for door in served if door.method == "POST"]

    found = asyncio.run(answers())
    assert {safe(answer) for door, answer in found if not door.is_api or door.takes_json} == {413}
    assert len(found) > 10


@pytest.fixture(params=["node.sqlite", "log.sqlite"])
def broken(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """A program and an officer of a node that lost the tables of a database while it is served."""
    office = node.worked_in(tmp_path / "node")
    token = sessions.create_token(office, officers.owner(office))
    session = node.session(office)
    with running(application(office)) as url:
        usual_get = httpx.get(f"{url}/catalog", headers={"Authorization": f"ApiKey {token}"})
        assert usual_get.status_code == 200
        with sqlite3.connect(office.node / request.param, timeout=30) as database:
            database.execute("PRAGMA foreign_keys = OFF")
            for kind, name in database.execute("SELECT type, name FROM sqlite_master").fetchall():
                if kind in ("table", "view") and not name.startswith("sqlite_"):
                    database.execute(f'DROP {kind} IF EXISTS "{name}"')
        database.close()
        with (
            httpx.Client(base_url=url, headers={"Authorization": f"ApiKey {token}"}, timeout=30) as api,
            httpx.Client(base_url=url, headers=OWN, cookies={COOKIE: session}, timeout=30) as officer,
        ):
            yield api, officer
    office.close()


def test_a_failure_that_nobody_expected(broken: tuple[httpx.Client, httpx.Client], served: list[Door]) -> None:
    api, officer = broken
    asked = [door for door in served if door.path != "/sign-out"]  # which ends the session of all that follow
    statuses = [safe(usual(api if door.is_api else officer, door)) for door in asked]
    assert sum(status >= 500 for status in statuses) > len(served) / 3
    assert 500 in statuses
