"""Commands about the TAXII server: load its data, make accounts, see its collections."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from lintas.cli.node import at_desk
from lintas.desk import taxii_accounts, taxii_loading
from lintas.model.errors import InputError
from lintas.model.text import clean_text

app = typer.Typer(no_args_is_help=True, help="The TAXII 2.1 server of the node: what other systems pull and push.")


@app.command("load")
def load(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON as the reference server of OASIS keeps it.")],
) -> None:
    """Load discovery, roots, collections, objects and statuses. What is kept already stays.

    Example: [bold]lintas --node desk taxii load taxii.json[/bold]
    """
    office, officer = at_desk(context)
    counts = taxii_loading.load(office, officer, file)
    typer.echo("  ".join(f"{n} {name}" for name, n in counts.items()))


@app.command("account")
def account(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What the program signs in as.")],
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Holds the secret in its first line; - reads it here.")
    ] = (Path("-")),
    is_closed: Annotated[bool, typer.Option("--close", help="Remove the account.")] = False,
) -> None:
    """Make an account that acts for this officer for a year. Let a program draw its secret, of 8 characters or more.

    Example: [bold]lintas --node desk --as lina taxii account misp < secret.txt[/bold]
    """
    office, officer = at_desk(context)
    if is_closed:
        taxii_accounts.close(office, officer, name)
        return
    taxii_accounts.create(office, officer, name, _secret(file))


@app.command("collections")
def collections(context: typer.Context) -> None:
    """Show every collection, what may be done to it, and how many versions of objects it holds.

    Example: [bold]lintas --node desk taxii collections[/bold]
    """
    for root, one in taxii_loading.overview(*at_desk(context)):
        rights = ("r" if one["can_read"] else "-") + ("w" if one["can_write"] else "-")
        typer.echo(f"{root}  {one['id']}  {rights}  {one['n_versions']}  {clean_text(one['title'])}")


def _secret(file: Path) -> str:
    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as stream:
            return stream.readline(4 * taxii_accounts.LONGEST).decode().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "The secret cannot be read",
            where=str(file),
            do="Give a file in UTF-8 whose first line it is.",
            code="bad_secret",
        ) from error
