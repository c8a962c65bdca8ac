"""GET /search/{dataset}: every parameter."""

from typing import Any

import httpx
import pytest

from tests.api.asked import HERON, ILVA, ids, refused


def search(api: httpx.Client, dataset: str = "default", **parameters: Any) -> dict[str, Any]:
    answer = api.get(f"/search/{dataset}", params=parameters)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_an_answer_has_the_shape_that_yente_gives_it(api: httpx.Client) -> None:
    body = search(api, q="strandmark", limit=3)
    assert body.keys() == {"results", "facets", "total", "limit", "offset"}
    assert (body["total"], body["limit"], body["offset"]) == ({"value": 1, "relation": "eq"}, 3, 0)
    assert body["facets"].keys() == {"countries", "topics", "datasets"}
    assert body["facets"]["datasets"]["label"] == "Data sources"
    values = body["facets"]["datasets"]["values"]
    assert values == [
        {"name": "un_sc", "label": "United Nations Security Council Consolidated List", "count": 1},
    ]
    assert body["results"][0]["id"] == ILVA
    assert "score" not in body["results"][0]


@pytest.mark.parametrize("text", ["strandmark", "Ilva STRANDMARCK", "EX5550001", "ex-555 0001", ILVA])
def test_names_numbers_and_ids_are_found_in_any_spelling(api: httpx.Client, text: str) -> None:
    assert ids(search(api, q=text))[0] == ILVA


@pytest.mark.parametrize("text", ["invalid/query", '"', "a AND (", "name:[* TO", "~^!", "*"])
def test_there_is_no_syntax_to_get_wrong(api: httpx.Client, text: str) -> None:
    search(api, q=text)
    search(api, q=text, fuzzy="true", simple="true")


@pytest.mark.parametrize(
    ("parameters", "is_found"),
    [
        ({"schema": "Person"}, True),
        ({"schema": "LegalEntity"}, True),
        ({"schema": "Vessel"}, False),
        ({"exclude_schema": "Person"}, False),
        ({"include_dataset": "un_sc"}, True),
        ({"include_dataset": "ca_sema"}, False),
        ({"exclude_dataset": "un_sc"}, False),
        ({"datasets": "un_sc"}, True),
        ({"datasets": ["un_sc", "ca_sema"]}, True),
        ({"datasets": ["un_sc", "ca_sema"], "filter_op": "AND"}, False),
        ({"countries": "se"}, True),
        ({"countries": ["ke", "se"]}, True),
        ({"countries": ["ke", "se"], "filter_op": "AND"}, False),
        ({"countries": ["mt", "se"], "filter_op": "AND"}, True),
        ({"topics": "sanction"}, True),
        ({"topics": "wanted"}, False),
        ({"topics": ["wanted", "sanction"]}, True),
        ({"topics": ["wanted", "sanction"], "filter_op": "AND"}, False),
        ({"target": "true"}, True),
        ({"target": "false"}, False),
        ({"changed_since": "2001-01-01"}, True),
        ({"changed_since": "2999-01-01T00:00"}, False),
        ({"filter": "properties.birthDate:1980"}, True),
        ({"filter": "properties.birthDate:1980§"}, False),
        ({"filter": ["properties.birthDate:1999", "properties.birthDate:1980"]}, True),
        ({"filter": ["properties.birthDate:1999", "properties.birthDate:1980"], "filter_op": "AND"}, False),
        ({"filter": ["properties.birthDate:1980", "genders:male"]}, False),
        ({"filter": "dates:1980"}, True),
        ({"filter": "schema:Person"}, True),
        ({"filter": "countries:se"}, True),
        ({"filter": f"id:{ILVA}"}, True),
        ({"limit": 0}, False),
        ({"offset": 1}, False),
        ({"offset": 9999}, False),
    ],
)
def test_filters_keep_and_drop(api: httpx.Client, parameters: dict[str, Any], is_found: bool) -> None:
    assert (ILVA in ids(search(api, q="strandmark", **parameters))) is is_found


def test_without_a_text_everything_comes_page_by_page(api: httpx.Client) -> None:
    total = search(api)["total"]["value"]
    assert len(ids(search(api))) == 10
    pages = [ids(search(api, limit=7, offset=offset)) for offset in range(0, total, 7)]
    assert len({one for page in pages for one in page}) == total
    assert ids(search(api, dataset="un_sc", limit=500)) == [
        one for one in ids(search(api, limit=500)) if one.startswith("un_sc-")
    ]


@pytest.mark.parametrize("field", ["caption", "first_seen", "last_change", "schema", "properties.birthDate", "dates"])
@pytest.mark.parametrize("direction", ["", ":asc", ":desc"])
def test_results_come_in_the_order_that_was_asked(api: httpx.Client, field: str, direction: str) -> None:
    results = search(api, dataset="un_sc", sort=f"{field}{direction}", limit=500)["results"]
    pick = max if direction == ":desc" else min
    keys = [_keys(result, field) for result in results]
    known = [pick(one) for one in keys if one]
    assert known == sorted(known, reverse=direction == ":desc")
    assert all(keys[: len(known)]), "entities without a value come last"


def _keys(result: dict[str, Any], field: str) -> list[str]:
    if field == "dates":
        return [value for prop in ("birthDate", "incorporationDate") for value in result["properties"].get(prop, [])]
    if field.startswith("properties."):
        held: list[str] = result["properties"].get(field.removeprefix("properties."), [])
        return held
    return [result[field].casefold()]


def test_a_second_order_decides_where_the_first_does_not(api: httpx.Client) -> None:
    results = search(api, dataset="un_sc", sort=["schema:desc", "caption"], limit=500)["results"]
    keys = [(result["schema"], result["caption"].casefold()) for result in results]
    assert keys == sorted(sorted(keys, key=lambda key: key[1]), key=lambda key: key[0], reverse=True)


def test_facets_count_all_results_the_most_first(api: httpx.Client) -> None:
    facets = search(api, facets=["schema", "genders", "identifiers", "countries"], limit=1)["facets"]
    assert {name: facet["label"] for name, facet in facets.items()} == {
        "schema": "Entity types",
        "genders": "Genders",
        "identifiers": "Identifiers",
        "countries": "Countries",
    }
    counts = [value["count"] for value in facets["countries"]["values"]]
    assert counts == sorted(counts, reverse=True)
    assert {"name": "Person", "label": "People"}.items() <= facets["schema"]["values"][0].items()
    assert {"name": "se", "label": "Sweden", "count": 1} in facets["countries"]["values"]
    assert {"name": "EX5550001", "label": "EX5550001", "count": 1} in facets["identifiers"]["values"]


@pytest.mark.parametrize(
    ("parameters", "status", "code"),
    [
        ({"schema": "Banana"}, 400, "unknown_schema"),
        ({"filter": "birthDate"}, 400, "bad_filter"),
        ({"filter": "shoe_size:44"}, 400, "unknown_field"),
        ({"sort": "shoe_size:desc"}, 400, "unknown_field"),
        ({"include_dataset": "nowhere"}, 404, "unknown_dataset"),
        ({"limit": 501}, 422, "bad_request"),
        ({"limit": "all"}, 422, "bad_request"),
        ({"offset": -1}, 422, "bad_request"),
        ({"offset": 10**9}, 400, "bad_page"),
        ({"facets": "colour"}, 422, "bad_request"),
        ({"filter_op": "XOR"}, 422, "bad_request"),
        ({"fuzzy": "perhaps"}, 422, "bad_request"),
        ({"changed_since": "2026-13-01"}, 422, "bad_request"),
    ],
)
def test_a_parameter_that_means_nothing_is_refused(
    api: httpx.Client, parameters: dict[str, Any], status: int, code: str
) -> None:
    refused(api.get("/search/default", params=parameters), status, code)


def test_an_unknown_dataset_is_not_found(api: httpx.Client) -> None:
    refused(api.get("/search/nowhere"), 404, "unknown_dataset")


def test_fictional_lists_are_said_to_be_fictional(api: httpx.Client) -> None:
    assert api.get("/search/default", params={"q": HERON}).headers["x-lintas-fictional"] == "true"
