"""The daily work on the pages: what waits, bulk decisions by keyboard, two officers for one freeze, glass, cases."""

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from lxml import html
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lintas.desk import casework, glass, inbox, officers, outcomes, runs
from lintas.desk.office import Office
from lintas.model.case import Proposal
from lintas.model.officer import Officer
from lintas.web.signing import COOKIE
from tests.serving import served
from tests.web import node
from tests.web.conftest import DESK, NARROW, OWN, PHONE, is_expected
from tests.web.officers import cookie_of, made
from tests.web.test_browser import AXE, violations

pytestmark = pytest.mark.xdist_group("web")

Enter = Callable[..., Page]


class Team:
    """A node of these tests with its officers, and what each of them has to do."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.rina, self.bob = made(office, "rina", "analyst"), made(office, "bob", "analyst")
        self.sari, self.tono = made(office, "sari", "supervisor"), made(office, "tono", "supervisor")
        self.lila, self.ines = made(office, "lila", "liaison"), made(office, "ines", "inspector")
        self.kim, self.adi = made(office, "kim", "custodian"), made(office, "adi", "administrator")
        self.run = self.screened("nasabah-medan.csv")

    def screened(self, name: str, officer: Officer | None = None) -> int:
        who = officer or self.rina
        run = runs.create(self.office, who, node.SAMPLE, name=name, threshold=0.5, fictional=True)
        runs.work(self.office, run.number)
        return run.number

    def matches(self, run: int) -> list[int]:
        return [one.number for one in runs.matches(self.office, self.rina, run)]

    def same(self, run: int) -> int:
        """A match that nobody decided yet, now decided to be the same."""
        match = runs.matches(self.office, self.rina, run, verdict="waiting")[0].number
        runs.decide(self.office, self.rina, run, [match], "same", "passport and birth date agree")
        return match


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    office = node.worked_in(tmp_path_factory.mktemp("inbox") / "node")
    yield Team(office)
    office.close()


@pytest.fixture(scope="module")
def address(team: Team) -> Iterator[str]:
    with served(team.office) as url:
        yield url


@pytest.fixture
def client(team: Team, address: str) -> Iterator[Callable[[Officer], httpx.Client]]:
    """An officer over HTTP."""
    opened = list[httpx.Client]()

    def let_in(officer: Officer) -> httpx.Client:
        cookies = {COOKIE: cookie_of(team.office, officer)}
        opened.append(httpx.Client(base_url=address, cookies=cookies, headers=OWN, timeout=30))
        return opened[-1]

    yield let_in
    for one in opened:
        one.close()


@pytest.fixture
def enter(browser: Browser, team: Team, address: str) -> Iterator[Enter]:
    """An officer in a browser of their own; no page may have complained."""
    contexts, complaints = list[BrowserContext](), list[str]()

    def let_in(officer: Officer, path: str, size: tuple[int, int] = DESK, script: bool = True) -> Page:
        context = browser.new_context(
            base_url=address, viewport={"width": size[0], "height": size[1]}, java_script_enabled=script
        )
        contexts.append(context)
        context.add_cookies([{"name": COOKIE, "value": cookie_of(team.office, officer), "url": address}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda m: complaints.append(m.text) if m.type == "error" and not is_expected(m.text) else None,
        )
        page.goto(path)
        return page

    yield let_in
    for context in contexts:
        context.close()
    assert complaints == []


def test_matches_of_two_runs_are_decided_by_keyboard_under_one_reason(team: Team, enter: Enter) -> None:
    other = team.screened("pemasok.csv")
    page = enter(team.rina, "/inbox?kind=matches")
    rows, waiting = page.locator("[data-row]"), inbox.n_waiting(team.office, team.rina)
    first = page.locator(f"input[value^='{team.run}-']").count()
    page.keyboard.press("x")
    for _ in range(first):
        page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk]")).to_contain_text("2 selected")
    expect(page.locator("#why-now")).to_contain_text(rows.nth(first).locator("a.main").inner_text())
    page.keyboard.press("n")
    expect(page.get_by_label("Not the same")).to_be_checked()
    expect(page.locator(".consequence.different")).to_be_visible()
    page.keyboard.type("known pattern: snx, jk")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".places [aria-current] .n")).to_have_text(str(waiting - 2))
    for run in (team.run, other):
        (one,) = runs.matches(team.office, team.rina, run, verdict="different")
        (decision,) = runs.show_match(team.office, team.rina, run, one.number).history
        assert (decision.reason, decision.officer) == ("known pattern: snx, jk", "rina")


def test_two_officers_in_two_browsers_freeze_with_four_eyes(team: Team, enter: Enter) -> None:
    match = team.same(team.run)
    here = f"/runs/{team.run}/matches/{match}"
    mine = enter(team.rina, here)
    mine.keyboard.press("f")
    mine.keyboard.type("listed by the UN")
    expect(mine.locator(".consequence.freeze")).to_contain_text("Waits for a second officer, seven days at most: owner")
    mine.get_by_label("Reference number").fill("FRZ-7")
    mine.get_by_role("button", name="Record").click()
    expect(mine.locator(".notice")).to_contain_text("Waits for a second officer: Freeze – listed by the UN")
    expect(mine.locator("input[value=freeze]")).to_have_count(0)

    theirs = enter(team.sari, "/inbox?kind=proposals")
    theirs.keyboard.press("j")
    expect(theirs.locator("#why-now")).to_contain_text("FRZ-7")
    theirs.keyboard.press("o")
    theirs.wait_for_url("**/proposals/*")
    expect(theirs.locator("h1")).to_contain_text("Freeze:")
    theirs.keyboard.press("a")
    expect(theirs.locator(".consequence.approve")).to_contain_text("with both names")
    theirs.keyboard.type("seen and agreed")
    theirs.keyboard.press("Enter")
    expect(theirs.locator(".notice")).to_contain_text("Carried out")
    expect(theirs.get_by_role("button", name="Decide")).to_have_count(0)

    mine.goto(here)
    expect(mine.locator(".notice")).to_contain_text("Freeze FRZ-7 – listed by the UN rina, approved by sari")
    expect(mine.locator(".done")).to_contain_text("approved by sari")
    mine.locator(".otherwise summary").click()
    expect(mine.locator(".otherwise")).to_contain_text("What was recorded as done no longer stands")
    mine.get_by_label("Reopen").check()
    mine.locator(".otherwise").get_by_label("Reason").fill("the list was corrected")
    mine.get_by_role("button", name="Decide").click()
    mine.goto(here)
    expect(mine.locator(".done")).to_contain_text("no longer stands")


def test_who_proposed_sees_that_it_waits_and_for_whom_and_cannot_decide(
    team: Team, client: Callable[[Officer], httpx.Client]
) -> None:
    proposal = outcomes.decide(team.office, team.rina, team.run, team.same(team.run), "freeze", "listed by the UN")
    assert isinstance(proposal, Proposal)
    mine, path = client(team.rina), f"/proposals/{proposal.number}"
    page = mine.get(path).text
    assert "It waits for one of: owner, sari, tono" in page
    assert 'name="decision"' not in page
    assert mine.post(path, data={"decision": "approve", "reason": "I agree with me"}).status_code == 403
    theirs = client(team.tono)
    for form in ({"reason": "so it is"}, {"decision": "maybe", "reason": "so it is"}, {"decision": "refuse"}):
        answer = theirs.post(path, data=form)
        assert answer.status_code == 400
        assert 'role="alert"' in answer.text
    assert theirs.post(path, data={"decision": "refuse", "reason": "born later"}).status_code == 303
    assert client(team.sari).post(path, data={"decision": "approve", "reason": "agreed"}).status_code == 409
    assert "Refused:" in mine.get(path).text
    for stranger in (team.bob, team.kim, team.ines, team.adi, team.lila):
        assert client(stranger).get(path).status_code == 404


def test_the_inbox_shows_each_officer_what_is_theirs_and_leaks_nothing(
    team: Team, client: Callable[[Officer], httpx.Client]
) -> None:
    for officer in (team.rina, team.sari):
        page = client(officer).get("/inbox").text
        assert "Bambang Contoh" in page
        assert f">{inbox.n_waiting(team.office, officer)}</span>" in page
    for officer in (team.bob, team.lila, team.kim, team.ines, team.adi):
        for path in ("/inbox", "/inbox?kind=matches", "/inbox?kind=outcomes", f"/inbox?kind=matches&run={team.run}"):
            answer = client(officer).get(path)
            assert answer.status_code == 200
            assert "Contoh" not in re.sub(r"<(header|footer).*?</\1>", "", answer.text, flags=re.DOTALL), path
            assert "nasabah-medan" not in answer.text
        assert "Nothing waits for you here" in client(officer).get("/inbox?kind=matches").text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/inbox?kind=cookies", 400),
        ("/inbox?run=0", 400),
        ("/inbox?kind=matches&page=9999", 200),
        ("/inbox?kind=matches&band=nonsense", 200),
        ("/proposals/999", 404),
        ("/cases/999", 404),
        ("/inbox/runs/1/matches/99999/why", 404),
    ],
)
def test_an_address_that_makes_no_sense_is_told_so(
    team: Team, client: Callable[[Officer], httpx.Client], path: str, status: int
) -> None:
    assert client(team.sari).get(path).status_code == status


def test_what_was_decided_meanwhile_is_told_and_the_choice_and_reason_stay(
    team: Team, client: Callable[[Officer], httpx.Client]
) -> None:
    run = team.screened("dua-orang.csv")
    first, second = team.matches(run)[:2]
    runs.decide(team.office, team.sari, run, [first], "same", "the passport agrees")
    form = {"match": [f"{run}-{first}", f"{run}-{second}"], "verdict": "different", "reason": "known pattern"}
    answer = client(team.rina).post("/inbox/decide", data=form)
    assert answer.status_code == 409
    assert "decided_meanwhile" in answer.text
    page = html.fromstring(answer.text)
    assert page.xpath("//input[@name='reason']/@value") == ["known pattern"]
    assert page.xpath(f"//input[@value='{run}-{second}']/@checked") == ["checked"]
    assert runs.show_match(team.office, team.rina, run, second).found.verdict is None
    for bad in ("1", "a-b", "1-0", "-1-1", "1-99999999999999999999", "١-١"):
        assert client(team.rina).post("/inbox/decide", data={**form, "match": [bad]}).status_code == 400


def test_without_script_matches_are_decided_too(team: Team, enter: Enter) -> None:
    run = team.screened("tanpa-skrip.csv")
    page = enter(team.rina, f"/inbox?kind=matches&run={run}", script=False)
    before = page.locator("[data-row]").count()
    page.locator("[data-row] input").first.check()
    page.get_by_label("Ask for more").check()
    page.get_by_label("Reason").fill("where born?")
    page.get_by_role("button", name="Decide").click()
    expect(page.locator("[data-row]")).to_have_count(before - 1)
    assert len(runs.matches(team.office, team.rina, run, verdict="ask")) == 1


def test_on_a_phone_one_sees_the_time_left_decides_and_nothing_scrolls_sideways(team: Team, enter: Enter) -> None:
    run = team.screened("ponsel.csv")
    page = enter(team.rina, f"/inbox?kind=matches&run={run}", PHONE)
    row = page.locator("[data-row]").first
    expect(row.locator(".clock")).to_contain_text("h")
    expect(row.locator(".severity")).to_be_visible()
    row.locator("input").check()
    page.get_by_text("Not the same").first.click()
    page.get_by_label("Reason").fill("born later")
    before = page.locator("[data-row]").count()
    page.get_by_role("button", name="Decide 1").click()
    expect(page.locator("[data-row]")).to_have_count(before - 1)
    page.locator(".tabs a").first.click()
    expect(page.locator(".goto a", has_text="Inbox")).to_contain_text(str(inbox.n_waiting(team.office, team.rina)))


@pytest.fixture
def pages(team: Team) -> list[tuple[Officer, str]]:
    """Every page of this file in each of its states, and who looks at it."""
    true, open_ = team.same(team.run), team.matches(team.run)[-1]
    proposal = outcomes.decide(team.office, team.rina, team.run, true, "freeze", "listed by the UN")
    assert isinstance(proposal, Proposal)
    outcomes.decide(team.office, team.rina, team.run, true, "report", "as the law asks", reference="LTKM-1")
    case = casework.open_case(team.office, team.rina, "Kayu lewat Batam").number
    glass.break_glass(team.office, team.bob, team.run, "the plane leaves within the hour")
    match = f"/runs/{team.run}/matches"
    return [
        (team.rina, "/inbox"),
        (team.sari, "/inbox"),
        (team.rina, "/inbox?kind=matches"),
        (team.sari, "/inbox?kind=glass"),
        (team.adi, "/inbox"),
        (team.rina, f"{match}/{true}"),
        (team.rina, f"{match}/{open_}"),
        (team.sari, f"/proposals/{proposal.number}"),
        (team.rina, f"/proposals/{proposal.number}"),
        (team.sari, "/glass"),
        (team.bob, "/glass"),
        (team.sari, "/cases"),
        (team.sari, f"/cases/{case}"),
        (team.rina, f"/cases/{case}"),
        (team.rina, "/runs"),
        (team.ines, "/glass"),
    ]


@pytest.mark.long
def test_in_any_theme_and_width_axe_finds_nothing_serious_and_nothing_scrolls_sideways(
    enter: Enter, pages: list[tuple[Officer, str]], team: Team
) -> None:
    """Each page is opened once, and looked at in each size."""
    script, found = AXE.read_text(encoding="utf-8"), list[tuple[str, object]]()
    owner = officers.owner(team.office)
    for officer, path in [*pages, (owner, "/inbox"), (owner, "/glass")]:
        page = enter(officer, path, DESK)
        page.wait_for_load_state("networkidle")
        for box in page.locator("[data-row] input[type=checkbox]").all()[:2]:
            box.check()
        page.evaluate(script)
        for width, height in (DESK, PHONE) if officer is not owner else ():
            page.set_viewport_size({"width": width, "height": height})
            found += [(path, one) for one in violations(page)]
            page.emulate_media(color_scheme="dark")
            found += [(path, one) for one in violations(page, ["color-contrast"])]
            page.emulate_media(color_scheme="light")
        for width in (NARROW[0], 1110, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            found += [(path, width) for _ in _sideways(page, width)]
    assert found == []


def _sideways(page: Page, width: int) -> Iterator[str]:
    """Each part of a page that is wider than the window, or whose header is."""
    for part in page.locator(".tabs a").all() if width < 1100 else [None]:
        if part is not None:
            part.click()
        header = page.locator(".nav")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            yield "page"
        if not header.evaluate("it => it.scrollWidth <= it.clientWidth + 1"):
            yield "header"
