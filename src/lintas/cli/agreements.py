"""Commands about how soon agencies answer one another."""

from pathlib import Path
from typing import Annotated

import typer

from lintas.cli.exchange import Peer, read_text
from lintas.cli.node import at_desk
from lintas.desk import deadlines
from lintas.model.text import clean_text

app = typer.Typer(no_args_is_help=True, help="Agreements on how soon another agency answers.")


@app.command("list")
def show_all(context: typer.Context) -> None:
    """Show every agreement with its hours and where they are from.

    Example: [bold]lintas --node desk agreements list[/bold]
    """
    for one in deadlines.everybody(*at_desk(context)):
        hours = "  ".join(f"{name} {one.acknowledge_h[name]:g}/{one.answer_h[name]:g} h" for name in one.answer_h)
        typer.echo(f"{one.id}  {hours}\n    {clean_text(one.words)}\n    {clean_text(one.source)} ({one.certainty})")


@app.command("add")
def add(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Agreements in TOML; - reads it here.")],
) -> None:
    """Keep the agreements of a file; one that is known already takes the new hours.

    Example: [bold]lintas --node desk --as lina agreements add kh.toml[/bold]
    """
    office, officer = at_desk(context)
    for one in deadlines.add(office, officer, read_text(file)):
        typer.echo(one.id)


@app.command("use")
def use(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="AGREEMENT", help="Its id, such as egmont.")],
    peer: Peer,
) -> None:
    """Reckon by an agreement what a node is asked from now on.

    Example: [bold]lintas --node desk --as lina agreements use egmont kh.fiu[/bold]
    """
    office, officer = at_desk(context)
    deadlines.assign(office, officer, peer, name)
