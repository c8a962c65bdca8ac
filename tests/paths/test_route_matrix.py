"""Every route x every role x own case, another case, another agency: read from the served applications.

A new route without a line here fails. What is expected is written by hand, from what the roles are for.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest

from lintas.desk import sessions
from lintas.model.officer import ROLES
from lintas.web.signing import COOKIE
from tests.desk.verbs import CONTENT, ENTITY, MAKERS, STAFF, Place, World, made
from tests.paths.routes import Route, routes
from tests.serving import served

OWN = {"Sec-Fetch-Site": "same-origin"}
PLACES = ("own", "other_case", "other_agency")


class Expected(NamedTuple):
    """Who gets in. `other_case` None: the route names nothing of a case."""

    own: str
    other_case: str | None = None
    form: dict[str, str] | None = None
    json: Any = None
    may_miss: bool = False  # what the form names is not there, so 404 is an answer to who may ask


def to(own: str, **form: str) -> Expected:
    """A route on the node."""
    return Expected(own, None, form or None)


def missing(own: str, **form: str) -> Expected:
    """A route on the node whose form names a thing that is not there."""
    return Expected(own, None, form or None, None, True)


def on(own: str, other_case: str, **form: str) -> Expected:
    """A route on a thing that stands in a place."""
    return Expected(own, other_case, form or None)


# Asked by browsers and programs that nobody signed in to, and the same for everybody.
OPEN = {
    "GET /healthz",
    "GET /readyz",
    "GET /sign-in",
    "GET /sign-in/provider/back",
    "POST /sign-in",
    "POST /sign-in/link",
    "POST /sign-in/passkey",
    "POST /sign-in/passkey/ask",
    "POST /sign-in/provider",
    "POST /theme",
    "POST /language",
}
EXPECTED: dict[str, Expected] = {
    # pages
    "GET /": to(CONTENT),
    "GET /dossiers/{entity_id:path}": to(CONTENT),
    "GET /lists": to(STAFF),
    "GET /lists/{name}": to(STAFF),
    "GET /lists/{name}/versions/{number}": to(STAFF),
    "GET /profile": to(STAFF),
    "GET /profile/log": to(STAFF),
    "GET /runs": to(STAFF),
    "GET /runs/{number}": on(CONTENT, "supervisor"),
    "GET /runs/{number}/columns": on(CONTENT, "supervisor"),
    "GET /runs/{number}/export/{kind}": on(CONTENT, "supervisor"),
    "GET /runs/{number}/matches/{match}": on(CONTENT, "supervisor"),
    "GET /runs/{number}/matches/{match}/why": on(CONTENT, "supervisor"),
    "GET /runs/{number}/problems": on(CONTENT, "supervisor"),
    "GET /runs/{number}/progress": on(CONTENT, "supervisor"),
    "POST /profile/pages": to(STAFF),
    "POST /profile/passkeys": to(STAFF),
    "POST /profile/passkeys/ask": to(STAFF),
    "POST /profile/passkeys/remove": missing(STAFF),
    "POST /profile/passphrase": to(STAFF),
    "POST /profile/provider": to(STAFF),
    "POST /profile/provider/remove": missing(STAFF),
    "POST /profile/purpose": to(STAFF, purpose="screening"),
    "POST /profile/sessions/end": to(STAFF),
    "POST /profile/tokens": to(STAFF),
    "POST /profile/tokens/revoke": missing(STAFF),
    "POST /runs": to(MAKERS),
    "POST /runs/{number}/again": on(MAKERS, "supervisor", threshold="0.7"),
    "POST /runs/{number}/decide": on(MAKERS, "supervisor", match="1", verdict="different", reason="born later"),
    "POST /runs/{number}/matches/{match}": on(MAKERS, "supervisor", verdict="different", reason="born later"),
    "POST /runs/{number}/stop": on(MAKERS, "supervisor"),
    "POST /sign-out": to(STAFF),
    # the API
    "GET /algorithms": to(STAFF),
    "GET /catalog": to(STAFF),
    "GET /entities/{entity_id:path}": to(CONTENT),
    "GET /entities/{entity_id:path}/adjacent": to(CONTENT),
    "GET /entities/{entity_id:path}/adjacent/{prop}": to(CONTENT),
    "GET /manifest": to(STAFF),
    "GET /metrics": to("administrator inspector"),
    "GET /reconcile/{dataset:path}": to(CONTENT),
    "GET /reconcile/{dataset:path}/extend/property": to(STAFF),
    "GET /reconcile/{dataset:path}/suggest/entity": to(CONTENT),
    "GET /reconcile/{dataset:path}/suggest/property": to(CONTENT),
    "GET /reconcile/{dataset:path}/suggest/type": to(CONTENT),
    "GET /search/{dataset:path}": to(CONTENT),
    "POST /match/{dataset:path}": Expected(
        CONTENT, json={"queries": {"q": {"schema": "Person", "properties": {"name": ["Nobody"]}}}}
    ),
    "POST /reconcile/{dataset:path}": to(CONTENT, queries='{"q": {"query": "Nobody"}}'),
}


class Door(NamedTuple):
    """The world, served, with a session and a token of every officer."""

    world: World
    address: str
    routes: list[Route]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    making = made(tmp_path_factory.mktemp("routes"))
    world = next(making)
    with served(world.office) as address:
        yield Door(world, address, routes(world.office))
    for _ in making:
        pass


def test_every_route_has_its_line_in_this_table(door: Door) -> None:
    assert {str(route) for route in door.routes} == OPEN | set(EXPECTED)


def test_each_role_gets_in_where_the_table_says_and_nowhere_else(door: Door) -> None:
    wrong, n_cells = list[str](), 0
    for route in door.routes:
        if str(route) in OPEN:
            continue
        expected = EXPECTED[str(route)]
        for role in ROLES:
            for place in PLACES if expected.other_case is not None else ("own",):
                n_cells += 1
                may = {"own": expected.own, "other_case": expected.other_case or "", "other_agency": ""}[place]
                status = _ask(door, route, expected, role, door.world.places[place]).status_code
                got_in = status not in (401, 403, 404) or (expected.may_miss and status == 404)
                somewhere = role in expected.own.split()
                # In reach nowhere: told so. In reach elsewhere only: as if it were not there.
                right = got_in if role in may.split() else status == (404 if somewhere else 403)
                if not right or status >= 500:
                    wrong.append(f"{route} as {role} in {place}: {status}")
    assert "\n".join(wrong) == ""
    assert n_cells > 6 * len(EXPECTED)


def test_nobody_gets_in_without_a_session_or_a_token(door: Door) -> None:
    for route in door.routes:
        if str(route) not in OPEN:
            answer = httpx.request(route.method, door.address + _filled(route, door.world.places["own"]), headers=OWN)
            assert answer.status_code == 401, route


def test_a_thing_of_one_run_is_not_found_under_another(door: Door) -> None:
    mine, other = door.world.places["own"], door.world.places["other_case"]
    mixed = Place(mine.run, other.match, mine.case, mine.spare)
    for route in door.routes:
        if "{match}" in route.path:
            answer = _ask(door, route, EXPECTED[str(route)], "supervisor", mixed)
            assert answer.status_code == 404, route
            assert other.match not in (0, mine.match)


def _ask(door: Door, route: Route, expected: Expected, role: str, place: Place) -> httpx.Response:
    office, officer = door.world.office, door.world.officers[role]
    headers, cookies = dict(OWN), dict[str, str]()
    if route.face == "web":
        cookies[COOKIE] = sessions.sign_in(office, sessions.create_link(office, officer))
    else:
        headers["Authorization"] = f"Bearer {sessions.create_token(office, officer)}"
    return httpx.request(
        route.method,
        door.address + _filled(route, place),
        headers=headers,
        cookies=cookies,
        data=expected.form,
        json=expected.json,
        timeout=30,
    )


def _filled(route: Route, place: Place) -> str:
    number = {"runs": place.run, "cases": place.case, "lists": 1}.get(route.path.split("/")[1], place.run)
    values = {
        "{number}": str(number),
        "{match}": str(place.match),
        "{kind}": "csv",
        "{name}": "un_sc",
        "{entity_id:path}": ENTITY,
        "{dataset:path}": "default",
        "{prop}": "sanctions",
    }
    path = route.path
    for name, value in values.items():
        path = path.replace(name, value)
    assert "{" not in path, f"say in _filled what stands for the parameter of {route}"
    return path
