"""What Prometheus is told: requests by template and status, how the node is, and nothing of anybody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from lintas.desk import officers, sessions
from lintas.desk.office import Office
from tests.api.asked import ILVA, query, refused
from tests.serving import served

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(scope="module")
def node(sample_office: Office) -> Iterator[str]:
    """The node served anew: nobody has asked it anything."""
    with served(sample_office) as url:
        yield url


@pytest.fixture(scope="module")
def watcher(node: str, sample_office: Office) -> Iterator[httpx.Client]:
    """A Prometheus, with a token that may nothing else."""
    token = sessions.create_token(sample_office, officers.owner(sample_office), ["metrics.read"])
    with httpx.Client(base_url=node, headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
        yield client


def told(watcher: httpx.Client) -> Samples:
    answer = watcher.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def n_requests(samples: Samples, **wanted: str) -> float:
    return sum(
        value
        for (name, labels), value in samples.items()
        if name == "lintas_requests_total" and wanted.items() <= labels
    )


def test_requests_are_counted_by_template_and_status(node: str, api: httpx.Client, watcher: httpx.Client) -> None:
    before, headers = told(watcher), {"Authorization": api.headers["Authorization"]}
    for path, params in (
        (f"/entities/{ILVA}", {}),
        ("/entities/nobody-known", {}),
        ("/search/default", {"q": "Ilva Strandmark"}),
        ("/nowhere/Ilva Strandmark", {}),
    ):
        httpx.get(node + path, params=params, headers=headers)
    httpx.request("BREW", f"{node}/Ilva Strandmark", headers=headers)
    after = told(watcher)
    counted = {
        ("GET", "/entities/{entity_id}", "200"): 1,
        ("GET", "/entities/{entity_id}", "404"): 1,
        ("GET", "/search/{dataset}", "200"): 1,
        ("GET", "none", "404"): 1,
        ("OTHER", "none", "403"): 1,
    }
    for (method, route, status), n in counted.items():
        wanted = {"method": method, "route": route, "status": status}
        grew = n_requests(after, **wanted) - n_requests(before, **wanted)
        assert grew == n, (wanted, sorted(map(str, after)))
    seconds = ("lintas_request_seconds_count", frozenset({("method", "GET"), ("route", "/search/{dataset}")}))
    assert after[seconds] == before.get(seconds, 0) + 1


def test_how_the_node_is_stands_there_too(watcher: httpx.Client, sample_office: Office) -> None:
    samples = told(watcher)
    assert samples["lintas_index_ready", frozenset()] == 1
    assert samples["lintas_list_age_seconds", frozenset({("list", "un_sc")})] > 0
    rows = samples["lintas_log_rows", frozenset()]
    assert told(watcher)["lintas_log_rows", frozenset()] > rows > 0, "each look is itself in the log"
    for name in ("database_bytes", "log_bytes", "disk_free_bytes"):
        assert samples[f"lintas_{name}", frozenset()] > 0
    assert {name for name, _ in samples} >= {"lintas_matches_waiting", "process_resident_memory_bytes"}


def test_nothing_of_anybody_stands_there(api: httpx.Client, node: str, watcher: httpx.Client) -> None:
    headers = {"Authorization": api.headers["Authorization"]}
    httpx.post(f"{node}/match/default", json={"queries": {"q": query(name=["Ilva Strandmark"])}}, headers=headers)
    httpx.get(f"{node}/dossiers/Ilva Strandmark")
    httpx.get(f"{node}/?q=Ilva+Strandmark")
    text = watcher.get("/metrics").text
    assert "/dossiers/{entity_id}" in text
    for secret in ("Ilva", "Strandmark", ILVA, "owner"):
        assert secret not in text


def test_what_many_ask_at_once_is_all_counted(node: str, watcher: httpx.Client) -> None:
    before = n_requests(told(watcher), route="/healthz")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: httpx.get(f"{node}/healthz"), range(80)))
    assert n_requests(told(watcher), route="/healthz") == before + 80


def test_each_application_counts_for_itself_and_nothing_is_told_to_the_whole_process(
    sample_office: Office, watcher: httpx.Client
) -> None:
    with served(sample_office) as other:
        answer = httpx.get(f"{other}/metrics", headers={"Authorization": watcher.headers["Authorization"]})
    assert 'route="/healthz"' not in answer.text
    assert not any(family.name.startswith("lintas") for family in REGISTRY.collect())


def test_it_takes_a_token_that_may_and_that_token_may_nothing_else(
    node: str, watcher: httpx.Client, sample_office: Office
) -> None:
    refused(httpx.get(f"{node}/metrics"), 401, "sign_in")
    token = sessions.create_token(sample_office, officers.owner(sample_office), ["entities.match"])
    refused(httpx.get(f"{node}/metrics", headers={"Authorization": f"Bearer {token}"}), 403, "denied")
    refused(watcher.get("/search/default", params={"q": "x"}), 403, "denied")


def test_every_answer_names_its_request(node: str) -> None:
    names = {httpx.get(f"{node}{path}").headers["x-request-id"] for path in ("/healthz", "/sign-in", "/nowhere")}
    assert len(names) == 3
