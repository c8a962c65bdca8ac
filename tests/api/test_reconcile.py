"""/reconcile/{dataset}: the Reconciliation API 0.2 as OpenRefine speaks it."""

import json
from typing import Any

import httpx
import pytest

from lintas.api.refining_pages import SETTING, configured
from lintas.model.errors import InputError
from tests.api.asked import HERON, ILVA, refused

RECONCILE = "/reconcile/default"


def reconcile(
    api: httpx.Client, dataset: str = "default", threshold: float | None = None, **rows: Any
) -> dict[str, Any]:
    parameters = {} if threshold is None else {"threshold": threshold}
    answer = api.post(f"/reconcile/{dataset}", data={"queries": json.dumps(rows)}, params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-batch-size"] == str(len(rows))
    body: dict[str, Any] = answer.json()
    return body


def test_the_manifest_says_where_everything_is(address: str, token: str) -> None:
    body = httpx.get(f"{address}{RECONCILE}", params={"api_key": token}).json()
    assert "0.2" in body["versions"]
    assert {"name", "identifierSpace", "schemaSpace", "view", "defaultTypes", "batchSize"} <= body.keys()
    assert "{{id}}" in body["view"]["url"]
    assert token not in body["view"]["url"]
    assert {"Person", "Company", "Vessel", "Thing"} <= {one["id"] for one in body["defaultTypes"]}
    for service in (*body["suggest"].values(), body["extend"]["propose_properties"]):
        found = httpx.get(service["service_url"] + service["service_path"])
        assert found.status_code == 200, "the key of the address is passed on"
    assert {one["name"] for one in body["extend"]["property_settings"]} == {"limit", "render"}


def test_a_row_gets_candidates_with_the_reasons_of_their_score(api: httpx.Client) -> None:
    row = {"query": "Ilva Strandmark", "type": "Person", "properties": [{"pid": "Person:birthDate", "v": "1980"}]}
    first = reconcile(api, q0=row)["q0"]["result"][0]
    assert (first["id"], first["name"], first["match"]) == (ILVA, "ILVA STRANDMARK", True)
    assert first["type"][0]["id"] == "Person"
    assert sum(one["value"] for one in first["features"]) == pytest.approx(first["score"])


def test_a_score_equal_to_the_threshold_is_a_match_and_comes_back(api: httpx.Client) -> None:
    number = {"pid": "passportNumber", "v": "EX5550001"}
    row = {"query": "Nobody Atall", "type": "Person", "properties": [number]}
    score = reconcile(api, q=row)["q"]["result"][0]["score"]
    assert 0 < score < 1
    for threshold, is_match in ((score, True), (score + 0.0001, False), (score / 2, True)):
        found = reconcile(api, threshold=threshold, q=row)["q"]["result"]
        assert [(one["id"], one["score"], one["match"]) for one in found] == [(ILVA, score, is_match)]


def test_weak_candidates_come_back_too_and_are_no_match(api: httpx.Client) -> None:
    found = reconcile(api, q0={"query": "Strandmark"})["q0"]["result"]
    assert [(one["id"], one["match"]) for one in found] == [(ILVA, False)]


@pytest.mark.parametrize(
    ("row", "is_found"),
    [
        ({"query": "Ilva Strandmark"}, True),
        ({"query": "Ilva Strandmark", "type": ["Person", "Company"]}, True),
        ({"query": "Ilva Strandmark", "type": "Vessel"}, False),
        ({"query": "Ilva Strandmark", "type": None, "type_strict": "should"}, True),
        ({"query": "Ilva Strandmark", "limit": 0}, False),
        ({"type": "Person", "properties": [{"pid": "name", "v": ["Ilva Strandmark"]}]}, True),
        ({"type": "Person", "properties": [{"pid": "Thing:name", "v": {"id": "x", "name": "Ilva Strandmark"}}]}, True),
        ({"query": "Ilva Strandmark", "type": "Person", "properties": [{"pid": "birthDate", "v": 1980}]}, True),
        ({"query": "Ilva Strandmark", "properties": [{"pid": "shoeSize", "v": True}]}, True),
        ({"query": "Ilva Strandmark", "properties": [{"pid": "name", "v": None}]}, True),
        ({"type": "Person"}, False),
        ({}, False),
    ],
)
def test_rows_of_every_form_are_understood(api: httpx.Client, row: dict[str, Any], is_found: bool) -> None:
    assert any(one["id"] == ILVA for one in reconcile(api, q=row)["q"]["result"]) is is_found


def test_rows_keep_their_keys_and_their_limits(api: httpx.Client) -> None:
    body = reconcile(api, a={"query": "example", "limit": 1}, b={"query": "example"}, c={"query": "Zz Qqq"})
    assert [len(body[key]["result"]) for key in "abc"] == [1, 5, 0]


def test_queries_come_in_the_address_and_in_either_form(api: httpx.Client) -> None:
    queries = json.dumps({"q": {"query": "Ilva Strandmark"}})
    by_address = api.get(RECONCILE, params={"queries": queries})
    by_form = api.post(RECONCILE, data={"queries": queries})
    in_parts = api.post(RECONCILE, files={"queries": (None, queries)})
    assert by_address.json() == by_form.json() == in_parts.json()
    assert by_address.json()["q"]["result"][0]["id"] == ILVA


def test_a_dataset_a_time_and_an_algorithm_can_be_chosen(api: httpx.Client) -> None:
    row = {"query": "Ilva Strandmark"}
    assert reconcile(api, dataset="un_sc", q=row)["q"]["result"]
    assert not reconcile(api, dataset="ca_sema", q=row)["q"]["result"]
    queries = {"queries": json.dumps({"q": row})}
    late = api.post(f"{RECONCILE}?changed_since=2999-01-01&algorithm=logic-v1", data=queries)
    assert late.json() == {"q": {"result": []}}
    refused(api.post(f"{RECONCILE}?algorithm=neural-net", data=queries), 400, "unknown_algorithm")
    refused(api.post("/reconcile/nowhere", data=queries), 404, "unknown_dataset")
    refused(api.get("/reconcile/nowhere"), 404, "unknown_dataset")


def test_rows_are_extended_by_values_of_entities(api: httpx.Client) -> None:
    wanted = [
        {"id": "name"},
        {"id": "country", "settings": {"render": "raw"}},
        {"id": "nationality"},
        {"id": "notes", "settings": {"limit": 1}},
        {"id": "shoeSize"},
    ]
    extend = json.dumps({"ids": [ILVA, "nobody"], "properties": wanted})
    by_form, by_address = api.post(RECONCILE, data={"extend": extend}), api.get(RECONCILE, params={"extend": extend})
    assert by_form.json() == by_address.json()
    assert by_form.headers["x-batch-size"] == "2"
    assert by_form.headers["x-lintas-fictional"] == "true"
    body = by_form.json()
    assert body["meta"][0] == {"id": "name", "name": "Name"}
    assert [one["id"] for one in body["meta"]] == ["name", "country", "nationality", "notes"]
    assert body["rows"]["nobody"] == {}
    row = body["rows"][ILVA]
    assert row["name"] == [{"str": "ILVA STRANDMARK"}]
    assert row["country"] == [{"str": "mt"}]
    assert row["nationality"] == [{"str": "Sweden"}]
    assert len(row["notes"]) == 1


@pytest.mark.parametrize(
    ("field", "text", "status", "code"),
    [
        ("queries", "{", 400, "bad_json"),
        ("queries", '{"q": NaN}', 400, "bad_json"),
        ("queries", '{"q": {}, "q": {}}', 400, "bad_json"),
        ("queries", "[]", 400, "bad_queries"),
        ("queries", "{}", 400, "no_query"),
        ("queries", '{"q": null}', 422, "bad_request"),
        ("queries", '{"q": {"limit": 1000}}', 422, "bad_request"),
        ("queries", '{"q": {"query": "x", "type": "Banana"}}', 400, "unknown_schema"),
        ("queries", '{"q": {"properties": [{"pid": "name", "v": [[["x"], {"a": [1]}]]}]}}', 200, ""),
        ("queries", '{"q": {"properties": [{"pid": "name", "v": {"id": {"x": 1}}}]}}', 400, "bad_value"),
        ("queries", json.dumps({str(i): {"query": "x"} for i in range(101)}), 400, "too_many_queries"),
        ("extend", "{}", 422, "bad_request"),
        ("extend", '{"ids": [], "properties": [{"id": "name", "settings": {"render": "blink"}}]}', 422, "bad_request"),
        ("extend", json.dumps({"ids": ["x"] * 101, "properties": []}), 400, "too_many_queries"),
        ("neither", "x", 400, "no_query"),
    ],
)
def test_what_openrefine_would_not_send_is_refused(
    api: httpx.Client, field: str, text: str, status: int, code: str
) -> None:
    answer = api.post(RECONCILE, data={field: text})
    if status == 200:
        assert answer.status_code == 200, answer.text
    else:
        refused(answer, status, code)


def suggest(api: httpx.Client, kind: str, **parameters: Any) -> list[dict[str, Any]]:
    answer = api.get(f"{RECONCILE}/suggest/{kind}", params=parameters)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["prefix"] == parameters.get("prefix", "")
    result: list[dict[str, Any]] = body["result"]
    return result


def test_entities_are_suggested(api: httpx.Client) -> None:
    first = suggest(api, "entity", prefix="bright heron")[0]
    assert (first["id"], first["notable"][0]["id"]) == (HERON, "Organization")
    assert first["type"] == first["notable"]
    assert len(suggest(api, "entity", prefix="example", limit=2)) == 2
    assert suggest(api, "entity") == suggest(api, "entity", prefix="zqzqzq zqzqz") == []


def test_fictional_entities_are_said_to_be_fictional(api: httpx.Client) -> None:
    queries = {"queries": json.dumps({"q": {"query": "Ilva Strandmark"}})}
    answers = [api.post(RECONCILE, data=queries), api.get(f"{RECONCILE}/suggest/entity", params={"prefix": "ilva"})]
    assert [answer.headers["x-lintas-fictional"] for answer in answers] == ["true", "true"]


def test_types_are_suggested(api: httpx.Client) -> None:
    assert [one["id"] for one in suggest(api, "type", prefix="organ")] == ["Organization"]
    assert suggest(api, "type") == suggest(api, "type", prefix="banana") == []


def test_properties_are_suggested(api: httpx.Client) -> None:
    found = suggest(api, "property", prefix="country")
    assert {"LegalEntity:mainCountry", "Thing:country"} <= {one["id"] for one in found}
    assert suggest(api, "property") == suggest(api, "property", prefix="banana") == []


def test_properties_to_add_are_proposed(api: httpx.Client) -> None:
    body = api.get(f"{RECONCILE}/extend/property", params={"type": "LegalEntity", "limit": 5}).json()
    assert (body["type"], body["limit"], len(body["properties"])) == ("LegalEntity", 5, 5)
    assert {"name", "country"} <= {one["id"] for one in body["properties"]}
    assert len(api.get(f"{RECONCILE}/extend/property").json()["properties"]) > 10
    refused(api.get(f"{RECONCILE}/extend/property?type=Banana"), 400, "unknown_schema")


@pytest.mark.parametrize(
    ("page", "may"),
    [
        ("http://127.0.0.1:3333", True),
        ("http://localhost:3333", True),
        ("https://127.0.0.1:3333", False),
        ("http://127.0.0.1:3334", False),
        ("http://localhost.example:3333", False),
        ("null", False),
        ("http://[", False),
    ],
)
def test_only_the_pages_of_openrefine_may_read_the_answers(api: httpx.Client, page: str, may: bool) -> None:
    for path in (RECONCILE, f"{RECONCILE}/suggest/entity?prefix=a", f"{RECONCILE}?queries=["):
        answer = api.get(path, headers={"Origin": page})
        assert answer.headers.get("access-control-allow-origin") == (page if may else None)
        assert "access-control-allow-credentials" not in answer.headers
    for path in ("/catalog", "/search/default?q=a"):
        assert "access-control-allow-origin" not in api.get(path, headers={"Origin": page}).headers


def test_where_openrefine_is_served_can_be_set() -> None:
    assert {str(one) for one in configured({})} == {"http://127.0.0.1:3333", "http://localhost:3333"}
    named = configured({SETTING: "https://refine.example, http://10.0.0.7:3333"})
    assert {str(one) for one in named} == {"https://refine.example", "http://10.0.0.7:3333"}
    assert configured({SETTING: ""}) == frozenset()
    for wrong in ("*", "refine.example", "https://refine.example/", "https://refine.example,https://*.example/x"):
        with pytest.raises(InputError) as caught:
            configured({SETTING: wrong})
        assert caught.value.code == "bad_origin"
