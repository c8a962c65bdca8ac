"""An officer's own page: what it shows, what can be changed there, and that it is of nobody else."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import html
from playwright.sync_api import Browser, Page, expect

from lintas.desk import officers, passphrases, profile, recent, screening, sessions
from lintas.desk.office import Office, Settings, open_office
from lintas.model.errors import DeniedError, SignInError
from lintas.model.officer import PURPOSES, Officer
from lintas.store import passkeys
from lintas.store.passkeys import Passkey
from lintas.store.tables import credentials
from lintas.web.signing import COOKIE
from tests.conftest import load_samples
from tests.serving import served
from tests.web.conftest import OWN

pytestmark = pytest.mark.xdist_group("web")
WORDS, OTHERS = "heron lantern mango tide", "seven quiet teak boats"
Signed = Callable[..., httpx.Client]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Office]:
    """A node on which Rina and Sari work, with the fictional lists."""
    office = open_office(Settings(tmp_path / "node"))
    owner = officers.owner(office)
    load_samples(office, owner)
    officers.add(office, owner, "rina", roles=["analyst", "supervisor"], name="Rina Wijaya", clearance=2)
    officers.add(office, owner, "sari", roles=["inspector"])
    yield office
    office.close()


@pytest.fixture
def address(node: Office) -> Iterator[str]:
    with served(node) as url:
        yield url


@pytest.fixture
def rina(node: Office) -> Officer:
    return officers.acting(node, "rina")


@pytest.fixture
def signed(node: Office, address: str) -> Iterator[Signed]:
    """A browser in which an officer is signed in."""
    held = list[httpx.Client]()

    def sign(name: str = "rina") -> httpx.Client:
        secret = sessions.sign_in(node, sessions.create_link(node, officers.acting(node, name)))
        held.append(httpx.Client(base_url=address, cookies={COOKIE: secret}, headers=OWN, timeout=60))
        return held[-1]

    yield sign
    for client in held:
        client.close()


def text_of(answer: httpx.Response, where: str = "//main") -> str:
    page: Any = html.fromstring(answer.text)
    return " ".join(" ".join(page.xpath(where)[0].itertext()).split())


def later(node: Office, client: httpx.Client) -> None:
    """As if this session had begun a quarter of an hour before."""
    with node.database.write() as connection:
        digest = sessions.hashed(client.cookies[COOKIE])
        this = credentials.update().where(credentials.c.secret_sha256 == digest)
        connection.execute(this.values(created_at=node.now() - recent.RECENT))


def test_it_says_who_one_is_and_what_for(signed: Signed) -> None:
    answer = signed().get("/profile")
    assert "Rina Wijaya rina" in text_of(answer)
    said = text_of(answer, "//aside")
    for words in ("analyst, supervisor", "of this node", "up to confidential", "screening"):
        assert words in said
    assert text_of(answer, "//header//a[@class='officer']") == "rina screening"


def test_the_purpose_holds_for_this_session_and_is_seen_on_every_page(signed: Signed, node: Office) -> None:
    here, there = signed(), signed()
    for purpose in PURPOSES:
        answer = here.post("/profile/purpose", data={"wanted": purpose}, follow_redirects=True)
        assert "The purpose is kept for this session." in text_of(answer)
        assert text_of(here.get("/lists"), "//header//a[@class='officer']") == f"rina {purpose}"
        assert sessions.holder(node, here.cookies[COOKIE], "session").purpose == purpose
    assert sessions.holder(node, there.cookies[COOKIE], "session").purpose == "screening"
    assert here.post("/profile/purpose", data={"wanted": "curiosity"}).status_code == 400


def test_a_passphrase_is_set_changed_and_used(signed: Signed, node: Office, rina: Officer) -> None:
    here, there = signed(), signed()
    form = {"new": WORDS, "again": WORDS}
    assert here.post("/profile/passphrase", data=form).headers["location"] == "/profile?done=passphrase#passphrase"
    assert there.get("/profile").status_code == 401
    passphrases.sign_in(node, "rina", WORDS)
    for wrong, code in (
        ({"new": OTHERS, "again": OTHERS}, "wrong_passphrase"),
        ({"new": OTHERS, "again": WORDS, "current": WORDS}, "not_the_same"),
        ({"new": "short", "again": "short", "current": WORDS}, "weak_passphrase"),
    ):
        answer = here.post("/profile/passphrase", data=wrong)
        assert answer.status_code in (400, 403)
        assert code in text_of(answer, "//*[@id='passphrase']//*[@role='alert']")
    here.post("/profile/passphrase", data={"new": OTHERS, "again": OTHERS, "current": WORDS})
    passphrases.sign_in(node, "rina", OTHERS)
    with pytest.raises(SignInError):
        passphrases.sign_in(node, "rina", WORDS)


def test_a_desk_that_was_left_open_is_not_enough_to_change_how_one_signs_in(signed: Signed, node: Office) -> None:
    client = signed()
    later(node, client)
    answer = client.get("/profile")
    assert text_of(answer).count("You signed in more than 15 minutes ago.") == 2
    assert "/sign-in?back=/profile" in answer.text
    for path, form in (
        ("/profile/passphrase", {"new": WORDS, "again": WORDS}),
        ("/profile/passkeys/ask", {}),
        ("/profile/passkeys", {"answer": "{}"}),
        ("/profile/passkeys/remove", {"passkey": "x"}),
        ("/profile/sessions/end", {}),
        ("/profile/sessions/end-one", {"session": "x"}),
    ):
        refused = client.post(path, data=form, headers={"Host": f"localhost:{client.base_url.port}"})
        assert (refused.status_code, "sign_in_again" in refused.text) == (403, True), path
    assert client.post("/profile/purpose", data={"wanted": "training"}).status_code == 303


def test_passkeys_are_named_and_removed_by_who_has_them_alone(signed: Signed, node: Office, rina: Officer) -> None:
    label = "<b>key</b> & กุญแจ"
    with node.database.write() as connection:
        passkeys.add(connection, Passkey("a-key", "rina", "-", 0, label, node.now(), None))
    mine, hers = signed(), signed("sari")
    assert f"{label} made" in text_of(mine.get("/profile"), "//*[@id='passkeys']")
    assert hers.post("/profile/passkeys/remove", data={"passkey": "a-key"}).status_code == 404
    assert mine.post("/profile/passkeys/remove", data={"passkey": "a-key"}).status_code == 303
    assert profile.show(node, rina).passkeys == ()


def test_the_other_sessions_end_and_this_one_stays(signed: Signed) -> None:
    here, there, hers = signed(), signed(), signed("sari")
    said = text_of(here.get("/profile"), "//*[@id='sessions']")
    assert said.startswith("Sessions 2")
    assert said.count("this one") == 1
    assert here.post("/profile/sessions/end").status_code == 303
    assert [one.get("/profile").status_code for one in (here, there, hers)] == [200, 401, 200]
    assert "End my other sessions" not in here.get("/profile").text


def test_one_session_ends_and_the_others_stay(signed: Signed, node: Office, rina: Officer) -> None:
    here, there, away, hers = signed(), signed(), signed(), signed("sari")
    one = sessions.hashed(there.cookies[COOKIE])[:12]
    shown = here.get("/profile").text
    assert shown.count('action="/profile/sessions/end-one"') == 2  # not this one, which signs out
    assert hers.post("/profile/sessions/end-one", data={"session": one}).status_code == 404
    for none in ("", "x", "%", "\x00"):
        assert here.post("/profile/sessions/end-one", data={"session": none}).status_code == 404
    assert here.post("/profile/sessions/end-one", data={"session": one}).headers["location"].endswith("#sessions")
    assert [client.get("/profile").status_code for client in (here, there, away, hers)] == [200, 401, 200, 200]


def test_a_session_that_was_left_open_ends_no_other(signed: Signed, node: Office) -> None:
    here, there = signed(), signed()
    later(node, here)
    page = here.get("/profile")
    assert "/profile/sessions/end" not in page.text
    assert "You signed in more than 15 minutes ago." in text_of(page, "//*[@id='sessions']")
    assert here.post("/profile/sessions/end").status_code == 403
    assert there.get("/profile").status_code == 200


def test_a_token_is_shown_once_does_what_it_is_for_and_is_revoked(signed: Signed, node: Office, address: str) -> None:
    client = signed()
    form = {"scope": ["entities.search", "lists.read"], "label": "nightly", "days": "30"}
    made = client.post("/profile/tokens", data=form)
    token = text_of(made, "//code[@class='secret']")
    assert made.headers["cache-control"] == "no-store"
    program = sessions.holder(node, token, "token")
    assert (program.id, program.verbs) == ("rina", frozenset({"entities.search", "lists.read"}))
    assert screening.search(node, program, "contoh").total > 0
    shown = client.get("/profile")
    assert token not in shown.text
    said = text_of(shown, "//*[@id='tokens']")
    assert "nightly entities.search lists.read" in said
    (held,) = profile.show(node, officers.acting(node, "rina")).tokens
    assert (held.expires_at - held.created_at).days == 30
    assert client.post("/profile/tokens/revoke", data={"token": held.id}).status_code == 303
    with pytest.raises(SignInError):
        sessions.holder(node, token, "token")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"days": "0"}, "bad_life"),
        ({"days": "366"}, "bad_life"),
        ({"days": "-1"}, "bad_life"),
        ({"days": "1e3"}, "bad_life"),
        ({"days": "9" * 400}, "bad_life"),
        ({"scope": []}, "no_scope"),
        ({"scope": ["everything"]}, "unknown_verb"),
    ],
)
def test_a_token_that_cannot_be_is_refused_above_the_form(
    signed: Signed, node: Office, changed: dict[str, Any], code: str
) -> None:
    answer = signed().post("/profile/tokens", data={"scope": ["lists.read"], "days": "9", "label": "x", **changed})
    assert answer.status_code == 400
    assert code in text_of(answer, "//*[@id='tokens']//*[@role='alert']")
    assert profile.show(node, officers.acting(node, "rina")).tokens == ()


def test_a_program_is_offered_what_its_officer_may_and_no_more(signed: Signed, node: Office) -> None:
    client = signed("sari")
    assert re.findall(r'name="scope" value="([^"]+)"', client.get("/profile").text) == ["lists.read", "metrics.read"]
    made = client.post("/profile/tokens", data={"scope": ["entities.search"], "days": "9", "label": "more"})
    program = sessions.holder(node, text_of(made, "//code[@class='secret']"), "token")
    with pytest.raises(DeniedError):
        screening.search(node, program, "contoh")


def test_a_token_of_another_is_not_revoked(signed: Signed, node: Office, rina: Officer) -> None:
    sessions.create_token(node, rina, ["lists.read"], label="mine")
    (held,) = profile.show(node, rina).tokens
    assert signed("sari").post("/profile/tokens/revoke", data={"token": held.id}).status_code == 404
    assert len(profile.show(node, rina).tokens) == 1


def test_language_theme_and_keys_are_kept_with_the_officer(signed: Signed) -> None:
    client = signed()
    client.post("/profile/pages", data={"language": "id", "theme": "dark", "keys": "off"})
    page = client.get("/profile").text
    assert '<html lang="id" data-theme="dark">' in page
    assert 'data-keys="off"' in page
    other = signed()
    assert "checked> " in re.sub(r"\s+", " ", other.get("/profile").text.split('name="keys"')[1])[:40]
    client.post("/profile/pages", data={"language": "xx", "theme": "pink", "keys": "on"})
    page = client.get("/profile").text
    assert '<html lang="en">' in page
    assert "data-keys" not in page


def test_what_one_did_is_shown_page_by_page_and_nobody_elses(signed: Signed, node: Office) -> None:
    client, hers = signed(), signed("sari")
    for _ in range(60):
        client.get("/lists")
    hers.get("/lists")
    first, second = client.get("/profile/log"), client.get("/profile/log?page=2")
    numbers = [
        [int(one) for one in re.findall(r'<td class="right corner">(\d+)</td>', answer.text)]
        for answer in (first, second)
    ]
    assert len(numbers[0]) == 50
    assert numbers[0] == sorted(numbers[0], reverse=True)
    assert min(numbers[0]) >= max(numbers[1])  # a look at the first page is a row before the second
    assert "log.own" in text_of(first)
    assert "sari" not in text_of(first) + text_of(second)
    assert client.get("/profile/log?page=0").status_code == 400
    assert client.get("/profile/log?page=9999").status_code == 200


def test_what_was_refused_is_among_it(signed: Signed) -> None:
    client = signed("sari")
    assert client.get("/?q=contoh").status_code == 403
    assert "× refused" in text_of(client.get("/profile/log"))


@pytest.fixture
def page(browser: Browser, address: str, node: Office, rina: Officer) -> Iterator[Page]:
    """A browser in which Rina is signed in."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=address)
    secret = sessions.sign_in(node, sessions.create_link(node, rina))
    context.add_cookies([{"name": COOKIE, "value": secret, "url": address}])
    yield context.new_page()
    context.close()


def test_the_name_in_the_frame_leads_here_and_the_way_is_kept_on_a_phone(page: Page) -> None:
    page.goto("/lists")
    page.get_by_role("link", name="rina · screening").click()
    page.wait_for_url("**/profile")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/lists")
    page.get_by_role("link", name="Go to").click()
    page.get_by_role("link", name="rina · screening").click()
    page.wait_for_url("**/profile")


def test_keys_that_an_officer_switched_off_do_nothing(page: Page) -> None:
    page.goto("/profile")
    page.get_by_label("No single keys").check()
    page.get_by_role("button", name="Keep these choices").click()
    page.wait_for_url("**/profile?done=pages*")
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.keyboard.press("?")
    expect(page.locator("#all-keys")).to_be_hidden()
    assert "/profile" in page.url
    page.get_by_label("No single keys").uncheck()
    page.get_by_role("button", name="Keep these choices").click()
    page.wait_for_load_state()
    expect(page.locator("[data-keys]")).to_have_count(0)
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_url("**/lists")


def test_without_script_all_of_it_works_but_passkeys(
    browser: Browser, address: str, node: Office, rina: Officer
) -> None:
    context = browser.new_context(base_url=address.replace("127.0.0.1", "localhost"), java_script_enabled=False)
    secret = sessions.sign_in(node, sessions.create_link(node, rina))
    context.add_cookies([{"name": COOKIE, "value": secret, "url": address.replace("127.0.0.1", "localhost")}])
    page = context.new_page()
    page.goto("/profile")
    expect(page.get_by_text("Passkeys need scripts")).to_be_visible()
    page.locator("[name=wanted]").last.select_option("training")
    page.get_by_role("button", name="Work for this").click()
    expect(page.locator(".nav .officer")).to_contain_text("training")
    page.get_by_text("Set one").click()
    page.get_by_label("The new one").fill(WORDS)
    page.get_by_label("Once more").fill(WORDS)
    page.get_by_role("button", name="Keep the passphrase").click()
    expect(page.locator("#passphrase h2")).to_have_text("Passphrase set")
    context.close()
