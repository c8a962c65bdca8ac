"""Commands about the node itself: serve it, sign in, tokens, the demonstration."""

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from ssl import SSLContext
from typing import Annotated

import typer
from rich.console import Console

from lintas.cli import journal
from lintas.cli.bars import progress_line, work
from lintas.cli.own_port import own_port
from lintas.cli.serving import HERE, application, check_reach, listening, server
from lintas.cli.tls import secured
from lintas.desk import demonstration, officers, policy, sessions
from lintas.desk.office import Office, open_office, settings
from lintas.model.officer import Officer
from lintas.model.text import clean_text

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
    return office, officers.acting(office, chosen.acts_as) if chosen.acts_as else officers.owner(office)


@tokens.command("create")
def create_token(
    context: typer.Context,
    verb: Annotated[
        list[str] | None, typer.Option(help="What it may do; repeat it. Everything its officer may, when left out.")
    ] = None,
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    days: Annotated[int, typer.Option(help="How long it works.", min=1, max=365)] = 365,
) -> None:
    """Print a new API token of the officer who acts; it is shown once and kept as a hash.

    Example: [bold]lintas --node desk --as rina tokens create --verb entities.match --days 90[/bold]
    """
    office, officer = at_desk(context)
    typer.echo(sessions.create_token(office, officer, verb, label=label, lives=timedelta(days=days)))


@tokens.command("list")
def list_tokens(context: typer.Context) -> None:
    """Show the tokens that work, without their secrets.

    Example: [bold]lintas --node desk tokens list[/bold]
    """
    office, officer = at_desk(context)
    for one in sessions.all_tokens(office, officer):
        verbs = "everything" if one.verbs is None else ", ".join(sorted(one.verbs))
        typer.echo(f"{one.id}  {one.officer}  until {one.expires_at:%Y-%m-%d}  {verbs}  {clean_text(one.label)}")


@tokens.command("revoke")
def revoke_token(
    context: typer.Context, token: Annotated[str, typer.Argument(help="Its id, as tokens list shows it.")]
) -> None:
    """Take a token back; it works no more from now on.

    Example: [bold]lintas --node desk tokens revoke 1a2b3c4d5e6f[/bold]
    """
    office, officer = at_desk(context)
    sessions.revoke_token(office, officer, token)


@tokens.command("verbs")
def list_verbs() -> None:
    """Show every verb that a token can be limited to."""
    typer.echo("\n".join(sorted(policy.VERBS)))


def sign_in(
    context: typer.Context,
    address: Annotated[str, typer.Option(help="Where the node is served.")] = HERE,
) -> None:
    """Print a link that signs this officer in once, within 10 minutes.

    Example: [bold]lintas --node desk sign-in[/bold]
    """
    office, officer = at_desk(context)
    typer.echo(sessions.address_of(sessions.create_link(office, officer), address))


def serve(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "localhost",
    certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The node's own certificate and its chain, PEM: serves https.")
    ] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="The certificate's key, PEM.")] = None,
    proxy: Annotated[
        str | None,
        typer.Option(
            "--behind-proxy", metavar="ADDRESS", help="Believe the reverse proxy at this address: scheme and client."
        ),
    ] = None,
    exchange_port: Annotated[
        int | None,
        typer.Option(help="Serve the door for other nodes here alone, by certificates of cards.", min=0, max=65535),
    ] = None,
    exchange_host: Annotated[str, typer.Option(help="Address to listen on for other nodes.")] = "0.0.0.0",  # noqa: S104
) -> None:
    """Serve the node's pages and API.

    Example: [bold]lintas --node desk serve --port 8000 --exchange-port 8443[/bold]
    """
    tls = secured(certificate, key)
    check_reach(host, tls, proxy)
    office, officer = at_desk(context)
    # Not into a file or a journal: who reads it there could sign in.
    door = None if exchange_port is None else (exchange_host, exchange_port)
    _serve(office, officer, host, port, tls, proxy, is_link_shown=console.is_terminal, door=door)


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
        _serve(office, officer, "localhost", port)


def _serve(
    office: Office,
    officer: Officer,
    host: str,
    port: int,
    tls: SSLContext | None = None,
    proxy: str | None = None,
    is_link_shown: bool = True,
    door: tuple[str, int] | None = None,
) -> None:
    app = application(office, has_exchange=door is None)
    sockets, reached = listening(host, port)
    address = f"{'https' if tls else 'http'}://{reached}"
    console.print(f"Lintas is served at [bold]{address}[/bold]. Stop with Ctrl+C.")
    if is_link_shown:
        console.print("Sign in once, within 10 minutes, with this link:")
        print(sessions.address_of(sessions.create_link(office, officer), address), flush=True)
    journal.begin()
    with own_port(office, app, *door) if door else nullcontext("") as place:
        if place:
            console.print(f"Other nodes reach it at [bold]https://{place}[/bold], by the certificates of their cards.")
        server(app, tls=tls, proxy=proxy).run(sockets=sockets)
