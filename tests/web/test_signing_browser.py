"""Signing in in a real browser: with a passkey, and by way of a real OpenID provider of another site."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Route, expect

from lintas.desk import officers, oidc, passphrases, profile, sessions, trail
from lintas.desk.office import Office, Settings, open_office
from lintas.model.officer import Officer
from lintas.store import officers as kept
from tests.oidc.running import ENVIRONMENT
from tests.oidc.running import provider as running
from tests.serving import served
from tests.web.conftest import DESK, OWN

pytestmark = pytest.mark.xdist_group("web")
WORDS = "heron lantern mango tide"
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
Open = Callable[..., Page]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Office]:
    """A node on which Rina and Sari work."""
    office = open_office(Settings(tmp_path / "node"))
    for name in ("rina", "sari"):
        passphrases.set_own(office, officers.add(office, officers.owner(office), name, roles=["analyst"]), WORDS)
    yield office
    office.close()


@pytest.fixture
def rina(node: Office) -> Officer:
    return officers.acting(node, "rina")


@pytest.fixture
def address(node: Office) -> Iterator[str]:
    """Where the node is, by a name: a passkey is for no IP address."""
    with served(node) as url:
        yield url.replace("127.0.0.1", "localhost")


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """Open pages as one person with one browser. Afterwards no page may have broken its policy."""
    contexts, complaints = list[BrowserContext](), list[str]()

    def open_it(address: str, **settings: Any) -> Page:
        context = browser.new_context(viewport={"width": DESK[0], "height": DESK[1]}, **settings)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if "Content Security Policy" in m.text else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []


def with_key(page: Page) -> tuple[CDPSession, str]:
    """Put a key into the machine."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    return tools, tools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})["authenticatorId"]


def sign_in(page: Page, address: str, name: str = "rina") -> None:
    page.goto(f"{address}/sign-in?back=/profile")
    page.get_by_label("Name on this node").fill(name)
    page.get_by_label("Passphrase", exact=True).fill(WORDS)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/profile")


def make_passkey(page: Page, label: str = "key on my ring") -> None:
    page.get_by_label("What you call it").fill(label)
    page.get_by_role("button", name="Make a passkey").click()
    page.wait_for_url("**/profile?done=passkey*")
    expect(page.locator("#passkeys")).to_contain_text(label)


def last_refusal(node: Office) -> str:
    return next(row.object for row in trail.find(node, officers.owner(node)).rows if row.outcome == "refused")


def test_a_passkey_is_made_and_signs_in_and_once_removed_it_does_not(opened: Open, address: str, node: Office) -> None:
    page = opened(address)
    with_key(page)
    sign_in(page, address)
    make_passkey(page)
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{address}/lists")
    page.get_by_role("button", name="A passkey").click()
    expect(page.locator(".nav .officer")).to_contain_text("rina")
    assert page.url == f"{address}/lists"

    page.goto(f"{address}/profile")
    expect(page.locator("#passkeys")).to_contain_text("used 20")
    expect(page.locator("#sessions")).to_contain_text("a passkey")
    page.get_by_role("button", name="Remove key on my ring").click()
    page.wait_for_url("**/profile?done=passkey_gone*")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="A passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("wrong_passkey")
    assert "is nobody's" in last_refusal(node)


def test_who_does_not_unlock_the_key_stays_outside_and_reads_what_to_do(opened: Open, address: str) -> None:
    page = opened(address)
    tools, key = with_key(page)
    sign_in(page, address)
    make_passkey(page)
    page.get_by_role("button", name="Sign out").click()
    tools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="A passkey").click()
    expect(page.locator("[data-passkey] [role=status]")).to_have_text(
        "Nothing was chosen. Try again, or sign in in another way."
    )
    tools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": True})
    page.get_by_role("button", name="A passkey").click()
    expect(page.locator(".nav .officer")).to_contain_text("rina")


def test_an_answer_that_was_seen_on_the_way_is_worth_nothing(opened: Open, address: str, node: Office) -> None:
    page = opened(address)
    with_key(page)
    sign_in(page, address)
    make_passkey(page)
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{address}/sign-in")
    with page.expect_request("**/sign-in/passkey") as sent:
        page.get_by_role("button", name="A passkey").click()
    expect(page.locator(".nav .officer")).to_contain_text("rina")
    seen = {name: values[0] for name, values in parse_qs(sent.value.post_data or "").items()}
    again = httpx.post(f"{address}/sign-in/passkey", data=seen, headers=OWN)
    assert (again.status_code, "set-cookie" in again.headers) == (401, False)
    assert "answered before" in last_refusal(node)


def test_a_page_of_another_origin_gets_nothing_that_signs_in_here(opened: Open, address: str, node: Office) -> None:
    """As a phishing site would: it hands on what the node asks, and the officer unlocks the key."""
    with served(node) as other:
        phishing = other.replace("127.0.0.1", "localhost")
        page = opened(address)
        with_key(page)
        sign_in(page, address)
        make_passkey(page)
        page.goto(f"{phishing}/sign-in")
        asked = httpx.post(f"{address}/sign-in/passkey/ask", headers=OWN).json()
        answer = page.evaluate(
            "async asked => JSON.stringify((await navigator.credentials.get("
            "{publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked)})).toJSON())",
            asked,
        )
    refused = httpx.post(f"{address}/sign-in/passkey", data={"answer": answer}, headers=OWN)
    assert refused.status_code == 401
    assert "Unexpected client data origin" in last_refusal(node)


def test_when_a_session_ends_by_itself_its_page_leaves_the_screen(opened: Open, address: str, node: Office) -> None:
    page = opened(address)
    page.clock.install()
    sign_in(page, address)
    page.clock.fast_forward("59:00")
    expect(page.locator("h1")).to_contain_text("rina")
    with node.database.write() as connection:
        kept.withdraw_all(connection, "rina", ("session",))
    with page.expect_navigation():
        page.clock.fast_forward("01:30")
    expect(page.locator("h1")).to_contain_text("Sign in")
    assert "back" in page.content()
    assert "Every row of the log in your name" not in page.content()


def test_two_officers_of_one_machine_have_a_key_each(opened: Open, address: str, node: Office) -> None:
    page = opened(address)
    tools, first = with_key(page)
    sign_in(page, address, "sari")
    make_passkey(page, "of Sari")
    tools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": first})
    page.get_by_role("button", name="Sign out").click()
    with_key(page)
    sign_in(page, address, "rina")
    make_passkey(page, "of Rina")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="A passkey").click()
    expect(page.locator(".nav .officer")).to_contain_text("rina")


def test_an_ip_address_says_where_passkeys_work(opened: Open, address: str) -> None:
    by_number = address.replace("localhost", "127.0.0.1")
    page = opened(f"{by_number}/sign-in")
    expect(page.get_by_role("button", name="A passkey")).to_have_count(0)
    page.get_by_role("link", name=address).click()
    page.wait_for_url(f"{address}/sign-in")
    expect(page.get_by_role("button", name="A passkey")).to_be_visible()


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running() as found:
        yield found


class TestProvider:
    """The node at 127.0.0.1, the provider at localhost: two sites, as in life."""

    @pytest.fixture
    def here(self, node: Office, issuer: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
        settings = {**ENVIRONMENT, "LINTAS_OIDC_ISSUER": issuer, "LINTAS_OIDC_NAME": "Agency sign-on"}
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        with served(node) as url:
            yield url

    def at_provider(self, page: Page, name: str) -> None:
        """Sign in there, and say yes."""
        page.get_by_placeholder("Enter any login").fill(name)
        page.get_by_placeholder("and password").fill("any")
        page.get_by_role("button", name="Sign-in").click()
        page.get_by_role("button", name="Continue").click()

    @pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
    def test_who_binds_themselves_signs_in_there_from_then_on(
        self, opened: Open, here: str, node: Office, has_script: bool
    ) -> None:
        page = opened(here, java_script_enabled=has_script)
        sign_in(page, here)
        page.get_by_role("button", name="Sign in at Agency sign-on to be bound").click()
        self.at_provider(page, "r.wijaya")
        page.wait_for_url("**/profile?done=provider*")
        expect(page.locator("#provider")).to_contain_text("You are r.wijaya there")
        page.get_by_role("button", name="Sign out").click()

        page.goto(f"{here}/lists")
        page.get_by_role("button", name="Agency sign-on").click()
        page.get_by_role("button", name="Continue").click()  # the provider remembers them, and asks all the same
        page.wait_for_url("**/lists")
        expect(page.locator(".nav .officer")).to_contain_text("rina")
        page.goto(f"{here}/profile")
        expect(page.locator("#sessions")).to_contain_text("Agency sign-on")
        assert {one["name"] for one in page.context.cookies(here)} == {"lintas_session"}

    def test_who_is_not_bound_reads_what_to_do(self, opened: Open, here: str, node: Office) -> None:
        page = opened(f"{here}/sign-in")
        page.get_by_role("button", name="Agency sign-on").click()
        self.at_provider(page, "m.stranger")
        expect(page.get_by_role("alert")).to_contain_text("not_bound")
        expect(page.get_by_label("Passphrase", exact=True)).to_be_visible()
        assert "nobody is bound to m.stranger" in last_refusal(node)

    def test_who_says_no_there_is_back_on_the_page_to_sign_in(self, opened: Open, here: str, node: Office) -> None:
        page = opened(f"{here}/sign-in")
        page.get_by_role("button", name="Agency sign-on").click()
        page.get_by_role("link", name="Cancel").click()
        expect(page.get_by_role("alert")).to_contain_text("wrong_answer")
        assert "access_denied" in last_refusal(node)

    def test_an_answer_that_somebody_else_was_sent_signs_nobody_in(
        self, opened: Open, here: str, node: Office, rina: Officer, issuer: str
    ) -> None:
        """Login CSRF: Sari makes Rina's browser open the address that the provider sent her back to."""
        oidc.bind(node, officers.owner(node), "sari", issuer, "s.dewi")
        hers = opened(f"{here}/sign-in")
        held = list[str]()

        def stop(route: Route) -> None:
            held.append(route.request.url)
            route.abort()

        hers.route("**/sign-in/provider/back?*", stop)
        hers.get_by_role("button", name="Agency sign-on").click()
        with hers.expect_event("requestfailed"):
            self.at_provider(hers, "s.dewi")
        victim = opened(f"{here}/sign-in")
        victim.goto(held[0])
        expect(victim.get_by_role("alert")).to_contain_text("wrong_answer")
        assert "another browser" in last_refusal(node)
        assert all(one["name"] != "lintas_session" for one in victim.context.cookies(here))

    def test_a_provider_that_is_away_is_said_on_the_page_to_sign_in(
        self, opened: Open, node: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LINTAS_OIDC_ISSUER", "http://localhost:9")
        monkeypatch.setenv("LINTAS_OIDC_CLIENT_ID", "lintas")
        monkeypatch.setenv("LINTAS_OIDC_NAME", "Agency sign-on")
        with served(node) as here:
            page = opened(f"{here}/sign-in")
            page.get_by_role("button", name="Agency sign-on").click()
            expect(page.get_by_role("alert")).to_contain_text("Agency sign-on did not answer")
            sign_in(page, here)

    def test_the_session_is_as_strict_as_any_other(self, opened: Open, here: str, node: Office, issuer: str) -> None:
        oidc.bind(node, officers.owner(node), "rina", issuer, "r.wijaya")
        page = opened(f"{here}/sign-in")
        page.get_by_role("button", name="Agency sign-on").click()
        self.at_provider(page, "r.wijaya")
        expect(page.locator(".nav .officer")).to_contain_text("rina")
        (cookie,) = page.context.cookies(here)
        assert (cookie["sameSite"], cookie["httpOnly"]) == ("Strict", True)
        assert sessions.holder(node, cookie["value"], "session").id == "rina"
        assert len(profile.show(node, officers.acting(node, "rina")).sessions) == 1
