"""Entities as the lists state them now, read one by one, many at once, or all."""

import pytest

from lintas.desk.office import Office
from lintas.store import entities
from lintas.store.entities import Head
from tests.desk.entries import entry, load, person

NAMES = [["Zoe Exempli", "Ada Exempli", "Moe Exempli"], ["Ben Sample"], ["Cai Muster", 'Ca\'i "Muster"']]


@pytest.fixture
def held(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Three persons and a link, in two versions; queries are cut into pieces of two."""
    monkeypatch.setattr(entities, "CHUNK", 2)
    people = [person(i, name=names) for i, names in enumerate(NAMES)]
    link = entry("xx-link", "UnknownLink", subject=["xx-0"], object=["xx-1"])
    load(office, [*people, link, person(7, "Gone Away")], fictional=True)
    load(office, [*people, link], fictional=True)
    return office


def test_all_come_in_the_order_of_their_ids_and_their_names_as_they_were_published(held: Office) -> None:
    with held.database.read() as connection:
        found = {one.entity.id: one.entity.get("name") for one in entities.listed(connection)}
    assert found == {"xx-0": NAMES[0], "xx-1": NAMES[1], "xx-2": NAMES[2], "xx-link": []}
    assert list(found) == sorted(found)


def test_one_by_one_they_are_the_same(held: Office) -> None:
    with held.database.read() as connection:
        every = list(entities.listed(connection))
        assert [entities.get(connection, one.entity.id) for one in every] == [[one] for one in every]
        several = entities.several(connection, [one.entity.id for one in every])
    assert list(several.values()) == [[one] for one in every]


def test_many_come_in_the_order_they_were_asked_for_and_those_nobody_names_are_left_out(held: Office) -> None:
    asked = ["xx-2", "none", "xx-0", "xx-7", "xx-2", "xx-1", ""]
    with held.database.read() as connection:
        assert list(entities.several(connection, asked)) == ["xx-2", "xx-0", "xx-1"]
        heads = entities.heads(connection, asked)
        assert not entities.several(connection, [])
    assert list(heads) == ["xx-2", "xx-0", "xx-1"]
    assert heads["xx-0"] == Head("xx-0", "Person", "Zoe Exempli", True)


def test_what_points_at_an_entity_now_is_found(held: Office) -> None:
    with held.database.read() as connection:
        assert entities.linking_to(connection, "xx-0") == ["xx-link"]
        assert entities.linking_to(connection, "xx-2") == []
    load(held, [person(0), person(1), person(2)], fictional=True)
    with held.database.read() as connection:
        assert entities.linking_to(connection, "xx-0") == []


def test_an_entity_that_was_removed_is_not_listed_and_its_facts_can_still_be_read(held: Office) -> None:
    with held.database.read() as connection:
        assert entities.get(connection, "xx-7") == []
        facts = entities.facts(connection, "xx-7")
    assert {(fact.statement.value, fact.since_version, fact.until_version) for fact in facts} == {
        ("Gone Away", 1, 2),
        ("sanction", 1, 2),
    }
