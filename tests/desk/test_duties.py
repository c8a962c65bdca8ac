"""Duty officers and stand-ins: a role for a time, never a clearance, never administration, and always in the log."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from lintas.desk import access, duties, four_eyes, officers, proposals, sessions
from lintas.desk.office import Office
from lintas.model.errors import ConflictError, DeniedError, InputError, LintasError, NotFoundError
from lintas.model.officer import RESTRICTED, SECRET, Officer
from tests.desk.cast import ALICE
from tests.desk.conftest import Clock

CAST = {
    "lina": ("liaison", SECRET),
    "sofia": ("supervisor", SECRET),
    "dewi": ("supervisor", SECRET),
    "ali": ("analyst", RESTRICTED),
    "cora": ("custodian", SECRET),
}


@pytest.fixture
def own(sqlite_timed: Office) -> Office:
    for name, (role, clearance) in CAST.items():
        officers.add(sqlite_timed, ALICE, name, roles=[role], clearance=clearance)
    officers.add(sqlite_timed, ALICE, "guest", roles=["liaison", "supervisor"], agency="elsewhere")
    return sqlite_timed


def act(office: Office, name: str) -> Officer:
    return officers.acting(office, name)


def signed_in(office: Office, name: str) -> Officer:
    return sessions.holder(office, session(office, name), "session")


def session(office: Office, name: str) -> str:
    return sessions.sign_in(office, sessions.create_link(office, act(office, name)))


def give(office: Office, by: str, who: str, role: str, instead_of: str | None = None, days: int = 14) -> int:
    at = office.now()
    return duties.add(office, act(office, by), who, role, at, at + timedelta(days=days), instead_of).number


def newest(office: Office, verb: str) -> Mapping[str, object]:
    with office.log.read() as connection:
        query = "SELECT details FROM log WHERE verb = ? ORDER BY number DESC LIMIT 1"
        told: Mapping[str, object] = orjson.loads(connection.exec_driver_sql(query, (verb,)).scalar_one())
        return told


def test_who_stands_in_has_the_role_for_the_time_and_the_log_says_instead_of_whom(own: Office, clock: Clock) -> None:
    kept = session(own, "ali")
    assert not access.may(own, act(own, "ali"), "exchange.open")
    give(own, "lina", "ali", "liaison", "lina")
    for ali in (act(own, "ali"), sessions.holder(own, kept, "session")):
        assert ali.roles == {"analyst", "liaison"}
        assert (ali.clearance, ali.stands_in) == (RESTRICTED, (("liaison", "lina"),))
        access.require(own, ali, "exchange.open", "to xb.police")
        assert newest(own, "exchange.open") == {"instead_of": {"liaison": "lina"}, "roles": ["analyst", "liaison"]}
    access.require(own, act(own, "lina"), "exchange.open", "to xb.police")
    assert newest(own, "exchange.open") == {}
    clock.move(days=14)
    assert act(own, "ali").roles == {"analyst"}
    assert duties.everything(own, act(own, "lina")) == []


def test_a_duty_that_begins_later_gives_nothing_yet(own: Office, clock: Clock) -> None:
    at = own.now()
    duties.add(own, act(own, "lina"), "ali", "liaison", at + timedelta(days=1), at + timedelta(days=2), "lina")
    assert act(own, "ali").roles == {"analyst"}
    assert duties.on_duty(own, act(own, "ali")) == []
    clock.move(hours=24)
    assert act(own, "ali").roles == {"analyst", "liaison"}
    assert [one.officer for one in duties.on_duty(own, act(own, "ali"))] == ["ali"]


@pytest.mark.parametrize("suspended", ["lina", "ali"])
def test_it_ends_when_either_officer_is_suspended_and_does_not_come_back(own: Office, suspended: str) -> None:
    give(own, "lina", "ali", "liaison", "lina")
    officers.disable(own, ALICE, suspended)
    assert duties.on_duty(own, act(own, "sofia")) == []
    officers.enable(own, ALICE, suspended)
    assert act(own, "ali").roles == {"analyst"}


@pytest.mark.parametrize(("who", "roles"), [("lina", ["analyst"]), ("ali", ["analyst", "administrator"])])
def test_it_holds_only_while_the_role_may_be_given_and_had(own: Office, who: str, roles: list[str]) -> None:
    give(own, "lina", "ali", "liaison", "lina")
    officers.change(own, ALICE, who, roles=roles)
    assert act(own, "ali").roles == officers.acting(own, "ali").roles
    assert "liaison" not in act(own, "ali").roles
    assert duties.on_duty(own, act(own, "sofia")) == []


@pytest.mark.parametrize(
    ("by", "who", "role", "instead_of", "code"),
    [
        ("sofia", "ali", "administrator", "alice", "bad_duty_role"),
        ("sofia", "ali", "custodian", "cora", "bad_duty_role"),
        ("sofia", "ali", "inspector", "alice", "bad_duty_role"),
        ("sofia", "cora", "liaison", "lina", "roles_apart"),
        ("sofia", "charlie", "analyst", "ali", "roles_apart"),
        ("sofia", "ali", "supervisor", "lina", "role_not_held"),
        ("sofia", "ali", "liaison", None, "role_not_held"),
        ("sofia", "lina", "liaison", "alice", "role_held"),
        ("sofia", "guest", "liaison", "lina", "unknown_officer"),
        ("sofia", "ali", "liaison", "guest", "unknown_officer"),
        ("sofia", "nobody", "liaison", "lina", "unknown_officer"),
        ("sofia", "sofia", "liaison", "lina", "own_roles"),
        ("ali", "ali", "liaison", "lina", "denied"),
        ("lina", "ali", "supervisor", "sofia", "denied"),
        ("cora", "ali", "liaison", "lina", "denied"),
        ("charlie", "ali", "liaison", "lina", "denied"),
    ],
)
def test_what_may_not_be_given_is_refused(
    own: Office, by: str, who: str, role: str, instead_of: str | None, code: str
) -> None:
    with pytest.raises(LintasError) as refused:
        give(own, by, who, role, instead_of)
    assert refused.value.code == code
    assert duties.everything(own, act(own, "sofia")) == []


@pytest.mark.parametrize(("begins", "ends"), [(2, 1), (-9, -1), (0, 93), (400, 401), (0, 0)])
def test_a_duty_has_a_time(own: Office, begins: int, ends: int) -> None:
    at = own.now()
    with pytest.raises(InputError):
        duties.add(own, act(own, "lina"), "lina", "liaison", at + timedelta(days=begins), at + timedelta(days=ends))


def test_who_stands_in_gives_nothing_on_and_takes_nothing_longer(own: Office) -> None:
    give(own, "sofia", "lina", "supervisor", "sofia")
    assert "supervisor" in act(own, "lina").roles
    with pytest.raises(DeniedError):
        give(own, "lina", "lina", "supervisor", "sofia", days=60)
    with pytest.raises(DeniedError):
        give(own, "lina", "ali", "supervisor", "sofia")
    token = sessions.create_token(own, signed_in(own, "lina"))
    assert sessions.holder(own, token, "token").roles == {"liaison"}


def test_two_different_persons_decide_and_nobody_releases_in_the_proposers_name(own: Office) -> None:
    asked = four_eyes.propose(own, act(own, "sofia"), "runs.erase", "run 1", {}, "It was sent by mistake")
    give(own, "sofia", "lina", "supervisor", "sofia")
    for name in ("lina", "sofia"):
        with pytest.raises((DeniedError, NotFoundError)):
            proposals.decide(own, signed_in(own, name), asked.number, False, "I may not")
    shown = proposals.show(own, signed_in(own, "lina"), asked.number)
    assert (shown.may_decide, shown.deciders) == (False, ("alice", "dewi"))
    give(own, "dewi", "ali", "supervisor", "dewi")
    assert proposals.show(own, act(own, "sofia"), asked.number).deciders == ("ali", "alice", "dewi")
    decided = proposals.decide(own, signed_in(own, "ali"), asked.number, False, "It was no mistake")
    assert decided.decided_by == "ali"
    assert newest(own, "proposals.decide")["instead_of"] == {"supervisor": "dewi"}
    other = four_eyes.propose(own, act(own, "lina"), "runs.erase", "run 2", {}, "It was sent by mistake")
    with pytest.raises(NotFoundError):
        proposals.decide(own, signed_in(own, "lina"), other.number, False, "my own")


def test_a_duty_is_ended_by_its_officers_or_a_supervisor(own: Office) -> None:
    for by in ("lina", "ali", "dewi"):
        number = give(own, "lina", "ali", "liaison", "lina")
        with pytest.raises(NotFoundError):
            duties.end(own, replace(act(own, "guest")), number)
        duties.end(own, act(own, by), number)
        assert act(own, "ali").roles == {"analyst"}
        with pytest.raises(NotFoundError):
            duties.end(own, act(own, by), number)
    with pytest.raises(DeniedError):
        duties.end(own, act(own, "cora"), 1)


def test_the_list_is_of_ones_agency(own: Office) -> None:
    number = give(own, "lina", "lina", "liaison")
    assert [one.number for one in duties.everything(own, act(own, "cora"))] == [number]
    assert duties.everything(own, act(own, "guest")) == []
    with pytest.raises(ConflictError):
        give(own, "lina", "lina", "liaison", "lina")
