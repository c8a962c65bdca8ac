"""The pages over HTTP: what they answer, to whom, and with which headers."""

import asyncio
import gzip
import re
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from http.client import HTTPConnection
from urllib.parse import urlsplit

import httpx
import pytest

from lintas.desk import officers, sessions, trail
from lintas.desk.office import Office
from lintas.web.app import build
from lintas.web.doors import POLICY
from lintas.web.signing import COOKIE
from tests.web.conftest import OWN
from tests.web.node import a_dossier
from tests.web.officers import cookie_of, made

pytestmark = pytest.mark.xdist_group("web")


def test_every_page_answers_and_says_that_the_data_are_fictional(officer: httpx.Client, addresses: list[str]) -> None:
    for address in addresses:
        answer = officer.get(address)
        assert answer.status_code == (404 if address == "/nowhere" else 200), address
        assert "FICTIONAL DATA" in answer.text
        assert re.search(r"<title>[^<]+ · Lintas</title>", answer.text)


class _Inline(HTMLParser):
    """Collects what the policy would refuse: scripts without an address, styles, handlers in attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found = list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        is_data = held.get("type") == "application/json"
        if tag == "style" or (tag == "script" and "src" not in held and not is_data):
            self.found.append(tag)
        self.found += [name for name in held if name == "style" or name.startswith("on")]


def test_no_page_holds_a_script_or_style_of_its_own(officer: httpx.Client, addresses: list[str]) -> None:
    for address in addresses:
        parser = _Inline()
        parser.feed(officer.get(address).text)
        assert parser.found == [], address


def test_every_answer_carries_the_policy_and_is_not_kept(officer: httpx.Client, addresses: list[str]) -> None:
    for address in (*addresses, "/runs/abc", "/static/nothing"):
        headers = officer.get(address).headers
        assert headers["content-security-policy"] == POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store" or address.startswith("/static")


def test_who_is_not_signed_in_reads_how_to_sign_in(stranger: httpx.Client) -> None:
    for address in ("/", "/runs", "/runs/1/matches/1", "/lists", "/dossiers/x", "/runs/1/export/csv"):
        answer = stranger.get(address)
        assert answer.status_code == 401, address
        assert "lintas sign-in" in answer.text
        assert "Contoh" not in answer.text


def test_a_link_signs_in_once_and_its_cookie_is_for_this_host_only(worked: Office, base: str) -> None:
    link = sessions.create_link(worked, officers.owner(worked))
    with httpx.Client(base_url=base, headers=OWN) as browser:
        answer = browser.post("/sign-in/link", data={"link": link})
        assert (answer.status_code, answer.headers["location"]) == (303, "/inbox")
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert browser.get("/").status_code == 200
    with httpx.Client(base_url=base, headers=OWN) as other:
        assert other.post("/sign-in/link", data={"link": link}).status_code == 401


def test_over_https_the_cookie_is_secure(worked: Office) -> None:
    link = sessions.create_link(worked, officers.owner(worked))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=build(worked))
        async with httpx.AsyncClient(transport=transport, base_url="https://node.example") as client:
            return await client.post("/sign-in/link", data={"link": link}, headers=OWN)

    # In a thread of its own: the browser's tools may have an event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(lambda: asyncio.run(ask())).result(timeout=30)
    assert "; secure" in answer.headers["set-cookie"].lower()


def test_signing_out_ends_the_session_on_the_node(worked: Office, base: str) -> None:
    secret = sessions.sign_in(worked, sessions.create_link(worked, officers.owner(worked)))
    with httpx.Client(base_url=base, cookies={COOKIE: secret}, headers=OWN) as browser:
        assert browser.post("/sign-out").status_code == 200
    with httpx.Client(base_url=base, cookies={COOKIE: secret}) as copy:
        assert copy.get("/").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
)
def test_nothing_is_changed_from_another_site(base: str, cookie: str, headers: dict[str, str]) -> None:
    with httpx.Client(base_url=base, cookies={COOKIE: cookie}, headers=headers) as client:
        for address in ("/runs", "/runs/1/decide", "/runs/1/stop", "/sign-out", "/theme"):
            answer = client.post(address, data={"verdict": "same", "reason": "forged"})
            assert answer.status_code == 403, address
            assert "foreign_origin" in answer.text


def test_an_origin_of_this_host_will_do(base: str, cookie: str) -> None:
    with httpx.Client(base_url=base, cookies={COOKIE: cookie}, headers={"Origin": base}) as client:
        assert client.post("/theme", data={"wanted": "dark", "back": "/lists"}).headers["location"] == "/lists"


@pytest.mark.parametrize(
    "back", ["//evil.example", "/\\evil.example", "https://evil.example", "/\r\nSet-Cookie: a=b", ""]
)
def test_the_way_back_never_leads_elsewhere(officer: httpx.Client, back: str) -> None:
    assert officer.post("/theme", data={"wanted": "dark", "back": back}).headers["location"] == "/"


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/dossiers/nobody-1", 404, "unknown_entity"),
        ("/runs/999", 404, "unknown_run"),
        ("/runs/1/matches/99999", 404, "unknown_match"),
        ("/runs/99999999999999999999", 404, "no_page"),
        ("/runs/abc", 404, "no_page"),
        ("/lists/none", 404, ""),
        ("/lists/un_sc/versions/77", 404, ""),
        ("/?list=none", 404, "unknown_dataset"),
        ("/?schema=Nonsense", 400, "unknown_schema"),
        ("/?page=0", 400, "bad_request"),
        ("/runs/1/export/exe", 400, "unknown_export"),
        ("/runs/1/decide", 405, "method"),
    ],
)
def test_an_error_says_what_to_do_and_has_a_code(officer: httpx.Client, address: str, status: int, code: str) -> None:
    answer = officer.get(address)
    assert answer.status_code == status
    assert "What to do" in answer.text
    assert code in answer.text
    assert "Traceback" not in answer.text


def test_what_nobody_expected_gives_a_reference_and_no_insides(
    worked: Office, officer: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret insides")

    monkeypatch.setattr("lintas.desk.intake.status", broken)
    answer = officer.get("/lists")
    assert answer.status_code == 500
    assert "secret insides" not in answer.text
    found = re.search(r"<code>([0-9a-f]{8})</code>", answer.text)
    assert found is not None
    assert any(found[1] in record.getMessage() for record in caplog.records)
    assert answer.headers["content-security-policy"] == POLICY


def test_more_than_the_limit_is_refused_before_it_is_read(base: str, cookie: str) -> None:
    connection = HTTPConnection(urlsplit(base).netloc, timeout=10)
    connection.putrequest("POST", "/runs")
    for name, value in {**OWN, "Cookie": f"{COOKIE}={cookie}", "Content-Length": str(10**9)}.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    assert b"body_too_large" in answer.read()
    connection.close()


def test_a_file_that_cannot_be_read_is_refused_above_the_form(officer: httpx.Client) -> None:
    answer = officer.post("/runs", files={"file": ("../../etc/passwd", b"\x00\x01\x02\x03" * 50)})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert "Screen the file" in answer.text


def test_a_decision_needs_a_reason_and_what_was_chosen_stays(officer: httpx.Client) -> None:
    answer = officer.post("/runs/1/matches/2", data={"verdict": "different", "reason": " "})
    assert answer.status_code == 400
    assert "no_reason" in answer.text
    assert re.search(r'value="different"[^>]* checked', answer.text)


def test_a_view_of_a_person_is_in_the_log(worked: Office, officer: httpx.Client) -> None:
    dossier = a_dossier(worked)
    officer.get(f"/dossiers/{dossier}")
    rows = trail.who_looked(worked, officers.owner(worked), f"entity:{dossier}").rows
    assert any(row.verb == "entities.read" and row.officer == "owner" for row in rows)


def test_who_may_not_decide_is_told_so_and_who_may_not_see_finds_nothing(worked: Office, base: str) -> None:
    for name, role, status in (("rina", "analyst", 404), ("joko", "administrator", 403)):
        session = cookie_of(worked, made(worked, name, role))
        with httpx.Client(base_url=base, cookies={COOKIE: session}, headers=OWN) as client:
            assert client.get("/runs/1").status_code == status
            answer = client.post("/runs/1/decide", data={"match": "1", "verdict": "same", "reason": "no right to"})
            assert answer.status_code == status
            assert "sample.csv" not in client.get("/runs").text


def test_results_come_as_files(officer: httpx.Client) -> None:
    for kind, begins in (("csv", b""), ("jsonl", b"{"), ("xlsx", b"PK"), ("zip", b"PK")):
        answer = officer.get(f"/runs/1/export/{kind}")
        assert answer.status_code == 200
        assert answer.content.startswith(begins)
        assert f'filename="lintas-run-1.{kind}"' in answer.headers["content-disposition"]


def test_before_pictures_of_networks_a_page_is_light(officer: httpx.Client, addresses: list[str]) -> None:
    for address in addresses:
        text = officer.get(address).text
        parts = re.findall(r'(?:src|href)="(/static/[^"]+\.(?:js|css))"', text)
        sent = len(text.encode()) + sum(len(gzip.compress(officer.get(part).content)) for part in parts)
        assert sent < 100_000, (address, sent)
