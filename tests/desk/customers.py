"""Customer files of fiction, and a node whose list names some of the customers."""

from collections.abc import Sequence
from pathlib import Path

from lintas.desk import runs
from lintas.desk.office import Office
from lintas.model.run import Run
from tests.desk.cast import BOB
from tests.desk.entries import person

LISTED = [person(i, name) for i, name in enumerate(("Ada Exempli", "Ben Sample", "Cai Muster", "Dewi Contoh"))]
NOT_LISTED = ("Eko Misal", "Fah Tuayang", "Gia Vidu", "Halim Halimbawa", "Ines Exemplo", "Joko Umpama")


def names(n: int) -> list[str]:
    """Names of n customers; every tenth is on the list."""
    return [
        LISTED[i // 10 % 4]["properties"]["name"][0] if i % 10 == 3 else f"{NOT_LISTED[i % 6]} {i}" for i in range(n)
    ]


def write(path: Path, customers: Sequence[str]) -> Path:
    """A CSV file with a number and a name for each."""
    lines = [f"K{i:05},{name}" for i, name in enumerate(customers)]
    path.write_text("\n".join(["Customer ID,Full Name", *lines, ""]), encoding="utf-8")
    return path


def create(office: Office, n: int = 25, name: str = "customers.csv") -> Run:
    """A run that waits."""
    return runs.create(office, BOB, write(office.scratch / name, names(n)))


def done(office: Office, n: int = 25) -> Run:
    """A run at its end."""
    run = create(office, n)
    runs.work(office, run.number)
    return runs.get(office, BOB, run.number)


def screened(office: Office, number: int) -> list[tuple[str, list[str]]]:
    """Every customer of a run in order, and the names that matched."""
    rows = runs.result_rows(office, number)
    return [(row.customer.id, [match.caption for match in row.matches]) for row in rows]


def wanted(n: int) -> list[tuple[str, list[str]]]:
    """What `screened` is to be for n customers."""
    return [(f"K{i:05}", [name] if i % 10 == 3 else []) for i, name in enumerate(names(n))]
