"""A node to try: the fictional sample lists and the sample customers, screened."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from lintas.desk import intake, runs
from lintas.desk.office import Office
from lintas.model.errors import ConflictError
from lintas.model.officer import Officer
from lintas.model.run import Run
from lintas.sources import catalogue

CUSTOMERS = Path(str(files("lintas.sources.customers") / "sample.csv"))


def prepare(office: Office, officer: Officer, progress: Callable[[str, int], None]) -> Run:
    """Load what is not loaded yet and hand out the run of the sample customers, to be worked if it is new.

    Raises ConflictError when the node holds real lists.
    """
    status = intake.status(office, officer)
    if any(one.version and not one.version.is_fictional for one in status):
        raise ConflictError(
            "This node holds real lists",
            do="Give the demonstration a node of its own: lintas --node demo demo.",
            code="real_node",
        )
    for one in status:
        if one.version is None:
            samples = catalogue.samples(one.source.name)
            intake.load(office, officer, one.source.name, samples, fictional=True, progress=progress)
    held = runs.latest(office, officer)
    return held[-1] if held else runs.create(office, officer, CUSTOMERS, fictional=True)
