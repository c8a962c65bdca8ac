"""Names in Thai, Burmese, Khmer and Lao in a real browser: their own fonts, whole letters, room for their marks."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from lintas.desk import officers, runs
from lintas.desk.office import Office, Settings, open_office
from lintas.web.signing import COOKIE
from tests.serving import served
from tests.web import node, scripts
from tests.web.conftest import DESK, NARROW
from tests.web.scripts import SCRIPTS, Script

pytestmark = pytest.mark.xdist_group("web")

# Every text node with a letter of the script: what it says, the font it asks for, and where its lines are.
TEXTS = """range => [...document.querySelectorAll("body *")].flatMap(element =>
  [...element.childNodes].filter(it => it.nodeType === Node.TEXT_NODE && new RegExp(range, "u").test(it.data))
    .filter(() => element.checkVisibility() && !element.closest(".away, script, svg, title"))
    .map(it => {
      const all = new Range(); all.selectNodeContents(it);
      const style = getComputedStyle(element), canvas = document.createElement("canvas").getContext("2d");
      canvas.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      const ink = canvas.measureText(it.data.trim());
      const letters = [...new Intl.Segmenter().segment(it.data)].filter(one => one.segment.trim()).map(one => {
        const letter = new Range(); letter.setStart(it, one.index); letter.setEnd(it, one.index + one.segment.length);
        return new Set([...letter.getClientRects()].map(rect => Math.round(rect.top))).size;
      });
      let block = element; while (getComputedStyle(block).display.startsWith("inline")) block = block.parentElement;
      const tops = [...new Set([...all.getClientRects()].map(rect => Math.round(rect.top)))].sort((a, b) => a - b);
      return {
        words: it.data.trim(), path: `${element.tagName}.${element.className} in ${block.tagName}.${block.className}`,
        ink: ink.actualBoundingBoxAscent + ink.actualBoundingBoxDescent,
        steps: tops.slice(1).map((top, i) => top - tops[i]), room: block.clientHeight,
        broken: letters.filter(n => n > 1).length, size: parseFloat(style.fontSize),
      };
    }))"""
RANGES = {"th": "[\\u0e01-\\u0e5b]", "mm": "[\\u1000-\\u109f]", "kh": "[\\u1780-\\u17ff]", "la": "[\\u0e81-\\u0edf]"}
SCRIPT_IDS = [it.country for it in SCRIPTS]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    opened = open_office(Settings(tmp_path_factory.mktemp("scripts") / "node"))
    scripts.load(opened, tmp_path_factory.mktemp("files"))
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=[pytest.param(DESK, marks=pytest.mark.long), NARROW], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, office: Office, browser: Browser) -> Iterator[Page]:
    width, height = request.param
    with served(office) as base:
        context = browser.new_context(base_url=base, viewport={"width": width, "height": height})
        context.add_cookies([{"name": COOKIE, "value": node.session(office), "url": base}])
        yield context.new_page()
        context.close()


def _addresses(office: Office, it: Script) -> list[str]:
    found = runs.matches(office, officers.owner(office), 1)
    own = [one.number for one in found if one.customer_id.startswith(it.country)]
    assert len(own) == 2
    dossiers = [f"/dossiers/fiction-{it.country}-{kind}" for kind in ("person", "company")]
    return [*dossiers, *(f"/runs/1/matches/{number}" for number in own), "/runs/1", "/?schema=Company"]


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.evaluate("async () => { await document.fonts.ready }")


def _texts(page: Page, it: Script) -> list[dict[str, Any]]:
    """What is written in the script in every part of the page."""
    found = list[dict[str, Any]]()
    for tab in page.locator(".tabs a").all() if page.locator(".tabs").is_visible() else [None]:
        if tab is not None:
            tab.click()
        found += page.evaluate(TEXTS, RANGES[it.country])
    return found


@pytest.mark.parametrize("it", SCRIPTS, ids=SCRIPT_IDS)
def test_letters_are_whole_and_lines_have_room_for_their_marks(page: Page, office: Office, it: Script) -> None:
    for address in _addresses(office, it):
        _open(page, address)
        texts = _texts(page, it)
        assert texts, address
        for text in texts:
            assert text["broken"] == 0, (address, text)
            assert all(step >= text["ink"] - 1 for step in text["steps"]), (address, text)
            assert text["room"] >= text["ink"] - 1, (address, text)
            assert text["size"] >= 14, (address, text)


@pytest.mark.parametrize("it", SCRIPTS, ids=SCRIPT_IDS)
def test_letters_come_from_the_fonts_of_the_node(page: Page, office: Office, it: Script) -> None:
    """Not from whatever the machine has: it may have none, and then the name is a row of boxes."""
    for address in _addresses(office, it):
        _open(page, address)
        tools = page.context.new_cdp_session(page)
        tools.send("DOM.enable")
        tools.send("CSS.enable")
        root = tools.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
        body = tools.send("DOM.querySelector", {"nodeId": root, "selector": "#thing"})["nodeId"]
        names = tools.send("DOM.querySelectorAll", {"nodeId": body, "selector": "bdi, [dir=auto]"})["nodeIds"]
        fonts = [one for name in names for one in tools.send("CSS.getPlatformFontsForNode", {"nodeId": name})["fonts"]]
        assert any(one["familyName"].startswith(it.font) for one in fonts), address
        assert [one["familyName"] for one in fonts if not one["isCustomFont"]] == [], address
        tools.detach()


@pytest.mark.parametrize("it", SCRIPTS, ids=SCRIPT_IDS)
def test_long_names_without_spaces_do_not_widen_the_page(page: Page, office: Office, it: Script) -> None:
    for address in _addresses(office, it):
        _open(page, address)
        width = page.viewport_size["width"] if page.viewport_size else 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
