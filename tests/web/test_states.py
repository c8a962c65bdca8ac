"""What no address shows by itself: the pages to sign in and one's own page in their other states, seen and heard."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

import lintas.web
from lintas.desk import officers, passphrases, recent, sessions
from lintas.desk.office import Office, Settings, open_office
from lintas.store import identities, passkeys
from lintas.store.identities import Identity
from lintas.store.passkeys import Passkey
from lintas.store.tables import credentials
from lintas.web.signing import COOKIE
from tests.serving import served
from tests.web.conftest import DESK, NARROW, PHONE

pytestmark = pytest.mark.xdist_group("web")
AXE = Path(lintas.web.__file__).parent / "assets/node_modules/axe-core/axe.min.js"
ISSUER = "https://sso.agency.example"
LONG = "กุญแจ ที่ห้อยอยู่กับพวงกุญแจ ของฉัน " * 3


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A node on which Rina has everything that one can have, under long names."""
    office = open_office(Settings(tmp_path_factory.mktemp("states") / "node"))
    name = "Rina Kusumawardhani-Wijayakusuma " * 3
    rina = officers.add(office, officers.owner(office), "rina", roles=["analyst", "supervisor", "liaison"], name=name)
    passphrases.set_own(office, rina, "heron lantern mango tide")
    sessions.create_token(office, rina, ["entities.match", "entities.search", "lists.read"], label=LONG)
    sessions.sign_in(office, sessions.create_link(office, rina))
    with office.database.write() as connection:
        passkeys.add(connection, Passkey("a", "rina", "-", 0, LONG, office.now(), office.now()))
        identities.bind(connection, Identity(ISSUER, "248289761001" * 8, "rina", office.now()))
    yield office
    office.close()


@pytest.fixture(scope="module")
def address(node: Office) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LINTAS_OIDC_ISSUER", ISSUER)
        patch.setenv("LINTAS_OIDC_CLIENT_ID", "lintas")
        patch.setenv("LINTAS_OIDC_NAME", "Single sign-on of the agency")
        with served(node) as url:
            yield url.replace("127.0.0.1", "localhost")


def states(page: Page, node: Office, address: str) -> Iterator[str]:
    """Bring a page from one state to the next; the name of each."""
    page.goto(f"{address}/sign-in")
    yield "to sign in"
    page.locator("#name").fill("rina")
    page.locator("#passphrase").fill("wrong")
    page.locator("#passphrase").press("Enter")
    page.get_by_role("alert").wait_for()
    yield "a wrong passphrase"
    page.goto(f"{address.replace('localhost', '127.0.0.1')}/sign-in")
    yield "at an IP address"
    link = sessions.create_link(node, officers.acting(node, "rina"))
    page.goto(sessions.address_of(link, address))
    yield "a link"
    page.locator("form[data-link] button").click()
    page.locator(".nav .officer").wait_for(state="attached")
    page.goto(f"{address}/profile?done=passphrase")
    for more in page.locator("summary").all():
        more.click()
    yield "one's own page, all of it open"
    page.locator("[name=label]").last.fill(LONG)
    page.locator("form[action='/profile/tokens'] .button").click()
    page.locator(".secret").wait_for()
    yield "a token, shown once"
    page.locator("summary").first.click()
    page.locator("#current").fill("wrong")
    for field in ("#new", "#again"):
        page.locator(field).fill("seven quiet teak boats")
    page.locator("#again").press("Enter")
    page.get_by_role("alert").wait_for()
    yield "the passphrase so far was wrong"
    (cookie,) = (one for one in page.context.cookies(address) if one["name"] == COOKIE)
    with node.database.write() as connection:
        this = credentials.update().where(credentials.c.secret_sha256 == sessions.hashed(cookie["value"]))
        connection.execute(this.values(created_at=node.now() - recent.RECENT))
    page.goto(f"{address}/profile")
    yield "signed in long ago"
    page.locator("form[action='/sign-out'] button").last.dispatch_event("click")
    page.wait_for_url("**/sign-out")
    yield "signed out"


SLOW = pytest.mark.long


def findings(page: Page, rules: list[str] | None = None) -> list[tuple[str, str]]:
    """Serious and critical findings of axe."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": {"type": "rule", "values": rules}} if rules else {})
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async options => (await axe.run(document, options)).violations", options)
    bad = [one for one in found if one["impact"] in ("serious", "critical")]
    return [(one["id"], place["html"][:200]) for one in bad for place in one["nodes"][:3]]


@pytest.mark.parametrize(
    ("size", "settings"),
    [(PHONE, {}), pytest.param(DESK, {}, marks=SLOW), pytest.param(DESK, {"locale": "id-ID"}, marks=SLOW)],
    ids=["phone", "desk", "desk-indonesian"],
)
def test_axe_finds_nothing_serious_in_any_state_in_either_theme(
    browser: Browser, node: Office, address: str, size: tuple[int, int], settings: dict[str, Any]
) -> None:
    viewport: Any = {"width": size[0], "height": size[1]}
    context = browser.new_context(viewport=viewport, color_scheme="light", **settings)
    page = context.new_page()
    found = list[tuple[str, str, str]]()
    for state in states(page, node, address):
        found += [(state, *one) for one in findings(page)]
        page.emulate_media(color_scheme="dark")
        found += [(f"{state}, dark", *one) for one in findings(page, ["color-contrast"])]
        page.emulate_media(color_scheme="light")
    context.close()
    assert found == []


@pytest.mark.parametrize("locale", ["en", "id-ID"])
def test_no_state_scrolls_sideways_on_a_narrow_phone(browser: Browser, node: Office, address: str, locale: str) -> None:
    context = browser.new_context(viewport={"width": NARROW[0], "height": NARROW[1]}, locale=locale)
    page = context.new_page()
    wide = {
        state: width
        for state in states(page, node, address)
        if (width := page.evaluate("document.documentElement.scrollWidth")) > NARROW[0]
    }
    context.close()
    assert wide == {}
