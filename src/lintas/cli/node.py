"""Commands about the node itself: serve it, sign in, tokens, the demonstration."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from rich.console import Console

from lintas.cli.bars import progress_line, work
from lintas.cli.serving import application, listen
from lintas.desk import access, demonstration
from lintas.desk.office import Office, open_office, settings
from lintas.model.officer import Officer

console = Console()
tokens = typer.Typer(no_args_is_help=True, help="Tokens for programs that speak to the node's API.")


@dataclass(frozen=True)
class Chosen:
    """What the options before the command said."""

    node: Path | None
    acts_as: str | None


def choose(
    context: typer.Context,
    node: Annotated[Path | None, typer.Option(help="The node's folder; made on first use.", show_default=False)] = None,
    acts_as: Annotated[
        str | None, typer.Option("--as", metavar="OFFICER", help="Act as this officer instead of the owner.")
    ] = None,
) -> None:
    """Remember the options that stand before the command."""
    context.obj = Chosen(node, acts_as)


def at_desk(context: typer.Context) -> tuple[Office, Officer]:
    """The node that was named, open, and who acts on it."""
    chosen: Chosen = context.obj
    office = open_office(settings(chosen.node))
    return office, access.officer(office, chosen.acts_as) if chosen.acts_as else access.owner(office)


@tokens.command("create")
def create_token(
    context: typer.Context,
    role: Annotated[str, typer.Option(help="analyst, reader or owner.")] = "analyst",
) -> None:
    """Print a new API token; it is shown once and kept as a hash.

    Example: [bold]lintas --node desk tokens create --role analyst[/bold]
    """
    office, officer = at_desk(context)
    typer.echo(access.create_token(office, officer, role))


def sign_in(
    context: typer.Context,
    address: Annotated[str, typer.Option(help="Where the node is served.")] = "http://127.0.0.1:8000",
) -> None:
    """Print a link that signs this officer in once, within 15 minutes.

    Example: [bold]lintas --node desk sign-in[/bold]
    """
    office, officer = at_desk(context)
    typer.echo(f"{address}/sign-in?link={access.create_link(office, officer)}")


def serve(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Serve the node's pages and API.

    Example: [bold]lintas --node desk serve --port 8000[/bold]
    """
    office, officer = at_desk(context)
    _serve(office, officer, host, port)


def demo(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port to serve on; 0 takes a free one.", min=0, max=65535)] = 8000,
    is_served: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the pages at the end.")] = True,
) -> None:
    """Make a node with the fictional sample lists, screen the sample customers, and serve the pages.

    Example: [bold]lintas --node demo demo[/bold]
    """
    office, officer = at_desk(context)
    with progress_line() as tell:
        run = demonstration.prepare(office, officer, tell)
    run = work(office, officer, run)
    console.print(
        f"Run {run.number}: {run.n_done} customers, {run.n_matches} matches to look at. All data is fictional."
    )
    if is_served:
        _serve(office, officer, "127.0.0.1", port)


def _serve(office: Office, officer: Officer, host: str, port: int) -> None:
    app = application(office)
    listening = listen(host, port)
    address = f"http://{host}:{listening.getsockname()[1]}"
    console.print(f"Lintas is served at [bold]{address}[/bold]. Stop with Ctrl+C.")
    console.print("Sign in once, within 15 minutes, with this link:")
    print(f"{address}/sign-in?link={access.create_link(office, officer)}", flush=True)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    server.run(sockets=[listening])
