"""A node as a day's work leaves it: the fictional lists loaded, the fictional customers screened."""

from pathlib import Path

from lintas.desk import officers, runs, sessions
from lintas.desk.office import Office, Settings, open_office
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
    return office


def session(office: Office) -> str:
    """The secret of a session of the owner."""
    return sessions.sign_in(office, sessions.create_link(office, officers.owner(office)))


def a_dossier(office: Office) -> str:
    """The id of an entity that a customer matched."""
    return runs.matches(office, officers.owner(office), 1)[0].match.entity_id
