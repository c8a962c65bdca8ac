"""What an agency forbids over the floor: it only ever takes away, at once, and a damaged text closes the node."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lintas.desk import (
    access,
    backup,
    custodians,
    forbids,
    health,
    officers,
    overlays,
    policy,
    proposals,
    restore,
    schema,
    trail,
)
from lintas.desk import settings as node_settings
from lintas.desk.book import Fixed
from lintas.desk.office import Office, Settings, open_office
from lintas.desk.policy import Facts, Thing
from lintas.model.errors import ConflictError, DeniedError, InputError, NotFoundError
from lintas.model.log import Wanted
from lintas.model.officer import ROLES, Officer
from lintas.model.scope import NOTHING
from lintas.store import scoping
from lintas.store.tables import runs
from tests.desk.cast import ALICE, BOB, enlist
from tests.desk.overlay_texts import FIT, UNFIT, texts
from tests.desk.test_policy import ON_RUNS, everything_known, held_runs, keep

NO_MATCHING = 'forbid (principal, action == Action::"entities.match", resource is Node);'
SEARCHER = Officer("bob", frozenset({"analyst"}))


@pytest.fixture
def own(sqlite_office: Office) -> Office:
    enlist(sqlite_office)
    return sqlite_office


@pytest.fixture(scope="module")
def filtered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    opened = open_office(Settings(tmp_path_factory.mktemp("overlays") / "node"))
    yield opened
    opened.close()


@settings(max_examples=40, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(text=texts, known=everything_known, held=held_runs, other=st.sampled_from(sorted(policy.VERBS)))
def test_an_overlay_only_takes_away_and_filters_rows_as_it_decides(
    filtered: Office, text: str, known: Facts, held: list[dict[str, object]], other: str
) -> None:
    try:
        forbids.check("any", text)
    except InputError as error:
        assume(error.code not in ("policy_unfit", "policy_no_filter"))
        raise
    keep(filtered, held)
    under = replace(known, rules=policy.rules([text]))
    for verb in ON_RUNS:
        let_through, permitted = set[int](), set[int]()
        with filtered.database.read() as connection:
            condition = scoping.where(policy.reach(under, verb, "Run"), scoping.RUN)
            let_through |= set(connection.execute(select(runs.c.number).where(condition)).scalars())
            before = scoping.where(policy.reach(known, verb, "Run"), scoping.RUN)
            assert let_through <= set(connection.execute(select(runs.c.number).where(before)).scalars())
            for number in range(1, len(held) + 1):
                fields = scoping.fields(connection, "run", number) or {}
                thing = Thing("Run", str(number), access._known(fields))
                if policy.allows(under, verb, thing):
                    assert policy.allows(known, verb, thing)
                    permitted.add(number)
        assert let_through == permitted, verb
    assert not policy.allows(under, other) or policy.allows(known, other)
    for kind, columns in scoping.KINDS.items():
        scoping.where(policy.reach(under, other, kind.capitalize()), columns)


def readings() -> Iterator[Facts]:
    """Officers who differ in what a text can look at."""
    for role in ("analyst", "supervisor"):
        for clearance, via in ((0, "token"), (3, "session")):
            who = Officer("1", frozenset({role}), clearance=clearance, via=via)
            yield Facts(who, frozenset({1, 2}), frozenset({1, 3}))


@pytest.mark.parametrize("head", ["when", "unless"])
@pytest.mark.parametrize("condition", FIT)
def test_what_fits_filters_rows_as_it_decides(filtered: Office, condition: str, head: str) -> None:
    text = f"forbid (principal, action, resource is Run) {head} {{ {condition} }};"
    assert forbids.check("any", text) == 1
    common = {"clearance": 1, "purpose": "screening", "created_by": "1", "case": None, "agency": "own"}
    others: list[dict[str, object]] = [
        {"clearance": 2},
        {"created_by": "joko", "case": 2},
        {"case": 3},
        {"agency": "elsewhere"},
        {"case": 1},
    ]
    keep(filtered, [{**common, **one} for one in ({}, *others)])
    n_hidden = 0
    for known in readings():
        under = replace(known, rules=policy.rules([text]))
        with filtered.database.read() as connection:
            condition_of = scoping.where(policy.reach(under, "runs.read", "Run"), scoping.RUN)
            let_through = set(connection.execute(select(runs.c.number).where(condition_of)).scalars())
            for number in range(1, 7):
                thing = Thing("Run", str(number), access._known(scoping.fields(connection, "run", number) or {}))
                assert policy.allows(under, "runs.read", thing) == (number in let_through), (number, known)
                n_hidden += policy.allows(known, "runs.read", thing) and number not in let_through
    assert n_hidden or head == "unless" or condition == 'resource.agency == "elsewhere"'


@pytest.mark.parametrize("condition", UNFIT)
def test_what_no_row_filter_can_be_made_of_is_refused(condition: str) -> None:
    with pytest.raises(InputError) as refused:
        forbids.check("any", f"forbid (principal, action, resource is Run) when {{ {condition} }};")
    assert refused.value.code in ("policy_no_filter", "policy_unfit")


def test_the_floor_fits_its_own_schema() -> None:
    assert schema.misfits(policy.TEXT) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('permit (principal in Role::"administrator", action, resource is Run);', "policy_permits"),
        (NO_MATCHING + "permit (principal, action, resource);", "policy_permits"),
        ("forbid (principal, action", "bad_policy"),
        ("", "bad_policy"),
        ("// nothing\n", "bad_policy"),
        ("forbid (principal, action, resource) when { context.via == \"\x00\" };", "bad_policy"),
        ("// " + "x" * forbids.MAX_BYTES + "\n" + NO_MATCHING, "bad_policy"),
        (f"forbid (principal, action, resource) when {{ {'(' * 3000}true{')' * 3000} }};", "bad_policy"),
        (f"forbid (principal, action, resource) when {{ context has a{'.a' * 5000} }};", "bad_policy"),
        (f'forbid (principal, action, resource) when {{ "))" == "" || {"(" * 300}1{")" * 300} == 1 }};', "bad_policy"),
        (f"forbid (principal, action, resource) when {{ {'true && ' * 100}true }};", "policy_no_filter"),
        ('forbid (principal, action == Action::"runs.raed", resource);', "policy_unfit"),
        ('forbid (principal, action == Action::"lists.read", resource is Run);', "policy_unfit"),
        ("forbid (principal, action, resource) when { resource.clearance > 1 };", "policy_unfit"),
        ('forbid (principal in Role::"analist", action, resource);', "policy_no_filter"),
        ('forbid (principal == Officer::"bob", action, resource);', "policy_no_filter"),
        ("forbid (principal == ?principal, action, resource);", "policy_no_filter"),
        ('forbid (principal, action, resource == Run::"1");', "policy_no_filter"),
        ('forbid (principal, action, resource is Run) when { resource == Run::"9999999999" };', "policy_no_filter"),
        ('forbid (principal, action, resource is Run) when { ["x"].contains(resource.purpose) };', "policy_no_filter"),
        ("forbid (principal, action, resource) when { principal.clearance * 9 > 1 };", "policy_no_filter"),
        ("forbid (principal, action, resource);", "policy_locks_out"),
        ('forbid (principal, action, resource) when { context.via == "command" };', "policy_locks_out"),
        ('forbid (principal, action == Action::"policies.change", resource) when { true };', "policy_locks_out"),
    ],
)  # fmt: skip
def test_what_may_not_stand_there_is_refused_and_nothing_changes(own: Office, text: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        overlays.add(own, ALICE, "mine.cedar", text)
    assert refused.value.code == code
    assert overlays.everything(own, ALICE) == []
    assert own.book.rules() == policy.FLOOR


@pytest.mark.parametrize("name", ["../mine.cedar", "Mine.cedar", "mine", ".cedar", "x" * 41 + ".cedar"])
def test_a_policy_is_named_plainly(own: Office, name: str) -> None:
    with pytest.raises(InputError, match="cannot name"):
        overlays.add(own, ALICE, name, NO_MATCHING)


def test_it_holds_at_once_wherever_the_node_is_open_and_in_no_other_node(own: Office, tmp_path: Path) -> None:
    elsewhere, other = open_office(Settings(own.node)), open_office(Settings(tmp_path / "other"))
    assert access.may(elsewhere, SEARCHER, "entities.match")
    overlays.add(own, ALICE, "no-matching.cedar", NO_MATCHING)
    assert not access.may(elsewhere, SEARCHER, "entities.match")
    assert access.may(elsewhere, SEARCHER, "entities.search")
    assert access.may(other, SEARCHER, "entities.match")
    with pytest.raises(DeniedError):
        access.require(elsewhere, SEARCHER, "entities.match", "somebody")
    (held,) = overlays.everything(elsewhere, ALICE)
    (done,) = trail.find(own, ALICE, Wanted(verb="policies.change", outcome="done")).rows
    assert (done.object, done.details["sha256"]) == ("added no-matching.cedar", held.sha256)
    with pytest.raises(ConflictError):
        overlays.add(elsewhere, ALICE, "no-matching.cedar", NO_MATCHING)
    overlays.remove(elsewhere, ALICE, "no-matching")
    assert access.may(own, SEARCHER, "entities.match")
    with pytest.raises(NotFoundError):
        overlays.remove(own, ALICE, "no-matching")
    elsewhere.close()
    other.close()


def gone(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_text(path.read_text()[:-9])


def widened(path: Path) -> None:
    path.write_text("permit (principal, action, resource);")


def no_text(path: Path) -> None:
    path.write_bytes(b"\xff\xfe")


def beside(path: Path) -> None:
    path.with_name("Other one.cedar").write_text("permit (principal, action, resource);")


@pytest.mark.parametrize("damage", [gone, cut, widened, no_text, beside])
def test_a_damaged_text_closes_the_node_until_it_is_removed(own: Office, damage: object) -> None:
    overlays.add(own, ALICE, "no-matching.cedar", NO_MATCHING)
    assert callable(damage)
    damage(own.node / "policies" / "no-matching.cedar")
    admin, custodian = (Officer(role, frozenset({role})) for role in ("administrator", "custodian"))
    for verb in ("lists.read", "entities.search", "officers.change", "settings.change"):
        assert not any(access.may(own, replace(ALICE, via=via), verb) for via in ("command", "session"))
    assert access.reach(own, ALICE, "runs.read", "run") == NOTHING
    with pytest.raises(DeniedError, match="damaged") as told:
        access.require(own, SEARCHER, "entities.search", "somebody")
    assert told.value.code == "policies_damaged"
    assert not access.may(own, Officer("x", frozenset({"supervisor"})), "policies.change")
    (check,) = [one for one in health.state(own, admin).checks if one.name == "policies"]
    assert not check.is_well
    (fault,) = [one for one in overlays.everything(own, custodian) if one.fault]
    assert fault.fault in check.words
    overlays.remove(own, admin, fault.name)
    assert access.may(own, SEARCHER, "entities.search")
    (check,) = [one for one in health.state(own, admin).checks if one.name == "policies"]
    assert check.is_well


def test_two_officers_change_policies_where_the_node_asks_for_two(own: Office) -> None:
    joko = officers.add(own, ALICE, "joko", roles=["custodian"])
    node_settings.change(own, ALICE, "four_eyes", ["policies.change"])
    nobody = 'forbid (principal, action == Action::"proposals.decide", resource is Proposal) when { %s };'
    with pytest.raises(InputError, match="cannot be added") as refused:
        overlays.add(own, ALICE, "x.cedar", nobody % "principal.clearance < 9", "they wait")
    assert refused.value.code == "policy_locks_out"
    made = overlays.add(own, ALICE, "no-matching.cedar", NO_MATCHING, "Decree 7 of 2026")
    assert made is not None
    assert access.may(own, BOB, "entities.match")
    with pytest.raises(NotFoundError):
        proposals.decide(own, replace(ALICE, via="session"), made.number, True, "myself")
    proposals.decide(own, replace(joko, via="session"), made.number, True, "as decreed")
    assert not access.may(own, BOB, "entities.match")
    going = overlays.remove(own, joko, "no-matching", "repealed")
    assert going is not None
    (own.node / "policies" / "no-matching.cedar").write_text("broken")
    proposals.decide(own, replace(ALICE, via="session"), going.number, True, "yes")
    assert access.may(own, BOB, "entities.match")


def test_no_more_forbids_than_a_filter_can_hold(own: Office) -> None:
    overlays.add(own, ALICE, "a.cedar", NO_MATCHING * (forbids.MAX_FORBIDS - 1))
    overlays.add(own, ALICE, "b.cedar", NO_MATCHING)
    with pytest.raises(InputError) as refused:
        overlays.add(own, ALICE, "c.cedar", NO_MATCHING)
    assert refused.value.code == "too_many_policies"


def test_a_backup_carries_what_the_agency_forbids(own: Office, tmp_path: Path) -> None:
    secret, key = custodians.pair()
    custodians.add(own, ALICE, "dewi", key)
    overlays.add(own, ALICE, "no-matching.cedar", NO_MATCHING)
    backup.backup(own, ALICE, tmp_path / "node.age")
    (tmp_path / "key").write_text(secret)
    restore.restore(Settings(tmp_path / "again"), tmp_path / "node.age", tmp_path / "key")
    again = open_office(Settings(tmp_path / "again"))
    assert not access.may(again, BOB, "entities.match")
    assert access.may(again, BOB, "entities.search")
    again.close()


def test_rules_that_are_only_looked_at_are_not_in_force(own: Office) -> None:
    under = replace(own, book=Fixed(policy.rules([NO_MATCHING])))
    assert access.may(own, Officer("x", frozenset(ROLES)), "entities.match")
    assert not access.may(under, Officer("x", frozenset(ROLES)), "entities.match")
