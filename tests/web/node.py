"""A node as a day's work leaves it: the fictional lists loaded, the fictional customers screened."""

from pathlib import Path

from lintas.desk import access, runs
from lintas.desk.office import Office, Settings, open_office
from lintas.sources import customers
from tests.conftest import load_samples

SAMPLE = Path(customers.__file__).parent / "sample.csv"


def worked_in(folder: Path) -> Office:
    """Make it."""
    office = open_office(Settings(folder))
    me = access.owner(office)
    load_samples(office, me)
    run = runs.create(office, me, SAMPLE, threshold=0.5, fictional=True)
    runs.work(office, run.number)
    return office


def session(office: Office) -> str:
    """The secret of a session of the owner."""
    return access.sign_in(office, access.create_link(office, access.owner(office)))


def a_dossier(office: Office) -> str:
    """The id of an entity that a customer matched."""
    return runs.matches(office, access.owner(office), 1)[0].match.entity_id
