"""Administration on the pages: what each role is offered, what each button does, and what nobody sees there."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from lxml import html
from playwright.sync_api import expect

from lintas.desk import custodians, four_eyes, officers, runs, sessions, settings
from lintas.desk.office import Office
from lintas.model.errors import SignInError
from lintas.store import jobs
from lintas.web import administration
from lintas.web.signing import COOKIE
from tests.serving import served
from tests.web import node
from tests.web.conftest import OWN, PHONE, Open
from tests.web.officers import cookie_of, everybody, made

pytestmark = pytest.mark.xdist_group("web")
PARTS = {
    "analyst": [],
    "supervisor": ["officers", "jobs"],
    "liaison": [],
    "inspector": ["officers", "health", "log"],
    "administrator": ["officers", "tokens", "jobs", "settings", "health", "log"],
    "custodian": ["settings", "log"],
}
EVERY = PARTS["administrator"]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A node of these tests: they change who works there."""
    office = node.worked_in(tmp_path_factory.mktemp("administration") / "node")
    yield office
    office.close()


@pytest.fixture(scope="module")
def address(own: Office) -> Iterator[str]:
    with served(own) as url:
        yield url


@pytest.fixture(scope="module")
def by_role(own: Office, address: str) -> Iterator[Mapping[str, httpx.Client]]:
    with everybody(own, address) as clients:
        yield clients


@pytest.fixture(scope="module")
def admin(by_role: Mapping[str, httpx.Client]) -> httpx.Client:
    return by_role["administrator"]


def text_of(answer: httpx.Response) -> str:
    page: Any = html.fromstring(answer.text)
    return " ".join(page.text_content().split())


def test_each_role_is_offered_its_parts_and_no_other(by_role: Mapping[str, httpx.Client]) -> None:
    for role, client in by_role.items():
        offered = 'href="/administration"' in client.get("/profile").text
        assert offered == bool(PARTS[role]), role
        for part in EVERY:
            answer = client.get(f"/administration/{part}")
            assert answer.status_code == (200 if part in PARTS[role] else 403), (role, part)
            if answer.status_code == 200:
                page: Any = html.fromstring(answer.text)
                ways = page.xpath("//nav[@id='left']//ul//a/@href")
                assert ways == [f"/administration/{one}" for one in PARTS[role]], role
        first = client.get("/administration")
        assert first.status_code == (303 if PARTS[role] else 403)
        if PARTS[role]:
            assert first.headers["location"] == f"/administration/{PARTS[role][0]}"


def test_only_an_administrator_changes_anything(own: Office, by_role: Mapping[str, httpx.Client]) -> None:
    made(own, "target", "analyst")
    for role, client in by_role.items():
        if role == "administrator":
            continue
        for path, fields in (
            ("officer", {"officer_id": "eve", "role": "administrator", "clearance": "secret"}),
            ("officer/target", {"role": "administrator", "clearance": "secret"}),
            ("officer/target/disable", {}),
            ("officer/target/enable", {}),
            ("officer/target/reset", {}),
            ("tokens/revoke", {"token": "x"}),
            ("jobs/1/stop", {}),
            ("settings", {"name": "retention_days", "value": "1"}),
        ):
            answer = client.post(f"/administration/{path}", data=fields)
            assert answer.status_code == 403, (role, path)
            assert "denied" in answer.text
    held = {one.officer.id: one for one in officers.everybody(own, officers.owner(own))}
    assert "eve" not in held
    assert (held["target"].officer.roles, held["target"].disabled_at) == (frozenset({"analyst"}), None)


def test_no_page_here_shows_a_customer_a_listed_person_or_a_file(own: Office, admin: httpx.Client) -> None:
    me = officers.owner(own)
    found = runs.matches(own, me, 1)
    names = {one.customer_caption for one in found} | {one.match.caption for one in found} | {"sample.csv"}
    for path in [*(f"/administration/{part}" for part in EVERY), "/administration/jobs?job=1"]:
        text = admin.get(path).text
        assert [name for name in names if name in text] == [], path


class TestOfficers:
    def test_an_officer_is_added_gets_a_link_once_and_signs_in(
        self, own: Office, admin: httpx.Client, address: str
    ) -> None:
        fields = {"officer_id": "budi", "name": "Budi <b>", "role": ["analyst", "liaison"], "clearance": "secret"}
        answer = admin.post("/administration/officer", data=fields)
        assert answer.headers["location"] == "/administration/officer/budi?done=added"
        page = admin.get(answer.headers["location"])
        assert "Make a link" in page.text
        assert "Budi &lt;b&gt;" in page.text
        page = admin.post("/administration/officer/budi/reset")
        found = re.search(r'<code class="secret">(\S+)</code>', page.text)
        assert found is not None
        assert found[1].startswith(f"{address}/sign-in#link=")
        assert 'class="secret"' not in admin.get("/administration/officer/budi").text
        with httpx.Client(base_url=address, headers=OWN) as browser:
            assert browser.post("/sign-in/link", data={"link": found[1]}).status_code == 303
            assert "budi" in browser.get("/profile").text
            assert browser.post("/sign-in/link", data={"link": found[1]}).status_code == 401
        acts = officers.acting(own, "budi")
        assert (acts.roles, acts.clearance, acts.name) == (frozenset({"analyst", "liaison"}), 3, "Budi <b>")

    @pytest.mark.parametrize(
        ("fields", "status", "code"),
        [
            ({"officer_id": "Rina W", "role": "analyst", "clearance": "open"}, 400, "bad_officer"),
            ({"officer_id": "", "role": "analyst", "clearance": "open"}, 400, "bad_officer"),
            ({"officer_id": "../x", "role": "analyst", "clearance": "open"}, 400, "bad_officer"),
            ({"officer_id": "owner", "role": "analyst", "clearance": "open"}, 409, "officer_exists"),
            ({"officer_id": "eve", "role": "king", "clearance": "open"}, 400, "unknown_role"),
            ({"officer_id": "eve", "role": "analyst", "clearance": "top"}, 400, "unknown_clearance"),
            ({"officer_id": "eve", "role": "analyst", "clearance": ""}, 400, "unknown_clearance"),
            ({"officer_id": "eve", "role": "analyst", "clearance": "open", "agency": "A B"}, 400, "bad_agency"),
        ],
    )
    def test_what_cannot_be_added_is_said_above_the_form_which_keeps_its_words(
        self, own: Office, admin: httpx.Client, fields: dict[str, str], status: int, code: str
    ) -> None:
        answer = admin.post("/administration/officer", data={**fields, "name": "Kept <Name>"})
        assert answer.status_code == status
        assert 'role="alert"' in answer.text
        assert code in answer.text
        assert 'value="Kept &lt;Name&gt;"' in answer.text
        assert "eve" not in {one.officer.id for one in officers.everybody(own, officers.owner(own))}

    def test_a_change_holds_at_once_for_the_session_they_have(
        self, own: Office, admin: httpx.Client, address: str
    ) -> None:
        cookies = {COOKIE: cookie_of(own, made(own, "sari", "analyst"))}
        with httpx.Client(base_url=address, cookies=cookies) as sari:
            assert sari.get("/administration/officers").status_code == 403
            fields = {"role": "supervisor", "clearance": "confidential", "name": "Sari", "agency": ""}
            assert admin.post("/administration/officer/sari", data=fields).status_code == 303
            assert sari.get("/administration/officers").status_code == 200

    def test_disabling_says_what_ends_and_ends_it(self, own: Office, admin: httpx.Client, address: str) -> None:
        going = made(own, "going", "analyst")
        token = sessions.create_token(own, going, ["entities.match"], lives=timedelta(days=1))
        cookies = {COOKIE: cookie_of(own, going)}
        page = text_of(admin.get("/administration/officer/going"))
        assert "All sessions, links and tokens of going end now" in page
        assert "inspectors see it in the log" in page
        admin.post("/administration/officer/going/disable")
        with httpx.Client(base_url=address, cookies=cookies) as client:
            assert client.get("/profile").status_code == 401
        with pytest.raises(SignInError):
            sessions.holder(own, token, "token")
        page = text_of(admin.get("/administration/officer/going"))
        assert "None is made for who is disabled" in page
        assert "Disable going now" not in page
        assert admin.post("/administration/officer/going/reset").status_code == 409
        admin.post("/administration/officer/going/enable")
        assert officers.acting(own, "going").id == "going"

    def test_nobody_changes_themselves_nor_takes_the_last_administrator_away(self, admin: httpx.Client) -> None:
        page = admin.get("/administration/officer/the-administrator")
        assert "Nobody changes their own roles" in page.text
        assert "Keep the change" not in page.text
        answer = admin.post("/administration/officer/the-administrator", data={"role": "analyst", "clearance": "open"})
        assert answer.status_code == 403
        assert "own_roles" in answer.text

    def test_each_role_says_what_it_may(self, admin: httpx.Client) -> None:
        page = text_of(admin.get("/administration/officer"))
        for words in administration.MAY.values():
            assert words in page

    def test_nobody_of_that_name_is_said(self, admin: httpx.Client) -> None:
        for name in ("nobody", "%00", "x" * 500, "..%2f..%2fetc"):
            answer = admin.get(f"/administration/officer/{name}")
            assert answer.status_code == 404, name
            assert "Traceback" not in answer.text


class TestTokens:
    def test_a_token_is_seen_without_its_secret_and_revoked_for_good(self, own: Office, admin: httpx.Client) -> None:
        rina = made(own, "rina", "analyst")
        secret = sessions.create_token(own, rina, ["entities.match"], label="for <payments>")
        (held,) = [one for one in sessions.all_tokens(own, officers.owner(own)) if one.label == "for <payments>"]
        page = admin.get(f"/administration/tokens?token={held.id}")
        assert secret not in page.text
        assert "for &lt;payments&gt;" in page.text
        assert "The program that uses it is refused from its next request on" in page.text
        assert admin.post("/administration/tokens/revoke", data={"token": held.id}).status_code == 303
        with pytest.raises(SignInError):
            sessions.holder(own, secret, "token")
        assert held.id not in admin.get("/administration/tokens").text
        assert admin.post("/administration/tokens/revoke", data={"token": held.id}).status_code == 404


class TestJobs:
    @pytest.fixture
    def waiting(self, own: Office) -> int:
        """A job that waits for tomorrow."""
        with own.database.write() as connection:
            at = own.now() + timedelta(days=1)
            return jobs.once(connection, "refresh", {"list": "us_ofac_sdn"}, by="owner", at=at).number

    def test_work_that_waits_is_stopped_and_says_what_that_means(self, admin: httpx.Client, waiting: int) -> None:
        page = admin.get(f"/administration/jobs?job={waiting}")
        assert "us_ofac_sdn" in page.text
        assert "the list stays as it is" in page.text
        answer = admin.post(f"/administration/jobs/{waiting}/stop")
        assert answer.status_code == 303
        page = admin.get(answer.headers["location"])
        assert "The work is stopped." in page.text
        assert "stopped" in text_of(page)
        assert f"Stop number {waiting}" not in page.text

    def test_a_supervisor_looks_and_stops_nothing(self, by_role: Mapping[str, httpx.Client], waiting: int) -> None:
        page = by_role["supervisor"].get(f"/administration/jobs?job={waiting}")
        assert page.status_code == 200
        assert "Stop number" not in page.text

    def test_progress_is_told_in_counts(self, own: Office, admin: httpx.Client) -> None:
        assert admin.get("/administration/jobs?job=999999").status_code == 404
        assert "run 1" in text_of(admin.get("/administration/jobs"))

    def test_what_went_wrong_with_a_customer_file_is_told_by_its_code_alone(
        self, own: Office, admin: httpx.Client
    ) -> None:
        with own.database.write() as connection:
            made_ = jobs.once(connection, "export", {"run": 1, "kind": "csv"}, by="owner", at=own.now())
            claimed = jobs.claim(connection, ["export"], at=own.now(), stale_before=None)
            assert claimed is not None
            error = {"code": "bad_name", "what": "Siti Contoh is no name", "where": "row 7", "do": "Write it anew."}
            jobs.end(connection, claimed, status="failed", at=own.now(), error=error)
        page = admin.get(f"/administration/jobs?job={made_.number}")
        assert "bad_name" in page.text
        assert "Siti" not in page.text


class TestSettings:
    def test_what_is_set_is_shown_with_who_set_it(self, own: Office, admin: httpx.Client) -> None:
        assert "As Lintas comes" in admin.get("/administration/settings").text
        for fields in (
            {"name": "retention_days", "value": " 365 "},
            {"name": "four_eyes", "verb": ["runs.erase", "backup.keys"]},
            {"name": "freeze_within_h", "value": "4,5"},
        ):
            answer = admin.post("/administration/settings", data=fields)
            assert answer.headers["location"] == "/administration/settings?done=set"
        held = settings.read(own, officers.owner(own))
        assert held["retention_days"].value == 365
        assert held["freeze_within_h"].value == 4.5
        assert four_eyes.asked_for(own, "backup.keys")
        assert not four_eyes.asked_for(own, "outcomes.freeze")
        page = admin.get("/administration/settings").text
        assert 'value="365"' in page
        assert 'value="4.5"' in page
        assert "Set by the-administrator" in text_of(admin.get("/administration/settings"))
        admin.post("/administration/settings", data={"name": "retention_days", "value": ""})
        assert settings.read(own, officers.owner(own))["retention_days"].value is None
        admin.post("/administration/settings", data={"name": "four_eyes"})
        assert settings.read(own, officers.owner(own))["four_eyes"].value == []

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"name": "retention_days", "value": "0"}, 400),
            ({"name": "retention_days", "value": "-5"}, 400),
            ({"name": "retention_days", "value": "a year"}, 400),
            ({"name": "retention_days", "value": "1" * 5000}, 400),
            ({"name": "freeze_within_h", "value": "nan"}, 400),
            ({"name": "freeze_within_h", "value": "1e309"}, 400),
            ({"name": "freeze_within_h", "value": ""}, 400),
            ({"name": "four_eyes", "verb": "runs.read"}, 400),
            ({"name": "custodians", "value": "1"}, 404),
            ({"name": "\x00", "value": "1"}, 404),
            ({}, 400),
        ],
    )
    def test_what_cannot_be_set_is_said_where_it_was_written(
        self, admin: httpx.Client, fields: dict[str, str], status: int
    ) -> None:
        answer = admin.post("/administration/settings", data=fields)
        assert answer.status_code == status
        assert "What to do" in answer.text or 'role="alert"' in answer.text
        assert "Traceback" not in answer.text

    def test_a_key_custodian_reads_and_changes_none(self, own: Office, by_role: Mapping[str, httpx.Client]) -> None:
        custodian = made(own, "the-custodian", "custodian")
        _, key, _ = custodians.new(own, custodian, "Kemal's key")
        page = by_role["custodian"].get("/administration/settings")
        assert key in page.text
        assert "Kemal&#39;s key" in page.text
        assert "Keep this" not in page.text


def test_health_and_alarms_are_told_in_words(admin: httpx.Client) -> None:
    page = text_of(admin.get("/administration/health"))
    for words in ("Database", "SQLite answers", "Worker", "last sign of life", "No list is late"):
        assert words in page


def test_an_alarm_of_a_list_says_what_to_do(own: Office, admin: httpx.Client) -> None:
    error = {"code": "count_guard", "what": "Half of it is missing", "where": None, "do": "Look at the file."}
    with own.database.write() as connection:
        jobs.once(connection, "refresh", {"list": "un_sc"}, by="owner", at=own.now())
        claimed = jobs.claim(connection, ["refresh"], at=own.now(), stale_before=None)
        assert claimed is not None
        jobs.end(connection, claimed, status="failed", at=own.now() + timedelta(minutes=1), error=error)
    page = text_of(admin.get("/administration/health"))
    assert "its last refresh was refused" in page
    assert "Half of it is missing" in page


def test_an_officer_is_added_and_disabled_by_keyboard_without_script_and_on_a_phone(open_page: Open) -> None:
    page = open_page("/lists")
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/administration/officers")
    page = open_page("/administration/officer", PHONE, java_script_enabled=False)
    page.get_by_label("Name here").fill("phone-made")
    page.get_by_label("inspector").check()
    page.get_by_role("button", name="Add the officer").click()
    page.wait_for_url("**/administration/officer/phone-made?done=added")
    expect(page.get_by_label("analyst")).to_be_checked()
    page.locator(".grave summary").click()
    page.get_by_role("button", name="Disable phone-made now").click()
    page.wait_for_url("**/administration/officer/phone-made?done=disabled")
    expect(page.locator("h1 + .beside")).to_contain_text("disabled")


def test_every_button_names_what_it_acts_on(own: Office, admin: httpx.Client) -> None:
    """A screen reader hears a button alone."""
    made(own, "rina", "analyst")
    for path in ("/administration/officer/rina", "/administration/settings", "/administration/tokens"):
        page: Any = html.fromstring(admin.get(path).text)
        said = [
            button.get("aria-label") or " ".join(button.text_content().split())
            for button in page.xpath("//main//button")
        ]
        assert len(said) == len(set(said)), (path, said)
