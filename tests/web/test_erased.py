"""The pages of a run that was erased say so."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from lintas.desk import officers, retention
from lintas.desk.office import Office
from lintas.store import settings
from lintas.web.signing import COOKIE
from tests.serving import served
from tests.web import node
from tests.web.conftest import OWN


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = node.worked_in(tmp_path_factory.mktemp("erased") / "node")
    with made.database.write() as connection:
        settings.put(connection, "four_eyes", [], by="owner", at=made.now())
    retention.erase(made, officers.owner(made), 1, "sent by mistake")
    yield made
    made.close()


@pytest.fixture(scope="module")
def pages(office: Office) -> Iterator[httpx.Client]:
    with (
        served(office) as url,
        httpx.Client(base_url=url, cookies={COOKIE: node.session(office)}, headers=OWN, timeout=30) as client,
    ):
        yield client


@pytest.mark.parametrize("show", ["waiting", "all", "same"])
def test_the_page_of_the_run_says_so_and_offers_nothing(pages: httpx.Client, show: str) -> None:
    answer = pages.get("/runs/1", params={"show": show})
    assert answer.status_code == 200
    assert "the customers, their file and the matches are gone" in answer.text
    for offered in ("/export/", "Every match is decided", "No customer of this file", "Close them"):
        assert offered not in answer.text


@pytest.mark.parametrize("path", ["/runs", "/runs/1/problems", "/runs/1/columns", "/runs/1/progress", "/"])
def test_the_pages_beside_it_are_there(pages: httpx.Client, path: str) -> None:
    assert pages.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/runs/1/matches/1", "/runs/1/matches/1/why", "/runs/1/export/csv"])
def test_what_is_gone_is_said_to_be_gone(pages: httpx.Client, path: str) -> None:
    answer = pages.get(path)
    assert (answer.status_code, "run_erased" in answer.text) == (409, True)


def test_no_customer_is_on_any_of_them(pages: httpx.Client, office: Office) -> None:
    with (Path(node.SAMPLE)).open(encoding="utf-8-sig") as lines:
        names = [line.split(",")[2] for line in list(lines)[1:]]
    assert len(names) > 5
    text = "".join(pages.get(path).text for path in ("/runs", "/runs/1", "/runs/1/problems", "/runs/1/columns"))
    assert [name for name in names if name and name in text] == []
