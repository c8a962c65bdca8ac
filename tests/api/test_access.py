"""Who may ask, and that everything asked is logged."""

from typing import Any

import httpx
import pytest

from lintas.desk import officers, sessions, trail
from lintas.desk.office import Office
from tests.api.asked import HERON, ILVA, query, refused

BODY = {"queries": {"q": query(name=["Ilva Strandmark"])}}
CLOSED = [
    ("POST", "/match/default"),
    ("GET", "/search/default"),
    ("GET", f"/entities/{ILVA}"),
    ("GET", f"/entities/{ILVA}/adjacent"),
    ("GET", f"/entities/{ILVA}/adjacent/sanctions"),
    ("GET", "/catalog"),
    ("GET", "/manifest"),
    ("GET", "/algorithms"),
    ("GET", "/metrics"),
    ("GET", "/reconcile/default"),
    ("POST", "/reconcile/default"),
    ("GET", "/reconcile/default/suggest/entity"),
    ("GET", "/reconcile/default/suggest/type"),
    ("GET", "/reconcile/default/suggest/property"),
    ("GET", "/reconcile/default/extend/property"),
]
# What needs a verb of the desk; the others say nothing about entities or lists.
GUARDED = [one for one in CLOSED if one[1] not in ("/algorithms", "/metrics", "/reconcile/default/extend/property")]


@pytest.mark.parametrize(("method", "path"), CLOSED)
@pytest.mark.parametrize("header", [None, "", "ApiKey", "ApiKey wrong", "Basic b3duZXI6", "Bearer wrong", "ÿ ÿ"])
def test_nobody_gets_in_without_a_good_token(address: str, method: str, path: str, header: str | None) -> None:
    headers = {} if header is None else {b"Authorization": header.encode("latin-1")}
    answer = httpx.request(method, address + path, headers=headers)
    assert "token" in refused(answer, 401, "sign_in")["detail"]
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json"])
def test_what_machines_and_developers_look_at_is_open(address: str, path: str) -> None:
    assert httpx.get(address + path).status_code == 200


@pytest.mark.parametrize("form", ["ApiKey {}", "Bearer {}", "apikey {}", "BEARER   {}"])
def test_a_token_is_taken_in_both_forms(address: str, token: str, form: str) -> None:
    answer = httpx.get(f"{address}/algorithms", headers={"Authorization": form.format(token)})
    assert answer.status_code == 200


def test_a_token_in_the_address_is_taken_for_openrefine_only(address: str, token: str) -> None:
    assert httpx.get(f"{address}/reconcile/default", params={"api_key": token}).status_code == 200
    assert httpx.get(f"{address}/search/default", params={"api_key": token}).status_code == 401


def test_a_session_of_the_pages_is_no_token(address: str, sample_office: Office) -> None:
    session = sessions.sign_in(sample_office, sessions.create_link(sample_office, officers.owner(sample_office)))
    answer = httpx.get(f"{address}/catalog", headers={"Authorization": f"Bearer {session}"})
    refused(answer, 401, "sign_in")


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_role_that_may_not_is_told_so(address: str, sample_office: Office, method: str, path: str) -> None:
    me = officers.owner(sample_office)
    headers = {"Authorization": f"Bearer {sessions.create_token(sample_office, me, ['metrics.read'])}"}
    form = {"queries": '{"q": {"query": "Ilva"}}'}
    what: dict[str, Any] = {"data": form} if path == "/reconcile/default" else {"json": BODY}
    answer = httpx.request("POST" if "data" in what else method, address + path, headers=headers, **what)
    refused(answer, 403, "denied")


def test_who_asked_what_is_in_the_log(api: httpx.Client, sample_office: Office) -> None:
    api.post("/match/default", json=BODY)
    api.get(f"/entities/{HERON}")
    rows = trail.find(sample_office, officers.owner(sample_office), limit=3).rows
    assert [(row.verb, row.outcome) for row in rows[1:]] == [
        ("entities.read", "asked"),
        ("entities.match", "asked"),
    ]
    assert (rows[1].object, rows[1].subjects) == (HERON, (f"entity:{HERON}",))
    assert rows[2].details == {"queries": [{"name": ["Ilva Strandmark"]}]}


def test_no_body_is_read_from_a_stranger(address: str) -> None:
    answer = httpx.post(f"{address}/match/default", content=b"{not json")
    refused(answer, 401, "sign_in")
