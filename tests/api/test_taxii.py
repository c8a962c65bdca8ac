"""TAXII 2.1 over real HTTP, with the client of its makers; where that hides what is sent, with a plain one."""

import json
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import httpx
import pytest
import stix2
from taxii2client.exceptions import AccessError
from taxii2client.v21 import Collection, Server, as_pages

from lintas.desk import officers, sessions, taxii_accounts, taxii_loading, trail
from lintas.desk.office import Office, Settings, open_office
from lintas.model.errors import FileError
from lintas.model.log import Wanted
from tests.api import taxii_data as held
from tests.conftest import DATABASES
from tests.serving import served

MEDIA = "application/taxii+json;version=2.1"
NAME, SECRET = "misp", "a secret of fiction"
FIRST, LAST = "X-TAXII-Date-Added-First", "X-TAXII-Date-Added-Last"


class World(NamedTuple):
    office: Office
    address: str
    http: httpx.Client

    def collection(self, name: str) -> Collection:
        """As the client of TAXII's makers reaches it."""
        url = f"{self.address}/{held.ROOT}/collections/{uuid.uuid5(uuid.NAMESPACE_URL, name)}/"
        return Collection(url, user=NAME, password=SECRET)

    def get(self, path: str, **query: str) -> httpx.Response:
        """A resource under a root."""
        return self.http.get(f"/{held.ROOT}/{path}", params={_filter(key): text for key, text in query.items()})

    def objects(self, name: str, **query: str) -> list[dict[str, Any]]:
        answer = self.get(f"collections/{name}/objects/", **query)
        assert answer.status_code == 200, answer.text
        return list(answer.json().get("objects", []))

    def add(self, name: str, *values: Any) -> dict[str, Any]:
        answer = self.post(name, json.dumps({"objects": values}).encode())
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    def post(self, name: str, body: bytes, **headers: str) -> httpx.Response:
        sent = {"Content-Type": MEDIA, **{key.replace("_", "-"): text for key, text in headers.items()}}
        return self.http.post(f"/{held.ROOT}/collections/{name}/objects/", content=body, headers=sent)


def _filter(name: str) -> str:
    return f"match[{name}]" if name in ("id", "type", "version", "spec_version") else name


@pytest.fixture(scope="module", params=DATABASES)
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[str], str]
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("taxii")
    office = open_office(Settings(folder / "node", new_database(request.param)))
    owner = officers.owner(office)
    taxii_accounts.create(office, owner, NAME, SECRET)
    with served(office) as address:
        counts = taxii_loading.load(office, owner, held.written(folder, address))
        assert counts == {"roots": 1, "collections": 5, "objects": len(held.HELD) + held.N_FLOOD, "statuses": 0}
        with httpx.Client(base_url=address, auth=(NAME, SECRET), headers={"Accept": MEDIA}, timeout=30) as http:
            yield World(office, address, http)
    office.close()


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The error resource of TAXII, and nothing of the house's other one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == MEDIA
    assert answer.headers["x-content-type-options"] == "nosniff"
    said: dict[str, Any] = answer.json()
    assert (said["http_status"], said["error_code"]) == (str(status), code)
    assert said["title"]
    assert said["description"]
    return said


# ---- Reading, as the client of its makers does


def test_the_client_walks_from_discovery_to_every_object(world: World) -> None:
    server = Server(f"{world.address}/taxii2/", user=NAME, password=SECRET)
    assert (server.title, server.default.title) == ("Fiction", "Selat")
    found = {one.title: one for one in server.default.collections}
    assert set(found) == {held.READ_ONLY, held.OPEN, held.CLOSED, held.DROP, held.MANY}
    assert server.default.max_content_length == held.MAX_BYTES
    assert [one["id"] for one in found[held.READ_ONLY].get_objects()["objects"]] == [
        held.OLD,
        held.UNVERSIONED,
        held.WATCHED,
    ]
    assert not found[held.CLOSED].can_read
    assert found[held.READ_ONLY].get_object(held.WATCHED)["objects"][0]["modified"] == held.VERSIONS[2]


@pytest.mark.parametrize("per_request", [1, 7, 100, 1_000])
def test_a_thousand_objects_of_one_moment_come_once_each(world: World, per_request: int) -> None:
    found = list[str]()
    filters: dict[str, Any] = {"added_after": "2026-05-05T05:05:05.000004Z"} if per_request != 7 else {}
    if per_request == 1:
        filters |= {"id": [held.id_of("indicator", n) for n in range(20)]}
    for page in as_pages(world.collection(held.MANY).get_objects, per_request=per_request, **filters):
        assert len(page["objects"]) <= per_request
        found += [one["id"] for one in page["objects"]]
    n = 20 if per_request == 1 else held.N_FLOOD
    assert sorted(found) == sorted(held.id_of("indicator", n) for n in range(n))


def test_the_manifest_pages_as_the_objects_do(world: World) -> None:
    entries = [
        one for page in as_pages(world.collection(held.MANY).get_manifest, per_request=300) for one in page["objects"]
    ]
    assert len({one["id"] for one in entries}) == len(entries) == held.N_FLOOD
    assert entries[0] == {
        "id": held.id_of("indicator", 0),
        "date_added": held.FLOOD_AT,
        "version": held.VERSIONS[0],
        "media_type": "application/stix+json;version=2.1",
    }


def test_nothing_was_added_after_the_last(world: World) -> None:
    answer = world.get(f"collections/{held.MANY}/objects/", added_after=held.FLOOD_AT)
    assert (answer.status_code, answer.json()) == (200, {})
    assert FIRST not in answer.headers


def test_the_headers_say_when_the_page_was_added_to_a_microsecond(world: World) -> None:
    answer = world.get(f"collections/{held.READ_ONLY}/objects/", limit="2")
    assert answer.json()["more"] is True
    assert (answer.headers[FIRST], answer.headers[LAST]) == held.ADDED[:2]
    rest = world.get(f"collections/{held.READ_ONLY}/objects/", limit="2", next=answer.json()["next"])
    assert (rest.headers[FIRST], rest.headers[LAST]) == (held.ADDED[2], held.ADDED[2])
    assert rest.json()["more"] is False


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [2]),
        ({"version": "last"}, [2]),
        ({"version": "first"}, [0]),
        ({"version": "first,last"}, [0, 2]),
        ({"version": "all"}, [0, 1, 2]),
        ({"version": held.VERSIONS[1]}, [1]),
        ({"version": f"{held.VERSIONS[1]},last"}, [1, 2]),
        ({"version": "2026-02-01T00:00:00Z"}, [1]),
        ({"version": "2020-02-01T00:00:00Z"}, []),
        ({"version": "first", "added_after": held.ADDED[0]}, [1]),
        ({"version": "all", "added_after": "2026-01-02T00:00:00Z"}, [0, 1, 2]),
        ({"spec_version": "2.0"}, []),
        ({"type": "malware"}, []),
        ({"id": held.OLD}, []),
    ],
)
def test_filters_choose_among_versions(world: World, query: dict[str, str], expected: list[int]) -> None:
    found = [one["modified"] for one in world.objects(held.READ_ONLY, **query) if one["id"] == held.WATCHED]
    assert found == [held.VERSIONS[n] for n in expected]


@pytest.mark.parametrize(
    ("query", "expected"),
    [({}, 0), ({"spec_version": "2.1"}, 0), ({"spec_version": "2.0"}, 2), ({"spec_version": "2.0,2.1"}, 2)],
)
def test_of_an_object_the_newest_stix_is_the_default(world: World, query: dict[str, str], expected: int) -> None:
    (found,) = world.objects(held.READ_ONLY, type="malware", **query)
    assert found["modified"] == held.VERSIONS[expected]


def test_versions_of_one_object(world: World) -> None:
    path = f"collections/{held.READ_ONLY}/objects/{held.WATCHED}/versions/"
    assert world.get(path).json() == {"versions": list(held.VERSIONS), "more": False}
    first = world.get(path, limit="1").json()
    assert world.get(path, limit="5", next=first["next"]).json()["versions"] == list(held.VERSIONS[1:])
    unversioned = world.get(f"collections/{held.READ_ONLY}/objects/{held.UNVERSIONED}/versions/")
    assert unversioned.json()["versions"] == [held.ADDED[1]]


# ---- Writing


def test_the_store_of_stix2_reads_and_writes(world: World) -> None:
    feed = stix2.TAXIICollectionSource(world.collection(held.READ_ONLY))
    assert len(feed.all_versions(held.WATCHED)) == len(held.VERSIONS)
    assert feed.get(held.WATCHED).name == "Fictional account 1"
    store = stix2.TAXIICollectionStore(world.collection(held.OPEN))
    made = stix2.Indicator(name="Fictional ship", pattern="[url:value='https://fiction.example']", pattern_type="stix")
    store.add([made, stix2.URL(value="https://fiction.example/ship")])
    assert store.get(made.id) == made
    assert [one.id for one in store.query([stix2.Filter("id", "=", made.id)])] == [made.id]


def test_what_is_added_is_there_and_its_status_stays(world: World) -> None:
    new = held.indicator(2_001)
    status = world.collection(held.OPEN).add_objects({"objects": [new]}, wait_for_completion=True)
    assert (status.status, status.success_count, status.failure_count, status.pending_count) == ("complete", 1, 0, 0)
    assert status.successes == [{"id": new["id"], "version": new["modified"]}]
    kept = world.get(f"status/{status.id}/").json()
    assert kept["success_count"] == 1
    assert uuid.UUID(kept["id"]).version == 4
    assert world.objects(held.OPEN, id=new["id"]) == [new]


def test_each_object_that_fails_is_told_and_the_others_are_kept(world: World) -> None:
    good, huge = held.indicator(2_002), held.indicator(2_003, x_number=2**70)
    bad: list[Any] = [
        "no object",
        {},
        held.indicator(1, id="indicator--1"),
        held.indicator(1, id=held.id_of("malware", 1)),
        held.indicator(1, spec_version="3.0"),
        held.indicator(1, modified="yesterday"),
        held.indicator(1) | {"modified": 5},
        held.indicator(1, type="Not A Type"),
        held.indicator(1, id="indicator--\0"),
        huge,
    ]
    status = world.add(held.OPEN, *bad[:4], good, *bad[4:])
    assert (status["total_count"], status["success_count"], status["failure_count"]) == (11, 1, 10)
    assert [one["id"] for one in status["successes"]] == [good["id"]]
    failures = status["failures"]
    assert [one["id"] for one in failures[:3]] == ["objects[0]", "objects[1]", "indicator--1"]
    assert all(one["message"] and one["version"].endswith("Z") for one in failures)
    assert world.objects(held.OPEN, id=good["id"]) == [good]


def test_the_same_again_is_no_failure_and_no_second_version(world: World) -> None:
    one, url = held.indicator(2_004), {"type": "url", "id": held.id_of("url", 2), "value": "https://fiction.example/2"}
    world.add(held.OPEN, one, url)
    again = world.add(held.OPEN, one, one, url)
    assert (again["success_count"], again["failure_count"]) == (3, 0)
    assert len(world.objects(held.OPEN, id=f"{one['id']},{url['id']}", version="all")) == 2


def test_who_asks_for_what_came_after_the_last_misses_nothing(world: World) -> None:
    """Also when an envelope was cut by a page, and when the clock has not moved."""
    batch = [held.indicator(n) for n in range(3_000, 3_025)]
    world.add(held.OPEN, *batch[:20])
    world.add(held.OPEN, *batch[20:])
    found, after = list[str](), "2026-01-01T00:00:00Z"
    while True:
        answer = world.get(f"collections/{held.OPEN}/objects/", added_after=after, limit="7")
        if not answer.json():
            break
        found += [one["id"] for one in answer.json()["objects"]]
        after = answer.headers[LAST]
    assert [name for name in found if name in {one["id"] for one in batch}] == [one["id"] for one in batch]
    assert len(found) == len(set(found))


def test_who_polls_while_others_write_misses_nothing(world: World) -> None:
    sent = [[held.indicator(10_000 + 100 * writer + n) for n in range(40)] for writer in range(4)]

    def write(mine: list[dict[str, Any]]) -> None:
        for n in range(0, len(mine), 4):
            assert world.add(held.MANY, *mine[n : n + 4])["failure_count"] == 0

    found, after = list[str](), held.FLOOD_AT
    with ThreadPoolExecutor(len(sent)) as pool:
        writing = [pool.submit(write, mine) for mine in sent]
        is_last = False
        while not is_last:
            is_last = all(one.done() for one in writing)
            while (answer := world.get(f"collections/{held.MANY}/objects/", added_after=after, limit="5")).json():
                found += [one["id"] for one in answer.json()["objects"]]
                after = answer.headers[LAST]
    for one in writing:
        one.result()
    expected = [one["id"] for mine in sent for one in mine]
    assert sorted(found) == sorted(expected)
    for name in found:
        assert world.http.delete(f"/{held.ROOT}/collections/{held.MANY}/objects/{name}/").status_code == 200


def test_versions_are_deleted_as_they_are_asked_for(world: World) -> None:
    versions = [held.indicator(4_000, at) for at in held.VERSIONS]
    path = f"/{held.ROOT}/collections/{held.OPEN}/objects/{versions[0]['id']}/"
    world.add(held.OPEN, *versions)

    def left() -> list[str]:
        return list(world.http.get(path + "versions/").json().get("versions", []))

    assert world.http.delete(path, params={"match[version]": held.VERSIONS[1]}).status_code == 200
    assert left() == [held.VERSIONS[0], held.VERSIONS[2]]
    refused(world.http.delete(path, params={"match[version]": held.VERSIONS[1]}), 404, "unknown_object")
    world.collection(held.OPEN).delete_object(versions[0]["id"])
    assert left() == [held.VERSIONS[0]]
    assert world.http.delete(path, params={"match[version]": "all"}).content == b""
    refused(world.http.get(path), 404, "unknown_object")
    refused(world.http.delete(path), 404, "unknown_object")


def test_what_is_loaded_again_is_not_there_twice(world: World, tmp_path: Any) -> None:
    file = held.written(tmp_path, world.address)
    assert taxii_loading.load(world.office, officers.owner(world.office), file)["objects"] == 0
    assert len(world.objects(held.READ_ONLY, version="all", spec_version="2.0,2.1")) == len(held.HELD)


@pytest.mark.parametrize(
    "broken",
    [
        b"{",
        b"[]",
        b'{"selat": 1}',
        b'{"selat": {"information": {}, "collections": [{"id": "a"}]}}',
        b'{"../up": {"information": {}}}',
        b'{"a": {"information": {}, "collections": [{"id": "a", "title": "a", "can_read": true, "can_write": true, '
        b'"objects": [{"id": "a"}], "manifest": []}]}}',
    ],
)
def test_a_file_that_is_none_brings_nothing(world: World, tmp_path: Any, broken: bytes) -> None:
    (tmp_path / "broken.json").write_bytes(broken)
    with pytest.raises(FileError):
        taxii_loading.load(world.office, officers.owner(world.office), tmp_path / "broken.json")
    assert world.http.get("/a/").status_code == 404


# ---- What is refused


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "-20"},
        {"limit": "many"},
        {"limit": "9" * 30},
        {"added_after": "yesterday"},
        {"added_after": ""},
        {"added_after": "2026-02-30T00:00:00Z"},
        {"added_after": "2026-01-01T00:00:00+07:00"},
        {"version": "newest"},
        {"spec_version": "two"},
    ],
)
def test_a_filter_that_is_none(world: World, query: dict[str, str]) -> None:
    answer = world.get(f"collections/{held.READ_ONLY}/objects/", **query)
    assert answer.status_code == 400
    assert refused(answer, 400, answer.json()["error_code"])["error_code"] in ("bad_parameter", "bad_time")


def test_a_next_that_is_none_or_of_another_question(world: World) -> None:
    path = f"collections/{held.READ_ONLY}/objects/"
    token = world.get(path, limit="1", version="all").json()["next"]
    assert world.get(path, limit="2", version="all", next=token).status_code == 200
    for query in ({"version": "first"}, {"version": "all", "added_after": held.ADDED[0]}, {}):
        refused(world.get(path, next=token, **query), 400, "bad_parameter")
    refused(world.get(f"collections/{held.MANY}/objects/", version="all", next=token), 400, "bad_parameter")
    refused(world.get(f"collections/{held.READ_ONLY}/manifest/", version="all", next=token), 400, "bad_parameter")
    for odd in ("", "x", "ÿ", "1.2", "a" * 5_000):
        refused(world.get(path, version="all", next=odd), 400, "bad_parameter")


@pytest.mark.parametrize(
    "accept", ["application/json", "application/taxii+json;version=2.0", "text/html, image/*", "", "*/*;q=0"]
)
def test_another_version_is_not_acceptable(world: World, accept: str) -> None:
    refused(world.http.get(f"/{held.ROOT}/", headers={"Accept": accept}), 406, "not_acceptable")
    refused(world.http.get("/taxii2/", headers={"Accept": accept}), 406, "not_acceptable")


@pytest.mark.parametrize(
    "accept", ["application/taxii+json", "application/taxii+json; version=2.1", "text/html, */*;q=0.1", MEDIA.upper()]
)
def test_what_takes_this_version_gets_it(world: World, accept: str) -> None:
    answer = world.http.get(f"/{held.ROOT}/", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA)


@pytest.mark.parametrize("kind", ["application/json", "application/stix+json;version=2.1", MEDIA.replace("2.1", "2.0")])
def test_a_body_of_another_kind(world: World, kind: str) -> None:
    refused(world.post(held.OPEN, b'{"objects": []}', Content_Type=kind), 415, "bad_content_type")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad_json"),
        (b'{"objects": [NaN]}', 400, "bad_json"),
        (b'{"objects": 5, "objects": 6}', 400, "bad_json"),
        (b"[]", 422, "no_envelope"),
        (b"{}", 422, "no_envelope"),
        (b'{"objects": []}', 422, "no_envelope"),
        (b'{"objects": {}}', 422, "no_envelope"),
        (b'{"objects": [%s1]}' % (b"1," * 10_000), 413, "too_large"),
        (b'{"objects": ["%s"]}' % (b"x" * held.MAX_BYTES), 413, "too_large"),
        (b'{"objects": ["%s"]}' % (b"x" * 9_000_000), 413, "body_too_large"),
    ],
)
def test_a_body_that_is_none(world: World, body: bytes, status: int, code: str) -> None:
    refused(world.post(held.OPEN, body), status, code)


def test_what_is_not_here(world: World) -> None:
    refused(world.http.get("/nowhere/"), 404, "unknown_root")
    refused(world.http.get("/nowhere/collections/"), 404, "unknown_root")
    refused(world.get("collections/none/"), 404, "unknown_collection")
    refused(world.get("collections/none/objects/"), 404, "unknown_collection")
    refused(world.get(f"collections/{held.READ_ONLY}/objects/{held.id_of('malware', 9)}/"), 404, "unknown_object")
    refused(world.get(f"status/{uuid.uuid4()}/"), 404, "no_status")
    refused(world.get("collections/%00/objects/"), 404, "unknown_collection")


def test_collections_that_are_closed(world: World) -> None:
    one = json.dumps({"objects": [held.indicator(1)]}).encode()
    refused(world.post(held.READ_ONLY, one), 403, "closed")
    refused(world.post(held.CLOSED, one), 403, "closed")
    for resource in ("objects/", "manifest/", f"objects/{held.WATCHED}/", f"objects/{held.WATCHED}/versions/"):
        refused(world.get(f"collections/{held.DROP}/{resource}"), 403, "closed")
    gone = f"/{held.ROOT}/collections/{{}}/objects/{held.WATCHED}/"
    refused(world.http.delete(gone.format(held.READ_ONLY)), 403, "closed")
    refused(world.http.delete(gone.format(held.DROP)), 403, "closed")
    refused(world.http.delete(gone.format(held.CLOSED)), 404, "unknown_object")
    assert world.add(held.DROP, held.indicator(1))["success_count"] == 1
    with pytest.raises(AccessError):
        world.collection(held.READ_ONLY).delete_object(held.WATCHED)


def test_an_address_without_its_slash_is_sent_there(world: World) -> None:
    answer = world.get(f"collections/{held.READ_ONLY}/objects", limit="1", version="all")
    assert answer.status_code == 308
    end = f"/{held.ROOT}/collections/{held.READ_ONLY}/objects/?limit=1&match%5Bversion%5D=all"
    assert answer.headers["location"] == end


# ---- Who may


@pytest.mark.parametrize(
    "header",
    [
        None,
        "Basic",
        "Basic ???",
        "Basic " + b64encode(b"no colon").decode(),
        "Basic " + b64encode(b"misp:wrong secret").decode(),
        "Basic " + b64encode(b"nobody:a secret of fiction").decode(),
        "Basic " + b64encode("mi\0sp:ÿ".encode("latin-1")).decode(),
        "Bearer wrong",
        f"Bearer {SECRET}",
        "Digest x",
    ],
)
@pytest.mark.parametrize("path", ["/taxii2/", f"/{held.ROOT}/collections/", "/nowhere/", f"/{held.ROOT}/collections"])
def test_nobody_gets_in_without_an_account_or_a_token(world: World, path: str, header: str | None) -> None:
    headers = {"Accept": MEDIA} if header is None else {"Accept": MEDIA, "Authorization": header}
    answer = httpx.get(world.address + path, headers=headers)
    refused(answer, 401, "sign_in")
    assert answer.headers["www-authenticate"].startswith("Basic realm=")
    taxii_accounts.create(world.office, officers.owner(world.office), NAME, SECRET)  # waits no longer


def test_a_token_works_as_far_as_it_goes(world: World) -> None:
    owner = officers.owner(world.office)
    for verbs, expected in ((None, 200), (["taxii.read"], 200), (["entities.match"], 403)):
        headers = {"Authorization": f"Bearer {sessions.create_token(world.office, owner, verbs)}", "Accept": MEDIA}
        assert httpx.get(f"{world.address}/{held.ROOT}/", headers=headers).status_code == expected
    reading = {"Authorization": f"Bearer {sessions.create_token(world.office, owner, ['taxii.read'])}"}
    url = f"{world.address}/{held.ROOT}/collections/{held.OPEN}/objects/"
    answer = httpx.post(url, content=b"{}", headers={**reading, "Content-Type": MEDIA})
    refused(answer, 403, "denied")


def test_an_account_does_nothing_but_taxii(world: World) -> None:
    assert world.http.get("/catalog", headers={"Accept": "*/*"}).status_code == 401
    kept = [one for one in sessions.all_tokens(world.office, officers.owner(world.office)) if NAME in one.label]
    assert [one.verbs for one in kept] == [frozenset({"taxii.read", "taxii.write"})]


def test_what_was_done_stands_in_the_log(world: World) -> None:
    status = world.add(held.OPEN, held.indicator(5_000), "bad")
    owner = officers.owner(world.office)
    rows = trail.find(world.office, owner, Wanted(verb="taxii.write"))
    newest = rows.rows[0]
    assert (newest.outcome, newest.officer) == ("done", owner.id)
    assert newest.via.startswith("token ")
    details = newest.details
    assert (details["success_count"], details["failure_count"], details["status"]) == (1, 1, status["id"])
