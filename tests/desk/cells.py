"""What a matrix of access is made of, so that the three of them (verbs, routes, commands) count alike."""

from collections.abc import Iterable
from typing import NamedTuple

from lintas.desk.office import Office
from lintas.model.officer import ROLES

PLACES = ("own", "other_case", "other_agency")
ASKING = (*ROLES, "nobody")  # nobody: no officer of this node


class Cell(NamedTuple):
    """One question to the node: may this role do this in this place?"""

    name: str  # of a verb, route or command
    role: str
    place: str

    def may(self, own: str, other_case: str) -> bool:
        """By the roles that may in their own case, and those that may in any of their agency; nobody in another's."""
        return self.role in {"own": own, "other_case": other_case, "other_agency": ""}[self.place].split()


def cells(things: Iterable[tuple[str, bool]]) -> list[Cell]:
    """Every role at every thing; in three places where it is done to a thing of a case, in one where it is not."""
    return [
        Cell(name, role, place)
        for name, is_placed in things
        for role in ASKING
        for place in (PLACES if is_placed else PLACES[:1])
    ]


def newest(office: Office, n: int) -> list[tuple[str, str, str]]:
    """Officer, verb and outcome of the newest rows of the log."""
    with office.log.read() as connection:
        query = "SELECT officer, verb, outcome FROM log ORDER BY number DESC LIMIT %d"
        return [tuple(row) for row in connection.exec_driver_sql(query % n)]
