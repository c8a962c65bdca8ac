"""MISP to STIX and back through our door: what is carried comes back, what would be lost is refused."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lintas.exchange.misp import conversion, handling, markings, message, shapes, stix
from lintas.model.errors import InputError, LintasError, UnavailableError
from lintas.model.handling import CODES, COURT, TLP, USES, Handling
from lintas.model.json_text import read_json
from tests.exchange.misp_events import AT, attribute, bank_account, event, named, tags

LABELS = "tlp:white tlp:clear tlp:green tlp:amber tlp:amber+strict tlp:red PAP:WHITE PAP:CLEAR PAP:GREEN".split()
LABELS += ["PAP:AMBER", "PAP:RED"]
labels = st.lists(st.sampled_from(LABELS), max_size=3, unique=True)
KINDS = ("attributes", "events", "objects")


def there(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    return conversion.to_stix(shapes.unit(content))


def back(objects: list[dict[str, Any]]) -> dict[str, Any]:
    (part,) = stix.parts(objects, "a collection")
    return conversion.to_misp(part)


# ---- The golden pairs of misp-stix


def golden(shared: Path, name: str) -> Any:
    return read_json((shared / f"data/exchange/misp-stix-pairs/test_{name}.json").read_bytes())


def inputs(shared: Path, kind: str, *numbers: int) -> list[Mapping[str, Any]]:
    return [one for n in numbers for one in shapes.contents(golden(shared, f"{kind}_collection_{n}"))]


def comparable(objects: list[dict[str, Any]]) -> dict[Any, dict[str, Any]]:
    """Objects by id, every field of them; relationships by what they join, for their ids were random in the pairs."""
    found = dict[Any, dict[str, Any]]()
    for one in objects:
        refs = [ref for ref in one.get("object_refs", ()) if not ref.startswith("relationship--")]
        held = one | ({"object_refs": refs} if refs else {})
        is_between = one["type"] == "relationship"
        key = (one["source_ref"], one["target_ref"]) if is_between else one["id"]
        found[key] = held | ({"id": ""} if is_between else {})
    return found


def records(event: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Attributes by uuid, objects with all that stands in them: types, categories, values, to_ids, marks, comments."""
    for one in event.get("Attribute") or ():
        said = (one["type"], one["category"], one["value"], bool(one.get("to_ids")), shapes.tags(one))
        yield one["uuid"], (*said, one.get("comment") or "")
    for thing in event.get("Object") or ():
        inside = [
            (one["object_relation"], one["type"], one["category"], one["value"], bool(one.get("to_ids")))
            for one in thing["Attribute"]
        ]
        yield thing["uuid"], (thing["name"], thing["meta-category"], *sorted(inside))


PAIRS: list[tuple[str, tuple[int, ...], str]] = [
    ("attributes", (1, 2), "attributes_collection_stix21"),
    ("events", (1, 2), "events_collection_stix21"),
]
PAIRS += [("objects", (1, 2), "objects_collection_stix21"), ("events", (1,), "event1_stix21")]
PAIRS += [("events", (2,), "event2_stix21")]
# The door writes 2.1 alone; it reads 2.0 too.
READ_ALONE: list[tuple[str, tuple[int, ...], str]] = [(kind, (1, 2), f"{kind}_collection_stix20") for kind in KINDS]


def test_every_pair_is_here(shared: Path) -> None:
    held = {one.stem for one in (shared / "data/exchange/misp-stix-pairs").glob("*stix2*.json")}
    assert held == {f"test_{name}" for *_, name in PAIRS + READ_ALONE}


@pytest.mark.parametrize(("kind", "numbers", "name"), PAIRS, ids=[one[2] for one in PAIRS])
def test_misp_becomes_the_stix_of_the_pair(shared: Path, kind: str, numbers: tuple[int, ...], name: str) -> None:
    made = [one for content in inputs(shared, kind, *numbers) for one in there(content)]
    assert comparable(made) == comparable(golden(shared, name)["objects"])


@pytest.mark.parametrize(("kind", "numbers", "name"), PAIRS + READ_ALONE, ids=[one[2] for one in PAIRS + READ_ALONE])
def test_the_stix_of_the_pair_becomes_misp(shared: Path, kind: str, numbers: tuple[int, ...], name: str) -> None:
    events = [shapes.unit(one).event for one in inputs(shared, kind, *numbers)]
    made = [conversion.to_misp(part) for part in stix.parts(golden(shared, name)["objects"], "a collection")]
    before = {id: said for one in events for id, said in records(one)}
    assert {id: said for one in made for id, said in records(one)} == before
    if kind == "events":
        fields = ("uuid", "info", "timestamp", "date", "Orgc")
        assert [[one[name] for name in fields] for one in made] == [[one[name] for name in fields] for one in events]


def test_real_events_come_back(shared: Path) -> None:
    """Every attribute of PyMISP's own events: its type, category and value. Inside objects some get other uuids."""
    n = {"events": 0, "attributes": 0, "kept": 0}
    for file in sorted((shared / "data/exchange/misp-events").rglob("*.json")):
        try:
            (unit,) = map(shapes.unit, shapes.contents(read_json(file.read_bytes())))
            held = dict(records(back(conversion.to_stix(unit))))
        except (LintasError, ValueError):
            continue
        said = {id: one for id, one in records(unit.event) if len(one) == 6}
        n["events"] += 1
        n["attributes"] += len(said)
        n["kept"] += sum(held.get(id, ())[:3] == one[:3] for id, one in said.items())
    assert n == {"events": 7, "attributes": 30, "kept": 30}


# ---- Marks


@settings(max_examples=40)
@given(labels, labels, labels, labels)
def test_marks_come_back(around: list[str], one: list[str], inner: list[str], other: list[str]) -> None:
    """Every label of TLP and PAP, on events, attributes and what stands in objects; an object is marked as a whole."""
    held = [attribute(10, Tag=tags(*one)), attribute(11, "192.0.2.1", "ip-dst")]
    before = event(1, *around, Attribute=held, Object=[bank_account(20, tuple(inner), tuple(other))])
    objects = there(before)
    after = back(objects)
    whole = shapes.tags(after)
    assert whole == markings.of_names(around)
    found = dict(shapes.records(after))
    wanted = dict(shapes.records(before["Event"]))
    for id, own in wanted.items():
        assert markings.within(found[id], whole) == markings.within(own, whole)
    for said in objects:
        if said["type"] not in stix.SHARED:
            its = wanted.get(stix.uuid_of(said["id"]), frozenset())
            assert stix.marks(said) == markings.within(its, whole), said["id"]
    json.dumps(objects)


def test_each_value_is_marked_as_its_record_is() -> None:
    """misp-stix marks one of the objects that hold an e-mail address; a reader may be given another."""
    inside = [
        attribute(30, "a@b.example", "email-src", object_relation="from", category="Payload delivery"),
        attribute(31, "c@d.example", "email-dst", object_relation="to", category="Payload delivery"),
    ]
    inside[0]["Tag"], inside[1]["Tag"] = tags("tlp:red", "PAP:AMBER"), tags("PAP:RED")
    mail = {"uuid": named(29), "name": "email", "meta-category": "network", "timestamp": AT, "Attribute": inside}
    objects = there(event(1, "tlp:green", Attribute=[], Object=[mail]))
    addresses = [one for one in objects if one["type"] in ("email-addr", "indicator", "email-message")]
    assert {markings.strictness(stix.marks(one)) for one in addresses} == {
        markings.strictness(frozenset(["tlp:red", "PAP:RED"]))
    }
    assert len(addresses) == 4
    (thing,) = back(objects)["Object"]
    assert all({"tlp:red", "PAP:RED"} <= shapes.tags(one) for one in thing["Attribute"])


@pytest.mark.parametrize("name", ["tlp:ex:chr", "TLP:UNCLEAR", "PAP:BLUE", "tlp:", "pap:red "])
def test_a_label_that_no_marking_says_is_refused(name: str) -> None:
    for held in (event(1, name), event(1, Attribute=[attribute(2, Tag=tags(name))])):
        with pytest.raises(InputError) as caught:
            there(held)
        assert caught.value.code == "unknown_marking"


def test_labels_are_read_whatever_their_case() -> None:
    assert shapes.tags(back(there(event(1, "TLP:Amber+Strict", "pap:Red")))) == {"tlp:amber+strict", "PAP:RED"}


@pytest.mark.parametrize(
    "more",
    [
        {"object_marking_refs": ["marking-definition--00000000-0000-4000-8000-000000000001"]},
        {"granular_markings": [{"selectors": ["name"], "marking_ref": next(iter(markings.TAGS))}]},
    ],
)
def test_a_marking_of_stix_that_misp_has_no_tag_for_is_refused(more: dict[str, Any]) -> None:
    objects = there(event())
    for place, one in enumerate(objects):
        if one["type"] in (*stix.REPORTS, "indicator"):
            with pytest.raises(InputError) as caught:
                back([*objects[:place], one | more, *objects[place + 1 :]])
            assert caught.value.code == "unknown_marking"


def test_a_report_whose_objects_are_not_all_there_is_refused() -> None:
    objects = [one for one in there(event()) if one["type"] != "domain-name"]
    with pytest.raises(InputError, match="carried") as caught:
        back(objects)
    assert "domain-name--" in (caught.value.where or "")


def test_objects_of_other_systems_become_an_event_as_strict_as_the_strictest() -> None:
    made = [
        {
            "type": "indicator",
            "spec_version": "2.1",
            "id": f"indicator--{named(n)}",
            "created": "2026-01-01T00:00:00.000Z",
            "modified": "2026-01-01T00:00:00.000Z",
            "pattern": f"[domain-name:value = 'hantu{n}.example']",
            "pattern_type": "stix",
            "valid_from": "2026-01-01T00:00:00Z",
            "object_marking_refs": markings.ids(frozenset([tag])),
        }
        for n, tag in enumerate(("tlp:green", "tlp:red"), 50)
    ]
    held = back(made)
    assert markings.strictness(shapes.tags(held))[0] == markings.strictness(frozenset(["tlp:red"]))[0]
    assert sorted(one["value"] for one in held["Attribute"]) == ["hantu50.example", "hantu51.example"]


# ---- The handling of a message

handlings = st.builds(
    Handling,
    tlp=st.sampled_from(TLP),
    codes=st.just(frozenset[str]()) | st.frozensets(st.sampled_from(CODES[:2])),
    uses=st.just(frozenset(USES)) | st.frozensets(st.sampled_from(USES)),
    onward=st.just(frozenset({handling.ANYBODY})) | st.none() | st.frozensets(st.sampled_from(["xa.fiu", "xb.police"])),
    court=st.just("free") | st.sampled_from(COURT),
    retain_until=st.none() | st.dates(),
    caveats=st.just(frozenset[str]()) | st.just(frozenset({"Ask first."})),
)
CARRIED = [Handling(tlp, onward=frozenset({handling.ANYBODY}), court="free") for tlp in TLP if tlp != "red"]


@settings(max_examples=200)
@given(handlings)
def test_what_misp_cannot_say_is_refused_and_each_reason_told(held: Handling) -> None:
    wanted = [field.why for field in handling.FIELDS if not field.is_carried(held)]
    if not wanted:
        assert any(handling.read(handling.tags(held)) == one for one in CARRIED)
        return
    with pytest.raises(InputError) as caught:
        handling.tags(held)
    assert caught.value.code == "not_expressible"
    assert caught.value.where == " ".join(wanted)


def test_every_field_of_a_handling_is_in_the_table() -> None:
    assert {field.name for field in handling.FIELDS} == set(Handling.__dataclass_fields__)


@settings(max_examples=20)
@given(st.sampled_from(CARRIED), st.sampled_from(CARRIED))
def test_a_handling_comes_back_from_misp_and_stix(one: Handling, other: Handling) -> None:
    """Native, MISP, STIX, MISP, native: every handling that can be said at all, and what two of them combine to."""
    for held in (one, one.with_(other)):
        again = back(there(event(1, *handling.tags(held))))
        assert handling.read(tag["name"] for tag in again["Tag"]) == held


# ---- What is no event

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | st.just(named(7)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=8)
            | st.sampled_from(
                (
                    "Event",
                    "Attribute",
                    "Object",
                    "Tag",
                    "Galaxy",
                    "uuid",
                    "name",
                    "value",
                    "type",
                    "info",
                    "response",
                    "Orgc",
                )
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def only_our_errors(data: Any) -> None:
    try:
        for content in shapes.contents(data):
            there(content)
    except LintasError:
        return


@settings(max_examples=150)
@given(json_values)
def test_any_json_is_an_event_or_an_error_of_ours(data: Any) -> None:
    only_our_errors(data)
    only_our_errors({"response": data})
    only_our_errors([data, data])


PLACES = """uuid info timestamp date threat_level_id published distribution first_seen Galaxy EventReport Orgc Orgc.uuid
    Orgc.name Tag Tag.0 Tag.0.name Attribute Attribute.0 Attribute.0.uuid Attribute.0.type Attribute.0.value
    Attribute.0.timestamp Attribute.0.to_ids Attribute.0.Tag Attribute.0.Galaxy Object Object.0.uuid Object.0.name
    Object.0.meta-category Object.0.Attribute Object.0.Attribute.0.object_relation Object.0.ObjectReference""".split()


@pytest.mark.parametrize("place", PLACES)
def test_wrong_types_and_naughty_strings_anywhere(shared: Path, place: str) -> None:
    naughty = json.loads((shared / "data/badinputs/blns.json").read_text(encoding="utf-8"))[::40]
    for wrong in (
        None,
        True,
        0,
        -1,
        1e308,
        [],
        {},
        [None],
        [[]],
        {"name": None},
        "",
        "\x00",
        "../../etc/passwd",
        *naughty,
    ):
        made = event(1, "tlp:green", Object=[bank_account(20, ("PAP:RED",))])
        held: Any = made["Event"]
        *steps, last = (int(step) if step.isdigit() else step for step in place.split("."))
        for step in steps:
            held = held[step]
        held[last] = wrong
        only_our_errors(made)


@pytest.mark.parametrize(
    ("held", "code"),
    [
        (event(1, uuid=None), "no_uuid"),
        (event(1, uuid="../../etc/passwd"), "no_uuid"),
        (event(1, Attribute=[attribute(5), attribute(5, "b.example")]), "duplicate_uuid"),
        (event(1, Attribute=[{"type": "domain", "value": "a.example"}]), "no_uuid"),
        (event(1, Orgc=None), "no_misp_event"),
        (event(1, Attribute=[attribute(5, ["a", "list"])]), "no_misp_event"),  # type: ignore[arg-type]
        (event(1, timestamp="yesterday"), "no_misp_event"),
    ],
)
def test_an_event_that_is_none_says_why(held: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as caught:
        there(held)
    assert caught.value.code == code


def test_what_was_deleted_and_what_others_propose_is_left_out_and_counted() -> None:
    held = [attribute(5), attribute(6, "gone.example", deleted=True), attribute(7, ShadowAttribute=[{}, {}])]
    unit = shapes.unit(event(1, Attribute=held))
    assert unit.left_out == {"deleted": 1, "proposals": 2}
    assert "gone.example" not in json.dumps(conversion.to_stix(unit))


def test_without_the_library_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(shelf: str, name: str, module: str) -> None:
        raise ModuleNotFoundError("No module named 'misp_stix_converter'")

    monkeypatch.setattr("lintas.model.shelf.take", absent)
    with pytest.raises(UnavailableError, match="not installed") as caught:
        conversion.require()
    assert "lintas[misp]" in caught.value.do


def test_subjects_become_objects_as_their_templates_have_them(shared: Path) -> None:
    for one in message.TEMPLATES.values():
        said = json.loads(
            (shared / f"data/exchange/misp-objects/{one.name}/definition.json").read_text(encoding="utf-8")
        )
        assert (one.uuid, one.version, one.meta_category) == (said["uuid"], str(said["version"]), said["meta-category"])
        assert said["attributes"][one.relation]["misp-attribute"] == one.type
        assert said["attributes"][one.rest]["misp-attribute"] == "text"
