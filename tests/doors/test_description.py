"""The API answers as /openapi.json says, whatever is made up from that description: schemathesis in this process."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from lintas.api.app import build
from lintas.desk import officers, sessions
from lintas.desk.office import Office
from tests.api.asked import HERON, ILVA, query

pytestmark = pytest.mark.xdist_group("doors")

load_all_checks()
# A text that is well formed may still be no list, no schema and no feature of ours: then it is refused, as said there.
# And a parameter that nobody knows is passed over, as yente does, where the second check wants it refused.
LEFT_OUT = ("positive_data_acceptance", "negative_data_rejection")
CHECKED: Any = [check for check in CHECKS.get_all() if check.__name__ not in LEFT_OUT]
KNOWN = {"dataset": "default", "entity_id": HERON, "prop": "unknownLinkFrom"}
N_SHORT, N_LONG = 4, 300  # requests for each operation, mode and kind of path

Ask = Callable[[Case[Any]], None]


@pytest.fixture(scope="module")
def described(sample_office: Office) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", build(sample_office))


@pytest.fixture(scope="module")
def ask(sample_office: Office) -> Ask:
    """Send a request as a program with a token, and check the answer against the description."""
    held = {"Authorization": f"ApiKey {sessions.create_token(sample_office, officers.owner(sample_office))}"}
    return lambda case: case.validate_response(case.call(headers=held), checks=CHECKED, headers=held)


def operations(described: Any) -> Iterator[APIOperation[Any, Any, Any, Any]]:
    for result in described.get_all_operations():
        assert isinstance(result, Ok), result
        yield result.ok()


def test_the_description_itself_is_whole(described: Any) -> None:
    described.validate()
    assert len(list(operations(described))) > 12


@pytest.mark.parametrize("n", [N_SHORT, pytest.param(N_LONG, marks=pytest.mark.long)])
def test_what_is_made_up_from_the_description_is_answered_as_it_says(
    described: Any, ask: Ask, n: int, record_property: Callable[[str, object], None]
) -> None:
    n_tried = 0
    for operation in operations(described):
        given_path = {part.name: KNOWN[part.name] for part in operation.path_parameters if part.name in KNOWN}
        for path in ({}, given_path) if given_path else ({},):
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                # Any bytes are bytes: of a body that is nothing else there is no wrong one to make up.
                has_shape = any(body.media_type != "application/octet-stream" for body in operation.body)
                if any(operation.iter_parameters()) or has_shape or mode is GenerationMode.POSITIVE:
                    n_tried += try_out(operation, path, mode, ask, n)
    record_property("made-up requests tried", n_tried)
    assert n_tried > n * 10


def try_out(operation: Any, path: dict[str, str], mode: GenerationMode, ask: Ask, n: int) -> int:
    """How many requests were made up for an operation."""
    n_tried = 0

    @settings(max_examples=n, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy(mode, path_parameters=path or None))
    def each(case: Case[Any]) -> None:
        nonlocal n_tried
        n_tried += 1
        ask(case)

    each()
    return n_tried


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("POST", "/match/{dataset}", {"body": {"queries": {"q": query(name=["Ilva Strandmark"], birthDate=["1980"])}}}),
        ("GET", "/search/{dataset}", {"query": {"q": "heron", "facets": ["countries", "schema"]}}),
        ("GET", "/entities/{entity_id}", {}),
        ("GET", "/entities/{entity_id}/adjacent", {"query": {"limit": 2}}),
        ("GET", "/catalog", {}),
        ("GET", "/algorithms", {}),
        ("GET", "/healthz", {}),
        ("GET", "/readyz", {}),
        ("GET", "/reconcile/{dataset}", {"query": {"queries": json.dumps({"q": {"query": "Ilva Strandmark"}})}}),
        (
            "GET",
            "/reconcile/{dataset}",
            {"query": {"extend": json.dumps({"ids": [ILVA], "properties": [{"id": "name"}]})}},
        ),
        ("GET", "/reconcile/{dataset}/suggest/entity", {"query": {"prefix": "Ilva"}}),
    ],
)
def test_what_is_found_has_the_shape_that_is_described(
    described: Any, ask: Ask, method: str, path: str, sent: dict[str, Any]
) -> None:
    ask(described[path][method].Case(path_parameters={k: v for k, v in KNOWN.items() if f"{{{k}}}" in path}, **sent))
