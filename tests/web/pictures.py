"""Pictures of the main pages for the documentation: `python -m tests.web.pictures`. All of it fictional."""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from lintas.desk import dossier, officers, runs, screening
from lintas.desk.office import Office
from lintas.web.signing import COOKIE
from tests.serving import served
from tests.web import node
from tests.web.conftest import CHROMIUM, DESK, FLAGS, PHONE
from tests.web.palette import reduced

TARGET = Path(__file__).resolve().parents[2] / "docs" / "pictures"


def main() -> None:
    """Take them."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        office = node.worked_in(Path(folder) / "jakarta")
        with served(office) as base, sync_playwright() as tools:
            browser = tools.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            take(browser, base, office)
            browser.close()


def take(browser: Browser, base: str, office: Office) -> None:
    """Every picture."""
    secret = node.session(office)
    blank = browser.new_page()
    match = _telling_match(office)
    linked = _linked_dossier(office)
    for name, path, size, theme in (
        ("find", "/?schema=Person", DESK, "light"),
        ("dossier", f"/dossiers/{linked}", DESK, "light"),
        ("run", "/runs/1", DESK, "light"),
        ("match", f"/runs/1/matches/{match}", DESK, "light"),
        ("match-dark", f"/runs/1/matches/{match}", DESK, "dark"),
        ("match-phone", f"/runs/1/matches/{match}", PHONE, "light"),
        ("lists", "/lists", DESK, "light"),
        ("inbox", "/inbox", DESK, "light"),
        ("audit", "/audit", DESK, "light"),
    ):
        context = browser.new_context(
            base_url=base,
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if theme == "dark" else "light",
        )
        context.add_cookies([{"name": COOKIE, "value": secret, "url": base}])
        page = context.new_page()
        page.goto(path)
        page.wait_for_timeout(800)  # fonts, and the picture of the network
        (TARGET / f"{name}.png").write_bytes(reduced(blank, page.screenshot()))
        context.close()


def _telling_match(office: Office) -> int:
    """The match whose customer writes their name in Thai."""
    found = runs.matches(office, officers.owner(office), 1)
    thai = [one for one in found if any("\u0e00" <= letter <= "\u0e7f" for letter in one.customer_caption)]
    return (thai or found)[0].number


def _linked_dossier(office: Office) -> str:
    """The shortest dossier with others around it, so that the picture of its network is seen."""
    me = officers.owner(office)
    found = screening.search(office, me, "", limit=screening.MAX_RESULTS).documents
    opened = [dossier.show(office, me, one["id"]) for one in found if one["target"]]
    return min(opened, key=lambda one: (len(one.network.nodes) < 3, len(one.rows))).id


if __name__ == "__main__":
    main()
