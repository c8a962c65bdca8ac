"""Controls of OWASP ASVS 5.0 that no other test holds: small ones, over HTTP and over the sources. See docs/asvs.md."""

import ast
import asyncio
import io
import json
import logging
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI

import lintas
from lintas.cli import journal
from lintas.cli.serving import application
from lintas.desk import officers, oidc, passphrases, provider, sessions, trail
from lintas.desk.office import Office, Settings, open_office
from lintas.desk.origin import Origin
from lintas.model.errors import SignInError
from lintas.web.signing import COOKIE
from tests.oidc.running import ENVIRONMENT, sign_in_there
from tests.oidc.running import provider as provider_of_tests
from tests.paths.routes import routes
from tests.serving import served

SOURCES = Path(lintas.__file__).parent
SCRIPTS = SOURCES / "web" / "assets"
OWN = {"Sec-Fetch-Site": "same-origin"}
WORDS = "heron lantern mango tide"
PAGES = ("/", "/runs", "/lists", "/profile", "/profile/log")
OTHERS = (
    "/nowhere",
    "/sign-in",
    "/static/nothing",
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/match/default",
    "/metrics",
)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A node without lists on which Rina, an analyst, has a passphrase."""
    office = open_office(Settings(tmp_path_factory.mktemp("controls") / "node"))
    passphrases.set_own(office, officers.add(office, officers.owner(office), "rina", roles=["analyst"]), WORDS)
    yield office
    office.close()


@pytest.fixture(scope="module")
def address(node: Office) -> Iterator[str]:
    with served(node) as url:
        yield url


@pytest.fixture
def session(node: Office) -> str:
    return sessions.sign_in(node, sessions.create_link(node, officers.acting(node, "rina")))


@pytest.fixture
def rina(address: str, session: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, cookies={COOKIE: session}, headers=OWN, timeout=60) as client:
        yield client


def test_every_answer_of_both_faces_carries_the_headers(rina: httpx.Client, session: str) -> None:
    for path in (*PAGES, *OTHERS):
        answer = rina.get(path)
        policy = answer.headers["content-security-policy"].split("; ")
        assert {"default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= {*policy}, (
            path
        )
        assert not [part for part in policy if "unsafe" in part or "*" in part or "http" in part], path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["referrer-policy"] in ("same-origin", "no-referrer"), path
        assert answer.headers["cache-control"] == "no-store" or path.startswith("/static/"), path
        assert "access-control-allow-origin" not in answer.headers, path
        assert session not in answer.text, path


def test_over_https_every_answer_keeps_browsers_there_for_a_year(node: Office) -> None:
    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=application(node))
        async with httpx.AsyncClient(transport=transport, base_url="https://node.example") as client:
            return [await client.get(path) for path in (*PAGES, *OTHERS)]

    with ThreadPoolExecutor(1) as thread:  # the browser's tools may have an event loop in this one
        answers = thread.submit(lambda: asyncio.run(ask())).result(timeout=60)
    assert {one.headers["strict-transport-security"] for one in answers} == {"max-age=31536000; includeSubDomains"}


def test_what_is_sent_says_what_it_is_and_in_which_letters(rina: httpx.Client) -> None:
    for path in (*PAGES, *OTHERS):
        kind = rina.get(path).headers["content-type"]
        assert kind == "application/json" or "charset=utf-8" in kind.lower(), (path, kind)
    parts = re.findall(r'"(/static/[^"]+\.(?:js|css))"', rina.get("/").text)
    assert parts
    for part in parts:
        wanted = "text/css" if part.endswith("css") else "javascript"
        assert wanted in rina.get(part).headers["content-type"]


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "PUT", "DELETE", "PATCH", "PROPFIND"])
def test_other_methods_are_refused_and_nothing_is_sent_back(rina: httpx.Client, method: str) -> None:
    for path in ("/", "/runs", "/healthz", "/match/default", "/static/nothing"):
        answer = rina.request(method, path, headers={"X-Seen": "a header of the request"})
        assert answer.status_code in (403, 404, 405), path
        assert "a header of the request" not in answer.text, path


def test_nothing_of_the_workshop_is_served(rina: httpx.Client, node: Office) -> None:
    faces = [application(node)]
    faces += [inner for one in faces[0].routes if isinstance(inner := getattr(one, "app", None), FastAPI)]
    assert [face.debug for face in faces] == [False, False]
    paths = ("/.git/config", "/.env", "/static/", "/static/assets/", "/static/../app.py", "/docs", "/redoc")
    for path in (*paths, "/debug", "/console", "/static/%2e%2e/app.py", "/node.sqlite", "/keys/log.ed25519"):
        assert rina.get(path).status_code == 404, path


def test_a_field_of_a_form_is_taken_from_its_body_alone(address: str, session: str) -> None:
    told = {"name": "rina", "passphrase": WORDS}
    with httpx.Client(base_url=address, headers=OWN, timeout=60) as client:
        assert client.post("/sign-in", params=told).status_code == 401
        assert client.post("/sign-in", headers=told).status_code == 401
        assert client.post("/sign-in", data=told).status_code == 303
    with httpx.Client(base_url=address, headers=OWN) as client:
        assert client.get("/lists", params={COOKIE: session}).status_code == 401
        assert client.get("/lists", headers={COOKIE: session, "Authorization": f"Bearer {session}"}).status_code == 401
        assert client.get("/lists", headers={"Cookie": f"{COOKIE}={session}"}).status_code == 200


def test_a_form_sets_what_it_is_for_and_nothing_else(rina: httpx.Client, node: Office) -> None:
    before = officers.acting(node, "rina")
    more = {"roles": "administrator", "clearance": "3", "agency": "another", "id": "owner", "officer": "owner"}
    assert rina.post("/profile/pages", data={"theme": "dark", **more}).status_code == 303
    rina.post("/profile/purpose", data={"purpose": "screening", **more})
    assert officers.acting(node, "rina") == before


def test_every_page_leads_out_and_signing_out_clears_what_was_kept(rina: httpx.Client) -> None:
    for path in PAGES:
        assert 'action="/sign-out"' in rina.get(path).text, path
    answer = rina.post("/sign-out")
    assert answer.headers["clear-site-data"] == '"cache"'
    assert rina.get("/lists").status_code == 401


def test_a_passphrase_is_masked_and_may_be_pasted_or_filled_in(rina: httpx.Client, address: str) -> None:
    for page in (httpx.get(f"{address}/sign-in").text, rina.get("/profile").text):
        fields = [
            one for one in re.findall(r"<input[^>]+>", page) if re.search(r'name="(passphrase|current|new|again)"', one)
        ]
        assert fields
        for field in fields:
            assert 'type="password"' in field
            assert re.search(r'autocomplete="(current|new)-password"', field)
            assert "maxlength" not in field
    assert not [path for path in SCRIPTS.glob("scripts/*.ts") if "paste" in path.read_text()]


def test_a_passphrase_is_taken_as_it_came_and_for_as_long_as_one_likes(tmp_path: Path) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    office = open_office(Settings(tmp_path / "node"), now=lambda: now[0])
    bob = officers.add(office, officers.owner(office), "bob", roles=["analyst"])
    longest = ("Heron lantern " * 20)[: passphrases.LONGEST - 1] + "!"
    passphrases.set_own(office, bob, longest)
    now[0] += timedelta(days=5 * 365)
    for wrong in (longest.casefold(), longest[:64], longest.strip("!")):
        with pytest.raises(SignInError):
            passphrases.sign_in(office, "bob", wrong)
    assert passphrases.sign_in(office, "bob", longest)
    office.close()


@pytest.mark.parametrize("name", ["owner", "admin", "root"])
def test_a_new_node_has_nobody_whose_secret_is_known(address: str, name: str) -> None:
    for passphrase in ("", name):
        answer = httpx.post(
            f"{address}/sign-in", data={"name": name, "passphrase": passphrase}, headers=OWN, timeout=60
        )
        assert answer.status_code == 401


def test_a_text_is_decoded_once_and_is_no_template(rina: httpx.Client) -> None:
    page = rina.get("/?q=%253Cb%253E").text
    assert 'value="%3Cb%3E"' in page
    for text in ("{{7*191}}", "${7*191}", "%(officer)s %s %d", "{0.__class__} {request}", "#{7*191}"):
        page = rina.get("/", params={"q": text}).text
        assert f'value="{text}"' in page
        assert "1337" not in page


def called(tree: ast.AST) -> Iterator[str]:
    for part in ast.walk(tree):
        if isinstance(part, ast.Call):
            yield ast.unparse(part.func)
        elif isinstance(part, ast.Import):
            yield from (f"import {one.name}" for one in part.names)
        elif isinstance(part, ast.ImportFrom):
            yield f"import {part.module}"


def test_no_code_is_made_of_data_and_no_command_is_run() -> None:
    """No eval, no shell, no pickle, no template out of a text; JSON is all that is taken apart. Mail: see its tests."""
    modules = ("subprocess", "pickle", "marshal", "shelve", "dill", "yaml", "code", "codeop", "ldap3")
    refused = {*(f"import {one}" for one in modules), "eval", "exec", "compile", "__import__", "os.system", "os.popen"}
    found = list[str]()
    for path in sorted(SOURCES.rglob("*.py")):
        if "node_modules" not in path.parts:
            names = list(called(ast.parse(path.read_text())))
            assert names or path.stat().st_size < 300, path
            found += [f"{path.name}: {name}" for name in names if name in refused or name.endswith(".from_string")]
    assert found == []


def test_scripts_of_the_pages_keep_nothing_and_make_no_code() -> None:
    """Only a mark for single keys is kept in the browser; text becomes no HTML, and nothing is merged into objects."""
    held = {path.name: path.read_text() for path in (*SCRIPTS.glob("scripts/*.ts"), SCRIPTS / "main.ts")}
    assert len(held) > 5
    text = "\n".join(held.values())
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert word not in text
    for word in (
        "sessionStorage",
        "indexedDB",
        "document.cookie",
        "postMessage",
        "__proto__",
        "Object.assign",
        "constructor[",
    ):
        assert word not in text
    assert re.findall(r"localStorage\.setItem\(([^)]*)\)", text) == ['OFF, "1"']


def spoken(address: str, said: bytes) -> bytes:
    """What the node answers to bytes on a connection, until it closes it or has answered to `Connection: close`."""
    place = urlsplit(address)
    with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
        connection.sendall(said)
        answer = b""
        while block := connection.recv(65536):
            answer += block
        return answer


def test_where_a_request_ends_is_read_in_one_way(address: str) -> None:
    """Two lengths, or a length beside chunks: refused, or the chunks count (RFC 9112, 6.3)."""
    head = b"POST /theme HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n"
    hidden = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    for length in (b"Content-Length: 5\r\nContent-Length: 60", b"Content-Length: 5, 60", b"Content-Length: +5"):
        answer = spoken(address, head + length + b"\r\n\r\nab=cd" + hidden)
        assert answer.startswith(b"HTTP/1.1 400"), length
        assert b'"status"' not in answer
    both = head + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert spoken(address, both + hidden).count(b"HTTP/1.1 ") == 1
    odd = head + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"
    assert spoken(address, odd + hidden).count(b"HTTP/1.1 ") == 1


def test_times_of_both_logs_are_utc(rina: httpx.Client, node: Office) -> None:
    rina.get("/lists")
    row = trail.find(node, officers.owner(node)).rows[0]
    assert datetime.fromisoformat(row.at).utcoffset() == timedelta(0)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(journal.Line())
    handler.handle(logging.makeLogRecord({"name": "lintas.x", "msg": "one\ntwo", "levelno": 20, "levelname": "INFO"}))
    assert stream.getvalue().count("\n") == 1
    assert datetime.fromisoformat(json.loads(stream.getvalue())["time"]).utcoffset() == timedelta(0)


def test_there_is_no_socket_and_no_query_language_to_abuse(node: Office) -> None:
    """Plain HTTP routes are all there is: no WebSocket, no GraphQL."""
    assert not [route for route in routes(node) if "graphql" in route.path.lower()]
    assert not [one for one in application(node).routes if type(one).__name__.endswith("WebSocketRoute")]


def test_no_weak_hash_or_random_number_is_made() -> None:
    """SHA-256 or stronger, and the system's generator, for whatever they are used."""
    found = list[str]()
    for path in sorted(SOURCES.rglob("*.py")):
        if "node_modules" not in path.parts:
            names = called(ast.parse(path.read_text()))
            weak = [one for one in names if re.search(r"\b(md5|sha1|random)\b", one)]
            found += [f"{path.name}: {one}" for one in weak if path.name != "feed.py"]  # MISP names values by MD5
    assert found == []


def test_what_the_provider_gave_is_dropped(sqlite_office: Office) -> None:
    """Neither its code nor its tokens are kept, nor given to the browser; only who it was."""
    origin = Origin("http", "127.0.0.1", 8000)
    with provider_of_tests() as issuer:
        there = provider.configured({**ENVIRONMENT, "LINTAS_OIDC_ISSUER": issuer})
        assert there is not None
        me = officers.owner(sqlite_office)
        oidc.bind(sqlite_office, me, me.id, issuer, "b.santoso")
        departure = oidc.ask(sqlite_office, there, origin, "/")
        back = urlsplit(sign_in_there(departure.address, "b.santoso"))
        answer = {name: values[0] for name, values in parse_qs(back.query).items()}
        arrival = oidc.sign_in(sqlite_office, there, origin, departure.browser, answer)
    assert sessions.holder(sqlite_office, arrival.session, "session").id == me.id
    for path in sqlite_office.node.glob("*.sqlite*"):
        held = path.read_bytes()
        assert b"eyJ" not in held, path  # how every signed token begins
        assert answer["code"].encode() not in held, path
