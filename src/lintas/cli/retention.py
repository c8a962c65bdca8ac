"""Commands about how long customers are kept: the days, legal hold, erasing."""

from typing import Annotated

import typer

from lintas.cli.node import at_desk
from lintas.desk import retention, settings
from lintas.model.case import Proposal

app = typer.Typer(no_args_is_help=True, help="How long runs are kept: days, legal hold, erasing.")

Run = Annotated[int, typer.Argument(help="The run.")]
Reason = Annotated[str, typer.Option(help="Why; it is in the log.")]


@app.command()
def show(context: typer.Context) -> None:
    """Show for how long runs are kept.

    Example: [bold]lintas --node desk retention show[/bold]
    """
    office, officer = at_desk(context)
    held = retention.keeping(office, officer)
    typer.echo("Runs are kept for ever." if held.days is None else f"Runs are erased {held.days} days after their end.")
    for rule in held.rules:
        typer.echo(f"{rule.words} ({rule.source}; certainty {rule.certainty}.) National law decides.")


@app.command()
def keep(
    context: typer.Context,
    days: Annotated[int | None, typer.Argument(help="Days from a run's end; none keeps for ever.")] = None,
) -> None:
    """Set for how long runs are kept.

    Example: [bold]lintas --node desk retention keep 1826[/bold]
    """
    office, officer = at_desk(context)
    settings.change(office, officer, retention.SETTING, days)


@app.command("run")
def run_now(context: typer.Context) -> None:
    """Erase now what is too old. A node that is served does so every day.

    Example: [bold]lintas --node desk retention run[/bold]
    """
    office, officer = at_desk(context)
    swept = retention.run(office, officer)
    typer.echo(f"{swept.n_runs} runs erased, {swept.n_exports} exports removed.")


@app.command()
def hold(context: typer.Context, run: Run, reason: Reason) -> None:
    """Put a run under legal hold: nobody erases it.

    Example: [bold]lintas --node desk retention hold 3 --reason "Order of the court, 12/2026"[/bold]
    """
    office, officer = at_desk(context)
    retention.hold(office, officer, run, reason)
    typer.echo(f"Run {run} is under legal hold.")


@app.command()
def release(context: typer.Context, run: Run, reason: Reason) -> None:
    """Lift a legal hold; with a second officer where the node asks for one.

    Example: [bold]lintas --node desk retention release 3 --reason "Order lifted"[/bold]
    """
    office, officer = at_desk(context)
    _say(retention.release(office, officer, run, reason), f"Run {run} is no longer held.")


@app.command()
def erase(context: typer.Context, run: Run, reason: Reason) -> None:
    """Erase a run's customers, matches and file; with a second officer where the node asks for one.

    Example: [bold]lintas --node desk retention erase 3 --reason "Sent by mistake"[/bold]
    """
    office, officer = at_desk(context)
    _say(retention.erase(office, officer, run, reason), f"Run {run} is erased.")


def _say(proposal: Proposal | None, done: str) -> None:
    typer.echo(done if proposal is None else f"Proposal {proposal.number} waits for a second officer, in the pages.")
