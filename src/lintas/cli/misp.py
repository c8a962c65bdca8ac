"""Commands about MISP: read its events into a TAXII collection, write a collection or a message as a feed."""

from pathlib import Path
from typing import Annotated

import typer

from lintas.cli.node import at_desk
from lintas.desk import misp
from lintas.desk.misp import Told
from lintas.model.errors import InputError
from lintas.model.text import clean_text

app = typer.Typer(no_args_is_help=True, help="The edge to MISP: its events in, feeds out, TLP and PAP kept.")

NOTHING_CARRIED = 65  # the exit status when every event was refused: data, as sysexits.h names it

Root = Annotated[str, typer.Option("--root", help="The API root of the TAXII server.")]
Collection = Annotated[str, typer.Option("--collection", metavar="ID", help="The collection, by its id or alias.")]


@app.command("read")
def read(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file of events as JSON, or the folder of a feed.")],
    root: Root,
    collection: Collection,
) -> None:
    """Convert events to STIX 2.1 and put them into a collection. What cannot be carried whole is refused and named.

    Example: [bold]lintas --node desk --as lina misp read feed --root api --collection misp[/bold]
    """
    office, officer = at_desk(context)
    _show(misp.read(office, officer, path, root, collection))


@app.command("write")
def write(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
    root: Root = "",
    collection: Collection = "",
    message: Annotated[str, typer.Option("--message", metavar="ID", help="A message of a thread, instead.")] = "",
) -> None:
    """Write a collection, or one message, as a feed that MISP pulls.

    Example: [bold]lintas --node desk --as lina misp write feed --root api --collection misp[/bold]
    """
    if bool(message) == bool(root and collection):
        raise InputError(
            "It is not said what is to be written",
            do="Name a root and a collection, or a message.",
            code="nothing_chosen",
        )
    office, officer = at_desk(context)
    if message:
        _show(misp.write_message(office, officer, folder, message))
    else:
        _show(misp.write(office, officer, folder, root, collection))


def _show(told: Told) -> None:
    left = "".join(f"  {n} {name} left out" for name, n in told.left_out.items() if n)
    typer.echo(f"{told.n_events} events  {told.n_objects} objects  {len(told.refused)} refused{left}")
    for name, error in told.refused:
        typer.echo(f"refused {clean_text(name)}: {clean_text(str(error))}", err=True)
    if told.refused and not told.n_events:
        raise typer.Exit(NOTHING_CARRIED)
