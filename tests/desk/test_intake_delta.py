"""What changed between two versions, field by field, and every earlier version can be read again."""

import pytest
from sqlalchemy import select

from lintas.desk import intake
from lintas.desk.office import Office
from lintas.model.errors import InputError, NotFoundError
from lintas.model.listing import Change, FieldChange
from lintas.store import entities
from lintas.store.tables import statements
from tests.desk.cast import ALICE
from tests.desk.entries import entry, load, people, person


def changes(office: Office, number: int, kind: str | None = None) -> dict[str, Change]:
    """The delta of a version by entity."""
    found = intake.delta(office, ALICE, "ftm", number, kind=kind).changes
    return {change.entity_id: change for change in found}


def version(office: Office, number: int) -> set[tuple[str, str, str]]:
    """The facts that a version stated: entity, property, value."""
    then = (statements.c.from_version <= number) & (
        statements.c.until_version.is_(None) | (statements.c.until_version > number)
    )
    with office.database.read() as connection:
        query = select(statements.c.entity_id, statements.c.prop, statements.c.value).where(then)
        found = [tuple(row) for row in connection.execute(query)]
    assert len(found) == len(set(found))
    return set(found)


@pytest.fixture
def four_versions(office: Office) -> Office:
    """Added, changed, removed, added again."""
    load(office, [person(1, "Ada Exempli", birthDate=["1970"]), person(2), person(3), person(4)])
    load(office, [person(1, "Ada Exempli", birthDate=["1970-05-04"], alias=["A. E."]), person(2), person(3)])
    load(office, [person(1, "Ada Exempli", birthDate=["1970-05-04"], alias=["A. E."]), person(2), person(4)])
    load(office, [person(1, "Ada Exempli", birthDate=["1970"]), person(2), person(4, "Person Number Four")])
    return office


def test_the_first_version_adds_every_field(four_versions: Office) -> None:
    found = changes(four_versions, 1)
    assert {change.kind for change in found.values()} == {"added"}
    assert found["xx-1"].fields == (
        FieldChange("name", "Ada Exempli", True),
        FieldChange("topics", "sanction", True),
        FieldChange("birthDate", "1970", True),
    )


def test_a_change_names_the_fields_that_came_and_went_and_no_others(four_versions: Office) -> None:
    change = changes(four_versions, 2)["xx-1"]
    assert (change.kind, change.caption, change.schema) == ("changed", "Ada Exempli", "Person")
    assert set(change.fields) == {
        FieldChange("birthDate", "1970", False),
        FieldChange("birthDate", "1970-05-04", True),
        FieldChange("alias", "A. E.", True),
    }


def test_a_removal_takes_every_field_away(four_versions: Office) -> None:
    change = changes(four_versions, 2)["xx-4"]
    assert change.kind == "removed"
    assert set(change.fields) == {
        FieldChange("name", "Person Number 4", False),
        FieldChange("topics", "sanction", False),
    }


def test_an_entity_that_comes_back_is_added_again_and_was_first_seen_long_ago(four_versions: Office) -> None:
    change = changes(four_versions, 3)["xx-4"]
    assert (change.kind, {field.is_added for field in change.fields}) == ("added", {True})
    with four_versions.database.read() as connection:
        (listed,) = entities.get(connection, "xx-4")
        (first,) = [one for one in intake.versions(four_versions, ALICE, "ftm") if one.number == 1]
    assert listed.first_seen_at == first.loaded_at


def test_what_did_not_change_is_in_no_delta(four_versions: Office) -> None:
    assert all("xx-2" not in changes(four_versions, number) for number in (2, 3, 4))


def test_the_counts_of_a_version_are_those_of_its_delta(four_versions: Office) -> None:
    for one in intake.versions(four_versions, ALICE, "ftm"):
        counts = [len(changes(four_versions, one.number, kind)) for kind in ("added", "changed", "removed")]
        assert counts == [one.n_added, one.n_changed, one.n_removed]


def test_every_version_can_be_read_again(four_versions: Office) -> None:
    names = {1: "Ada Exempli", 2: "Person Number 2", 3: "Person Number 3", 4: "Person Number 4"}

    def facts(*numbers: int) -> set[tuple[str, str, str]]:
        return {(f"xx-{n}", "name", names[n]) for n in numbers} | {(f"xx-{n}", "topics", "sanction") for n in numbers}

    old, new = {("xx-1", "birthDate", "1970")}, {("xx-1", "birthDate", "1970-05-04"), ("xx-1", "alias", "A. E.")}
    assert version(four_versions, 1) == facts(1, 2, 3, 4) | old
    assert version(four_versions, 2) == facts(1, 2, 3) | new
    assert version(four_versions, 3) == facts(1, 2, 4) | new
    names[4] = "Person Number Four"
    assert version(four_versions, 4) == facts(1, 2, 4) | old


def test_facts_of_an_entity_say_since_when_and_until_when(four_versions: Office) -> None:
    with four_versions.database.read() as connection:
        facts = entities.facts(connection, "xx-1")
    spans = {(f.statement.value, f.since_version, f.until_version) for f in facts if f.statement.prop == "birthDate"}
    assert spans == {("1970", 1, 2), ("1970-05-04", 2, 4), ("1970", 4, None)}


def test_an_entity_may_change_its_schema(office: Office) -> None:
    load(office, [entry("xx-1", "LegalEntity", name=["Example"], topics=["sanction"]), person(2)])
    load(office, [entry("xx-1", "Company", name=["Example"], topics=["sanction"], jurisdiction=["sg"]), person(2)])
    change = changes(office, 2)["xx-1"]
    assert (change.kind, change.schema) == ("changed", "Company")
    assert change.fields == (FieldChange("jurisdiction", "sg", True),)


def test_a_value_that_is_not_understood_is_kept_and_follows_the_versions(office: Office) -> None:
    assert load(office, [person(1, birthDate=["1981-13-45"])]).version.n_unclean == 1
    load(office, [person(1, birthDate=["1981-12-05"])])
    assert set(changes(office, 2)["xx-1"].fields) == {
        FieldChange("birthDate", "1981-13-45", False),
        FieldChange("birthDate", "1981-12-05", True),
    }


def test_a_delta_is_given_out_in_pages_by_name(office: Office) -> None:
    load(office, people(25))
    pages = [intake.delta(office, ALICE, "ftm", 1, limit=10, offset=at).changes for at in (0, 10, 20, 30)]
    captions = [change.caption for page in pages for change in page]
    assert [len(page) for page in pages] == [10, 10, 5, 0]
    assert len(set(captions)) == 25


@pytest.mark.parametrize(("limit", "offset"), [(-1, 0), (0, -1), (501, 0), (10, 10**30)])
def test_a_page_that_is_not_given_out_is_refused_in_words(office: Office, limit: int, offset: int) -> None:
    load(office, people(1))
    with pytest.raises(InputError) as caught:
        intake.delta(office, ALICE, "ftm", 1, limit=limit, offset=offset)
    assert caught.value.code == "bad_page"


@pytest.mark.parametrize("number", [0, 2, -1])
def test_a_version_that_never_was_is_not_found(office: Office, number: int) -> None:
    load(office, people(1))
    with pytest.raises(NotFoundError) as caught:
        intake.delta(office, ALICE, "ftm", number)
    assert caught.value.code == "unknown_version"


def test_the_newest_version_comes_first_and_one_list_is_not_mixed_with_another(office: Office) -> None:
    load(office, people(3), fictional=True)
    load(office, people(4), fictional=True)
    assert [one.number for one in intake.versions(office, ALICE, "ftm")] == [2, 1]
    assert intake.versions(office, ALICE, "un_sc") == []
    status = {one.source.name: one.version for one in intake.status(office, ALICE)}
    assert status["ftm"] is not None
    assert (status["ftm"].number, status["un_sc"]) == (2, None)
    assert intake.history(office, ALICE, "ftm").source.name == "ftm"
