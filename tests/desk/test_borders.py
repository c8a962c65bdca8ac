"""What an insider tries at the borders between cases, agencies, purposes and hours."""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from lintas.desk import access, casework, decisions, glass, officers, outcomes, reasons, runs, settings, trail
from lintas.desk.office import Office
from lintas.model.errors import ConflictError, DeniedError, InputError, NotFoundError
from lintas.model.log import Wanted
from lintas.model.officer import ROLES, Officer
from lintas.web.words import LONGEST, rooms
from tests.desk.cast import ALICE, BOB, enlist
from tests.desk.conftest import Clock
from tests.desk.customers import LISTED, done, names, write
from tests.desk.entries import load

SARI = Officer("sari", frozenset({"supervisor"}), via="session")
LILA = Officer("lila", frozenset({"liaison"}), via="session")
ANI = Officer("ani", frozenset({"analyst"}), via="session")
GUEST = Officer("gita", frozenset({"analyst"}), agency="customs", via="session")


@pytest.fixture
def node(timed: Office) -> Office:
    """Run 1 is Bob's, in case 1, with Lila and Ani; run 2 is of another agency."""
    load(timed, LISTED)
    enlist(timed, ALICE, BOB, SARI, LILA, ANI, GUEST)
    case = casework.open_case(timed, BOB, "Teak by way of Batam")
    for who in (LILA, ANI):
        casework.assign(timed, SARI, case.number, who.id)
    done(timed, 25)
    casework.put_run(timed, BOB, 1, case.number)
    theirs = runs.create(timed, GUEST, write(timed.scratch / "theirs.csv", names(25)))
    runs.work(timed, theirs.number)
    return timed


def _subjects(office: Office) -> set[str]:
    return {one for row in trail.find(office, ALICE).rows for one in row.subjects}


def test_who_asks_for_a_match_under_a_run_that_is_not_its_own_learns_and_leaves_nothing(node: Office) -> None:
    theirs = runs.matches(node, GUEST, 2)[0]
    for officer, number in ((SARI, 1), (SARI, 2), (BOB, 2), (BOB, 1)):
        for call in (
            lambda who=officer, run=number: runs.show_match(node, who, run, theirs.number),
            lambda who=officer, run=number: outcomes.decide(node, who, run, theirs.number, "report", "it is them"),
        ):
            before = len(trail.who_looked(node, SARI, f"entity:{theirs.match.entity_id}").rows)
            with pytest.raises(NotFoundError):
                call()
            assert len(trail.who_looked(node, SARI, f"entity:{theirs.match.entity_id}").rows) == before + 1  # this look


def test_who_is_only_assigned_carries_no_run_off_into_a_case_of_their_own(node: Office) -> None:
    own = casework.open_case(node, ANI, "Mine")
    with pytest.raises(ConflictError) as caught:
        casework.put_run(node, ANI, 1, own.number)
    assert caught.value.code == "run_in_case"
    assert runs.get(node, LILA, 1).case == 1
    other = casework.open_case(node, SARI, "Where it belongs")
    casework.put_run(node, SARI, 1, other.number)
    casework.put_run(node, BOB, 1, 1)
    assert runs.get(node, LILA, 1).case == 1


def test_an_hour_of_emergency_access_cannot_be_made_longer_by_a_run_made_anew(node: Office, clock: Clock) -> None:
    casework.withdraw(node, SARI, 1, ANI.id)
    glass.break_glass(node, ANI, 1, "A life is at risk now")
    assert runs.get(node, ANI, 1).number == 1
    with pytest.raises(DeniedError) as caught:
        runs.again(node, ANI, 1, {}, 0.5)
    assert caught.value.code == "glass_only"


def test_a_page_that_was_left_open_overrules_nobody_unseen(node: Office) -> None:
    match = runs.matches(node, BOB, 1)[0].number
    seen = len(runs.show_match(node, BOB, 1, match).history)
    runs.decide(node, SARI, 1, [match], "same", "passport fits", seen=seen)
    with pytest.raises(ConflictError) as caught:
        runs.decide(node, BOB, 1, [match], "different", "born later", seen=seen)
    assert caught.value.code == "decided_meanwhile"
    assert runs.show_match(node, BOB, 1, match).found.verdict == "same"
    runs.decide(node, BOB, 1, [match], "different", "born later", seen=seen + 1)


@pytest.mark.parametrize("role", ["inspector", "administrator", "custodian"])
def test_a_guest_runs_nothing_of_the_node_and_reads_no_log_of_others(node: Office, role: str) -> None:
    own = Officer("x", frozenset({role}), via="session")
    guest = replace(own, agency="customs")
    for verb in ("log.read", "log.export", "officers.read", "officers.change", "backup.create", "backup.keys"):
        assert not access.may(node, guest, verb)
    assert any(access.may(node, own, verb) for verb in ("log.read", "officers.change", "backup.keys"))
    with pytest.raises(DeniedError):
        settings.change(node, replace(guest, roles=frozenset(ROLES)), "retention_days", 1)


def test_nobody_fills_the_log_or_a_match_with_what_they_write(node: Office) -> None:
    match = runs.matches(node, BOB, 1)[0].number
    with pytest.raises(InputError, match=r"^No verdict .{42}\. "):
        decisions.decide(node, BOB, {1: [match]}, "x" * 900_000, "why")
    decisions.decide(node, BOB, {1: [match]}, "different", "y" * 900_000)
    with pytest.raises(DeniedError):
        access.require(node, LILA, "officers.change", "z" * 900_000, {"roles": ["w" * 900_000]})
    newest = trail.find(node, ALICE, Wanted(officer="lila")).rows[0]
    assert len(newest.object) == access.LONGEST_OBJECT
    assert set(newest.details) == {"sha256", "length"}
    assert all(len(orjson.dumps(row.details)) <= access.LONGEST_DETAILS for row in trail.find(node, ALICE).rows)
    assert len(runs.show_match(node, BOB, 1, match).history[-1].reason) == reasons.MAX_REASON


def test_no_text_is_so_long_that_its_translation_holds_a_thread() -> None:
    held = rooms("id")
    text = "bob (analyst) may not do " + " (" * LONGEST
    assert held.said(text) == text
    assert held.said("bob (analyst) may not do runs.erase") != "bob (analyst) may not do runs.erase"


@pytest.mark.parametrize("name", ["node", "nobody"])
def test_no_officer_takes_a_name_that_the_log_uses_itself(node: Office, name: str) -> None:
    with pytest.raises(InputError) as caught:
        officers.add(node, ALICE, name, roles=["inspector"])
    assert caught.value.code == "bad_officer"


def test_a_name_of_a_file_brings_nothing_invisible(node: Office, tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_text("name\nBudi\n", encoding="utf-8")
    run = runs.create(node, BOB, file, name="a\u202ecsv.exe\x1b[2J.csv")
    assert run.file["name"] == "acsv.exe[2J.csv"
