"""Officers of fiction, as in any textbook: one has every role, one works on what is theirs, one has no content."""

from lintas.desk.office import Office
from lintas.model.officer import ROLES, SECRET, Officer
from lintas.store import officers

ALICE = Officer("alice", frozenset(ROLES), clearance=SECRET)
BOB = Officer("bob", frozenset({"analyst"}))
CHARLIE = Officer("charlie", frozenset({"administrator"}))
MALLORY = Officer("mallory")


def enlist(office: Office, *who: Officer) -> None:
    """Make officers known on a node, as who signs in must be."""
    with office.database.write() as connection:
        for officer in who or (ALICE, BOB, CHARLIE):
            officers.ensure(connection, officer, at=office.now())
