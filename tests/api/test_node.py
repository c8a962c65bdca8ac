"""/catalog, /manifest, /algorithms, /healthz, /readyz and /openapi.json."""

import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn

from lintas.api.app import build
from lintas.cli.serving import listen
from lintas.desk import health, intake, lookup, officers, sessions
from lintas.desk.office import Office
from lintas.desk.screening import FEATURES, SCORER_VERSION
from lintas.screening.index import build as build_index
from lintas.sources import catalogue
from tests.api.asked import ids, match, query, refused


def test_the_catalog_says_which_lists_are_held_in_which_version(api: httpx.Client, sample_office: Office) -> None:
    answer = api.get("/catalog")
    assert answer.headers["x-lintas-fictional"] == "true"
    body = answer.json()
    assert body.keys() == {"datasets", "current", "outdated", "index_stale"}
    held = {one["name"]: one for one in body["datasets"]}
    names = [source.name for source in catalogue.sources()]
    assert list(held) == body["current"] == [*names, "default"]
    assert (body["outdated"], body["index_stale"]) == ([], False)
    assert held["default"]["children"] == names
    statuses = intake.status(sample_office, officers.owner(sample_office))
    version = next(one.version for one in statuses if one.source.name == "un_sc")
    assert version is not None
    un = held["un_sc"]
    assert (un["entity_count"], un["target_count"]) == (version.n_entities, version.n_entries)
    assert (un["load"], un["index_current"], un["is_fictional"]) == (True, True, True)
    assert re.fullmatch(r"\d{14}-[0-9a-f]{3}", un["version"])
    assert un["index_version"] == un["version"]
    assert un["publisher"]["name"].startswith("United Nations Security Council")
    assert api.get("/manifest").json() == body


def test_algorithms_says_honestly_who_answers(api: httpx.Client) -> None:
    body = api.get("/algorithms").json()
    assert body["best"] == body["default"] == SCORER_VERSION
    ours, *others = body["algorithms"]
    assert ours["name"] == SCORER_VERSION
    assert {one["name"] for one in others} >= {"logic-v1", "logic-v2", "name-based", "name-qualified", "regression-v1"}
    assert all(f"Answered by {SCORER_VERSION}" in one["description"] for one in others)
    assert ours["features"].keys() == {feature.name for feature in FEATURES}
    assert ours["docs"]["features"] == ours["features"]
    assert ours["features"]["country_differs"]["coefficient"] < 0 < ours["features"]["name_match"]["coefficient"]
    assert all(len(one["description"]) > 20 for one in ours["features"].values())


def test_the_description_of_the_api_holds_together(api: httpx.Client) -> None:
    body = api.get("/openapi.json").json()
    assert "equal" in body["info"]["description"]
    references = set(_references(body))
    assert references
    for reference in references:
        here: Any = body
        for part in reference.removeprefix("#/").split("/"):
            here = here[part]
    match_ = body["paths"]["/match/{dataset}"]["post"]
    assert match_["requestBody"]["content"]["application/json"]["schema"]["properties"].keys() == {
        "queries",
        "weights",
        "config",
    }
    wanted = "limit threshold cutoff algorithm include_dataset exclude_schema exclude_dataset topics changed_since"
    assert {*wanted.split(), "exclude_entity_ids", "dataset"} == {one["name"] for one in match_["parameters"]}
    assert match_["security"]
    assert "security" not in body["paths"]["/healthz"]["get"]


def _references(here: Any) -> Iterator[str]:
    for key, value in here.items() if isinstance(here, dict) else enumerate(here) if isinstance(here, list) else ():
        if key == "$ref":
            yield value
        else:
            yield from _references(value)


@pytest.fixture
def alone(sqlite_office: Office) -> Iterator[httpx.Client]:
    """The API of an empty node, without the pages."""
    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(build(sqlite_office), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    token = sessions.create_token(sqlite_office, officers.owner(sqlite_office))
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", headers=headers, timeout=30) as client:
        yield client
    server.should_exit = True
    thread.join(timeout=15)
    listening.close()


def test_a_node_is_ready_when_it_holds_a_list_and_its_index_is_open(alone: httpx.Client, sqlite_office: Office) -> None:
    assert alone.get("/healthz").json() == {"status": "ok"}
    empty = alone.get("/readyz")
    assert (empty.status_code, empty.json()["detail"]) == (503, "Not ready: no list is loaded")
    assert alone.get("/catalog").json() == {"datasets": [], "current": [], "outdated": [], "index_stale": False}
    assert ids(match(alone, query(name=["Ilva Strandmark"]))) == []
    assert "x-lintas-fictional" not in alone.get("/catalog").headers

    samples = catalogue.samples("un_sc")
    intake.load(sqlite_office, officers.owner(sqlite_office), "un_sc", samples, fictional=True)
    assert alone.get("/readyz").json() == {"status": "ok"}
    assert match(alone, query(name=["Ilva Strandmark"]))["total"]["value"] == 1


def test_a_node_whose_index_is_being_built_is_not_ready(
    alone: httpx.Client, sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake.load(sqlite_office, officers.owner(sqlite_office), "un_sc", catalogue.samples("un_sc"), fictional=True)
    monkeypatch.setattr(lookup, "is_built", lambda *_: False)
    answer = alone.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not_ready")
    assert "being built" in answer.json()["detail"]


def test_many_who_find_the_index_missing_build_it_once(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    intake.load(sqlite_office, officers.owner(sqlite_office), "un_sc", catalogue.samples("un_sc"), fictional=True)
    for folder in sqlite_office.index.iterdir():
        folder.rename(folder.with_name("older"))
    built = list[object]()

    def build_slowly(folder: Any, documents: Any) -> None:
        built.append(folder)
        time.sleep(0.1)
        build_index(folder, documents)

    monkeypatch.setattr("lintas.desk.lookup.build", build_slowly)
    threads = [threading.Thread(target=health.warm, args=(sqlite_office,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1
    assert health.readiness(sqlite_office).is_ready


def test_an_address_that_is_not_there_and_a_wrong_method_answer_in_json(alone: httpx.Client) -> None:
    refused(alone.get("/statements"), 404, "not_found")
    refused(alone.get("/match/default"), 405, "method_not_allowed")


def test_a_failure_of_the_node_answers_in_json_and_tells_no_secrets(
    alone: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Office) -> health.Readiness:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(health, "readiness", broken)
    assert "hunter2" not in refused(alone.get("/readyz"), 500, "internal")["detail"]


def test_an_answer_does_not_wait_for_the_network_to_acknowledge_half_of_it(api: httpx.Client) -> None:
    took_s = list[float]()
    for _ in range(20):
        began = time.perf_counter()
        api.get("/healthz")
        took_s.append(time.perf_counter() - began)
    # Linux acknowledges after 40 ms when both sides wait (Nagle's algorithm); without it this takes about 1 ms.
    assert min(took_s) < 0.03
