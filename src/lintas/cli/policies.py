"""Commands about what an agency forbids over and above the policies that every node has."""

from pathlib import Path
from typing import Annotated

import typer

from lintas.cli.node import at_desk
from lintas.desk import overlays
from lintas.desk.forbids import MAX_BYTES
from lintas.model.case import Proposal
from lintas.model.errors import InputError
from lintas.model.text import clean_text

app = typer.Typer(no_args_is_help=True, help="Policies of this agency: what it forbids over the common ones.")
Reason = Annotated[str, typer.Option(help="Why; needed where this node asks for a second officer.")]


@app.command("add")
def add(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Policies of Cedar that forbid, such as no-tokens.cedar.")
    ],
    reason: Reason = "",
) -> None:
    """Forbid more, at once. What could not be used, or never be removed again, is refused.

    Example: [bold]lintas --node desk policies add no-tokens.cedar[/bold]
    """
    office, officer = at_desk(context)
    made = overlays.add(office, officer, file.name, _read(file), reason)
    _say(made, f"{file.name} is in force.")


@app.command("remove")
def remove(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Its name, as policies list shows it.")],
    reason: Reason = "",
) -> None:
    """Forbid it no more, at once; also when its file is damaged.

    Example: [bold]lintas --node desk policies remove no-tokens[/bold]
    """
    office, officer = at_desk(context)
    _say(overlays.remove(office, officer, name, reason), f"{clean_text(name)} is removed.")


@app.command("list")
def show_all(context: typer.Context) -> None:
    """Show what the agency forbids, with the digest of each text.

    Example: [bold]lintas --node desk policies list[/bold]
    """
    for one in overlays.everything(*at_desk(context)):
        who = f"added by {one.by} {one.at}" if one.by else "not added by a command"
        typer.echo(f"{clean_text(one.name)}  {one.sha256}  {who}{f'  DAMAGED: {one.fault}' if one.fault else ''}")


def _read(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1).decode(errors="surrogateescape")  # the desk says that it is no text
    except OSError as error:
        raise InputError(
            "The policy cannot be read", where=str(file), do="Give a text file of Cedar policies.", code="bad_policy"
        ) from error


def _say(proposal: Proposal | None, done: str) -> None:
    typer.echo(done if proposal is None else f"Proposal {proposal.number} waits for a second officer, in the pages.")
