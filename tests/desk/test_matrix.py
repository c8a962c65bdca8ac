"""Who may do what: every verb of the desk x each role x its own case, another case, another agency.

The verbs are found by looking at the modules: a new one without a line in the table fails here. What the table says is
written by hand, from what the roles are for; it is not read from the policies.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import pytest

import lintas.desk
from lintas.desk import access, policy
from lintas.desk.office import Office
from lintas.model.errors import DeniedError, LintasError, NotFoundError
from lintas.model.officer import ROLES, Officer
from lintas.model.scope import NOTHING
from tests.desk.cast import ALICE
from tests.desk.entries import rows
from tests.desk.verbs import NO_VERBS, OF_NOTHING, VERBS, World, made

PLACES = ("own", "other_case", "other_agency")


class Cell(NamedTuple):
    """One question to the node: may this role do this verb in this place?"""

    name: str
    role: str
    place: str

    @property
    def may(self) -> bool:
        verb = VERBS[self.name]
        roles = {"own": verb.own, "other_case": verb.other_case, "other_agency": ""}[self.place]
        return self.role in roles.split()


CELLS = [
    Cell(name, role, place)
    for name, verb in VERBS.items()
    for role in (*ROLES, "nobody")
    for place in (PLACES if verb.is_placed else ("own",))
]


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


def newest(office: Office, n: int) -> list[tuple[str, str, str]]:
    with office.log.read() as connection:
        query = "SELECT officer, verb, outcome FROM log ORDER BY number DESC LIMIT %d"
        return [tuple(row) for row in connection.exec_driver_sql(query % n)]


def n_logged(office: Office) -> int:
    with office.log.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM log").scalar_one())


def test_every_verb_of_the_desk_has_its_line_in_this_table() -> None:
    assert verbs_of_the_desk() - NO_VERBS == set(VERBS)


@pytest.mark.parametrize("cell", CELLS, ids="-".join)
def test_each_role_may_what_the_table_says_and_no_more(world: World, cell: Cell) -> None:
    verb, officer, office = VERBS[cell.name], world.officers[cell.role], world.office
    before, held = n_logged(office), rows(office)
    place = world.places[cell.place]
    if cell.may:
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
    kinds = ("Run", "Case", "Proposal")
    somewhere = any(policy.reach(access.facts(office, officer), what, kind) != NOTHING for kind in kinds)
    assert isinstance(caught.value, NotFoundError) == (verb.is_placed and somewhere)


@pytest.mark.parametrize("name", OF_NOTHING)
def test_who_asks_for_what_is_not_there_is_logged_too(world: World, name: str) -> None:
    before = n_logged(world.office)
    with pytest.raises(LintasError):
        OF_NOTHING[name](world.office, ALICE)
    assert n_logged(world.office) > before
    assert newest(world.office, 1)[0][1:] == (VERBS[name].named, "asked") or name == "runs.again"


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
