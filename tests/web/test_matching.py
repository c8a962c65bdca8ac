"""The pages of private matching: a set is offered, a run is asked about, and a hit says what it is and is not."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from lintas.desk import officers, sessions
from lintas.model.officer import SECRET
from lintas.web.signing import COOKIE
from tests.nodes.region import Region
from tests.nodes.test_matching import ASKED, HELD, A, B, exchanged, region, run_of
from tests.serving import served
from tests.web.conftest import OWN

__all__ = ["region"]


@pytest.fixture
def clients(region: Region) -> Iterator[dict[str, httpx.Client]]:
    """A supervisor of each agency, signed in to its pages."""
    with ExitStack() as stack:
        held = dict[str, httpx.Client]()
        for node, office in region.nodes.items():
            officers.add(office, officers.owner(office), "siti", roles=["supervisor"], clearance=SECRET)
            base = stack.enter_context(served(office))
            cookies = {COOKIE: sessions.sign_in(office, sessions.create_link(office, officers.acting(office, "siti")))}
            held[node] = stack.enter_context(httpx.Client(base_url=base, cookies=cookies, headers=OWN, timeout=30))
        yield held


def test_a_set_is_offered_asked_and_ended_on_the_pages(
    region: Region, clients: dict[str, httpx.Client], tmp_path: Path
) -> None:
    run = run_of(region, B, HELD)
    offer: dict[str, Any] = {"run": run, "peer": A, "name": "wanted persons"}
    assert clients[B].post("/exchange/matching", data=offer).status_code == 303
    assert "wanted persons" in clients[B].get("/exchange/matching").text
    region.deliver(B, A)
    assert "wanted persons" in clients[A].get("/exchange/matching").text

    mine = run_of(region, A, ASKED)
    page = clients[A].get(f"/runs/{mine}/matching").text
    assert f"{B} wanted persons" in page
    question = {"chosen": f"{B} wanted persons", "rows": "2 3", "legal_basis": "Art. 12"}
    assert clients[A].post(f"/runs/{mine}/matching", data=question).status_code == 303
    assert "waits for the answer" in clients[A].get(f"/runs/{mine}/matching").text
    exchanged(region)
    page = clients[A].get(f"/runs/{mine}/matching").text
    assert "1 row hit" in page
    assert "THONGDEE Somchai" in page
    assert "a like name beside a year or country" in page
    assert "is no finding" in page

    ended = {"peer": A, "name": "wanted persons"}
    assert clients[B].post("/exchange/matching/end", data=ended).status_code == 303
    again = clients[B].post("/exchange/matching/end", data=ended)
    assert (again.status_code, "unknown_offer" in again.text) == (404, True)


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ({"chosen": f"{B} none"}, "unknown_set"),
        ({"chosen": ""}, "unknown_set"),
        ({"chosen": f"{B} none", "rows": "two"}, "bad_number"),
        ({"chosen": f"{B} none", "rows": "99"}, "no_questions"),
    ],
)
def test_what_cannot_be_asked_says_why(
    region: Region, clients: dict[str, httpx.Client], question: dict[str, str], code: str
) -> None:
    mine = run_of(region, A, ASKED)
    answer = clients[A].post(f"/runs/{mine}/matching", data=question)
    assert answer.status_code in (400, 404, 422)
    assert code in answer.text
