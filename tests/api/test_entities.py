"""GET /entities/{id}, /adjacent and /adjacent/{prop}."""

from typing import Any

import httpx
import pytest

from tests.api.asked import HERON, ILVA, refused


def get(api: httpx.Client, path: str, **parameters: Any) -> dict[str, Any]:
    answer = api.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-lintas-fictional"] == "true"
    body: dict[str, Any] = answer.json()
    return body


def test_what_is_next_to_an_entity_stands_inside_it(api: httpx.Client) -> None:
    body = get(api, f"/entities/{HERON}")
    sanction = body["properties"]["sanctions"][0]
    assert (sanction["schema"], sanction["properties"]["program"]) == ("Sanction", ["DPRK"])
    links = body["properties"]["unknownLinkFrom"]
    people = {link["properties"]["subject"][0]["id"] for link in links}
    assert people == {"un_sc-9990001", "un_sc-9990004"}
    assert {link["properties"]["object"][0] for link in links} == {HERON}, "the entity itself is not repeated"


def test_nested_false_leaves_it_flat(api: httpx.Client) -> None:
    body = get(api, f"/entities/{HERON}", nested="false")
    assert body["caption"] == "BRIGHT HERON SHIPPING COMPANY, LIMITED"
    assert all(isinstance(value, str) for values in body["properties"].values() for value in values)
    assert body["referents"] == []
    assert body["target"] is True


def test_a_link_opens_too(api: httpx.Client) -> None:
    body = get(api, "/entities/un_sc-9990001-9990101-mention")
    assert body["schema"] == "UnknownLink"
    assert body["properties"]["object"][0]["id"] == HERON


def test_everything_adjacent_comes_by_property(api: httpx.Client) -> None:
    body = get(api, f"/entities/{HERON}/adjacent")
    assert body.keys() == {"entity", "adjacent"}
    assert body["entity"]["id"] == HERON
    assert {prop: page["total"]["value"] for prop, page in body["adjacent"].items()} == {
        "sanctions": 1,
        "unknownLinkFrom": 2,
    }
    page = body["adjacent"]["unknownLinkFrom"]
    assert page.keys() == {"results", "total", "limit", "offset"}
    assert (page["limit"], page["offset"], page["total"]["relation"]) == (10, 0, "eq")


def test_adjacent_entities_are_paged_and_ordered(api: httpx.Client) -> None:
    path = f"/entities/{HERON}/adjacent/unknownLinkFrom"
    rising = [one["id"] for one in get(api, path, sort="id")["results"]]
    falling = [get(api, path, sort="id:desc", limit=1, offset=i)["results"][0]["id"] for i in (0, 1)]
    assert falling == rising[::-1] == sorted(rising, reverse=True)
    assert get(api, path, offset=2)["results"] == []
    assert get(api, path, limit=0) == {
        "results": [],
        "total": {"value": 2, "relation": "eq"},
        "limit": 0,
        "offset": 0,
    }


def test_a_property_that_leads_nowhere_yet_is_an_empty_page(api: httpx.Client) -> None:
    assert get(api, f"/entities/{HERON}/adjacent/ownershipOwner")["total"]["value"] == 0


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/entities/nobody", 404, "unknown_entity"),
        ("/entities/nobody?nested=false", 404, "unknown_entity"),
        ("/entities/nobody/adjacent", 404, "unknown_entity"),
        ("/entities/nobody/adjacent/sanctions", 404, "unknown_entity"),
        ("/entities/a%2Fb", 404, "unknown_entity"),
        ("/entities/%00", 404, "unknown_entity"),
        (f"/entities/{ILVA}/adjacent/name", 404, "unknown_property"),
        (f"/entities/{ILVA}/adjacent/banana", 404, "unknown_property"),
        (f"/entities/{ILVA}?nested=perhaps", 422, "bad_request"),
        (f"/entities/{ILVA}/adjacent?limit=501", 422, "bad_request"),
        (f"/entities/{ILVA}/adjacent?offset=-1", 422, "bad_request"),
        (f"/entities/{ILVA}/adjacent?sort=shoe_size", 400, "unknown_field"),
        (f"/entities/{ILVA}/adjacent/sanctions?offset=1000000000", 400, "bad_page"),
    ],
)
def test_what_is_not_there_is_said_to_be_not_there(api: httpx.Client, path: str, status: int, code: str) -> None:
    refused(api.get(path), status, code)
