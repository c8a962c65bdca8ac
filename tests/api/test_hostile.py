"""Nothing that is sent makes the node fail, or answer in anything but JSON."""

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest

from lintas.api.reading import MAX_BODY_BYTES
from lintas.desk import intake, officers, sessions
from lintas.desk.office import Office
from lintas.model.batch import batched
from lintas.sources import catalogue
from tests.api.asked import HERON, ILVA, query, refused
from tests.serving import served

MATCH, SEARCH, RECONCILE = "/match/default", "/search/default", "/reconcile/default"
STRANDMARK = {"queries": {"q": query(name=["Ilva Strandmark"])}}
NAMELESS = json.dumps({"q": query(name=["x"])})
SAMPLE = 10  # every tenth text, other ones in each place; all of them in the long tests
DOTS = (".", "..")  # a client resolves such an address before it sends it


@pytest.fixture(scope="session")
def naughty(shared: Path) -> list[str]:
    """The Big List of Naughty Strings, and what it leaves out because files cannot hold it."""
    held: list[str] = json.loads((shared / "data/badinputs/blns.json").read_text(encoding="utf-8"))
    return [*held, "\x00", "a\x00b", "\ufeff", "\uffff", "\u202e" * 50, "x" * 20_000]


def check(answer: httpx.Response) -> None:
    """Any answer but a failure; JSON in any case."""
    said = f"{answer.request.method} {answer.request.url!s:.300}: {answer.status_code} {answer.text[:300]}"
    assert answer.status_code < 500, said
    assert answer.headers["content-type"] == "application/json", said
    body = answer.json()
    assert answer.status_code < 400 or {"detail", "code", "where", "do"} == body.keys(), said


def post(api: httpx.Client, body: Any, **parameters: Any) -> httpx.Response:
    """As a client that writes plain ASCII JSON does."""
    return api.post(MATCH, content=json.dumps(body).encode(), params=parameters)


@pytest.mark.parametrize(
    "prop", ["name", "weakAlias", "birthDate", "country", "passportNumber", "gender", "phone", "notes"]
)
def test_any_text_is_a_value(api: httpx.Client, naughty: list[str], prop: str) -> None:
    for some in batched(naughty, 100):
        queries = {str(i): {"schema": "Person", "properties": {prop: [text]}} for i, text in enumerate(some)}
        answer = post(api, {"queries": queries}, cutoff=0)
        check(answer)
        assert answer.status_code == 200, answer.text[:300]
        assert answer.json()["responses"].keys() == queries.keys()


def test_any_text_is_the_key_and_the_id_of_a_query(api: httpx.Client, naughty: list[str]) -> None:
    for some in batched(dict.fromkeys(naughty), 100):
        queries = {text: {**query(name=["x"]), "id": text} for text in some}
        responses = post(api, {"queries": queries}).json()["responses"]
        assert {text: one["query"]["id"] for text, one in responses.items()} == {text: text for text in some}


def test_a_property_of_any_name_is_a_problem_and_no_error(api: httpx.Client, naughty: list[str]) -> None:
    for some in batched(naughty, 100):
        answer = post(
            api, {"queries": {str(i): {"schema": "Person", "properties": {text: ["x"]}} for i, text in enumerate(some)}}
        )
        check(answer)
        assert answer.status_code == 200, answer.text[:300]
        assert all(one["problems"] for one in answer.json()["responses"].values())


@pytest.mark.parametrize("parameter", ["topics", "exclude_schema", "exclude_dataset", "exclude_entity_ids"])
def test_any_text_is_a_filter_of_a_match(api: httpx.Client, naughty: list[str], parameter: str) -> None:
    for some in batched(_short(naughty), 50):
        answer = post(api, STRANDMARK, **{parameter: list(some)})
        check(answer)
        assert answer.status_code == 200, answer.text[:300]


@pytest.mark.parametrize("parameter", ["topics", "countries", "datasets", "exclude_schema", "exclude_dataset"])
def test_any_text_is_a_filter_of_a_search(api: httpx.Client, naughty: list[str], parameter: str) -> None:
    for some in batched(_short(naughty), 50):
        answer = api.get(SEARCH, params={parameter: list(some)})
        check(answer)
        assert answer.status_code == 200, answer.text[:300]


Place = Callable[[httpx.Client, str], httpx.Response]


def _body(place: Callable[[str], Any]) -> Place:
    return lambda api, text: post(api, place(text))


def _parameter(path: str, name: str, around: str = "{}") -> Place:
    def ask(api: httpx.Client, text: str) -> httpx.Response:
        parameters = {name: around.format(text)}
        return api.get(path, params=parameters) if path != MATCH else post(api, STRANDMARK, **parameters)

    return ask


def _address(path: str) -> Place:
    def ask(api: httpx.Client, text: str) -> httpx.Response:
        address = path.format(quote(text if text not in DOTS else f"{text}x", safe=""))
        return api.post(address, json=STRANDMARK) if address.startswith("/match/") else api.get(address)

    return ask


MATCHED = "limit threshold cutoff algorithm include_dataset changed_since"
SEARCHED = "q schema include_dataset changed_since filter limit offset sort fuzzy simple target facets filter_op"
PATHS = (
    "/match/{}",
    "/search/{}",
    "/entities/{}",
    "/entities/{}?nested=false",
    "/entities/{}/adjacent",
    f"/entities/{HERON}/adjacent/{{}}",
    "/reconcile/{}",
    "/reconcile/{}/suggest/entity?prefix=x",
    "/reconcile/{}/suggest/type?prefix=x",
    "/reconcile/{}/suggest/property?prefix=x",
    "/reconcile/{}/extend/property",
)
PLACES: dict[str, Place] = {
    "schema": _body(lambda text: {"queries": {"q": {"schema": text, "properties": {"name": ["x"]}}}}),
    "weight": _body(lambda text: {**STRANDMARK, "weights": {text: 0.5}}),
    "value of a weight": _body(lambda text: {**STRANDMARK, "weights": {"name_match": text}}),
    "setting": _body(lambda text: {**STRANDMARK, "config": {text: text}}),
    "query": _body(lambda text: {"queries": {"q": text}}),
    "key of the body": _body(lambda text: {text: {}}),
    "body": _body(lambda text: text),
    **{f"match {name}": _parameter(MATCH, name) for name in MATCHED.split()},
    **{f"search {name}": _parameter(SEARCH, name) for name in SEARCHED.split()},
    "filtered value": _parameter(SEARCH, "filter", "properties.name:{}"),
    "sorted property": _parameter(SEARCH, "sort", "properties.{}"),
    "sorted neighbours": _parameter(f"/entities/{HERON}/adjacent", "sort"),
    "nested": _parameter(f"/entities/{HERON}", "nested"),
    **{
        f"suggested {kind}": _parameter(f"{RECONCILE}/suggest/{kind}", "prefix")
        for kind in ("entity", "type", "property")
    },
    "proposed for a type": _parameter(f"{RECONCILE}/extend/property", "type"),
    "queries": _parameter(RECONCILE, "queries"),
    "extend": _parameter(RECONCILE, "extend"),
    **{f"address {path}": _address(path) for path in PATHS},
}


@pytest.mark.parametrize("place", PLACES)
def test_a_sample_of_any_text_in_any_place_is_answered(api: httpx.Client, naughty: list[str], place: str) -> None:
    for text in naughty[list(PLACES).index(place) % SAMPLE :: SAMPLE]:
        check(PLACES[place](api, text))


@pytest.mark.long
@pytest.mark.parametrize("place", PLACES)
def test_any_text_in_any_place_is_answered(api: httpx.Client, naughty: list[str], place: str) -> None:
    for text in naughty:
        check(PLACES[place](api, text))


def test_any_text_in_a_row_of_openrefine_is_answered(api: httpx.Client, naughty: list[str]) -> None:
    for some in batched(naughty, 100):
        rows = {
            str(i): {
                "query": text,
                "type": "Person",
                "properties": [{"pid": text, "v": text}, {"pid": "birthDate", "v": text}],
            }
            for i, text in enumerate(some)
        }
        answer = api.post(RECONCILE, data={"queries": json.dumps(rows)})
        check(answer)
        assert answer.status_code == 200
        wanted = {"ids": list(some), "properties": [{"id": text} for text in some]}
        assert api.post(RECONCILE, data={"extend": json.dumps(wanted)}).status_code == 200


def test_any_text_for_a_token_is_refused(address: str, naughty: list[str]) -> None:
    with httpx.Client(base_url=address) as stranger:
        for text in naughty:
            refused(stranger.get(RECONCILE, params={"api_key": text}), 401, "sign_in")


def _short(texts: list[str]) -> Iterator[str]:
    """An address line has room for 64 KB."""
    return (text for text in texts if len(text) < 300)


def test_every_file_of_the_json_test_suite_is_answered_as_a_body(api: httpx.Client, shared: Path) -> None:
    files = sorted((shared / "data/badinputs/JSONTestSuite").rglob("*.json"))
    assert len(files) > 300
    for file in files:
        answer = api.post(MATCH, content=file.read_bytes())
        check(answer)
        assert answer.status_code in (400, 422), file.name
        inside = b'{"queries": {"q": {"schema": "Person", "properties": {"name": ' + file.read_bytes() + b"}}}}"
        check(api.post(MATCH, content=inside))


@pytest.mark.parametrize(
    "text",
    [
        '{"queries": {"q": {"schema": "Person", "properties": {"name": [NaN]}}}}',
        '{"queries": {"q": {"schema": "Person", "properties": {"name": [Infinity]}}}}',
        '{"queries": {}, "queries": {"q": {"schema": "Person", "properties": {"name": ["x"]}}}}',
        '{"queries": {"q": {"schema": "Person", "properties": {"name": ["x"], "name": ["y"]}}}}',
        '{"queries": {"q": {"schema": "Person", "properties": {"name": ["\\ud800"]}}}}',
        '{"queries": {"\\udfff": {"schema": "Person", "properties": {"name": ["x"]}}}}',
        '{"queries": {"q": {"schema": "Person", "properties": {"name": ' + "[" * 900 + "]" * 900 + "}}}}",
        '{"queries": ' * 100_000,
        "[" * 1_000_000,
        '{"queries": {"q": {"schema": "Person", "properties": {"name": [' + "9" * 5000 + "]}}}}",
        '{"queries": {"q": {"schema": "Person", "properties": {"name": [1e400]}}}}',
        "",
        "\ufeff{}",
    ],
)
def test_json_that_readers_disagree_on_is_refused(api: httpx.Client, text: str) -> None:
    answer = api.post(MATCH, content=text.encode())
    check(answer)
    assert answer.status_code in (400, 422)


def test_a_body_in_another_character_set_is_refused(api: httpx.Client) -> None:
    text = '{"queries": {"q": {"schema": "Person", "properties": {"name": ["Zoë"]}}}}'
    for encoding in ("utf-16", "latin-1"):
        refused(api.post(MATCH, content=text.encode(encoding)), 400, "bad_json")


def test_a_body_over_the_limit_is_refused_before_it_is_read(address: str, token: str) -> None:
    host = urlsplit(address)
    head = f"POST {MATCH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {10**12}\r\n\r\n"
    with socket.create_connection((host.hostname, host.port), timeout=10) as line:
        line.sendall(head.encode() + b'{"queries":')
        answer = b"".join(iter(lambda: line.recv(65_536), b""))  # to its end: headers and body come apart
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in answer.lower()
    assert b"body_too_large" in answer


@pytest.mark.parametrize("path", [MATCH, RECONCILE])
def test_a_body_of_unknown_length_is_read_up_to_the_limit(api: httpx.Client, path: str) -> None:
    block = b"x" * 1024 * 1024
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = api.post(path, content=(block for _ in range(MAX_BODY_BYTES // len(block) + 1)), headers=headers)
    refused(answer, 413, "body_too_large")
    assert api.get("/healthz").status_code == 200


def test_a_body_just_under_the_limit_is_read(api: httpx.Client) -> None:
    filler = "x" * (MAX_BODY_BYTES - 1000)
    answer = post(api, {"queries": {"q": query(name=["Ilva Strandmark"], notes=[filler])}})
    assert answer.json()["responses"]["q"]["results"][0]["id"] == ILVA


def test_a_form_that_is_none_is_refused(api: httpx.Client) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x", "application/json", "text/plain"):
        check(api.post(RECONCILE, content=b"--y\r\n\xff", headers={"Content-Type": kind}))
    answer = api.post(RECONCILE, files={"queries": ("q.json", NAMELESS)})
    check(answer)
    assert answer.status_code == 400


def test_both_databases_take_what_nobody_would_type(office: Office) -> None:
    owner = officers.owner(office)
    intake.load(office, owner, "un_sc", catalogue.samples("un_sc"), fictional=True)
    headers = {"Authorization": f"Bearer {sessions.create_token(office, owner)}"}
    with served(office) as address, httpx.Client(base_url=address, headers=headers, timeout=30) as api:
        for text in ("\x00", "a\x00b", "\ufffe", "'; DROP TABLE entities; --", "%", "\\u0000", "😀", "x" * 5000):
            check(
                post(
                    api,
                    {"queries": {text: {"schema": "Person", "properties": {"name": [text], text: [text]}, "id": text}}},
                )
            )
            for path in (f"/entities/{quote(text, safe='')}", f"/search/default?q={quote(text, safe='')}"):
                check(api.get(path))
            extend = {"ids": [text], "properties": [{"id": text}]}
            check(api.post(RECONCILE, data={"extend": json.dumps(extend)}))
        found = post(api, STRANDMARK).json()["responses"]["q"]["results"]
        assert [one["id"] for one in found] == [ILVA]
