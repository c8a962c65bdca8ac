"""A node that is served, an officer who is signed in over HTTP, and a browser in which one is."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from lintas.desk.office import Office
from lintas.web.signing import COOKIE
from tests.serving import served
from tests.web import node

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
DESK, PHONE, NARROW = (1440, 900), (390, 844), (360, 780)
OWN = {"Sec-Fetch-Site": "same-origin"}  # what a browser says of a request of a page of the same host

Open = Callable[..., Page]


def is_expected(complaint: str) -> bool:
    """What a console says of an answer 4xx, and of a request that a page dropped because it was left."""
    return any(one in complaint for one in ("status of 4", "htmx:sendAbort", "htmx:afterRequest"))


@pytest.fixture(scope="session")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = node.worked_in(tmp_path_factory.mktemp("web") / "node")
    yield office
    office.close()


@pytest.fixture(scope="session")
def base(worked: Office) -> Iterator[str]:
    with served(worked) as url:
        yield url


@pytest.fixture(scope="session")
def cookie(worked: Office) -> str:
    return node.session(worked)


@pytest.fixture(scope="session")
def officer(base: str, cookie: str) -> Iterator[httpx.Client]:
    """An officer who is signed in, over HTTP."""
    with httpx.Client(base_url=base, cookies={COOKIE: cookie}, headers=OWN, timeout=30) as client:
        yield client


@pytest.fixture
def stranger(base: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=base, headers=OWN, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        reason = f"no browser at {CHROMIUM}; install chromium or name one in CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as tools:
        opened = tools.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: Browser, base: str, cookie: str) -> Iterator[Open]:
    """Open an address as an officer. Afterwards nothing may have left the host, and no page may have complained."""
    contexts = list[BrowserContext]()
    asked, complaints = list[str](), list[str]()

    def open_it(path: str, size: tuple[int, int] = DESK, **settings: Any) -> Page:
        viewport = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=viewport, base_url=base, **settings)  # type: ignore[arg-type]
        contexts.append(context)
        context.add_cookies([{"name": COOKIE, "value": cookie, "url": base}])
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        page.on(
            "console",
            lambda m: complaints.append(m.text) if m.type == "error" and not is_expected(m.text) else None,
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith((base, "data:"))] == []
    assert complaints == []


@pytest.fixture(scope="session")
def addresses(worked: Office) -> list[str]:
    """Every page there is."""
    dossier = node.a_dossier(worked)
    return [
        "/",
        "/?q=mohammad+contoh",
        "/?q=zzzzqqqq",
        f"/dossiers/{dossier}?q=contoh",
        "/runs",
        "/runs/1",
        "/runs/1?show=different",
        "/runs/1/problems",
        "/runs/1/columns",
        "/runs/1/matching",
        "/runs/1/matches/1",
        node.a_true_match(worked),
        "/inbox",
        "/inbox?kind=matches",
        "/inbox?kind=proposals",
        "/proposals/1",
        "/glass",
        "/cases",
        "/cases/1",
        "/exchange",
        "/exchange/1",
        "/exchange/2",
        "/exchange/write?type=request",
        node.a_reply(worked),
        "/exchange/peers",
        "/exchange/matching",
        "/exchange/timeliness",
        "/lists",
        "/lists/un_sc",
        "/lists/un_sc/versions/1",
        "/profile",
        "/profile/log",
        "/audit",
        "/audit?officer=owner&row=3",
        "/audit?officer=nobody",
        f"/audit/subject/entity:{dossier}",
        "/administration/officers",
        "/administration/officer",
        "/administration/officer/owner",
        "/administration/tokens",
        "/administration/jobs?job=1",
        "/administration/settings",
        "/administration/health",
        "/administration/log",
        "/sign-in",
        "/nowhere",
    ]
