"""Signing in over HTTP: who is let in, with which cookie, where to; and what no other site makes a browser do."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import html

from lintas.desk import officers, passphrases, profile, sessions
from lintas.desk.office import Office, Settings, open_office
from lintas.model.errors import InputError, SignInError
from lintas.model.officer import Officer
from lintas.web.app import build
from lintas.web.signing import COOKIE
from tests.serving import served
from tests.web.conftest import OWN

pytestmark = pytest.mark.xdist_group("web")
WORDS = "heron lantern mango tide"
ELSEWHERE = ("cross-site", "same-site")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A node on which Rina and Sari have a passphrase."""
    office = open_office(Settings(tmp_path_factory.mktemp("signing") / "node"))
    for name in ("rina", "sari"):
        made = officers.add(office, officers.owner(office), name, roles=["analyst"])
        passphrases.set_own(office, made, WORDS)
    yield office
    office.close()


@pytest.fixture(scope="module")
def address(node: Office) -> Iterator[str]:
    with served(node) as url:
        yield url


@pytest.fixture
def rina(node: Office) -> Officer:
    return officers.acting(node, "rina")


@pytest.fixture
def browser_of(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, headers=OWN, timeout=60) as client:
        yield client


def let_in(client: httpx.Client, name: str = "rina", passphrase: str = WORDS, **more: str) -> httpx.Response:
    return client.post("/sign-in", data={"name": name, "passphrase": passphrase, **more})


def over_https(node: Office, *requests: httpx.Request) -> list[httpx.Response]:
    """What the pages answer over https, one request after another in one browser."""

    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=build(node))
        async with httpx.AsyncClient(transport=transport, base_url="https://node.example") as client:
            return [await client.send(request) for request in requests]

    # In a thread of its own: the browser's tools may have an event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(ask())).result(timeout=60)


def test_name_and_passphrase_let_in_and_lead_to_where_one_was_going(browser_of: httpx.Client) -> None:
    refused = browser_of.get("/lists?x=1")
    assert refused.status_code == 401
    page: Any = html.fromstring(refused.text)
    back = str(page.xpath("//form[@action='/sign-in']//input[@name='back']/@value")[0])
    answer = let_in(browser_of, back=back)
    assert (answer.status_code, answer.headers["location"]) == (303, "/lists?x=1")
    assert browser_of.get("/lists").status_code == 200


@pytest.mark.parametrize("name", ["rina", " rina ", "Rina"])
def test_the_name_is_read_as_people_write_it(browser_of: httpx.Client, name: str) -> None:
    assert let_in(browser_of, name).status_code == 303


def test_the_cookie_is_for_this_host_and_no_script_or_other_site(browser_of: httpx.Client, node: Office) -> None:
    said = let_in(browser_of).headers.get_list("set-cookie")[0].lower()
    assert said.startswith(f"{COOKIE}=")
    assert {"httponly", "samesite=strict", "path=/", "max-age=43200"} <= set(said.split("; "))
    assert "domain" not in said


def test_over_https_the_cookie_is_bound_to_the_host_by_its_name(node: Office) -> None:
    form = {"name": "rina", "passphrase": WORDS}
    (answer,) = over_https(node, httpx.Request("POST", "https://node.example/sign-in", data=form, headers=OWN))
    name, _, rest = answer.headers.get_list("set-cookie")[0].partition("=")
    assert name == f"__Host-{COOKIE}"
    assert {"secure", "httponly", "samesite=strict", "path=/"} <= set(rest.lower().split("; "))
    secret = rest.partition(";")[0]
    asked = [
        httpx.Request("GET", "https://node.example/lists", headers={"Cookie": f"{cookie}={secret}"})
        for cookie in (f"__Host-{COOKIE}", COOKIE)
    ]
    assert [one.status_code for one in over_https(node, *asked)] == [200, 401]


def test_signing_in_gives_a_new_session_and_ends_the_one_before(browser_of: httpx.Client, node: Office) -> None:
    seen = list[str]()
    for _ in range(3):
        assert let_in(browser_of).status_code == 303
        seen.append(browser_of.cookies[COOKIE])
    assert len(set(seen)) == 3
    for old in seen[:-1]:
        with pytest.raises(SignInError):
            sessions.holder(node, old, "session")


def test_a_session_that_somebody_else_planted_is_not_taken_up(browser_of: httpx.Client, node: Office) -> None:
    planted = sessions.sign_in(node, sessions.create_link(node, officers.acting(node, "sari")))
    browser_of.cookies.set(COOKIE, planted, domain="127.0.0.1", path="/")
    answer = let_in(browser_of)
    session = re.search(rf"{COOKIE}=([^;]+)", answer.headers["set-cookie"])
    assert session is not None
    assert session[1] != planted
    assert sessions.holder(node, session[1], "session").id == "rina"


def test_every_wrong_try_reads_the_same(browser_of: httpx.Client) -> None:
    tries = [("sari", "wrong"), ("nobody", WORDS), ("owner", ""), ("", ""), ("' OR 1=1 --", WORDS), ("\x00", "\x00")]
    read = set[str]()
    for name, passphrase in tries:
        answer = let_in(browser_of, name, passphrase)
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        page: Any = html.fromstring(answer.text)
        read.add(" ".join(page.xpath("//*[@role='alert']")[0].text_content().split()))
    assert len(read) == 1
    assert "wrong_passphrase" in read.pop()


def test_what_was_typed_as_a_name_is_text_and_the_passphrase_is_not_sent_back(browser_of: httpx.Client) -> None:
    answer = let_in(browser_of, '"><script>alert(1)</script>', "my secret passphrase")
    assert "<script>alert" not in answer.text
    assert "my secret passphrase" not in answer.text


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "",
        "évil",
    ],
)
def test_the_way_back_never_leads_elsewhere(browser_of: httpx.Client, back: str) -> None:
    assert let_in(browser_of, back=back).headers["location"] == "/"


@pytest.mark.parametrize("headers", [{}, *({"Sec-Fetch-Site": one} for one in ELSEWHERE), {"Origin": "null"}])
def test_no_form_of_another_site_does_anything_signing_in_included(
    node: Office, address: str, headers: dict[str, str]
) -> None:
    """Login CSRF too: somebody is not to work in a session that is another's."""
    paths = {path for path, methods in build(node).openapi()["paths"].items() if "post" in methods}
    assert {"/sign-in", "/sign-in/link", "/sign-in/passkey", "/sign-in/provider", "/profile/passphrase"} <= paths
    secret = sessions.sign_in(node, sessions.create_link(node, officers.acting(node, "sari")))
    with httpx.Client(base_url=address, cookies={COOKIE: secret}, headers=headers) as client:
        for path in sorted(paths):
            answer = client.post(re.sub(r"{\w+}", "1", path), data={"name": "rina", "passphrase": WORDS})
            assert (answer.status_code, "set-cookie" in answer.headers) == (403, False), path
            assert "foreign_origin" in answer.text


@pytest.mark.parametrize("site", ELSEWHERE)
def test_a_link_on_another_site_signs_in_only_who_presses_the_button(
    node: Office, rina: Officer, browser_of: httpx.Client, site: str
) -> None:
    link = sessions.create_link(node, rina)
    asked = browser_of.get("/sign-in", params={"link": link}, headers={"Sec-Fetch-Site": site})
    assert (asked.status_code, "set-cookie" in asked.headers) == (200, False)
    assert f'value="{link}"' in asked.text
    assert browser_of.post("/sign-in/link", data={"link": link}).status_code == 303
    assert browser_of.get("/lists").status_code == 200


def test_a_machine_that_looks_ahead_does_not_use_a_link_up(node: Office, rina: Officer, address: str) -> None:
    link = sessions.create_link(node, rina)
    with httpx.Client(base_url=address) as ahead:
        assert "set-cookie" not in ahead.head("/sign-in", params={"link": link}).headers
        early = ahead.get("/sign-in", params={"link": link}, headers={"Sec-Purpose": "prefetch;prerender"})
        assert "set-cookie" not in early.headers
        assert ahead.get("/sign-in", params={"link": link}).status_code == 303


def test_a_link_that_was_used_says_so_on_the_page_to_sign_in(node: Office, rina: Officer, address: str) -> None:
    link = sessions.create_link(node, rina)
    with httpx.Client(base_url=address, headers=OWN) as client:
        client.get("/sign-in", params={"link": link})
        for again in (client.get("/sign-in", params={"link": link}), client.post("/sign-in/link", data={"link": link})):
            assert again.status_code == 401
            assert "link_spent" in again.text
            assert 'name="passphrase"' in again.text


def test_this_machine_is_asked_too(address: str) -> None:
    for path in ("/", "/lists", "/runs", "/profile", "/profile/log"):
        assert httpx.get(f"{address}{path}").status_code == 401, path


def test_what_an_officer_chose_comes_along_when_they_sign_in(
    node: Office, rina: Officer, browser_of: httpx.Client
) -> None:
    profile.choose(node, rina, {"language": "id", "theme": "dark", "keys": "off"})
    try:
        let_in(browser_of)
        page = browser_of.get("/lists").text
        assert '<html lang="id" data-theme="dark">' in page
        assert 'data-keys="off"' in page
    finally:
        profile.choose(node, rina, {})


def test_who_has_no_provider_cannot_go_there(browser_of: httpx.Client) -> None:
    assert browser_of.post("/sign-in/provider").status_code == 404
    let_in(browser_of)
    assert browser_of.post("/profile/provider").status_code == 404
    assert browser_of.get("/sign-in/provider/back?here=1&state=x&code=y").status_code == 404


def test_passkeys_need_a_name_that_the_node_was_told_or_this_machine(node: Office, browser_of: httpx.Client) -> None:
    port = browser_of.base_url.port
    for host, status in ((f"localhost:{port}", 200), (f"127.0.0.1:{port}", 400), ("evil.example", 400), ("", 400)):
        answer = browser_of.post("/sign-in/passkey/ask", headers={"Host": host})
        assert answer.status_code == status, host
    assert "http://localhost" in browser_of.get("/sign-in").text


def test_a_node_that_was_told_its_address_goes_by_it_whatever_a_request_says(
    node: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINTAS_ORIGIN", "https://desk.agency.example")
    (answer,) = over_https(node, httpx.Request("POST", "https://evil.example/sign-in/passkey/ask", headers=OWN))
    assert answer.json()["rpId"] == "desk.agency.example"


@pytest.mark.parametrize(
    "origin", ["desk.example", "http://desk.example", "https://desk.example/x", "https://a@desk.example", "https://"]
)
def test_a_node_that_was_told_no_address_does_not_start(
    node: Office, monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    monkeypatch.setenv("LINTAS_ORIGIN", origin)
    with pytest.raises(InputError) as caught:
        build(node)
    assert caught.value.code == "bad_origin"


def test_many_who_guess_are_kept_waiting_and_the_page_still_answers(
    node: Office, browser_of: httpx.Client, tmp_path: Path
) -> None:
    made = officers.add(node, officers.owner(node), "tirta", roles=["analyst"])
    passphrases.set_own(node, made, WORDS)
    for _ in range(passphrases.FREE_TRIES):
        assert let_in(browser_of, "tirta", "wrong").status_code == 401
    assert let_in(browser_of, "tirta").status_code == 401
    assert let_in(browser_of, "sari").status_code == 303
