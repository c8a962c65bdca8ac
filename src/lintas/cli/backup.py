"""Commands that carry a node through an accident and to a new version: backup, restore, upgrade, custodians."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lintas.cli.bars import progress_line
from lintas.cli.node import Chosen, at_desk
from lintas.desk import backup as backups
from lintas.desk import custodians, upgrade
from lintas.desk import restore as restores
from lintas.desk.backup import Made
from lintas.desk.office import settings
from lintas.model.case import Proposal

app = typer.Typer(no_args_is_help=True, help="Custodians: whose keys open the backups of this node.")
console = Console(highlight=False, soft_wrap=True)
Reason = Annotated[str, typer.Option(help="Why; needed where this node asks for a second officer.")]


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")],
) -> None:
    """Write the whole node into one file, encrypted to its custodians, while it runs.

    The standard tools open it too: age --decrypt --identity KEYFILE FILE | tar -xz

    Example: [bold]lintas --node desk backup desk-2026-03-01.age[/bold]
    """
    office, officer = at_desk(context)
    with progress_line() as tell:
        made = backups.backup(office, officer, file, told=tell)
    _show(made)


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A backup.")],
    identity: Annotated[Path, typer.Option(help="The file with the secret key of a custodian.")],
    is_upgraded: Annotated[
        bool,
        typer.Option("--upgrade/--no-upgrade", help="Bring an older backup to this version, or leave it as it is."),
    ] = True,
    accept_broken_log: Annotated[bool, typer.Option(help="Restore even when its log was tampered with.")] = False,
) -> None:
    """Fill an empty node from a backup: all of it, checked, or nothing. Everybody signs in anew after it.

    Example: [bold]lintas --node new-desk restore desk-2026-03-01.age --identity custodian.key[/bold]
    """
    chosen: Chosen = context.obj
    with progress_line() as tell:
        done = restores.restore(
            settings(chosen.node),
            file,
            identity,
            is_upgraded=is_upgraded,
            accept_broken_log=accept_broken_log,
            told=tell,
        )
    console.print(
        f"Restored as it was at {done.made_at:%Y-%m-%d %H:%M} UTC: {done.n_rows:,} rows, {done.n_files:,} files."
    )
    if done.verified is not None:
        console.print(f"The log is whole: {done.verified.n_rows:,} rows; its head is {done.verified.head},")
        console.print(f"  signed by the key {done.verified.fingerprint}: compare that with the paper.")
    if done.fault:
        console.print(f"[bold red]The log is not whole:[/] {done.fault}")
    if done.n_lost:
        console.print(
            f"[bold red]{done.n_lost:,} rows of the log came after this backup[/] and are not in it: keep the"
        )
        console.print("second head that says so, and name a new file for the next (LINTAS_LOG_HEAD).")
    if not is_upgraded:
        console.print(f"Its tables are of revision {done.revision}: open it with the version of lintas that made them.")
    console.print("Sessions, links and tokens are gone. Look at the officers: who was disabled since, is not here.")


def upgrade_node(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Option("--backup", metavar="FILE", help="Where the backup goes; into the node's folder.")
    ] = None,
    custodian: Annotated[
        list[str] | None,
        typer.Option(metavar="AGE1...", help="A key that can open the backup, where the node knows none."),
    ] = None,
) -> None:
    """Bring a node that an older version made to this one: a backup, then its tables, then a check.

    Stop what is served of it before.

    Example: [bold]lintas --node desk upgrade --backup before.age[/bold]
    """
    chosen: Chosen = context.obj
    with progress_line() as tell:
        done = upgrade.run(settings(chosen.node), target=file, keys=custodian or (), told=tell)
    if done is None:
        console.print("There is nothing to upgrade: the node is of this version.")
        return
    _show(done.made)
    console.print(f"Upgraded from revision {done.before['node']} to {done.after['node']}; the log is whole.")
    console.print("The way back: restore that backup into a new folder with --no-upgrade, for the older version.")


@app.command("add")
def add(
    context: typer.Context,
    label: Annotated[str, typer.Argument(help="Whose key it is.")],
    key: Annotated[str, typer.Argument(metavar="AGE1...", help="The public key, as age-keygen prints it.")],
    reason: Reason = "",
) -> None:
    """Encrypt backups to one more key.

    Example: [bold]lintas --node desk custodian add "Head of IT" age1...[/bold]
    """
    office, officer = at_desk(context)
    _said(custodians.add(office, officer, label, key, reason), f"Backups can be opened by {label} from now on.")


@app.command("new")
def new(
    context: typer.Context,
    label: Annotated[str, typer.Argument(help="Whose key it will be.")],
    reason: Reason = "",
) -> None:
    """Make a key, print its secret part once, and encrypt backups to it. The node does not keep the secret part.

    Example: [bold]lintas --node desk custodian new "Safe of the director" > custodian.key[/bold]
    """
    office, officer = at_desk(context)
    secret, key, proposal = custodians.new(office, officer, label, reason)
    typer.echo(f"# public key: {key}\n{secret}")
    typer.echo("Keep this on paper or another machine: without it no backup of this node can be read.", err=True)
    _said(proposal, f"Backups can be opened by {label} from now on.")


@app.command("key")
def key() -> None:
    """Print a new key and add it to no node, as age-keygen does.

    Example: [bold]lintas custodian key > custodian.key[/bold]
    """
    secret, public = custodians.pair()
    typer.echo(f"# public key: {public}\n{secret}")


@app.command("list")
def everybody(context: typer.Context) -> None:
    """Show whose keys open the backups that are made from now on.

    Example: [bold]lintas --node desk custodian list[/bold]
    """
    office, officer = at_desk(context)
    for one in custodians.everybody(office, officer):
        typer.echo(f"{one.key}  {one.label}")


@app.command("remove")
def remove(
    context: typer.Context, label: Annotated[str, typer.Argument(help="Whose key it is.")], reason: Reason = ""
) -> None:
    """Encrypt backups to a key no more; those that were made stay readable with it.

    Example: [bold]lintas --node desk custodian remove "Head of IT"[/bold]
    """
    office, officer = at_desk(context)
    _said(custodians.remove(office, officer, label, reason), f"{label} opens no backup that is made from now on.")


def _show(made: Made) -> None:
    console.print(f"Backup: {made.path}: {made.size_bytes:,} bytes, {made.n_rows:,} rows, {made.n_files:,} files")
    console.print(f"  sha256 {made.sha256}")


def _said(proposal: Proposal | None, otherwise: str) -> None:
    waits = "" if proposal is None else f"Proposal {proposal.number} waits for a second officer."
    typer.echo(waits or otherwise, err=True)
