"""The pages in a real browser: the keyboard, what assistive technology needs, narrow screens, and a day's work."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

import lintas.web
from lintas.desk.office import Office
from tests.web.conftest import DESK, NARROW, PHONE, Open
from tests.web.node import SAMPLE

pytestmark = pytest.mark.xdist_group("web")
AXE = Path(lintas.web.__file__).parent / "assets/node_modules/axe-core/axe.min.js"


def violations(page: Page, rules: list[str] | None = None) -> list[dict[str, Any]]:
    """Serious and critical findings of axe, with the places."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": {"type": "rule", "values": rules}} if rules else {})
    found = page.evaluate("async options => (await axe.run(document, options)).violations", options)
    return [
        {"rule": one["id"], "places": [place["html"][:200] for place in one["nodes"][:5]]}
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("size", [DESK, pytest.param(PHONE, marks=pytest.mark.long)], ids=["desk", "phone"])
def test_axe_finds_nothing_serious_on_any_page_in_either_theme(
    open_page: Open, addresses: list[str], size: tuple[int, int]
) -> None:
    script = AXE.read_text(encoding="utf-8")
    page = open_page("/sign-in", size, color_scheme="light")
    found = list[tuple[str, str, dict[str, Any]]]()
    for address in addresses:
        page.goto(address)
        page.evaluate(script)
        found += [(address, "light", one) for one in violations(page)]
        page.emulate_media(color_scheme="dark")
        found += [(address, "dark", one) for one in violations(page, ["color-contrast"])]
        page.emulate_media(color_scheme="light")
    assert found == []


def test_no_page_scrolls_sideways_on_a_narrow_phone(open_page: Open, addresses: list[str]) -> None:
    page = open_page("/sign-in", NARROW)
    for address in addresses:
        page.goto(address)
        for part in page.locator(".tabs a").all():
            part.click()
            assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0], address


def test_slash_finds_and_a_text_field_keeps_its_letters(open_page: Open) -> None:
    page = open_page("/lists")
    page.keyboard.press("/")
    box = page.locator(".asks input[name=q]")
    expect(box).to_be_focused()
    page.keyboard.type("jk?gl")
    expect(box).to_have_value("jk?gl")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=jk*")


def test_j_k_move_x_selects_and_enter_opens(open_page: Open) -> None:
    page = open_page("/runs/1")
    rows = page.locator("[data-row]")
    expect(rows.nth(0)).to_have_attribute("data-now", "")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(rows.nth(1)).to_have_attribute("data-now", "")
    expect(rows.nth(1).locator("a.main")).to_be_focused()
    expect(page.locator("#why-now")).to_contain_text(rows.nth(1).locator("a.main").inner_text())
    page.keyboard.press("x")
    expect(page.locator("[data-bulk]")).to_contain_text("1 selected")
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/1/matches/*")


def test_question_mark_shows_the_keys_and_they_can_be_switched_off(open_page: Open) -> None:
    page = open_page("/runs/1")
    page.keyboard.press("?")
    expect(page.locator("#all-keys")).to_be_visible()
    page.locator("#keys-off").check()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("l")
    assert page.url.endswith("/runs/1")


def test_g_and_a_letter_go(open_page: Open) -> None:
    page = open_page("/")
    page.keyboard.press("Escape")
    for letter, path in (("s", "/runs"), ("l", "/lists"), ("f", "/")):
        page.keyboard.press("g")
        page.keyboard.press(letter)
        page.wait_for_url(f"**{path}")
        page.keyboard.press("Escape")


def test_back_keeps_the_search_and_the_place(open_page: Open) -> None:
    page = open_page("/?schema=Person")
    page.locator("#thing").evaluate("it => it.scrollTop = 200")
    at = page.locator("#thing").evaluate("it => it.scrollTop")
    page.locator("a.main").nth(5).click()
    page.wait_for_url("**/dossiers/**")
    page.go_back()
    page.wait_for_url("**/?schema=Person")
    assert page.locator("#thing").evaluate("it => it.scrollTop") == at


def test_a_dossier_has_its_facts_and_prints_without_controls(open_page: Open, addresses: list[str]) -> None:
    page = open_page(addresses[3])
    expect(page.locator("#facts tbody tr")).not_to_have_count(0)
    page.emulate_media(media="print")
    expect(page.locator(".nav")).to_be_hidden()
    expect(page.locator(".handling")).to_be_visible()
    expect(page.locator("#why")).to_be_visible()


def test_a_picture_of_a_network_stands_beside_its_table(open_page: Open, worked: Office) -> None:
    page = open_page("/?schema=Organization")
    for n in range(min(12, page.locator("a.main").count())):
        page.locator("a.main").nth(n).click()
        page.wait_for_url("**/dossiers/**")
        if page.locator("[data-network]").count():
            break
        page.go_back()
        page.wait_for_url("**/?schema=*")
    expect(page.locator("[data-network] canvas").first).to_be_visible()
    expect(page.locator("#network tbody tr")).not_to_have_count(0)


def test_the_theme_is_kept(open_page: Open) -> None:
    page = open_page("/lists", color_scheme="light")
    page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body.querySelector('.nav')).backgroundColor") == "rgb(18, 23, 26)"
    page.goto("/runs")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_without_script_one_can_search_read_and_decide(open_page: Open) -> None:
    page = open_page("/", java_script_enabled=False)
    page.locator("input[name=q]").fill("contoh")
    page.get_by_role("button", name="Find").click()
    assert "q=contoh" in page.url
    page.goto("/runs/1?show=all")
    page.locator("a.main").last.click()
    page.get_by_label("Ask for more").check()
    page.get_by_label("Reason").fill("done without script")
    page.get_by_role("button", name="Decide").click()
    page.goto("/runs/1?show=ask")
    expect(page.locator("tbody tr")).not_to_have_count(0)


def test_a_file_goes_all_the_way_from_upload_to_results(open_page: Open, tmp_path: Path) -> None:
    page = open_page("/runs")
    page.locator("#file").set_input_files(SAMPLE)
    page.locator("#threshold").fill("0.5")
    page.get_by_role("button", name="Screen the file").click()
    page.wait_for_url("**/runs/*")
    run = page.url
    rows = page.locator("[data-row]")
    rows.first.wait_for(timeout=60_000)
    before = rows.count()
    assert before >= 4

    page.keyboard.press("o")
    page.wait_for_url("**/matches/*")
    page.keyboard.press("n")
    expect(page.get_by_label("Not the same")).to_be_checked()
    page.keyboard.type("another person: born later")
    expect(page.locator(".consequence.different")).to_be_visible()
    page.get_by_role("button", name="Decide").click()
    page.wait_for_url("**/matches/*")

    page.goto(run)
    expect(rows).to_have_count(before - 1)
    rows.nth(1).locator("input").check()
    rows.nth(2).locator("input").check()
    bar = page.locator("[data-bulk]")
    expect(bar).to_contain_text("Closes 2 matches with this one reason, logged once")
    bar.locator("[name=reason]").fill("known pattern")
    bar.get_by_role("button", name="Close 2").click()
    expect(rows).to_have_count(before - 3)

    page.goto(f"{run}?show=different")
    expect(rows).to_have_count(3)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV").click()
    target = tmp_path / "results.csv"
    waiting.value.save_as(target)
    assert "F-001" in target.read_text(encoding="utf-8-sig")


def test_a_decision_can_be_reopened_and_its_history_stays(open_page: Open) -> None:
    page = open_page("/runs/1?show=all")
    page.locator("a.main").nth(2).click()
    page.wait_for_url("**/matches/*")
    here = page.url
    page.keyboard.press("s")
    page.keyboard.type("same passport seen")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto(here)
    page.locator(".otherwise summary").click()
    page.get_by_label("Reopen").check()
    page.locator(".otherwise").get_by_label("Reason").fill("mixed up two files")
    with page.expect_navigation():
        page.get_by_role("button", name="Decide").click()
    page.goto(here)
    expect(page.locator("#why .done")).to_contain_text("same passport seen")
    expect(page.locator("#why .done")).to_contain_text("mixed up two files")


def test_columns_can_be_read_otherwise(open_page: Open) -> None:
    page = open_page("/runs/1/columns")
    page.get_by_label("Read Branch as").select_option("address")
    page.get_by_role("button", name="Screen the file again").click()
    page.wait_for_url("**/runs/*")
    page.goto(f"{page.url.split('?')[0]}/columns")
    expect(page.locator("tr", has_text="Branch")).to_contain_text("an officer said so")
