"""Signing in over HTTP: who is let in, with which cookie, where to; and what no other site makes a browser do."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import html
from playwright.sync_api import Browser, expect

from lintas.desk import officers, passphrases, profile, sessions
from lintas.desk.office import Office, Settings, open_office
from lintas.model.errors import InputError, SignInError
from lintas.model.officer import Officer
from lintas.web import choices
from lintas.web.app import build
from lintas.web.doors import OPEN_BODY_BYTES
from lintas.web.signing import COOKIE
from tests.desk.test_passphrases import crowded
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


def test_over_https_what_was_chosen_is_bound_to_the_host_too(node: Office, rina: Officer) -> None:
    chosen = {"language": "id", "theme": "dark", "keys": "off"}
    secret = sessions.begin(node, rina, "a link")
    mine = {"Cookie": f"__Host-{COOKIE}={secret}"}
    keeps = httpx.Request("POST", "https://node.example/profile/pages", data=chosen, headers=OWN | mine)
    try:
        (answer,) = over_https(node, keeps)
        kept = [said.partition("=") for said in answer.headers.get_list("set-cookie")]
        assert {name for name, _, _ in kept} == {f"__Host-{name}" for name in choices.COOKIES.values()}
        for _, _, rest in kept:
            assert {"secure", "httponly", "samesite=strict", "path=/"} <= set(rest.lower().split("; "))
        cookies = {f"{name}={rest.partition(';')[0]}" for name, _, rest in kept}
        plain = {one.removeprefix("__Host-") for one in cookies}
        pages = [
            httpx.Request("GET", "https://node.example/lists", headers={"Cookie": "; ".join({*sent, mine["Cookie"]})})
            for sent in (cookies, plain)
        ]
        with_prefix, without = (one.text for one in over_https(node, *pages))
    finally:
        profile.choose(node, rina, {})
    assert '<html lang="id" data-theme="dark">' in with_prefix
    assert 'data-keys="off"' in with_prefix
    assert '<html lang="en">' in without
    assert "data-keys" not in without


def test_who_signs_in_again_for_their_own_page_is_asked_by_the_provider_too(
    node: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINTAS_OIDC_ISSUER", "https://sso.agency.example")
    monkeypatch.setenv("LINTAS_OIDC_CLIENT_ID", "lintas")
    address = "https://node.example/sign-in?back="
    again, first = over_https(node, *(httpx.Request("GET", address + back) for back in ("/profile", "/lists")))
    assert 'action="/sign-in/provider"' in first.text
    assert ['name="anew" value="1"' in one.text for one in (again, first)] == [True, False]


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


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("{scheme}://{host}", 303),
        ("{other}://{host}", 403),  # a page that was served in the clear at this name, by whoever sits on the way
        ("{scheme}://{host}1", 403),
        ("{scheme}://user@{host}", 403),
        ("null", 403),
    ],
)
def test_a_browser_that_names_no_site_is_known_by_its_whole_origin(
    node: Office, address: str, origin: str, status: int
) -> None:
    form = {"name": "rina", "passphrase": WORDS}
    for base, scheme, other in ((address, "http", "https"), ("https://node.example", "https", "http")):
        host = base.partition("//")[2]
        headers = {"Origin": origin.format(scheme=scheme, other=other, host=host)}
        if scheme == "http":
            assert httpx.post(f"{base}/sign-in", data=form, headers=headers).status_code == status
        else:
            (answer,) = over_https(node, httpx.Request("POST", f"{base}/sign-in", data=form, headers=headers))
            assert answer.status_code == status


def test_no_address_signs_anybody_in_whoever_leads_there(node: Office, rina: Officer, address: str) -> None:
    """A link in the address would stand in the logs of a proxy; and login CSRF, and a machine that looks ahead."""
    link = sessions.create_link(node, rina)
    for headers in ({}, OWN, *({"Sec-Fetch-Site": one} for one in ELSEWHERE), {"Sec-Purpose": "prefetch;prerender"}):
        asked = httpx.get(f"{address}/sign-in", params={"link": link, "back": "/lists"}, headers=headers)
        assert (asked.status_code, "set-cookie" in asked.headers) == (200, False)
    assert sessions.sign_in(node, link)


@pytest.mark.parametrize("pasted", ["{secret}", " {secret}\n", "{whole}"])
def test_a_link_is_pasted_whole_or_in_part(
    node: Office, rina: Officer, browser_of: httpx.Client, address: str, pasted: str
) -> None:
    link = sessions.create_link(node, rina)
    words = pasted.format(secret=link, whole=sessions.address_of(link, address))
    answer = browser_of.post("/sign-in/link", data={"link": words, "back": "/lists"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/lists")
    assert browser_of.get("/lists").status_code == 200


def test_a_link_that_was_used_says_so_on_the_page_to_sign_in(node: Office, rina: Officer, address: str) -> None:
    link = sessions.create_link(node, rina)
    with httpx.Client(base_url=address, headers=OWN) as client:
        assert client.post("/sign-in/link", data={"link": link}).status_code == 303
        for spent in (link, "", "x", "\x00", "link="):
            again = client.post("/sign-in/link", data={"link": spent})
            assert again.status_code == 401
            assert "link_spent" in again.text
            assert 'name="passphrase"' in again.text


def test_a_browser_never_sends_the_secret_of_a_link_but_in_the_form(
    node: Office, rina: Officer, address: str, browser: Browser
) -> None:
    link, asked = sessions.create_link(node, rina), list[str]()
    with browser.new_context() as context:
        context.on("request", lambda request: asked.extend([request.url, *request.headers.values()]))
        page = context.new_page()
        page.goto(sessions.address_of(link, address))
        button = page.get_by_role("button", name="Sign in with the link")
        expect(button).to_be_focused()
        assert page.url == f"{address}/sign-in"  # nor does its history keep it
        button.press("Enter")
        expect(page.locator(".nav .officer")).to_contain_text("rina")
        assert len(asked) > 3
        assert [one for one in asked if link in one] == []


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


def test_a_flood_of_sign_ins_is_refused_and_everybody_else_is_answered(
    browser_of: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_in(browser_of)
    with crowded(monkeypatch):
        answer = httpx.post(browser_of.base_url.join("/sign-in"), data={"name": "x", "passphrase": "x"}, headers=OWN)
        assert answer.status_code == 503
        assert "busy" in answer.text
        assert browser_of.get("/lists").status_code == 200


def answered(address: str, path: str, n_bytes: int, **headers: str) -> tuple[int, str]:
    """What is answered to who announces a body and sends none of it."""
    host = address.partition("//")[2]
    connection = HTTPConnection(host, timeout=60)
    try:
        connection.putrequest("POST", path)
        for name, value in {**OWN, "Content-Type": "multipart/form-data; boundary=x", **headers}.items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(n_bytes))
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/runs", "/profile/passphrase", "/sign-out", "/sign-incident", "/themes", "/nothing"])
@pytest.mark.parametrize("cookie", ["", f"{COOKIE}=", f"{COOKIE}={'x' * 43}"])
def test_nothing_that_a_stranger_uploads_is_read(address: str, path: str, cookie: str) -> None:
    status, page = answered(address, path, 99_000_000, Cookie=cookie)
    assert status == 401
    assert 'name="passphrase"' in page


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/link", "/sign-in/passkey", "/theme", "/language"])
def test_where_anybody_may_send_something_it_is_small(address: str, path: str) -> None:
    status, page = answered(address, path, OPEN_BODY_BYTES + 1)
    assert (status, "body_too_large" in page) == (413, True)


def test_where_anybody_may_send_something_it_is_counted_too(browser_of: httpx.Client) -> None:
    form = f"name=rina&back=%2Flists&passphrase={WORDS.replace(' ', '+')}&more=".encode()
    as_form = {"Content-Type": "application/x-www-form-urlencoded"}
    for n_bytes, statuses in ((OPEN_BODY_BYTES, {303}), (OPEN_BODY_BYTES + 1, {400, 413})):
        pieces = iter([form, b"x" * (n_bytes - len(form))])  # its length is not announced
        assert browser_of.post("/sign-in", content=pieces, headers=as_form).status_code in statuses


def test_who_asks_too_often_is_told_when_to_go_on_and_nobody_else_is(
    node: Office, rina: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINTAS_CALLS_PER_MINUTE", "2")
    token = {"Authorization": f"ApiKey {sessions.create_token(node, rina)}"}
    with served(node) as base, httpx.Client(base_url=base, headers=OWN) as mine, httpx.Client(base_url=base) as hers:
        mine.cookies.set(COOKIE, sessions.begin(node, rina, "a link"))
        hers.cookies.set(COOKIE, sessions.begin(node, officers.acting(node, "sari"), "a link"))
        for path, headers in (("/lists", {}), ("/catalog", token)):
            answers = [mine.get(path, headers=headers) for _ in range(3)]
            assert [one.status_code for one in answers] == [200, 200, 429]
            assert "too_many_calls" in answers[-1].text
            assert 1 <= int(answers[-1].headers["Retry-After"]) <= 30
        assert hers.get("/lists").status_code == 200
        for path in ("/healthz", "/sign-in"):
            assert [mine.get(path).status_code for _ in range(5)] == [200] * 5
