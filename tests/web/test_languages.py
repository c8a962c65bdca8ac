"""The pages in other languages: no string that was missed, the choice of a language, numbers as it writes them."""

import re
from collections.abc import Iterator, Sequence
from functools import reduce
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from lxml import etree, html
from playwright.sync_api import expect

from lintas.desk import officers, runs
from lintas.desk.office import Office
from lintas.web import rendering
from lintas.web.app import build
from lintas.web.rendering import LANGUAGE_COOKIE, TEMPLATES
from lintas.web.showing import Showing
from lintas.web.signing import COOKIE
from lintas.web.words import catalogues
from tests.serving import running
from tests.web import data_words, pseudo
from tests.web.conftest import NARROW, OWN, PHONE, Open

pytestmark = pytest.mark.xdist_group("web")

SAID = ("aria-label", "title", "placeholder", "alt", "data-label")  # attributes that are read, as is data- with a space
KEPT = ("code", "kbd", "bdi", "time", "script", "style")  # never translated; nor are values, which carry dir=auto
# Addresses that answer with a file, or by leading elsewhere.
NO_PAGE = {
    "/runs/{number}/export/{kind}",
    "/audit/export/{kind}",
    "/administration",
    "/sign-in/provider",
    "/sign-in/provider/back",
    "/exchange/{number}/files/{message}/{place}",
    "/proposals/{number}/files/{place}",
}
PARTS = ("/inbox/runs/1/matches/1/why", "/proposals/1/why", "/runs/1/progress", "/runs/1/matches/1/why")
OUTSIDE = re.compile(r"%n|https?://\S+")  # the scripts' number, and addresses
LANGUAGES = frozenset(catalogues())
LETTERS = re.compile(r"[A-Za-z][A-Za-z0-9]*")
# What may stand between values, the strongest first.
BETWEEN = (rf"[{pseudo.LETTERS}\[\]]+", r"[·‹=×“”():;]", r",(?: |$)", r"[\d.,%]+")


class _Missed(HTMLParser):
    """Collects text and attributes of a template that stand outside of every `trans`."""

    def __init__(self) -> None:
        super().__init__()
        self.within = list[str]()
        self.found = list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within.append(tag)
        self.found += [value for name, value in attrs if value and _is_read(name, value) and LETTERS.search(value)]

    def handle_endtag(self, tag: str) -> None:
        while tag in self.within and self.within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not {"code", "kbd", "script"} & set(self.within):
            self.found += LETTERS.findall(data)


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_no_template_holds_words_outside_of_gettext(path: Path) -> None:
    """Also in branches that no other test renders."""
    text = re.sub(
        r"{#.*?#}|{% block columns %}.*?{% endblock %}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL
    )
    text = re.sub(r"{% trans\b.*?{% endtrans %}", "", text, flags=re.DOTALL)
    parser = _Missed()
    parser.feed(re.sub(r"{{.*?}}|{%.*?%}", "", text, flags=re.DOTALL))
    assert set(parser.found) <= data_words.NAMES, path.name


@pytest.fixture(scope="module")
def in_pseudo(worked: Office, cookie: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """An officer whose pages are in the language that nobody speaks."""
    app = build(worked)
    app.state.pages = rendering.pages(worked, pseudo.write(tmp_path_factory.mktemp("locale")))
    cookies = {COOKIE: cookie, LANGUAGE_COOKIE: pseudo.LANGUAGE}
    with running(app) as base, httpx.Client(base_url=base, cookies=cookies, headers=OWN, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def data(worked: Office, addresses: list[str]) -> frozenset[str]:
    asked = {words for address in addresses for words in parse_qs(urlsplit(address).query).get("q", ())}
    return data_words.of(worked, officers.owner(worked)) | asked


def test_no_page_shows_words_that_no_translator_was_given(
    in_pseudo: httpx.Client, data: frozenset[str], addresses: list[str]
) -> None:
    missed = dict[str, list[str]]()
    accented = sorted((value for value in data if not value.isascii()), key=len, reverse=True)
    for address in (*addresses, *PARTS):
        answer = in_pseudo.get(address)
        page = html.fromstring(answer.text)
        assert page.get("lang", pseudo.LANGUAGE) == pseudo.LANGUAGE
        for words in _read_aloud(page):
            rest = reduce(lambda text, value: text.replace(value, ""), accented, OUTSIDE.sub("", words).casefold())
            if not _is_data(rest, data):
                missed.setdefault(words, []).append(address)
    assert missed == {}


def test_every_page_there_is_was_looked_at(worked: Office, addresses: list[str]) -> None:
    looked_at = [address.partition("?")[0] for address in (*addresses, *PARTS)]
    paths = [path for path, methods in build(worked).openapi()["paths"].items() if "get" in methods]
    assert len(paths) > 10
    shapes = {path: re.compile(re.sub(r"{\w+}", "[^?]+", path)) for path in paths if path not in NO_PAGE}
    assert [path for path, shape in shapes.items() if not any(map(shape.fullmatch, looked_at))] == []


def test_a_choice_of_language_is_kept_and_leads_back(officer: httpx.Client) -> None:
    answer = officer.post("/language", data={"wanted": "id", "back": "/lists"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/lists")
    kept = answer.headers["set-cookie"].lower()
    assert f"{LANGUAGE_COOKIE}=id;" in kept
    assert "httponly" in kept
    assert "samesite=strict" in kept
    for wanted in ("xx", "", "../id", "id\r\nSet-Cookie: a=b"):
        answer = officer.post("/language", data={"wanted": wanted, "back": "//evil.example"})
        assert answer.headers["location"] == "/"
        assert f'{LANGUAGE_COOKIE}=""' in answer.headers["set-cookie"]
    officer.cookies.delete(LANGUAGE_COOKIE)


def test_the_choice_goes_before_the_browser_and_the_page_says_its_language(base: str, cookie: str) -> None:
    for chosen, header, language, words in (
        (None, "id-ID,id;q=0.9,en;q=0.1", "id", "Daftar sanksi"),
        (None, "th,en;q=0.1", "en", "Lists"),
        ("en", "id-ID", "en", "Lists"),
        ("id", "en", "id", "Daftar sanksi"),
        ("x-pseudo", "en", "en", "Lists"),
    ):
        cookies = {COOKIE: cookie} | ({LANGUAGE_COOKIE: chosen} if chosen else {})
        with httpx.Client(base_url=base, cookies=cookies, headers={"Accept-Language": header}) as client:
            page: Any = html.fromstring(client.get("/lists").text)
        assert page.get("lang") == language
        assert page.findtext(".//h1") == words
        others = [
            (button.get("value"), button.get("lang"))
            for button in page.xpath("//header//form[@class='languages']/button")
        ]
        assert others == [("en", "en") if language == "id" else ("id", "id")]


@pytest.fixture
def indonesian(base: str, cookie: str) -> Iterator[httpx.Client]:
    cookies = {COOKIE: cookie, LANGUAGE_COOKIE: "id"}
    with httpx.Client(base_url=base, cookies=cookies, headers=OWN, follow_redirects=True) as client:
        yield client


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/nowhere", None),
        ("/runs/999", None),
        ("/cases/999", None),
        ("/proposals/999", None),
        ("/dossiers/nobody", None),
        ("/lists/nobody", None),
        ("/lists/un_sc/versions/9", None),
        ("/runs/1/matches/999", None),
        ("/inbox?kind=letters", None),
        ("/audit?since=yesterday", None),
        ("/cases", {"title": " "}),
        ("/cases", {"title": "Kayu", "clearance": "9"}),
        ("/cases/1/assign", {"who": "nobody"}),
        ("/glass", {"run": "x"}),
        ("/glass", {"run": "999", "reason": "Nyawa terancam sekarang"}),
        ("/glass/1/review", {"finding": ""}),
        ("/inbox/decide", {"verdict": "same", "reason": "x"}),
        ("/runs/1/matches/1", {"verdict": "perhaps", "reason": "x"}),
        ("/runs/1/matches/1/outcome", {"kind": "freeze", "reason": ""}),
        ("/proposals/1", {"decision": "approve", "reason": "setuju"}),
        ("/profile/purpose", {"wanted": "fun"}),
        ("/profile/passphrase", {"new": "short", "again": "short"}),
        ("/profile/tokens", {"label": "x", "days": "9999", "scope": "entities.match"}),
        ("/administration/officer", {"officer_id": "a b", "role": "analyst", "clearance": "restricted"}),
        ("/administration/officer/nobody/disable", {}),
        ("/administration/settings", {"name": "retention_days", "value": "0"}),
        ("/administration/settings", {"name": "no_such", "value": "1"}),
        ("/administration/jobs/999/stop", {}),
    ],
)
def test_no_error_is_left_in_english(indonesian: httpx.Client, address: str, form: dict[str, str] | None) -> None:
    answer = indonesian.get(address) if form is None else indonesian.post(address, data=form)
    page: Any = html.fromstring(answer.text)
    said = page.xpath("//main//*[@role='alert'] | //main//*[@class='blank']")
    assert said, "nothing was refused"
    assert [part.text_content() for each in said for part in each.xpath(".//*[@lang]")] == []


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n", b"%PDF-1.7", b"PK\x03\x04broken", b"name\n\xff\xfe", b'name\n"open', b"colour\nred\n", b"[]"],
)
def test_no_file_is_refused_in_english(indonesian: httpx.Client, content: bytes) -> None:
    page: Any = html.fromstring(indonesian.post("/runs", files={"file": ("nasabah.csv", content)}).text)
    assert page.xpath("//*[@role='alert']")
    assert [each.text_content() for each in page.xpath("//main//*[@lang]")] == []


def test_no_problem_of_a_row_is_left_in_english(indonesian: httpx.Client, worked: Office, tmp_path: Path) -> None:
    file = tmp_path / "nasabah.csv"
    rows = (
        "id,name,birthDate,country,email,imoNumber",
        "1,Budi,31.02.1999,xx,no one,123",
        "1,,,,,",
        "3,A\u200bni,1,2,3,4,5",
    )
    file.write_text("\n".join(rows), encoding="utf-8")
    run = runs.create(worked, officers.owner(worked), file)
    runs.work(worked, run.number)
    found: Any = html.fromstring(indonesian.get(f"/runs/{run.number}/problems").text)
    assert len(found.xpath("//table//tr")) > 3
    assert [each.text_content() for each in found.xpath("//table//*[@lang]")] == []


def test_the_language_can_be_changed_without_script_on_a_phone(open_page: Open) -> None:
    page = open_page("/runs/1", PHONE, java_script_enabled=False, locale="en-GB")
    page.locator(".nav .languages button").click()
    page.wait_for_url("**/runs/1")
    expect(page.locator("html")).to_have_attribute("lang", "id")
    expect(page.locator("h1")).to_have_text("Menunggu, yang terkuat lebih dahulu")
    expect(page.locator(".nav .languages button")).to_contain_text("EN")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


@pytest.mark.long
def test_no_page_in_indonesian_scrolls_sideways_on_a_narrow_phone(open_page: Open, addresses: list[str]) -> None:
    page = open_page("/sign-in", NARROW, locale="id-ID")
    for address in addresses:
        page.goto(address)
        for part in page.locator(".tabs a").all():
            part.click()
            assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0], address


def test_numbers_are_written_as_the_language_does() -> None:
    english, indonesian = (Showing(name, catalogues()[name]) for name in ("en", "id"))
    assert (english.grouped(1234567), indonesian.grouped(1234567)) == ("1,234,567", "1.234.567")
    assert (english.score(0.8549), indonesian.score(0.8549)) == ("0.85", "0,85")
    assert (english.signed(-0.3), indonesian.signed(-0.3)) == ("−0.30", "−0,30")
    assert (english.size(12_345_678), indonesian.size(12_345_678)) == ("12.3 MB", "12,3 MB")
    assert (english.duration(3725), indonesian.duration(3725)) == ("1 h 2 min", "1 jam 2 mnt")
    assert (english.duration(61), indonesian.duration(5)) == ("1 min 1 s", "5 dtk")
    assert Showing("no-such-language", catalogues()["en"]).grouped(1234) == "1,234"


def test_codes_schemata_and_properties_are_said_in_the_language() -> None:
    say = Showing("id", catalogues()["id"])
    assert say.countries(["us", "mm", "suhh"]) == "Amerika Serikat, Myanmar, Uni Soviet"
    assert (say.schema_words("Vessel"), say.topic_words("sanction")) == ("Kapal", "Dikenai sanksi")
    assert say.property_words("Person", "birthDate") == "Tanggal lahir"
    assert say.in_words("Person", "gender", "female") == "perempuan"
    assert say.in_words("Person", "name", "Page") == "Page"
    assert (say.link_words("Ownership"), say.link_words("brother-in-law")) == ("Kepemilikan", "brother-in-law")
    assert (say.schema_words("Nonsense"), say.property_words("Person", "nonsense")) == ("Nonsense", "nonsense")


def test_a_threshold_with_a_decimal_comma_is_understood(officer: httpx.Client) -> None:
    answer = officer.post("/runs", data={"threshold": "0,7"}, files={"file": ("x.csv", b"nothing\n1\n")})
    assert "bad_threshold" not in answer.text
    answer = officer.post("/runs", data={"threshold": "0,7,1"}, files={"file": ("x.csv", b"nothing\n1\n")})
    assert "bad_threshold" in answer.text


def _read_aloud(page: html.HtmlElement) -> Iterator[str]:
    """What somebody may read or hear: text nodes and attributes, except of elements that hold data."""
    for element in page.iter(etree.Element):
        if any(_is_kept(one) for one in (element, *element.iterancestors())):
            continue
        yield from (words for words in (element.text, *(child.tail for child in element)) if words)
        yield from (words for name, words in element.items() if _is_read(name, words))


def _is_read(name: str, value: str) -> bool:
    return name in SAID or (name.startswith("data-") and " " in value.strip())


def _is_kept(element: html.HtmlElement) -> bool:
    is_value = element.get("dir") == "auto" or "hash" in element.classes
    return element.tag in KEPT or is_value or element.get("lang") in LANGUAGES


def _is_data(words: str, data: frozenset[str], between: Sequence[str] = BETWEEN) -> bool:
    """Whether all that is in plain letters is a value, or values side by side."""
    words = words.strip().casefold()
    if words in data or not LETTERS.search(words):
        return True
    return bool(between) and all(_is_data(part, data, between[1:]) for part in re.split(between[0], words))
