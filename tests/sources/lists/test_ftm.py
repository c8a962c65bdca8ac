"""FollowTheMoney JSON lines: flat and nested entities, what is refused, and hostile files."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from lintas.model.entity import Entity
from lintas.model.errors import FileError, LintasError
from lintas.model.listing import ParseNotes
from lintas.sources.lists.ftm import lines
from lintas.sources.lists.ftm.parse import parse


def person(entity_id: str = "p-1", **properties: Any) -> dict[str, Any]:
    return {"id": entity_id, "schema": "Person", "properties": {"name": ["Mara Sol"], **properties}}


def sanction(entity_id: str = "s-1", **properties: Any) -> dict[str, Any]:
    return {"id": entity_id, "schema": "Sanction", "properties": {"authority": ["Ministry of Fiction"], **properties}}


def write(folder: Path, *entities: Any) -> Path:
    path = folder / "some file.bin"  # a list is known by its content, not by its name
    path.write_text("".join(json.dumps(entity, ensure_ascii=False) + "\n" for entity in entities), encoding="utf-8")
    return path


def read(path: Path) -> dict[str, Entity]:
    return {entity.id: entity for entity in parse([path], ParseNotes())}


def refusal(path: Path) -> FileError:
    with pytest.raises(FileError) as caught:
        read(path)
    return caught.value


def test_an_entity_keeps_its_id_schema_and_values(tmp_path: Path) -> None:
    line = person("NK-aB9._:x", birthDate=["1970-04"], nationality=["th"], topics=["sanction"])
    entity = read(write(tmp_path, line))["NK-aB9._:x"]
    assert entity.schema == "Person"
    assert dict(entity.properties) == line["properties"]
    assert entity.is_target


def test_the_list_is_dated_by_what_was_seen_last_and_counted_by_schema(tmp_path: Path) -> None:
    notes = ParseNotes()
    path = write(
        tmp_path,
        {**person("a"), "last_seen": "2026-01-05T06:00:00"},
        {**person("b"), "last_seen": "2026-01-06T06:00:00"},
        {**sanction(entity=["a"]), "last_seen": None},
    )
    list(parse([path], notes))
    assert notes.published_at == "2026-01-06T06:00:00"
    assert dict(notes.counts) == {"Person": 2}


def test_nested_entities_become_entities_that_point_to_each_other(tmp_path: Path) -> None:
    vessel = {"id": "v-1", "schema": "Vessel", "properties": {"name": ["Nebyl"]}}
    ownership = {"id": "o-1", "schema": "Ownership", "properties": {"owner": ["c-1"], "asset": [vessel]}}
    company = {
        "id": "c-1",
        "schema": "Company",
        "properties": {"name": ["Nebyl Co"], "ownershipOwner": [ownership], "sanctions": [sanction(entity=["c-1"])]},
    }
    found = read(write(tmp_path, company))
    assert list(found) == ["c-1", "o-1", "s-1", "v-1"]
    assert (found["o-1"].get("owner"), found["o-1"].get("asset")) == (["c-1"], ["v-1"])
    assert found["s-1"].get("entity") == ["c-1"]
    assert dict(found["c-1"].properties) == {"name": ["Nebyl Co"]}


def test_a_nested_entity_that_does_not_say_what_it_is_nested_in_still_points_there(tmp_path: Path) -> None:
    found = read(write(tmp_path, person(sanctions=[sanction()])))
    assert found["s-1"].get("entity") == ["p-1"]


def test_an_entity_nested_in_two_places_is_one_with_the_references_of_both(tmp_path: Path) -> None:
    address = {"id": "a-1", "schema": "Address", "properties": {"full": ["Jalan Kenangan 99"]}}
    found = read(write(tmp_path, person("p-1", addressEntity=[address]), person("p-2", addressEntity=[address])))
    assert list(found) == ["p-1", "p-2", "a-1"]
    shared = [person(name, sanctions=[sanction()]) for name in ("p-1", "p-2")]
    assert read(write(tmp_path, *shared))["s-1"].get("entity") == ["p-1", "p-2"]


def test_an_entity_with_a_line_of_its_own_is_not_repeated_where_it_is_nested(tmp_path: Path) -> None:
    outer, inner = person(sanctions=[sanction(entity=["p-1"])]), sanction(entity=["p-1"], status=[])
    assert list(read(write(tmp_path, outer, inner))) == ["p-1", "s-1"]
    assert list(read(write(tmp_path, inner, outer))) == ["s-1", "p-1"]


@pytest.mark.parametrize(
    "entities",
    [
        (person(), person(birthDate=["1970"])),
        (person(sanctions=[sanction(), sanction(status=["active"])]),),
        (person(sanctions=[sanction()]), sanction(entity=["p-1"], status=["active"])),
        (sanction(entity=["p-1"]), sanction(entity=["p-2"])),
    ],
)
def test_one_id_for_two_things_is_refused_naming_the_lines(tmp_path: Path, entities: tuple[Any, ...]) -> None:
    error = refusal(write(tmp_path, *entities))
    assert error.code == "duplicate_id"
    assert error.where is not None
    assert "line 1" in error.where


def test_the_same_line_twice_is_one_entity(tmp_path: Path) -> None:
    assert list(read(write(tmp_path, person(), person()))) == ["p-1"]


def test_sources_are_noted_and_the_makers_bookkeeping_does_not_change_an_entity(tmp_path: Path) -> None:
    keys = {"caption": "x", "referents": ["old"], "origin": ["crawl"], "first_seen": "2020", "target": True}
    one = read(write(tmp_path, {**person(), "datasets": ["aa", "bb"], "last_seen": "2025", **keys}))["p-1"]
    two = read(write(tmp_path, {**person(), "datasets": ["aa", "bb"], "last_seen": "2026"}))["p-1"]
    assert one.get("notes") == ["Datasets: aa, bb"]
    assert one.digest == two.digest


def test_a_value_that_cannot_be_understood_is_kept_and_not_matched_on(tmp_path: Path) -> None:
    entity = read(write(tmp_path, person(birthDate=["1981-13-45"], nationality=["nowhere land"])))["p-1"]
    assert [s.value for s in entity.statements if not s.is_clean] == ["1981-13-45", "nowhere land"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"id": "x", "schema": "Spaceship", "properties": {}}, "unknown_schema"),
        (person(shoeSize=["43"]), "unknown_property"),
        (person(sanctions=["s-1"]), "unknown_property"),
        (person(sanctions=[{"id": "s-1"}]), "not_an_entity"),
        (person(sanctions=[person("p-2")]), "unknown_property"),
        (person("two words"), "bad_entity_id"),
        (person("x" * 300), "bad_entity_id"),
        (person(alias=[True]), "bad_value"),
        (person(alias=[["deep"]]), "bad_value"),
        (person(idNumber=[12345678901234567890123]), "bad_value"),
        ({**person(), "colour": "red"}, "unknown_field"),
        ({**person(), "datasets": "aa"}, "bad_value"),
        ({**person(), "last_seen": 20260101}, "bad_value"),
        ({**person(), "target": "yes"}, "bad_value"),
        ({"id": "x", "schema": "Person"}, "not_an_entity"),
        ({"id": 7, "schema": "Person", "properties": {}}, "not_an_entity"),
        ([person()], "not_an_entity"),
        ("text", "not_an_entity"),
        (None, "not_an_entity"),
    ],
)
def test_a_line_that_is_no_entity_is_refused_with_its_number(tmp_path: Path, line: Any, code: str) -> None:
    error = refusal(write(tmp_path, person("good"), line))
    assert error.code == code
    assert error.where is not None
    assert "line 2" in error.where


@pytest.mark.parametrize(
    "broken", [b'{"id": "x", ', b"{'id': 1}", b"\xff\xfe", b'{"id": NaN}', b'{"id":"\\ud800"}', b"\x00"]
)
def test_a_broken_line_is_refused_with_its_number(tmp_path: Path, broken: bytes) -> None:
    path = write(tmp_path, person("one"), person("two"))
    path.write_bytes(path.read_bytes() + b"\n" + broken)
    error = refusal(path)
    assert error.code == "not_json"
    assert error.where is not None
    assert "line 4, column" in error.where


def test_a_line_over_the_limit_is_refused_without_reading_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "long.json"
    path.write_bytes(json.dumps(person()).encode() + b"\n" + b'"' + b"x" * (6 * lines.LONGEST_LINE))
    tracemalloc.start()
    error = refusal(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (error.code, error.where) == ("too_large", "long.json, line 2")
    assert peak < 3 * lines.LONGEST_LINE


def test_a_byte_order_mark_and_blank_lines_say_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, person())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + b"\n  \r\n")
    assert list(read(path)) == ["p-1"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_list"),
        (b"\n\n  \n", "empty_list"),
        (b"\x00" * 100, "not_json"),
        (json.dumps(person()).encode("utf-16"), "not_json"),
        (b"<html><body>Sign in</body></html>", "not_json"),
        (b"id,schema,name\n1,Person,Mara\n", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b'{"a":' * 100_000, "not_json"),
    ],
)
def test_a_hostile_empty_or_foreign_file_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(content)
    assert refusal(path).code == code


def test_entities_nested_too_deep_are_refused(tmp_path: Path) -> None:
    entity = person("p-0")
    for number in range(1, 200):
        entity = person(f"p-{number}", parent=[entity])
    assert refusal(write(tmp_path, entity)).code == "too_deep"


def test_no_file_of_the_json_test_suite_raises_anything_but_our_own_errors(shared: Path) -> None:
    paths = sorted((shared / "data/badinputs/JSONTestSuite/test_parsing").glob("*.json"))
    assert len(paths) > 300
    for path in paths:
        with pytest.raises(LintasError):  # none of them is an entity
            read(path)


def test_no_value_of_the_json_test_suite_breaks_an_entity_that_holds_it(shared: Path, tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    n_read = 0
    for value in sorted((shared / "data/badinputs/JSONTestSuite/test_parsing").glob("*.json")):
        text = value.read_bytes().replace(b"\n", b" ")
        path.write_bytes(b'{"id":"x","schema":"Person","properties":{"name":["A"],"alias":' + text + b',"notes":[]}}')
        try:
            n_read += len(read(path))
        except LintasError:
            continue
    assert n_read > 20


def test_naughty_strings_are_kept_or_refused_and_never_break_the_reader(shared: Path, tmp_path: Path) -> None:
    strings = json.loads((shared / "data/badinputs/blns.json").read_text(encoding="utf-8"))
    props = ("name", "birthDate", "nationality", "passportNumber", "email", "website", "gender", "notes", "topics")
    path = write(tmp_path, *(person(f"p-{n}", **{p: [s] for p in props}) for n, s in enumerate(strings)))
    assert len(read(path)) == len(strings)
    for string in strings:
        odd_property = {**person(), "properties": {string: ["x"]}}
        for line in ({**person(), "id": string}, {**person(), "schema": string}, odd_property):
            try:
                read(write(tmp_path, line))
            except LintasError:
                continue
