"""Every command x every role x own case, another case, another agency: read from the command line itself.

A new command without a line in the table fails here. What is expected is written by hand, from what the roles are for.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.core import TyperArgument

from lintas.cli.main import main
from lintas.cli.serving import listen
from lintas.desk import (
    correspondence,
    custodians,
    demonstration,
    exports,
    jobs,
    node_card,
    officers,
    oidc,
    policy,
    sessions,
)
from lintas.desk.office import Office
from lintas.model.errors import NotFoundError
from lintas.model.officer import ROLES
from lintas.sources import catalogue
from tests.desk.cast import ALICE
from tests.desk.cells import Cell, cells, newest
from tests.desk.entries import rows
from tests.desk.verbs import World, made, message_in
from tests.paths.commands import EXPECTED, ISSUER, OPEN, commands

CELLS = cells((name, expected.other_case is not None) for name, expected in EXPECTED.items())
# What commands name, and the same of nothing.
ABSENT = {
    **dict.fromkeys(("run", "job", "thread"), "999999"),
    **dict.fromkeys(("officer", "locked_out", "custodian"), "no.one"),
    "token": "0123456789ab",
    "message": "no-message",
}


def may(cell: Cell) -> bool:
    return cell.may(EXPECTED[cell.name].own, EXPECTED[cell.name].other_case or "")


def names_a_thing(cell: Cell) -> bool:
    return any(f"{{{name}}}" in EXPECTED[cell.name].words for name in ABSENT)


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def code(self) -> str:
        return "" if self.status == 0 else self.err.split()[-1]


class Desk(NamedTuple):
    """The world, and what its commands name in each place."""

    world: World
    things: dict[str, dict[str, str]]
    others: dict[str, int]  # numbers of the other agency's things

    def run(self, who: str, *words: str) -> Ended:
        return run("--node", str(self.world.office.node), "--as", who, *words)

    def ask(self, cell: Cell, out: Path, **instead: str) -> Ended:
        filled = {
            **self.things[cell.place],
            "out": str(out),
            "new": f"{cell.role}.{out.parent.name.replace('_', '.').lower()[-40:]}",
            "key": custodians.pair()[1],
            "sample": str(catalogue.samples("ftm")[0]),
            "customers": str(demonstration.CUSTOMERS),
            **instead,
        }
        words = EXPECTED[cell.name].words.split()
        return self.run(cell.role, *cell.name.split(), *(word.format(**filled) for word in words))


def run(*words: str) -> Ended:
    """Run `lintas` as a shell would, with its table of errors."""
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["lintas", *words])
        with pytest.raises(SystemExit) as ended:
            main()
    status = ended.value.code
    return Ended(status if isinstance(status, int) else 0, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    making = made(tmp_path_factory.mktemp("commands"))
    world = next(making)
    office = world.office
    for label in ("dewi", "eko"):
        custodians.add(office, ALICE, label, custodians.pair()[1])
    officers.add(office, ALICE, "fajar", roles=["analyst"])
    oidc.bind(office, ALICE, "maker", ISSUER, "1")
    things = dict[str, dict[str, str]]()
    card = tmp_path_factory.mktemp("cards") / "own.card"
    card.write_text(node_card.signed(office, ALICE))
    for place, held in world.places.items():
        who = officers.acting(office, "stranger" if place == "other_agency" else "maker")
        sessions.create_token(office, who, label=place)
        (token, *_) = (one.id for one in sessions.my_tokens(office, who) if one.label == place)
        job = exports.ask(office, who, held.run, "csv").number
        message = message_in(office, held.thread)
        names = {"message": message, "officer": who.id, "locked_out": "fajar", "custodian": "eko", "card": str(card)}
        things[place] = {"run": str(held.run), "thread": str(held.thread), "job": str(job), "token": token, **names}
    away = world.places["other_agency"]
    others = {**away._asdict(), "job": _job(office, away.run), "export": int(things["other_agency"]["job"])}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "250")
        for name in ("LINTAS_NODE", "LINTAS_DATABASE_URL", "LINTAS_LOG_URL", "LINTAS_LOG_HEAD"):
            patch.delenv(name, raising=False)
        yield Desk(world, things, others)
    for _ in making:
        pass


def test_every_command_has_its_line_in_this_table() -> None:
    assert set(commands()) == OPEN | set(EXPECTED)
    assert not OPEN & set(EXPECTED)


def test_what_takes_a_number_is_tried_with_numbers_of_others() -> None:
    takes = {
        name
        for name, command in commands().items()
        for one in command.params
        if isinstance(one, TyperArgument) and one.type_descriptor.annotation is int
    }
    assert takes == {
        "retention keep",
        "matching open",
        "duties end",
    } | {  # a number of days; what inspectors open for any officer; a duty of the agency
        name
        for name, one in EXPECTED.items()
        if any(what in one.words for what in ("{run}", "{job}", "{thread}"))
        and name != "threads form"  # it takes the id of a message, too
    }


@pytest.mark.parametrize("cell", CELLS, ids="-".join)
def test_each_role_may_what_the_table_says_and_no_more(
    desk: Desk, cell: Cell, tmp_path: Path, record_property: Callable[[str, Any], None]
) -> None:
    record_property("cells of the matrix of commands tried", 1)
    expected, office = EXPECTED[cell.name], desk.world.office
    if may(cell):
        ended = desk.ask(cell, tmp_path / "out")
        assert ended.code in ("", *expected.ends.split()), ended.err
        outcomes = {outcome for who, _, outcome in newest(office, 20) if who == cell.role}
        assert outcomes & {"asked", "done"}
        return
    before = _state(office)
    ended = desk.ask(cell, tmp_path / "out")
    assert (ended.status, ended.code) == _refusal(cell)
    assert not ended.out
    ((who, verb, outcome),) = newest(office, 1)
    assert (who, outcome) == (cell.role, "refused")
    assert verb in policy.VERBS if cell.role in ROLES else verb == "sign_in"
    assert _state(office) == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cell", [cell for cell in CELLS if names_a_thing(cell) and not may(cell)], ids="-".join)
def test_who_is_refused_does_not_learn_whether_a_thing_is_there(desk: Desk, cell: Cell, tmp_path: Path) -> None:
    there = desk.ask(cell, tmp_path / "out")
    (said,) = _last(desk.world.office)
    absent = desk.ask(cell, tmp_path / "out", **ABSENT)
    (said_of_nothing,) = _last(desk.world.office)
    held = desk.things[cell.place]
    assert _blank(there, held) == _blank(absent, ABSENT)
    # Officers read their own rows of the log.
    assert _blanked(said, held) == _blanked(said_of_nothing, ABSENT)


@pytest.mark.parametrize("role", ["analyst", "liaison"])
def test_no_number_of_another_agency_opens_anything(
    desk: Desk, role: str, tmp_path: Path, record_property: Callable[[str, Any], None]
) -> None:
    kinds = ("{run}", "{job}", "{thread}")
    names = [name for name, one in EXPECTED.items() if any(kind in one.words for kind in kinds)]
    # A case of theirs may have the number of a run of one's own.
    officer = desk.world.officers[role]
    mine = {held.number for held in desk.world.runs_of(officer)}
    others = {what: number for what, number in desk.others.items() if number not in mine}
    assert {"run", "match", "job", "export"} <= set(others)
    for name in names:
        cell = Cell(name, role, "other_agency")
        nothing = _blank(desk.ask(cell, tmp_path / "out", **ABSENT), ABSENT)
        assert nothing.status in (66, 77)
        theirs = {line.thread.number for line in correspondence.overview(desk.world.office, officer)}
        for what, number in others.items():
            if "{thread}" in EXPECTED[name].words and number in theirs:
                continue  # a thread of theirs may have the number of another agency's run
            tried = {"run": str(number), "job": str(number), "thread": str(number)}
            assert _blank(desk.ask(cell, tmp_path / "out", **tried), tried) == nothing, (name, what)
    record_property("numbers of another agency tried", len(names) * len(others))
    assert list(tmp_path.iterdir()) == []


def test_jobs_that_are_listed_are_of_runs_in_reach(desk: Desk) -> None:
    office, (mine, theirs, stranger) = desk.world.office, [place.run for place in desk.world.places.values()]
    for who, seen, hidden in (
        ("supervisor", {mine, theirs}, {stranger}),
        ("stranger", {stranger}, {mine, theirs}),
        ("administrator", {mine, theirs, stranger}, set[int]()),
    ):
        officer = officers.acting(office, who)
        if who == "stranger":
            officers.change(office, ALICE, who, roles=["supervisor"])
        listed = {int(number) for number in re.findall(r"\brun (\d+)\b", desk.run(who, "jobs", "list").out)}
        assert seen <= listed
        assert not hidden & listed
        for run_hidden in hidden:
            with pytest.raises(NotFoundError):
                jobs.get(office, officer, _job(office, run_hidden))


def test_who_is_disabled_does_nothing_by_command_and_it_is_logged(desk: Desk) -> None:
    office = desk.world.office
    officers.add(office, ALICE, "gone", roles=ROLES)
    officers.disable(office, ALICE, "gone")
    before = _state(office)
    ended = desk.run("gone", "lists", "status")
    assert (ended.status, ended.code) == (77, "disabled")
    assert newest(office, 1) == [("nobody", "sign_in", "refused")]
    assert _last(office)[0][1] == "by command as gone"
    assert _state(office) == before


@pytest.mark.parametrize(
    ("words", "code"), [("custodian key", ""), ("tokens verbs", ""), (f"verify {demonstration.CUSTOMERS}", "bad_pack")]
)
def test_what_needs_no_node_makes_none(tmp_path: Path, words: str, code: str) -> None:
    assert run("--node", str(tmp_path / "node"), "--as", "nobody", *words.split()).code == code
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("who", "code"), [("nobody", "unknown_officer"), ("inspector", "port_taken")])
def test_a_node_is_served_by_an_officer_that_it_knows(desk: Desk, who: str, code: str) -> None:
    before = _state(desk.world.office)
    with listen("127.0.0.1", 0) as taken:
        assert desk.run(who, "serve", "--port", str(taken.getsockname()[1])).code == code
    assert _state(desk.world.office) == before


def test_a_node_that_is_not_empty_is_neither_restored_over_nor_upgraded_twice(desk: Desk, tmp_path: Path) -> None:
    office, secret, key = desk.world.office, *custodians.pair()
    custodians.add(office, ALICE, "fitri", key)
    (tmp_path / "key").write_text(secret)
    assert desk.run("administrator", "backup", str(tmp_path / "backup.age")).status == 0
    before = _state(office)
    node = str(office.node)
    ended = run("--node", node, "restore", str(tmp_path / "backup.age"), "--identity", str(tmp_path / "key"))
    assert ended.status == 73, ended.err
    assert run("--node", node, "upgrade").status == 0
    assert _state(office) == before


def _refusal(cell: Cell) -> tuple[int, str]:
    """Status and code: who may somewhere learns nothing of what is out of reach; who never may is told so."""
    if cell.role not in ROLES:
        return 66, "unknown_officer"
    expected = EXPECTED[cell.name]
    is_somewhere = expected.other_case is not None and cell.role in expected.own.split()
    thing = next((name for name in ("thread", "message") if f"{{{name}}}" in expected.words), "run")
    return (66, f"unknown_{thing}") if is_somewhere else (77, "denied")


def _state(office: Office) -> tuple[dict[str, list[Any]], list[Path]]:
    """Every row but the log's, and every file of the node but its databases."""
    files = sorted(path for path in office.node.rglob("*") if path.is_file() and ".sqlite" not in path.name)
    return rows(office), files


def _last(office: Office) -> list[tuple[str, ...]]:
    with office.log.read() as connection:
        query = "SELECT officer, object, verb, outcome, subjects, details FROM log ORDER BY number DESC LIMIT 1"
        return [tuple(map(str, row)) for row in connection.exec_driver_sql(query)]


def _job(office: Office, run_number: int) -> int:
    with office.database.read() as connection:
        query = "SELECT number FROM jobs WHERE kind = 'screen' AND run = %d"
        return int(connection.exec_driver_sql(query % run_number).scalar_one())


def _blank(ended: Ended, things: dict[str, str]) -> Ended:
    return Ended(ended.status, *_blanked((ended.out, ended.err), things))


def _blanked(texts: tuple[str, ...], things: dict[str, str]) -> tuple[str, ...]:
    """Without the names of the things."""
    named = "|".join(re.escape(name) for name in sorted(set(things.values()), key=len, reverse=True))
    return tuple(re.sub(rf"(?<!\w)({named})(?!\w)", "*", text) for text in texts)
