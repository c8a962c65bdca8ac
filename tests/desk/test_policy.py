"""The policies: what Cedar decides for one thing and what the store filters for many is the same, always."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

import lintas.desk
from lintas.desk import access, policy
from lintas.desk.office import Office, Settings, open_office
from lintas.desk.policy import Facts, Thing
from lintas.model.officer import PURPOSES, ROLES, Officer
from lintas.model.scope import EVERYTHING, NOTHING, Either, Every, Field, Not
from lintas.store import scoping
from lintas.store.tables import runs

NAMES = ("rina", 'joko" || true', "ลินตัส\n", "me", "another")
AGENCIES = ("own", "elsewhere")
CASES = (1, 2, 3)

officers = st.builds(
    Officer,
    id=st.sampled_from(NAMES),
    roles=st.frozensets(st.sampled_from((*ROLES, "staff", "content", "root")), max_size=3),
    agency=st.sampled_from(AGENCIES),
    clearance=st.integers(0, 3),
    purpose=st.sampled_from(PURPOSES[:2]),
    via=st.sampled_from(("command", "session", "token")),
    verbs=st.none() | st.frozensets(st.sampled_from(sorted(policy.VERBS)), max_size=4),
)
everything_known = st.builds(
    Facts,
    officer=officers,
    cases=st.frozensets(st.sampled_from(CASES)),
    glass=st.frozensets(st.integers(1, 6), max_size=2),
)
held_runs = st.lists(
    st.fixed_dictionaries(
        {
            "agency": st.sampled_from(AGENCIES),
            "clearance": st.integers(0, 3),
            "purpose": st.sampled_from(PURPOSES[:2]),
            "created_by": st.sampled_from(NAMES),
            "case": st.none() | st.sampled_from(CASES),
        }
    ),
    min_size=1,
    max_size=6,
)
ON_RUNS = sorted(verb for verb in policy.VERBS if verb.startswith(("runs.", "glass.", "outcomes.")))


def keep(office: Office, held: list[dict[str, object]]) -> None:
    filled = {"file": {}, "mapping": {}, "columns": [], "threshold": 0.7, "status": "done", "list_versions": {}}
    counts = {"n_done": 0, "n_problems": 0, "n_matches": 0, "is_fictional": True}
    times = {"created_at": office.now(), "touched_at": office.now()}
    with office.database.write() as connection:
        connection.execute(delete(runs))
        for number, one in enumerate(held, start=1):
            connection.execute(insert(runs).values(number=number, **filled, **counts, **times, **one))


@settings(max_examples=60)
@given(known=everything_known, held=held_runs)
def test_a_row_filter_lets_through_what_the_policies_permit_and_nothing_else(
    filtered: Office, known: Facts, held: list[dict[str, object]]
) -> None:
    keep(filtered, held)
    for verb in ON_RUNS:
        condition = scoping.where(policy.reach(known, verb, "Run"), scoping.RUN)
        with filtered.database.read() as connection:
            let_through = set(connection.execute(select(runs.c.number).where(condition)).scalars())
            fields = {number: scoping.fields(connection, "run", number) for number in range(1, len(held) + 1)}
        permitted = {
            number
            for number, one in fields.items()
            if policy.allows(known, verb, Thing("Run", str(number), access._known(one or {})))
        }
        assert let_through == permitted, verb


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filtered(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[str], str]
) -> Iterator[Office]:
    opened = open_office(Settings(tmp_path_factory.mktemp("policy") / "node", new_database(request.param)))
    yield opened
    opened.close()


def test_what_is_not_permitted_by_name_is_refused() -> None:
    everybody = Facts(Officer("rina", frozenset(ROLES), clearance=3))
    assert not policy.allows(everybody, "runs.publish")
    assert policy.reach(everybody, "runs.publish", "Run") == NOTHING
    assert not policy.allows(Facts(Officer("rina")), "lists.read")


def test_the_administrator_sees_no_content_and_the_inspector_sees_the_log_only() -> None:
    content = [verb for verb in policy.VERBS if verb.startswith(("entities.", "runs.", "cases.", "outcomes."))]
    for role in ("administrator", "inspector", "custodian"):
        known = Facts(Officer("rina", frozenset({role}), clearance=3), frozenset(CASES), frozenset({1}))
        assert [verb for verb in content if policy.allows(known, verb)] == []
        assert [verb for verb in content if policy.reach(known, verb, "Run") != NOTHING] == []
    assert policy.allows(Facts(Officer("rina", frozenset({"inspector"}))), "log.read")
    assert not policy.allows(Facts(Officer("rina", frozenset({"administrator"}))), "log.read")


def test_two_officers_make_four_eyes_and_both_are_there_in_person() -> None:
    fields = (("agency", "own"), ("verb", "outcomes.decide"), ("proposed_by", "rina"))
    thing = Thing("Proposal", "1", fields)
    supervisor = frozenset({"supervisor"})
    assert not policy.allows(Facts(Officer("rina", supervisor, via="session")), "proposals.decide", thing)
    assert policy.allows(Facts(Officer("joko", supervisor, via="session")), "proposals.decide", thing)
    for via in ("command", "token"):
        assert not policy.allows(Facts(Officer("joko", supervisor, via=via)), "proposals.decide", thing)


def test_every_verb_that_the_desk_asks_for_is_in_the_policies_and_the_other_way_round() -> None:
    folder = Path(lintas.desk.__path__[0])
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    named = set(re.findall(r'"([a-z_]+\.[a-z_]+)"', text))
    required = set(re.findall(r'access\.(?:require|reach|may)\(\s*office,\s*officer,\s*"([a-z_]+\.[a-z_]+)"', text))
    assert policy.VERBS - named == set()
    assert required - policy.VERBS == set()


def test_parts_that_say_nothing_are_left_out_of_a_condition() -> None:
    field = Field("agency", "==", "own")
    assert policy.every([EVERYTHING, field]) == field
    assert policy.every([field, NOTHING]) == NOTHING
    assert policy.any_of([NOTHING, field]) == field
    assert policy.any_of([field, EVERYTHING]) == EVERYTHING
    assert policy.negation(policy.negation(field)) == field
    assert policy.negation(EVERYTHING) == NOTHING
    assert policy.every([field, field]) == Every((field, field))
    assert policy.any_of([field, Not(field)]) == Either((field, Not(field)))
