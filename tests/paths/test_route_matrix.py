"""Every route x every role x own case, another case, another agency: read from the served applications.

A new route without a line here fails. What is expected is written by hand, from what the roles are for.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx
import pytest

from lintas.desk import sessions
from lintas.desk.taxii import MEDIA_TYPE
from lintas.model.officer import ROLES
from lintas.web.signing import COOKIE
from tests.desk.cells import Cell, cells
from tests.desk.verbs import ADMIN, CONTENT, ENTITY, MAKERS, STAFF, TAXII, Place, World, made
from tests.paths.routes import Route, routes
from tests.serving import served

OWN = {"Sec-Fetch-Site": "same-origin"}


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
    "POST /exchange/pouches",
    "POST /exchange/messages",
}
EXPECTED: dict[str, Expected] = {
    # pages
    "GET /": to(CONTENT),
    "GET /dossiers/{entity_id:path}": to(CONTENT),
    "GET /exchange": to(STAFF),
    "GET /exchange/peers": to(STAFF),
    "POST /exchange/peers": missing("liaison custodian", card="none"),
    "POST /exchange/peers/confirm": missing("liaison custodian", peer="xc.navy", words="none"),
    "POST /exchange/peers/revoke": missing("liaison custodian", peer="xc.navy", reason="gone"),
    "GET /exchange/matching": to("supervisor liaison"),
    "POST /exchange/matching": missing("supervisor liaison", run="1", peer="xc.navy", name="all"),
    "POST /exchange/matching/end": missing("supervisor liaison", peer="xc.navy", name="all"),
    "GET /exchange/timeliness": to(STAFF),
    "POST /exchange/timeliness": missing("liaison custodian", peer="xc.navy", agreement="general"),
    "GET /exchange/write": to(STAFF),
    "POST /exchange/write": to("supervisor liaison", type="alert", peer="xb.police"),
    "GET /exchange/{number}": on(CONTENT, "supervisor liaison"),
    # Of a message that is not there.
    "GET /exchange/{number}/files/{message}/{place}": Expected(CONTENT, "supervisor liaison", may_miss=True),
    "GET /exchange/{number}/answer": Expected(CONTENT, "supervisor liaison", may_miss=True),
    "POST /exchange/{number}/answer": Expected(
        "supervisor liaison", "supervisor liaison", {"type": "correction"}, may_miss=True
    ),
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
    "GET /runs/{number}/matching": on(CONTENT, "supervisor"),
    "POST /runs/{number}/matching": Expected("supervisor", "supervisor", {"chosen": "xc.navy none"}, may_miss=True),
    "GET /runs/{number}/problems": on(CONTENT, "supervisor"),
    "GET /runs/{number}/progress": on(CONTENT, "supervisor"),
    "POST /profile/email": to(STAFF, address="me@agency.example"),
    "POST /profile/pages": to(STAFF),
    "POST /profile/passkeys": to(STAFF),
    "POST /profile/passkeys/ask": to(STAFF),
    "POST /profile/passkeys/remove": missing(STAFF),
    "POST /profile/passphrase": to(STAFF),
    "POST /profile/provider": missing(STAFF),
    "POST /profile/provider/remove": missing(STAFF),
    "POST /profile/purpose": to(STAFF, purpose="screening"),
    "POST /profile/sessions/end": to(STAFF),
    "POST /profile/sessions/end-one": missing(STAFF),
    "POST /profile/tokens": to(STAFF),
    "POST /profile/tokens/revoke": missing(STAFF),
    "POST /runs": to(MAKERS),
    "POST /runs/{number}/again": on(MAKERS, "supervisor", threshold="0.7"),
    "POST /runs/{number}/decide": on(MAKERS, "supervisor", match="{match}", verdict="different", reason="born later"),
    "POST /runs/{number}/matches/{match}": on(MAKERS, "supervisor", verdict="different", reason="born later"),
    "POST /runs/{number}/stop": on(MAKERS, "supervisor"),
    "POST /sign-out": to(STAFF),
    "GET /administration": to("administrator supervisor inspector custodian"),
    "GET /administration/health": to("administrator inspector"),
    "GET /administration/jobs": to("administrator supervisor"),
    "GET /administration/log": to("administrator custodian inspector"),
    "GET /administration/officer": to(ADMIN),
    "GET /administration/officer/{officer_id}": to("administrator supervisor inspector"),
    "GET /administration/officers": to("administrator supervisor inspector"),
    "GET /administration/settings": to("administrator custodian"),
    "GET /administration/tokens": to(ADMIN),
    "POST /administration/jobs/{number}/stop": missing(ADMIN),
    "POST /administration/officer": to(ADMIN, officer_id="x y", role="analyst", clearance="restricted"),
    "POST /administration/officer/{officer_id}": to(
        ADMIN, name="The Maker", role="analyst", clearance="restricted", agency="own"
    ),
    "POST /administration/officer/{officer_id}/disable": to(ADMIN),
    "POST /administration/officer/{officer_id}/enable": to(ADMIN),
    "POST /administration/officer/{officer_id}/reset": to(ADMIN),
    "POST /administration/settings": to(ADMIN, name="retention_days", value="4000"),
    "POST /administration/tokens/revoke": missing(ADMIN, token="none"),
    "GET /audit": to("inspector"),
    "GET /audit/export/{kind}": to("inspector"),
    "GET /audit/subject/{subject:path}": to("supervisor inspector"),
    "POST /audit/verify": to("administrator custodian inspector"),
    "GET /cases": to(STAFF),
    "POST /cases": to(MAKERS, title="A new matter"),
    "GET /cases/{number}": on(CONTENT, "supervisor"),
    "POST /cases/{number}/assign": on("supervisor", "supervisor", who="maker"),
    "POST /cases/{number}/close": on("supervisor", "supervisor"),
    "POST /cases/{number}/runs": on(MAKERS, "supervisor", run="{run}"),
    "POST /cases/{number}/withdraw": on("supervisor", "supervisor", who="alice"),
    "GET /glass": to(STAFF),
    "POST /glass": missing(CONTENT, run="999", reason="A life is at risk now"),
    "POST /glass/{number}/review": to("supervisor inspector", finding="It was right to do so"),
    "GET /inbox": to(STAFF),
    "GET /inbox/runs/{number}/matches/{match}/why": on(CONTENT, "supervisor"),
    "POST /inbox/decide": on(MAKERS, "supervisor", match="{run}-{match}", verdict="different", reason="born later"),
    "GET /proposals/{number}": on("supervisor", "supervisor"),
    "GET /proposals/{number}/files/{place}": Expected("supervisor", "supervisor", may_miss=True),
    "GET /proposals/{number}/why": on("supervisor", "supervisor"),
    "POST /proposals/{number}": on("supervisor", "supervisor", decision="refuse", reason="not now"),
    "POST /runs/{number}/matches/{match}/outcome": on(MAKERS, "supervisor", kind="report", reason="it is them"),
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
    # TAXII; nothing is loaded here
    "DELETE /{root:root}/collections/{collection}/objects/{object_id}/": missing(TAXII),
    "DELETE /{root:root}/{rest:unended}": to(STAFF),
    "GET /taxii2/": missing(TAXII),
    "GET /{root:root}/": missing(TAXII),
    "GET /{root:root}/collections/": missing(TAXII),
    "GET /{root:root}/collections/{collection}/": missing(TAXII),
    "GET /{root:root}/collections/{collection}/manifest/": missing(TAXII),
    "GET /{root:root}/collections/{collection}/objects/": missing(TAXII),
    "GET /{root:root}/collections/{collection}/objects/{object_id}/": missing(TAXII),
    "GET /{root:root}/collections/{collection}/objects/{object_id}/versions/": missing(TAXII),
    "GET /{root:root}/status/{status}/": missing(TAXII),
    "GET /{root:root}/{rest:unended}": to(STAFF),
    "POST /{root:root}/collections/{collection}/objects/": missing(TAXII),
    "POST /{root:root}/{rest:unended}": to(STAFF),
}


CELLS = cells((name, expected.other_case is not None) for name, expected in EXPECTED.items())


class Door(NamedTuple):
    """The world, served, with a session and a token of every officer."""

    world: World
    address: str
    routes: list[Route]
    keys: dict[str, tuple[str, str]]  # session and token by role


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    making = made(tmp_path_factory.mktemp("routes"))
    world = next(making)
    office = world.office
    keys = {role: (_session(world, role), sessions.create_token(office, world.officers[role])) for role in ROLES}
    with served(office) as address:
        yield Door(world, address, routes(office), keys)
    for _ in making:
        pass


def test_every_route_has_its_line_in_this_table(door: Door) -> None:
    assert {str(route) for route in door.routes} == OPEN | set(EXPECTED)


def test_each_role_gets_in_where_the_table_says_and_nowhere_else(
    door: Door, record_property: Callable[[str, Any], None]
) -> None:
    asked = [cell for cell in CELLS if cell.role in ROLES]
    wrong = [f"{cell}: {status}" for cell in asked if not _is_right(cell, status := _status(door, cell))]
    assert not wrong, "\n".join(wrong)
    record_property("cells of the matrix of routes tried", len(asked))


def test_nobody_gets_in_without_a_session_or_a_token(door: Door, record_property: Callable[[str, Any], None]) -> None:
    asked = [cell for cell in CELLS if cell.role not in ROLES]
    for cell in asked:
        route, place = _route(door, cell), door.world.places[cell.place]
        answer = httpx.request(route.method, door.address + _filled(route, place), headers=OWN)
        assert answer.status_code == 401, cell
    record_property("cells of the matrix of routes tried", len(asked))


@pytest.mark.parametrize("role", ["analyst", "liaison", "supervisor"])
def test_what_is_out_of_reach_looks_like_what_is_not_there(door: Door, role: str) -> None:
    away, nowhere = door.world.places["other_agency"], Place(*[999999] * len(Place._fields))
    n_tried = 0
    for name, expected in EXPECTED.items():
        if expected.other_case is not None and role in expected.own.split():
            route = _route(door, Cell(name, role, "other_agency"))
            there, absent = (_ask(door, route, expected, role, place) for place in (away, nowhere))
            numbers = {*away, *nowhere}
            assert (there.status_code, _blank(there, numbers)) == (absent.status_code, _blank(absent, numbers)), name
            n_tried += 1
    assert n_tried > 5


def test_a_thing_of_one_run_is_not_found_under_another(door: Door) -> None:
    mine, other = door.world.places["own"], door.world.places["other_case"]
    mixed = mine._replace(match=other.match)
    for route in door.routes:
        if "{match}" in route.path:
            answer = _ask(door, route, EXPECTED[str(route)], "supervisor", mixed)
            assert answer.status_code == 404, route
            assert other.match not in (0, mine.match)


def _is_right(cell: Cell, status: int) -> bool:
    expected = EXPECTED[cell.name]
    got_in = status not in (401, 403, 404) or (expected.may_miss and status == 404)
    if cell.may(expected.own, expected.other_case or ""):
        return got_in and status < 500
    # Out of reach here, and in reach elsewhere: as if it were not there.
    return status == 404 or (status == 403 and cell.role not in expected.own.split())


def _status(door: Door, cell: Cell) -> int:
    return _ask(door, _route(door, cell), EXPECTED[cell.name], cell.role, door.world.places[cell.place]).status_code


def _route(door: Door, cell: Cell) -> Route:
    return next(route for route in door.routes if str(route) == cell.name)


def _ask(door: Door, route: Route, expected: Expected, role: str, place: Place) -> httpx.Response:
    session, token = door.keys[role]
    if str(route) == "POST /sign-out":
        session = _session(door.world, role)
    by_token = {} if route.face == "web" else {"Authorization": f"Bearer {token}"}
    return httpx.request(
        route.method,
        door.address + _filled(route, place),
        headers=OWN | by_token | ({"Content-Type": MEDIA_TYPE} if "{root:root}" in route.path else {}),
        cookies={COOKIE: session} if route.face == "web" else None,
        files={"file": ("customers.csv", b"name\nNobody At All\n")} if str(route) == "POST /runs" else None,
        data={name: _placed(value, place) for name, value in (expected.form or {}).items()} or None,
        json=expected.json,
        timeout=30,
    )


def _blank(answer: httpx.Response, numbers: set[int]) -> str:
    """What an answer says, without the numbers that were asked for and the time that every page shows."""
    text = re.sub(r"<time .*?</time>", "", answer.text)
    return re.sub(rf"\b({'|'.join(map(str, numbers))})\b", "*", text)


def _session(world: World, role: str) -> str:
    return sessions.sign_in(world.office, sessions.create_link(world.office, world.officers[role]))


def _placed(value: str, place: Place) -> str:
    return value.replace("{run}", str(place.run)).replace("{match}", str(place.match))


def _filled(route: Route, place: Place) -> str:
    numbers = {
        "runs": place.run,
        "inbox": place.run,
        "cases": place.case,
        "proposals": place.proposal,
        "exchange": place.thread,
    }
    number = numbers.get(route.path.split("/")[1], 1)
    if route.path.endswith("/close"):
        number = place.spare
    values = {
        "{number}": str(number),
        "{match}": str(place.match),
        "{message}": "999",
        "{place}": "0",
        "{kind}": "csv",
        "{name}": "un_sc",
        "{officer_id}": "bob",
        "{subject:path}": f"entity:{ENTITY}",
        "{entity_id:path}": ENTITY,
        "{dataset:path}": "default",
        "{prop}": "sanctions",
        "{root:root}": "none",
        "{collection}": "none",
        "{object_id}": "none",
        "{status}": "none",
        "{rest:unended}": "collections",
    }
    path = route.path
    for name, value in values.items():
        path = path.replace(name, value)
    assert "{" not in path, f"say in _filled what stands for the parameter of {route}"
    return path
