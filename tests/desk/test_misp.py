"""The edge to MISP at the desk: feeds and files into a collection and out again, messages out, what is refused."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pymisp import MISPEvent

from lintas.desk import misp, taxii, taxii_loading
from lintas.desk.misp import Told
from lintas.desk.office import Office
from lintas.exchange.misp import handling
from lintas.model.errors import (
    ConflictError,
    DeniedError,
    FileError,
    InputError,
    LintasError,
    NotFoundError,
    TooLargeError,
)
from lintas.model.handling import Handling
from lintas.store import messages
from tests.desk.cast import ALICE
from tests.desk.cells import newest
from tests.exchange.misp_events import attribute, bank_account, event, named, tags
from tests.nodes.region import LINA, Region, draft, sent

ROOT, ID = "api", "misp"
FREE = Handling("green", onward=frozenset({handling.ANYBODY}), court="free")


def with_collections(office: Office, folder: Path) -> Office:
    """An empty collection, and one that takes nothing."""
    collections = [
        {"id": name, "title": name, "can_read": True, "can_write": name == ID, "objects": [], "manifest": []}
        for name in (ID, "closed")
    ]
    data = {ROOT: {"information": {"title": "MISP"}, "collections": collections}}
    taxii_loading.load(office, ALICE, written(folder / "taxii.json", data))
    return office


@pytest.fixture
def node(office: Office, tmp_path: Path) -> Office:
    return with_collections(office, tmp_path)


@pytest.fixture
def light(sqlite_office: Office, tmp_path: Path) -> Office:
    """The same on SQLite alone."""
    return with_collections(sqlite_office, tmp_path)


def written(path: Path, data: Any) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    return path


def feed(folder: Path, *events: dict[str, Any], **instead: Any) -> Path:
    """A feed as MISP makes it; `instead`: other files, None for none."""
    folder.mkdir()
    held = [one["Event"] for one in events]
    manifest = {one["uuid"]: {name: one[name] for name in ("Orgc", "Tag", "info", "date", "timestamp")} for one in held}
    lines = [
        f"{hashlib.md5(said['value'].encode()).hexdigest()},{one['uuid']}"
        for one in held
        for thing in (one, *one.get("Object", ()))
        for said in thing["Attribute"]
    ]
    files = {"manifest.json": manifest, "hashes.csv": "\n".join(lines).encode()}
    files |= {f"{one['Event']['uuid']}.json": one for one in events}
    for name, data in (files | instead).items():
        if data is not None:
            written(folder / name, data)
    return folder


def read(office: Office, path: Path) -> Told:
    return misp.read(office, LINA, path, ROOT, ID)


def codes(told: Told) -> dict[str, str]:
    return {name: error.code for name, error in told.refused}


def objects(office: Office) -> list[dict[str, Any]]:
    page = taxii.objects(office, LINA, ROOT, ID, {"limit": "500"}).resource
    return list(page.get("objects", []))


def test_a_feed_goes_in_and_comes_out_as_pymisp_reads_it(node: Office, tmp_path: Path) -> None:
    events = [
        event(100 * n, "tlp:green", "PAP:AMBER", Object=[bank_account(100 * n + 20, ("tlp:red",))]) for n in (1, 2)
    ]
    events[1]["Event"]["Tag"] = tags("tlp:amber+strict")
    told = read(node, feed(tmp_path / "in", *events))
    assert (told.n_events, codes(told)) == (2, {})
    again = read(node, written(tmp_path / "two.json", {"response": events}))
    assert (again.n_events, again.n_objects) == (2, 0)
    out = misp.write(node, LINA, tmp_path / "out", ROOT, ID)
    assert (out.n_events, codes(out)) == (2, {})
    said = json.loads((tmp_path / "out/manifest.json").read_text())
    hashes = (tmp_path / "out/hashes.csv").read_text().split()
    for one in events:
        loaded = MISPEvent()
        loaded.load_file(str(tmp_path / f"out/{one['Event']['uuid']}.json"))
        assert {tag.name for tag in loaded.tags} == {tag["name"] for tag in one["Event"]["Tag"]}
        assert [tag.name for tag in loaded.objects[0].attributes[0].tags] == ["tlp:red"]
        assert loaded.manifest[loaded.uuid]["timestamp"] == int(said[loaded.uuid]["timestamp"])
        assert {f"{digest},{loaded.uuid}" for digest in loaded.attributes_hashes("md5")} <= set(hashes)
    assert read(node, tmp_path / "out").n_events == 2, "what is written is read again"


def test_a_change_in_misp_is_a_new_version_and_an_older_state_is_refused(node: Office, tmp_path: Path) -> None:
    first = event(1, "tlp:green")
    read(node, written(tmp_path / "1.json", first))
    changed = event(1, "tlp:red", timestamp="1760000900", Attribute=[attribute(2, "other.example")])
    assert read(node, written(tmp_path / "2.json", changed)).n_events == 1
    held = {one["type"]: one for one in objects(node)}
    assert held["domain-name"]["value"] == "other.example"
    red = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
    marked = {one["type"] for one in held.values() if one.get("object_marking_refs") == [red]}
    assert marked == {"grouping", "observed-data", "indicator", "domain-name", "relationship"}
    assert codes(read(node, tmp_path / "1.json")) == {named(1): "no_new_time"}
    silent = event(1, "tlp:clear", timestamp="1760000900", Attribute=[attribute(2, "other.example")])
    assert codes(read(node, written(tmp_path / "3.json", silent))) == {named(1): "no_new_time"}
    assert {one["type"]: one for one in objects(node)} == held


def test_one_that_cannot_be_carried_is_refused_alone_told_and_logged(light: Office, tmp_path: Path) -> None:
    lost = event(300, "tlp:green", Galaxy="none")
    file = written(
        tmp_path / "three.json", [event(100), event(200, "tlp:unclear"), lost, event(400), event(400), {"info": "no"}]
    )
    told = read(light, file)
    assert told.n_events == 1
    why = [error.code for _, error in told.refused]
    assert why == ["unknown_marking", "not_carried", "duplicate_uuid", "duplicate_uuid", "no_uuid"]
    assert newest(light, 1)[0][1:] == ("taxii.write", "done")
    assert {one["id"][-36:] for one in objects(light) if one["type"] == "grouping"} == {named(100)}


def test_a_feed_that_contradicts_itself_is_refused_where_it_does(light: Office, tmp_path: Path) -> None:
    held = {n: event(n, "tlp:green") for n in (100, 200, 300, 400, 500)}
    folder = feed(tmp_path / "feed", *held.values())
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["../../etc/passwd"] = manifest[named(100)]
    manifest[named(200)]["Tag"] = tags("tlp:red")
    manifest[named(600)] = manifest[named(100)]
    del manifest[named(300)]
    written(folder / "manifest.json", manifest)
    lines = (folder / "hashes.csv").read_text().replace(f",{named(400)}", f",{named(700)}")
    written(folder / "hashes.csv", lines.encode())
    (folder / f"{named(500)}.json").unlink()
    (folder / f"{named(500)}.json").symlink_to(tmp_path / "feed" / f"{named(100)}.json")
    told = read(light, folder)
    assert told.n_events == 1
    assert codes(told) == {
        "../../etc/passwd": "no_uuid",
        named(200): "feed_does_not_fit",
        named(300): "feed_does_not_fit",
        named(400): "feed_does_not_fit",
        named(500): "bad_path",
        named(600): "bad_path",
        named(700): "feed_does_not_fit",
    }


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"manifest.json": None}, "bad_path"),
        ({"manifest.json": b"[]"}, "bad_manifest"),
        ({"manifest.json": b'{"a": NaN}'}, "bad_json"),
        ({"hashes.csv": b"\xff\xfe,../../etc/passwd"}, "bad_hashes"),
    ],
)
def test_a_folder_that_is_no_feed(light: Office, tmp_path: Path, files: dict[str, Any], code: str) -> None:
    with pytest.raises(FileError) as caught:
        read(light, feed(tmp_path / "feed", event(1), **files))
    assert caught.value.code == code


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\x00", b"null", b"[]", b"7", b'{"Event": 1, "Event": 2}', b"[" * 100_000, b'{"uuid": "\\ud800"}'],
    ids=range(9),
)
def test_a_file_that_is_no_event(light: Office, tmp_path: Path, data: bytes) -> None:
    with pytest.raises(FileError) as caught:
        read(light, written(tmp_path / "event.json", data))
    assert caught.value.code in ("bad_json", "no_misp_file")


def test_no_file_of_bad_json_is_an_event(light: Office, shared: Path) -> None:
    files = sorted((shared / "data/badinputs/JSONTestSuite").rglob("*.json"))
    assert len(files) > 250
    for file in files:
        try:
            told = read(light, file)
        except FileError:
            continue
        assert (told.n_events, len(told.refused)) == (0, 1), file
    assert objects(light) == []


def test_a_file_of_50_megabytes_is_refused_unread(light: Office, tmp_path: Path) -> None:
    file = tmp_path / "large.json"
    with file.open("wb") as stream:
        stream.truncate(50 * 1024**2)
    with pytest.raises(TooLargeError):
        read(light, file)
    with pytest.raises(FileError):
        read(light, Path("/dev/zero"))


def test_a_closed_collection_is_neither_read_nor_written(light: Office, tmp_path: Path) -> None:
    file = written(tmp_path / "event.json", event(1))
    with pytest.raises(DeniedError):
        misp.read(light, LINA, file, ROOT, "closed")
    with pytest.raises(NotFoundError):
        misp.write(light, LINA, tmp_path / "out", ROOT, "none")
    assert not (tmp_path / "out").exists()


def test_a_folder_in_use_is_not_written_over(light: Office, tmp_path: Path) -> None:
    read(light, written(tmp_path / "event.json", event(1)))
    with pytest.raises(ConflictError):
        misp.write(light, LINA, tmp_path, ROOT, ID)


# ---- Messages

A, B = "xa.fiu", "xb.police"
SAID = {
    "subject": "Hantu Trading moves money",
    "text": "14 transfers in one week.",
    "items": [{"label": "amount", "value": "USD 90,000"}],
    "subjects": [
        {"kind": "organization", "name": "Hantu Trading", "properties": [{"label": "address", "value": "Port Arun"}]},
        {"kind": "account", "name": "1234567890", "properties": []},
    ],
}


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Region]:
    made = Region(tmp_path / "nodes", names=(A, B))
    yield made
    made.close()


def tell(region: Region, held: Handling) -> str:
    """A tells B something; the message's id."""
    told = sent(region.nodes[A], draft("spontaneous", SAID, peer=B, handling=held))
    region.deliver(A, B)
    return told.id


def test_a_message_in_ours_becomes_an_event(region: Region, tmp_path: Path) -> None:
    id = tell(region, FREE)
    told = misp.write_message(region.nodes[A], LINA, tmp_path / "out", id)
    assert told.n_events == 1
    (file,) = (one for one in (tmp_path / "out").glob("*.json") if one.name != "manifest.json")
    loaded = MISPEvent()
    loaded.load_file(str(file))
    assert ([tag.name for tag in loaded.tags], loaded.info, loaded.Orgc.name) == (["tlp:green"], SAID["subject"], A)
    values = [(one.comment, one.value) for one in loaded.attributes]
    assert values == [("subject", SAID["subject"]), ("text", SAID["text"]), ("amount", "USD 90,000")]
    inside = {one.name: [(a.object_relation, a.comment, a.value) for a in one.attributes] for one in loaded.objects}
    assert inside == {
        "organization": [("name", "", "Hantu Trading"), ("description", "address", "Port Arun")],
        "bank-account": [("account", "", "1234567890")],
    }
    assert newest(region.nodes[A], 1)[0][1:] == ("exchange.send", "done")


@pytest.mark.parametrize(
    "held",
    [
        replace(FREE, onward=None),
        replace(FREE, onward=frozenset()),
        replace(FREE, onward=frozenset({"xc.customs"})),
        replace(FREE, court="never"),
        replace(FREE, caveats=frozenset({"Ask first."})),
        replace(FREE, codes=frozenset({"H1"})),
        replace(FREE, uses=frozenset({"investigation"})),
    ],
)
def test_a_message_whose_handling_misp_cannot_say_is_refused(region: Region, tmp_path: Path, held: Handling) -> None:
    id = tell(region, held)
    with pytest.raises(InputError) as caught:
        misp.write_message(region.nodes[A], LINA, tmp_path / "out", id)
    assert caught.value.code == "not_expressible"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("held", "code"),
    [
        (FREE, ""),
        (replace(FREE, tlp="amber"), "not_released"),
        (replace(FREE, onward=None), "not_released"),
        (replace(FREE, onward=frozenset()), "not_released"),
        (replace(FREE, onward=frozenset({A, B})), "not_released"),
        (replace(FREE, court="consent"), "not_expressible"),
    ],
)
def test_a_message_in_another_node_leaves_only_when_anybody_may_have_it(
    region: Region, tmp_path: Path, held: Handling, code: str
) -> None:
    id = tell(region, held)
    try:
        misp.write_message(region.nodes[B], LINA, tmp_path / "out", id)
    except LintasError as error:
        assert error.code == code  # noqa: PT017
    assert (tmp_path / "out").exists() == (not code)


def test_who_agreed_under_conditions_did_not_agree_to_a_feed(region: Region, tmp_path: Path) -> None:
    id = agreed(region, conditions="Not before June.")
    with pytest.raises(InputError) as caught:
        misp.write_message(region.nodes[B], LINA, tmp_path / "out", id)
    assert caught.value.code == "not_expressible"


def agreed(region: Region, **more: str) -> str:
    """A tells B something, and agrees that anybody has it; the message's id."""
    id = tell(region, replace(FREE, onward=frozenset()))
    (came,) = region.inbox(B, A)
    region.answer(B, came, "consent_request", {"to": handling.ANYBODY, "why": "A feed for banks."})
    region.deliver(B, A)
    (asked,) = region.inbox(A, B)
    region.answer(A, asked, "consent_grant", {"to": handling.ANYBODY, **more})
    region.deliver(A, B)
    return id


def test_its_originator_may_agree_to_anybody_and_take_it_back(region: Region, tmp_path: Path) -> None:
    id = agreed(region)
    assert misp.write_message(region.nodes[B], LINA, tmp_path / "agreed", id).n_events == 1
    (ours,) = (one for one in region.all(A) if one.id == id)
    region.answer(A, ours, "recall", {"why": "It was wrong."})
    region.deliver(A, B)
    with pytest.raises(InputError, match="handed on") as caught:
        misp.write_message(region.nodes[B], LINA, tmp_path / "recalled", id)
    assert caught.value.code == "not_released"


def test_a_message_between_machines_does_not_leave(region: Region, tmp_path: Path) -> None:
    tell(region, FREE)
    with region.nodes[A].database.write() as connection:
        (kept,) = messages.of_thread(connection, 1)
        messages.change(connection, kept.number, content={**kept.content, "type": "key_notice"})
    with pytest.raises(InputError) as caught:
        misp.write_message(region.nodes[A], LINA, tmp_path / "out", kept.id)
    assert caught.value.code == "not_carried"
