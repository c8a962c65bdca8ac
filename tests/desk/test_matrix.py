"""Who may do what: every verb of the desk, each role, and a row in the log for every one of them.

The verbs are found by looking at the modules: a new one without a line in the table fails here.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import lintas.desk
from lintas.desk import access, demonstration, dossier, intake, refresh, runs, screening
from lintas.desk.office import Office, Settings, open_office
from lintas.model.errors import DeniedError, LintasError
from lintas.model.officer import Officer
from lintas.sources import catalogue
from lintas.store import lists
from tests.desk.cast import ALICE, BOB, CHARLIE
from tests.desk.entries import rows

EVERYBODY, WORKERS, OWNER = {"owner", "analyst", "reader"}, {"owner", "analyst"}, {"owner"}
OFFICERS = {officer.role: officer for officer in (ALICE, BOB, CHARLIE)}
# These are how the others ask and log; they are no verbs of an officer.
NO_VERBS = {"access.require", "access.done"}


class Node(NamedTuple):
    """A node with every sample list and a run that is done."""

    office: Office
    run: int
    match: int
    entity: str
    folder: Path


class Verb(NamedTuple):
    """Who may, what the log calls it, and how it is called."""

    may: set[str]
    named: str
    call: Callable[[Node, Officer], Any]


VERBS: dict[str, Verb] = {
    "access.create_link": Verb(OWNER, "sign_in.link", lambda n, o: access.create_link(n.office, o)),
    "access.create_token": Verb(OWNER, "tokens.create", lambda n, o: access.create_token(n.office, o, "reader")),
    "access.sign_out": Verb(EVERYBODY, "sign_out", lambda n, o: access.sign_out(n.office, o, "a session")),
    "access.trail": Verb(OWNER, "audit.read", lambda n, o: access.trail(n.office, o)),
    "demonstration.prepare": Verb(
        EVERYBODY, "lists.read", lambda n, o: demonstration.prepare(n.office, o, lambda what, done: None)
    ),
    "dossier.adjacent": Verb(EVERYBODY, "entities.read", lambda n, o: dossier.adjacent(n.office, o, n.entity)),
    "dossier.document": Verb(EVERYBODY, "entities.read", lambda n, o: dossier.document(n.office, o, n.entity)),
    "dossier.documents": Verb(EVERYBODY, "entities.read", lambda n, o: dossier.documents(n.office, o, [n.entity])),
    "dossier.show": Verb(EVERYBODY, "entities.read", lambda n, o: dossier.show(n.office, o, n.entity)),
    "intake.delta": Verb(EVERYBODY, "lists.read", lambda n, o: intake.delta(n.office, o, "un_sc", 1)),
    "intake.history": Verb(EVERYBODY, "lists.read", lambda n, o: intake.history(n.office, o, "un_sc")),
    "intake.load": Verb(
        OWNER,
        "lists.load",
        lambda n, o: intake.load(n.office, o, "ftm", catalogue.samples("ftm"), fictional=True),
    ),
    "intake.status": Verb(EVERYBODY, "lists.read", lambda n, o: intake.status(n.office, o)),
    "intake.versions": Verb(EVERYBODY, "lists.read", lambda n, o: intake.versions(n.office, o, "un_sc")),
    "refresh.loaded": Verb(EVERYBODY, "lists.read", lambda n, o: refresh.loaded(n.office, o)),
    "refresh.refresh": Verb(OWNER, "lists.load", lambda n, o: refresh.refresh(n.office, o, "ftm")),  # has no address
    "runs.again": Verb(WORKERS, "runs.create", lambda n, o: runs.again(n.office, o, n.run, {}, 0.8)),
    "runs.create": Verb(WORKERS, "runs.create", lambda n, o: runs.create(n.office, o, demonstration.CUSTOMERS)),
    "runs.decide": Verb(
        WORKERS, "runs.decide", lambda n, o: runs.decide(n.office, o, n.run, [n.match], "different", "born later")
    ),
    "runs.export": Verb(
        WORKERS, "runs.export", lambda n, o: runs.export(n.office, o, n.run, "jsonl", n.folder / "out.jsonl")
    ),
    "runs.get": Verb(EVERYBODY, "runs.read", lambda n, o: runs.get(n.office, o, n.run)),
    "runs.latest": Verb(EVERYBODY, "runs.read", lambda n, o: runs.latest(n.office, o)),
    "runs.matches": Verb(EVERYBODY, "runs.read", lambda n, o: runs.matches(n.office, o, n.run)),
    "runs.neighbours": Verb(EVERYBODY, "runs.read", lambda n, o: runs.neighbours(n.office, o, n.run, n.match)),
    "runs.problems": Verb(EVERYBODY, "runs.read", lambda n, o: runs.problems(n.office, o, n.run)),
    "runs.review": Verb(EVERYBODY, "runs.read", lambda n, o: runs.review(n.office, o, n.run)),
    "runs.show_match": Verb(EVERYBODY, "runs.read", lambda n, o: runs.show_match(n.office, o, n.run, n.match)),
    "runs.stop": Verb(WORKERS, "runs.create", lambda n, o: runs.stop(n.office, o, n.run)),
    "runs.wait": Verb(EVERYBODY, "runs.read", lambda n, o: runs.wait(n.office, o, n.run)),
    "screening.match": Verb(
        EVERYBODY,
        "entities.match",
        lambda n, o: screening.match(
            n.office, o, [screening.Question("Person", {"name": ["Nobody"]})], screening.Options()
        ),
    ),
    "screening.schemata": Verb(EVERYBODY, "entities.search", lambda n, o: screening.schemata(n.office, o)),
    "screening.search": Verb(EVERYBODY, "entities.search", lambda n, o: screening.search(n.office, o, "Nobody")),
}
# The same, asked of a thing that is not there: that somebody asked is logged all the same.
OF_NOTHING: dict[str, Callable[[Node, Officer], Any]] = {
    "dossier.show": lambda n, o: dossier.show(n.office, o, "none"),
    "dossier.adjacent": lambda n, o: dossier.adjacent(n.office, o, "none"),
    "dossier.document": lambda n, o: dossier.document(n.office, o, "none"),
    "intake.delta": lambda n, o: intake.delta(n.office, o, "atlantis", 1),
    "intake.history": lambda n, o: intake.history(n.office, o, "atlantis"),
    "intake.load": lambda n, o: intake.load(n.office, o, "atlantis", []),
    "refresh.refresh": lambda n, o: refresh.refresh(n.office, o, "atlantis"),
    "runs.again": lambda n, o: runs.again(n.office, o, 999, {}, 0.8),
    "runs.create": lambda n, o: runs.create(n.office, o, Path("none")),
    "runs.decide": lambda n, o: runs.decide(n.office, o, 999, [1], "same", "the same person"),
    "runs.export": lambda n, o: runs.export(n.office, o, 999, "csv", n.folder / "out.csv"),
    "runs.get": lambda n, o: runs.get(n.office, o, 999),
    "runs.neighbours": lambda n, o: runs.neighbours(n.office, o, n.run, 999),
    "runs.review": lambda n, o: runs.review(n.office, o, 999),
    "runs.show_match": lambda n, o: runs.show_match(n.office, o, n.run, 999),
    "runs.stop": lambda n, o: runs.stop(n.office, o, 999),
    "runs.wait": lambda n, o: runs.wait(n.office, o, 999),
    "screening.match": lambda n, o: screening.match(n.office, o, [], screening.Options()),
    "screening.search": lambda n, o: screening.search(n.office, o, "x", dataset="atlantis"),
    "screening.schemata": lambda n, o: screening.schemata(n.office, o, "atlantis"),
}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("matrix")
    office = open_office(Settings(folder / "node"))
    run = demonstration.prepare(office, ALICE, lambda what, n: None)
    runs.work(office, run.number)
    runs.work(office, run.number)
    found = runs.matches(office, ALICE, run.number)[0]
    yield Node(office, run.number, found.number, found.match.entity_id, folder)
    office.database.engine.dispose()


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
    return [(row["officer"], row["verb"], row["outcome"]) for row in access.trail(office, ALICE, n + 1)[1:]]


def n_logged(office: Office) -> int:
    return len(rows(office, "audit")["audit"])


def test_every_verb_of_the_desk_has_its_line_in_this_table() -> None:
    assert verbs_of_the_desk() - NO_VERBS == set(VERBS)


def test_what_the_roles_may_grows_with_the_role_and_names_no_verb_that_nobody_asks() -> None:
    assert access.READS < access.WORKS < access.OWNS
    asked = {verb.named for verb in VERBS.values()}
    assert asked - {"sign_out"} <= access.OWNS


@pytest.mark.parametrize("role", OFFICERS)
@pytest.mark.parametrize("name", VERBS)
def test_each_role_may_what_the_table_says_and_no_more(node: Node, name: str, role: str) -> None:
    verb, officer, before = VERBS[name], OFFICERS[role], n_logged(node.office)
    if role in verb.may:
        with suppress(*([LintasError] if name == "refresh.refresh" else [])):
            verb.call(node, officer)
        outcomes = {
            outcome for who, what, outcome in newest(node.office, 6) if what == verb.named and who == officer.id
        }
        assert outcomes & {"asked", "done"}
        assert n_logged(node.office) > before
    else:
        held = rows(node.office)
        with pytest.raises(DeniedError):
            verb.call(node, officer)
        assert newest(node.office, 1) == [(officer.id, verb.named, "refused")]
        assert rows(node.office) == held


@pytest.mark.parametrize("name", OF_NOTHING)
def test_who_asks_for_what_is_not_there_is_logged_too(node: Node, name: str) -> None:
    before = n_logged(node.office)
    with pytest.raises(LintasError):
        OF_NOTHING[name](node, ALICE)
    assert n_logged(node.office) > before
    assert newest(node.office, 1) == [("alice", VERBS[name].named, "asked")] or name == "runs.again"


@pytest.mark.parametrize("name", sorted(set(OF_NOTHING) - {"runs.again"}))
def test_who_may_not_do_a_thing_does_not_learn_whether_it_is_there(node: Node, name: str) -> None:
    nobody = Officer("mallory", "")
    with pytest.raises(DeniedError):
        OF_NOTHING[name](node, nobody)
    assert newest(node.office, 1) == [("mallory", VERBS[name].named, "refused")]


def test_an_empty_node_is_prepared_for_trying_by_its_owner_only(tmp_path: Path) -> None:
    office = open_office(Settings(tmp_path / "node"))
    for officer in (BOB, CHARLIE):
        with pytest.raises(DeniedError):
            demonstration.prepare(office, officer, lambda what, n: None)
    with office.database.read() as connection:
        assert lists.current(connection) == {}
