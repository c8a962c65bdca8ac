"""Who may do what: every verb of the desk x each role x its own case, another case, another agency.

The verbs are found by looking at the modules: a new one without a line in the table fails here. What the table says is
written by hand, from what the roles are for; it is not read from the policies.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

import lintas.desk
from lintas.desk import access, policy
from lintas.desk.office import Office
from lintas.model.errors import DeniedError, LintasError, NotFoundError
from lintas.model.officer import Officer
from lintas.model.scope import NOTHING
from tests.desk.cast import ALICE
from tests.desk.cells import Cell, cells, newest
from tests.desk.entries import rows
from tests.desk.verbs import NO_VERBS, OF_NOTHING, VERBS, World, made

CELLS = cells((name, verb.is_placed) for name, verb in VERBS.items())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from made(tmp_path_factory.mktemp("matrix"))


def verbs_of_the_desk() -> set[str]:
    """Every public function of the desk that takes an office and an officer."""
    found = set[str]()
    for module in pkgutil.iter_modules(lintas.desk.__path__):
        held = importlib.import_module(f"lintas.desk.{module.name}")
        for name, function in inspect.getmembers(held, inspect.isfunction):
            kinds = {parameter.annotation for parameter in inspect.signature(function).parameters.values()}
            if function.__module__ == held.__name__ and not name.startswith("_") and {Office, Officer} <= kinds:
                found.add(f"{module.name}.{name}")
    return found


def n_logged(office: Office) -> int:
    with office.log.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM log").scalar_one())


def test_every_verb_of_the_desk_has_its_line_in_this_table() -> None:
    assert verbs_of_the_desk() - NO_VERBS == set(VERBS)


@pytest.mark.parametrize("cell", CELLS, ids="-".join)
def test_each_role_may_what_the_table_says_and_no_more(
    world: World, cell: Cell, record_property: Callable[[str, Any], None]
) -> None:
    record_property("cells of the matrix of verbs tried", 1)
    verb, officer, office = VERBS[cell.name], world.officers[cell.role], world.office
    before, held = n_logged(office), rows(office)
    place = world.places[cell.place]
    if cell.may(verb.own, verb.other_case):
        with suppress(*verb.fails_with):
            verb.call(office, officer, place)
        outcomes = {
            outcome for who, what, outcome in newest(office, 8) if what in verb.named.split() and who == officer.id
        }
        assert outcomes & {"asked", "done"}
        assert n_logged(office) > before
        return
    with pytest.raises((DeniedError, NotFoundError)) as caught:
        verb.call(office, officer, place)
    ((who, what, outcome),) = newest(office, 1)
    assert (who, outcome) == (officer.id, "refused")
    assert what in verb.named.split()
    assert rows(office) == held
    # Who may do it somewhere learns nothing of a thing that is out of reach; who never may is told so.
    kinds = ("Run", "Case", "Proposal", "Thread")
    somewhere = any(policy.reach(access.facts(office, officer), what, kind) != NOTHING for kind in kinds)
    assert isinstance(caught.value, NotFoundError) == (verb.is_placed and somewhere)


@pytest.mark.parametrize("name", OF_NOTHING)
def test_who_asks_for_what_is_not_there_is_logged_too(world: World, name: str) -> None:
    before = n_logged(world.office)
    with pytest.raises(LintasError):
        OF_NOTHING[name](world.office, ALICE)
    assert n_logged(world.office) > before
    # Officers read their own rows: what is out of reach and what is not there look alike in them.
    outcome = "refused" if VERBS[name].is_placed else "asked"
    assert newest(world.office, 1)[0][1:] == (VERBS[name].named, outcome) or name == "runs.again"


@pytest.mark.parametrize("name", sorted(set(OF_NOTHING) - {"runs.again"}))
def test_who_may_not_do_a_thing_does_not_learn_whether_it_is_there(world: World, name: str) -> None:
    nobody = Officer("mallory")
    with pytest.raises(DeniedError):
        OF_NOTHING[name](world.office, nobody)
    assert newest(world.office, 1) == [("mallory", VERBS[name].named, "refused")]


def test_lists_of_runs_and_cases_hold_what_is_in_reach_and_nothing_else(world: World) -> None:
    from_here: dict[str, set[str]] = {
        "analyst": {"own"},
        "liaison": {"own"},
        "supervisor": {"own", "other_case"},
        "inspector": set(),
        "administrator": set(),
        "custodian": set(),
    }
    for role, places in from_here.items():
        officer, named = world.officers[role], {n.run: place for place, n in world.places.items()}
        assert {named[run.number] for run in world.runs_of(officer) if run.number in named} == places
        named = {n.case: place for place, n in world.places.items()}
        assert {named[case.number] for case in world.cases_of(officer) if case.number in named} == places
