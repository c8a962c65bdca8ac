"""The log on the pages: who may look, what they find, whether it is whole, and what they carry away."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import html
from playwright.sync_api import expect
from sqlalchemy import update

from lintas.desk import access, log_files, officers
from lintas.desk.office import Office
from lintas.store.log.tables import log
from lintas.web.signing import COOKIE
from tests.serving import served
from tests.web import node
from tests.web.conftest import OWN, PHONE, Open
from tests.web.officers import cookie_of, everybody, made

pytestmark = pytest.mark.xdist_group("web")


@pytest.fixture(scope="module")
def by_role(worked: Office, base: str) -> Iterator[Mapping[str, httpx.Client]]:
    with everybody(worked, base) as clients:
        yield clients


@pytest.fixture(scope="module")
def anna(by_role: Mapping[str, httpx.Client]) -> httpx.Client:
    """The inspector."""
    return by_role["inspector"]


def rows(answer: httpx.Response) -> list[list[str]]:
    page: Any = html.fromstring(answer.text)
    return [[" ".join(cell.text_content().split()) for cell in row] for row in page.xpath("//main//tbody/tr")]


def test_inspectors_look_and_nobody_else_is_offered_it(by_role: Mapping[str, httpx.Client]) -> None:
    for role, client in by_role.items():
        answer, offered = client.get("/audit"), client.get("/profile").text
        assert answer.status_code == (200 if role == "inspector" else 403), role
        assert ('href="/audit"' in offered) == (role == "inspector"), role
        assert client.get("/audit/export/csv").status_code == (200 if role == "inspector" else 403), role


def test_a_refused_look_is_in_the_log_with_a_shape_of_its_own(
    by_role: Mapping[str, httpx.Client], anna: httpx.Client
) -> None:
    by_role["analyst"].get("/audit")
    answer = anna.get("/audit?outcome=refused")
    newest = rows(answer)[0]
    assert newest[2:4] == ["the-analyst", "log.read"]
    page: Any = html.fromstring(answer.text)
    assert page.xpath("(//main//tbody/tr)[1]//*[local-name()='use']/@href") == ["#critical"]
    assert "refused" in newest[5]


def test_each_field_of_the_filter_narrows_and_they_work_together(worked: Office, anna: httpx.Client) -> None:
    rina = made(worked, "rina", "analyst")
    access.require(worked, rina, "lists.read", "one of rina's", subjects=["entity:un-9"])
    for query in ("officer=rina", "subject=entity:un-9", "officer=rina&verb=lists.read&purpose=screening"):
        assert [row[4] for row in rows(anna.get(f"/audit?{query}"))] == ["one of rina's"], query
    for query in ("officer=rina&verb=runs.read", "officer=rina&purpose=training", "officer=rina&until=2020-01-01"):
        answer = anna.get(f"/audit?{query}")
        assert rows(answer) == []
        assert "No row is like this" in answer.text


def test_every_look_is_the_newest_row_of_what_is_looked_at(anna: httpx.Client) -> None:
    answer = anna.get("/audit?verb=log.read&officer=the-inspector")
    assert rows(answer)[0][4] == "officer=the-inspector, verb=log.read"
    assert "Every look at the log is logged" in answer.text


def test_older_rows_are_a_page_further_and_none_is_lost_between(worked: Office, anna: httpx.Client) -> None:
    rina = made(worked, "rina", "analyst")
    for i in range(120):
        access.require(worked, rina, "lists.read", f"row {i}", subjects=["run:999"])
    found, address = list[str](), "/audit?subject=run%3A999"
    for _ in range(5):
        page: Any = html.fromstring(anna.get(address).text)
        found += page.xpath("//main//tbody/tr/td[5]//text()[normalize-space()]")
        following = page.xpath("//a[@rel='next']/@href")
        if not following:
            break
        address = following[0]
    assert found == [f"row {i}" for i in reversed(range(120))]


def test_a_row_that_is_opened_stays_where_it_is_while_new_ones_come(worked: Office, anna: httpx.Client) -> None:
    access.require(worked, made(worked, "rina", "analyst"), "lists.read", "found", {"why": "ลิงก์"}, subjects=["run:7"])
    page: Any = html.fromstring(anna.get("/audit?officer=rina").text)
    (link,) = page.xpath("(//main//tbody/tr)[1]//a/@href")
    for _ in range(3):
        anna.get("/audit")
    opened: Any = html.fromstring(anna.get(link).text)
    why = opened.get_element_by_id("why").text_content()
    assert opened.xpath("(//main//tbody/tr)[1]/@data-now") == [""]
    for words in ("found", "ลิงก์", "run:7", "rina"):
        assert words in why
    assert re.search(r"Hash[0-9a-f]{64}\s", why)


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("since=yesterday", 400, "bad_time"),
        ("row=abc", 400, "bad_request"),
        ("before=-1", 400, "bad_request"),
        ("row=99999999999", 400, "bad_request"),
        ("row=2000000000", 200, "Audit"),
        ("officer=%00%1b%5B31m", 200, "No row is like this"),
        ("verb=%3Cscript%3Ealert(1)%3C/script%3E", 200, "No row is like this"),
        ("subject=" + "x" * 3000, 200, "No row is like this"),
    ],
)
def test_an_odd_filter_is_answered_in_words(anna: httpx.Client, query: str, status: int, words: str) -> None:
    answer = anna.get(f"/audit?{query}")
    assert answer.status_code == status
    assert words in answer.text
    assert "<script>alert" not in answer.text


class TestWhole:
    """On a node of its own, because it is broken on purpose."""

    @pytest.fixture
    def broken(self, tmp_path: Path) -> Iterator[tuple[Office, httpx.Client]]:
        office = node.worked_in(tmp_path / "node")
        cookies = {COOKIE: cookie_of(office, officers.owner(office))}
        with served(office) as base, httpx.Client(base_url=base, cookies=cookies, headers=OWN, timeout=30) as client:
            yield office, client
        office.close()

    def test_whether_it_is_whole_is_told_with_the_head_in_words(self, broken: tuple[Office, httpx.Client]) -> None:
        office, client = broken
        assert "Nobody has verified it on this node yet" in client.get("/audit").text
        answer = client.post("/audit/verify", data={"back": "/audit"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/audit")
        page: Any = html.fromstring(client.get("/audit").text)
        told = " ".join(page.get_element_by_id("standing").text_content().split())
        assert "whole" in told
        assert "by owner" in told
        assert len(page.xpath("string(//dd[@class='words'])").split()) == 24
        with office.log.write() as connection:
            connection.execute(update(log).where(log.c.number == 3).values(officer="mallory"))
        assert client.post("/audit/verify", data={"back": "//evil.example"}).headers["location"] == "/"
        for address in ("/audit", "/administration/log"):
            page = html.fromstring(client.get(address).text)
            told = page.get_element_by_id("standing").text_content()
            assert "broken" in told
            assert "row 3" in told
        assert "mallory" in client.get("/audit?officer=mallory").text

    def test_a_head_that_does_not_fit_is_an_alarm_on_the_page(self, broken: tuple[Office, httpx.Client]) -> None:
        office, client = broken
        alarms = list[Any]()
        for _ in range(5):  # a row that is just being written puts it back
            office.seal.own.unlink(missing_ok=True)
            page: Any = html.fromstring(client.get("/audit").text)
            alarms = alarms or page.xpath("//*[@id='standing']//*[@role='alert']")
        assert "does not fit the log" in alarms[0].text_content()

    def test_a_row_that_was_made_nonsense_is_shown_as_it_is(self, broken: tuple[Office, httpx.Client]) -> None:
        office, client = broken
        with office.log.write() as connection:
            values = {"at": "never", "subjects": "[[1]]", "details": "[", "outcome": "<b>", "via": ""}
            connection.execute(update(log).where(log.c.number == 3).values(**values))
        answer = client.get("/audit?row=3")
        assert answer.status_code == 200
        assert "never" in answer.text
        assert "&lt;b&gt;" in answer.text


def test_an_export_has_what_the_filter_finds_and_everything_can_be_checked(
    worked: Office, anna: httpx.Client, tmp_path: Path
) -> None:
    access.require(worked, made(worked, "rina", "analyst"), "lists.read", "=1+1", subjects=["run:55"])
    answer = anna.get("/audit/export/csv?subject=run:55")
    assert 'filename="lintas-log.csv"' in answer.headers["content-disposition"]
    assert [row["object"] for row in csv.DictReader(io.StringIO(answer.text))] == ["'=1+1"]
    target = tmp_path / "log.jsonl"
    target.write_bytes(anna.get("/audit/export/jsonl").content)
    assert log_files.check(target).fingerprint == worked.seal.fingerprint
    assert anna.get("/audit/export/exe").status_code == 400
    assert list(worked.scratch.glob("tmp*")) == []


class TestWhoLooked:
    def test_a_supervisor_goes_there_from_the_dossier_and_sees_their_own_agency(
        self, worked: Office, by_role: Mapping[str, httpx.Client], base: str
    ) -> None:
        entity = node.a_dossier(worked)
        for role, client in by_role.items():
            answer = client.get(f"/dossiers/{entity}")
            link = f'href="/audit/subject/entity:{entity}"' in answer.text
            assert link == (role == "supervisor"), role
        cookies = {COOKIE: cookie_of(worked, made(worked, "theo", "analyst", agency="customs"))}
        with httpx.Client(base_url=base, cookies=cookies) as theo:
            assert theo.get(f"/dossiers/{entity}").status_code == 200
        seen = [row[2] for row in rows(by_role["supervisor"].get(f"/audit/subject/entity:{entity}"))]
        assert {"the-supervisor", "the-analyst", "the-administrator"} <= set(seen)
        assert not any("theo" in who for who in seen)
        found = rows(by_role["inspector"].get(f"/audit/subject/entity:{entity}"))
        assert [row[2] for row in found if "theo" in row[2]] == ["theo customs"]

    def test_others_are_refused(self, worked: Office, by_role: Mapping[str, httpx.Client]) -> None:
        for role, client in by_role.items():
            status = client.get("/audit/subject/entity:xx").status_code
            assert status == (200 if role in ("supervisor", "inspector") else 403), role

    def test_of_a_run_it_says_nothing_to_who_does_not_reach_it(
        self, worked: Office, by_role: Mapping[str, httpx.Client], base: str
    ) -> None:
        assert by_role["supervisor"].get("/audit/subject/run:1").status_code == 200
        cookies = {COOKIE: cookie_of(worked, made(worked, "tara", "supervisor", agency="customs"))}
        with httpx.Client(base_url=base, cookies=cookies) as tara:
            for subject in ("run:1", "run:2", "case:1"):
                assert tara.get(f"/audit/subject/{subject}").status_code == 404


def test_the_log_is_read_by_keyboard_and_on_a_phone(open_page: Open) -> None:
    page = open_page("/lists")
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.wait_for_url("**/audit")
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url("**/audit?*row=*")
    expect(page.locator("#why h2")).to_contain_text("Row")
    page = open_page("/audit", PHONE)
    page.locator(".tabs a", has_text="Filters").click()
    page.get_by_label("Officer").fill("owner")
    page.get_by_role("button", name="Show the rows").click()
    page.wait_for_url("**/audit?*officer=owner*")
    expect(page.locator("tbody tr").first).to_contain_text("owner")


def test_the_log_is_filtered_and_verified_without_script(open_page: Open) -> None:
    page = open_page("/audit", java_script_enabled=False)
    page.get_by_label("What was done").select_option("lists.load")
    page.get_by_role("button", name="Show the rows").click()
    expect(page.locator("tbody tr").first).to_contain_text("lists.load")
    page.get_by_role("button", name="Verify it now").click()
    expect(page.locator("#standing")).to_contain_text("whole")
