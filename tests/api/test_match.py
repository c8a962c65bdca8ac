"""POST /match/{dataset}: every parameter, and the exact shape of the answer."""

import re
from typing import Any

import httpx
import pytest
from followthemoney import model

from lintas.desk.screening import SCORER_VERSION
from tests.api.asked import AT_THE_THRESHOLD, HERON, ILVA, WEIGHTS, ids, match, query, refused

STRANDMARK = query(name=["Ilva Strandmark"])
SECONDS = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$")


def test_an_answer_has_the_shape_that_yente_gives_it(api: httpx.Client) -> None:
    sent = {**query(name="Ilva Strandmark", birthDate=[1980]), "id": "customer-7"}
    answer = api.post("/match/default?limit=2", json={"queries": {"ein Schlüssel": sent}})
    assert answer.headers["x-batch-size"] == "1"
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body.keys() == {"responses", "limit"}
    assert body["limit"] == 2
    response = body["responses"]["ein Schlüssel"]
    assert response.keys() == {"status", "results", "total", "query"}
    assert response["status"] == 200
    assert response["total"] == {"value": len(response["results"]), "relation": "eq"}
    assert response["query"] == {
        "id": "customer-7",
        "schema": "Person",
        "properties": {"name": ["Ilva Strandmark"], "birthDate": ["1980"]},
    }
    _check_entity(response["results"][0])


def _check_entity(entity: dict[str, Any]) -> None:
    assert {"id", "caption", "schema", "properties", "datasets", "referents", "target"} <= entity.keys()
    assert entity["schema"] in model.schemata
    assert all(isinstance(value, str) for values in entity["properties"].values() for value in values)
    assert all(SECONDS.match(entity[when]) for when in ("first_seen", "last_seen", "last_change"))
    assert isinstance(entity["score"], float)
    assert entity["match"] is (entity["score"] >= 0.7)
    for explanation in entity["explanations"].values():
        assert explanation.keys() == {"score", "detail", "query", "candidate", "weight"}


def test_what_the_explanations_add_is_the_score(api: httpx.Client) -> None:
    answer = match(api, query(name=["Ilva Strandmarck"], birthDate=["1975-01-01"], nationality=["se"]), cutoff=0)
    best = answer["results"][0]
    assert best["id"] == ILVA
    parts = [float(one["detail"].rsplit("(", 1)[1].rstrip(")")) for one in best["explanations"].values()]
    assert len(parts) > 1
    assert sum(parts) == pytest.approx(best["score"])


def test_several_queries_are_answered_under_their_keys(api: httpx.Client) -> None:
    queries = {"a": STRANDMARK, "b": query("Company", name=["Bright Heron Shipping"]), "c": query(name=["Zz Qqq"])}
    answer = api.post("/match/default", json={"queries": queries})
    assert answer.headers["x-batch-size"] == "3"
    responses = answer.json()["responses"]
    assert [len(responses[key]["results"]) > 0 for key in "abc"] == [True, True, False]
    assert responses["b"]["results"][0]["id"] == HERON


def test_a_score_equal_to_the_threshold_is_a_match_and_comes_back(api: httpx.Client) -> None:
    found = match(api, AT_THE_THRESHOLD, weights=WEIGHTS)
    assert [(one["id"], one["score"], one["match"]) for one in found["results"]] == [(ILVA, 0.7, True)]
    assert found["total"]["value"] == 1
    close = match(api, query(name=["Ilva Strandmarck"]))["results"][0]
    again = match(api, query(name=["Ilva Strandmarck"]), threshold=close["score"], limit=1)["results"][0]
    assert (again["id"], again["score"], again["match"]) == (close["id"], close["score"], True)


def test_less_than_the_threshold_comes_back_only_down_to_the_cutoff(api: httpx.Client) -> None:
    higher = match(api, AT_THE_THRESHOLD, weights=WEIGHTS, threshold=0.9)
    assert [(one["score"], one["match"]) for one in higher["results"]] == [(0.7, False)], "the cutoff stays at 0.7"
    assert higher["total"]["value"] == 0
    assert match(api, AT_THE_THRESHOLD, weights=WEIGHTS, threshold=0.9, cutoff=0.8)["results"] == []
    lower = match(api, query(name=["Strandmark"]), cutoff=0.1)
    assert lower["total"]["value"] == 0
    assert lower["results"][0]["match"] is False


@pytest.mark.parametrize(
    ("parameters", "is_found"),
    [
        ({"include_dataset": "un_sc"}, True),
        ({"include_dataset": ["ca_sema", "un_sc"]}, True),
        ({"include_dataset": "ca_sema"}, False),
        ({"include_dataset": "un_sc", "exclude_dataset": "un_sc"}, False),
        ({"exclude_dataset": "un_sc"}, False),
        ({"exclude_dataset": "a_list_of_yours"}, True),
        ({"exclude_schema": "Person"}, False),
        ({"exclude_schema": ["Vessel", "Nonsense"]}, True),
        ({"topics": "sanction"}, True),
        ({"topics": ["wanted", "sanction"]}, True),
        ({"topics": "role.pep"}, False),
        ({"changed_since": "2001-01-01"}, True),
        ({"changed_since": "2001-01-01T12"}, True),
        ({"changed_since": "2001-01-01T12:30"}, True),
        ({"changed_since": "2999-01-01T00:00:00"}, False),
        ({"exclude_entity_ids": ILVA}, False),
        ({"exclude_entity_ids": ["somebody-else", "and-another"]}, True),
        ({"limit": 0}, False),
        ({"fuzzy": "false", "unheard_of": "1"}, True),
    ],
)
def test_filters_keep_and_drop(api: httpx.Client, parameters: dict[str, Any], is_found: bool) -> None:
    assert (ILVA in ids(match(api, STRANDMARK, **parameters))) is is_found


def test_a_list_is_a_dataset_and_default_is_all_of_them(api: httpx.Client) -> None:
    assert ids(match(api, STRANDMARK, dataset="un_sc")) == [ILVA]
    assert ids(match(api, STRANDMARK, dataset="ca_sema")) == []
    assert ids(match(api, STRANDMARK, dataset="ca_sema", include_dataset="un_sc")) == [ILVA]
    assert ids(match(api, STRANDMARK, dataset="un_sc", exclude_dataset="un_sc")) == []
    refused(api.post("/match/nowhere", json={"queries": {"q": STRANDMARK}}), 404, "unknown_dataset")


def test_a_list_that_is_not_loaded_is_never_taken_for_a_list_without_matches(api: httpx.Client) -> None:
    answer = api.post("/match/default?include_dataset=eu_fsv", json={"queries": {"q": STRANDMARK}})
    assert "eu_fsv" in refused(answer, 404, "unknown_dataset")["detail"]


@pytest.mark.parametrize(
    "name", ["best", "logic-v2", "logic-v1", "Name-Based", "name-qualified", "ofac", SCORER_VERSION]
)
def test_any_known_name_of_an_algorithm_is_taken(api: httpx.Client, name: str) -> None:
    assert ids(match(api, STRANDMARK, algorithm=name)) == [ILVA]


def test_a_plus_sign_that_arrived_as_a_space_is_understood(api: httpx.Client) -> None:
    answer = api.post(f"/match/default?algorithm={SCORER_VERSION}", json={"queries": {"q": STRANDMARK}})
    assert answer.status_code == 200, answer.text


def test_what_was_not_understood_is_said_beside_the_results(api: httpx.Client) -> None:
    answer = match(
        api, query(name=["Ilva Strandmark"], birthDate=["32.13.1980"], imoNumber=["9900019"], sanctions=["x"])
    )
    assert ids(answer) == [ILVA]
    assert answer["query"]["properties"] == {"name": ["Ilva Strandmark"]}
    assert [problem.split()[0] for problem in answer["problems"]] == ["'imoNumber'", "'sanctions'", "birthDate:"]


def test_weights_change_the_score(api: httpx.Client) -> None:
    body = {"queries": {"q": STRANDMARK}, "weights": {"name_match": 0.25}}
    best = api.post("/match/default?cutoff=0", json=body).json()["responses"]["q"]["results"][0]
    assert (best["score"], best["explanations"]["name_match"]["weight"]) == (0.25, 0.25)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"queries": {}}, 400, "no_query"),
        ({"queries": {f"q{i}": STRANDMARK for i in range(101)}}, 400, "too_many_queries"),
        ({"queries": {"q": query("Banana", name="x")}}, 400, "unknown_schema"),
        ({"queries": {"q": query("Sanction", program="x")}}, 400, "not_matchable"),
        ({"queries": {"q": STRANDMARK, "r": query("Banana", name="x")}}, 400, "unknown_schema"),
        ({"queries": {"q": query(name=[{"first": "Ilva"}])}}, 400, "bad_value"),
        ({"queries": {"q": query(name=["x"] * 201)}}, 400, "query_too_large"),
        ({"queries": {"q": STRANDMARK}, "config": {"nm_number_mismatch": 0.4}}, 400, "unknown_setting"),
        ({"queries": {"q": STRANDMARK}, "weights": {"name_literal": 0.4}}, 400, "unknown_feature"),
        ({"queries": {"q": STRANDMARK}, "weights": {"name_match": 7}}, 400, "bad_weight"),
        ({"queries": {"q": {"properties": {"name": "x"}}}}, 422, "bad_request"),
        ({"queries": {"q": {"schema": "Person"}}}, 422, "bad_request"),
        ({"queries": {"q": query(name=5)}}, 422, "bad_request"),
        ({"queries": {"q": None}}, 422, "bad_request"),
        ({"queries": [STRANDMARK]}, 422, "bad_request"),
        ({"queries": {"q": STRANDMARK}, "weights": {"name_match": "heavy"}}, 422, "bad_request"),
        ({"query": STRANDMARK}, 422, "bad_request"),
        ([], 422, "bad_request"),
        (None, 400, "bad_json"),
    ],
)
def test_a_body_that_asks_nothing_sensible_is_refused(api: httpx.Client, body: Any, status: int, code: str) -> None:
    refused(api.post("/match/default", json=body), status, code)


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"limit": 501}, 422),
        ({"limit": "many"}, 422),
        ({"limit": -1}, 422),
        ({"threshold": 1.01}, 422),
        ({"threshold": "nan"}, 422),
        ({"cutoff": "inf"}, 422),
        ({"changed_since": "yesterday"}, 422),
        ({"changed_since": "0000-00-00"}, 422),
        ({"exclude_entity_ids": ["x"] * 51}, 422),
        ({"algorithm": "neural-net"}, 400),
        ({"algorithm": ""}, 400),
    ],
)
def test_a_parameter_out_of_its_range_is_refused(api: httpx.Client, parameters: dict[str, Any], status: int) -> None:
    answer = api.post("/match/default", json={"queries": {"q": STRANDMARK}}, params=parameters)
    body = refused(answer, status, "bad_request" if status == 422 else "unknown_algorithm")
    if status == 422:
        assert next(iter(parameters)) in body["where"]


def test_a_time_with_a_zone_at_the_edge_of_the_calendar_is_no_trouble(api: httpx.Client) -> None:
    for at in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        answer = api.post("/match/default", json={"queries": {"q": STRANDMARK}}, params={"changed_since": at})
        assert answer.status_code == 200, answer.text


def test_the_body_is_taken_for_json_whatever_it_is_called(api: httpx.Client) -> None:
    text = '{"queries": {"q": {"schema": "Person", "properties": {"name": ["Ilva Strandmark"]}}}}'
    for headers in ({}, {"content-type": "text/plain"}):
        assert api.post("/match/default", content=text.encode(), headers=headers).status_code == 200


def test_fictional_lists_are_said_to_be_fictional(api: httpx.Client) -> None:
    answer = api.post("/match/default", json={"queries": {"q": STRANDMARK}})
    assert answer.headers["x-lintas-fictional"] == "true"
    assert answer.json()["responses"]["q"]["results"][0]["is_fictional"] is True
