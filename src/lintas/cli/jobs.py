"""Commands about work in the background: see it, stop it, start it, let it come by the clock."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lintas.cli.node import at_desk
from lintas.desk import exports, jobs
from lintas.model.job import Job

app = typer.Typer(no_args_is_help=True, help="Work in the background: screenings, refreshes, exports, retention.")
console = Console()

Number = Annotated[int, typer.Argument(help="Its number, as jobs list shows it.")]
List = Annotated[str, typer.Argument(help="The list, such as un_sc.")]


@app.command("list")
def list_jobs(context: typer.Context) -> None:
    """Show the newest jobs with how far they are.

    Example: [bold]lintas --node desk jobs list[/bold]
    """
    office, officer = at_desk(context)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for head in ("Job", "Kind", "Of", "State", "Done", "Due", "Every", "What it says"):
        table.add_column(head, overflow="fold")
    for job in jobs.latest(office, officer):
        table.add_row(*_row(job))
    console.print(table, markup=False)


@app.command()
def stop(context: typer.Context, number: Number) -> None:
    """Stop a job that waits or runs. A screening keeps what it found so far.

    Example: [bold]lintas --node desk jobs stop 12[/bold]
    """
    office, officer = at_desk(context)
    job = jobs.stop(office, officer, number)
    typer.echo(f"Job {job.number} is {job.status}.")


@app.command()
def refresh(context: typer.Context, name: List) -> None:
    """Let a served node ask a list's publisher now. (`lintas lists refresh` does it here and waits.)

    Example: [bold]lintas --node desk jobs refresh un_sc[/bold]
    """
    office, officer = at_desk(context)
    typer.echo(f"Job {jobs.start_refresh(office, officer, name).number} is queued.")


@app.command()
def schedule(
    context: typer.Context,
    name: List,
    is_on: Annotated[bool, typer.Option("--on/--off", help="Ask its publisher by the clock, or no more.")] = True,
) -> None:
    """Let a served node ask a list's publisher as often as the list's source says, or no more.

    Example: [bold]lintas --node desk jobs schedule un_sc --on[/bold]
    """
    office, officer = at_desk(context)
    jobs.schedule(office, officer, name, is_on=is_on)
    typer.echo(f"{name}: its publisher is asked {'by the clock' if is_on else 'by the clock no more'}.")


@app.command()
def export(
    context: typer.Context,
    run: Annotated[int, typer.Argument(help="The run.")],
    kind: Annotated[str, typer.Argument(help="jsonl, csv, xlsx or zip.")],
) -> None:
    """Let a served node write a run's results to a file that can be downloaded for a week.

    Example: [bold]lintas --node desk jobs export 3 xlsx[/bold]
    """
    office, officer = at_desk(context)
    typer.echo(f"Job {exports.ask(office, officer, run, kind).number} is queued.")


@app.command()
def work(context: typer.Context) -> None:
    """Do here what waits, and end when nothing is due. A node that is served does so by itself.

    Example: [bold]lintas --node desk jobs work[/bold]
    """
    office, officer = at_desk(context)
    n = jobs.work_all(office, officer)
    typer.echo(f"{n} {'job' if n == 1 else 'jobs'} done; nothing else is due.")


def _row(job: Job) -> tuple[str, ...]:
    done = f"{job.n_done:,}" + (f" of {job.n_total:,}" if job.n_total else "")
    said = (job.error or {}).get("what") or ", ".join(f"{name} {value}" for name, value in (job.result or {}).items())
    every = f"{job.every_h:g} h" if job.every_h else ""
    about = str(job.arguments.get("list") or (f"run {job.run}" if job.run else ""))
    return (str(job.number), job.kind, about, job.status, done, f"{job.due_at:%Y-%m-%d %H:%M}", every, str(said))
