"""Long work shows how far it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lintas.desk import runs
from lintas.desk.office import Office
from lintas.model.errors import InputError
from lintas.model.officer import Officer
from lintas.model.run import Run

console = Console()


@contextmanager
def progress_line() -> Iterator[Callable[[str, int], None]]:
    """One line that counts what is being done; silent when nobody watches."""
    with console.status("Working", spinner="dots") as status:
        yield lambda what, n: status.update(f"{what}: {n:,}")


def work(office: Office, officer: Officer, run: Run) -> Run:
    """Screen a run to its end with a bar. Raises what made it fail."""
    if run.status == "done":
        return run
    columns = (TextColumn("Screening"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("screening", total=run.n_rows)
        runs.work(office, run.number, lambda done, total: bar.update(task, completed=done, total=total))
    run = runs.get(office, officer, run.number)
    while run.status in ("queued", "running"):  # a served node took it first
        run = runs.wait(office, officer, run.number)
    if run.error is not None:
        raise InputError(run.error["what"], where=run.error["where"], do=run.error["do"], code=run.error["code"])
    return run
