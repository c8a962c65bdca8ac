"""A node at work: Bob's run with matches that wait, and Sari and Tono, who decide on what others propose."""

from lintas.desk import runs
from lintas.desk.office import Office
from lintas.model.officer import SECRET, Officer
from lintas.store import settings
from tests.desk.cast import BOB, enlist
from tests.desk.customers import LISTED, write
from tests.desk.entries import load

SARI = Officer("sari", frozenset({"supervisor"}), via="session")
TONO = Officer("tono", frozenset({"supervisor"}), via="session")
RINA = Officer("rina", frozenset({"analyst"}), via="session")
VERA = Officer("vera", frozenset({"supervisor"}), agency="customs", via="session")
WATI = Officer("wati", frozenset({"supervisor"}), clearance=SECRET, via="session")
INES = Officer("ines", frozenset({"inspector"}), via="session")
KIM = Officer("kim", frozenset({"custodian"}), via="session")
EVERYBODY = (BOB, SARI, TONO, RINA, VERA, WATI, INES, KIM)


def at_work(office: Office) -> Office:
    """Load the lists and make the officers known."""
    load(office, LISTED)
    enlist(office, *EVERYBODY)
    return office


def screened(office: Office, officer: Officer, clearance: int = 1) -> int:
    """A run of an officer's at its end, with three matches."""
    customers = ["Ada Exempli", "Nobody Known", "Ben Sample", "Cai Muster"]
    made = runs.create(office, officer, write(office.scratch / "customers.csv", customers), clearance=clearance)
    runs.work(office, made.number)
    return made.number


def numbers(office: Office, run: int, officer: Officer = BOB, verdict: str | None = None) -> list[int]:
    """The matches of a run, the strongest first."""
    return [one.number for one in runs.matches(office, officer, run, verdict=verdict)]


def found_same(office: Office, run: int, officer: Officer = BOB) -> int:
    """The first match of a run, decided to be the same."""
    match = numbers(office, run, officer)[0]
    runs.decide(office, officer, run, [match], "same", "the passport agrees")
    return match


def four_eyes_for(office: Office, *verbs: str) -> None:
    """Let the node's settings ask for a second officer for these verbs only."""
    with office.database.write() as connection:
        settings.put(connection, "four_eyes", list(verbs), by="alice", at=office.now())
