"""A node as a day's work leaves it: the fictional lists loaded, the fictional customers screened."""

from pathlib import Path

from lintas.desk import casework, officers, outcomes, runs, sessions
from lintas.desk.office import Office, Settings, open_office
from lintas.model.officer import Officer
from lintas.sources import customers
from tests.conftest import load_samples

SAMPLE = Path(customers.__file__).parent / "sample.csv"


def worked_in(folder: Path) -> Office:
    """Make it."""
    office = open_office(Settings(folder))
    me = officers.owner(office)
    load_samples(office, me)
    run = runs.create(office, me, SAMPLE, threshold=0.5, fictional=True)
    runs.work(office, run.number)
    _in_a_case(office, me)
    return office


def _in_a_case(office: Office, me: Officer) -> None:
    """A second run, in a case: its only match is a true one, was reported, and waits to be frozen."""
    file = office.scratch / "satu-nasabah.csv"
    file.write_text("".join(SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)[:2]), encoding="utf-8")
    case = casework.open_case(office, me, "Kayu lewat Batam")
    run = runs.create(office, me, file, threshold=0.9, fictional=True, case=case.number)
    file.unlink()
    runs.work(office, run.number)
    match = runs.matches(office, me, run.number)[0].number
    runs.decide(office, me, run.number, [match], "same", "paspor cocok")
    outcomes.decide(office, me, run.number, match, "report", "diwajibkan", reference="LTKM-2026-1")
    outcomes.decide(office, me, run.number, match, "freeze", "terdaftar", reference="FRZ-2026-1")


def a_true_match(office: Office) -> str:
    """The address of the match that was reported."""
    match = runs.matches(office, officers.owner(office), 2)[0].number
    return f"/runs/2/matches/{match}"


def session(office: Office) -> str:
    """The secret of a session of the owner."""
    return sessions.sign_in(office, sessions.create_link(office, officers.owner(office)))


def a_dossier(office: Office) -> str:
    """The id of an entity that a customer matched."""
    return runs.matches(office, officers.owner(office), 1)[0].match.entity_id
