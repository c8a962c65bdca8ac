"""Commands about the signed directory of nodes: making one together with other states, and reading it at a node."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from lintas.cli.node import at_desk
from lintas.desk import directory, directory_making
from lintas.model.errors import FileError

app = typer.Typer(
    no_args_is_help=True, help="The signed directory of nodes: in a folder, also by stick, or over https."
)

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The directory's folder.")]
State = Annotated[str, typer.Argument(metavar="STATE", help="The two letters of a state.")]
KeyFile = Annotated[Path, typer.Option("--key", metavar="FILE", help="The secret key, from: lintas directory key.")]
Keys = Annotated[list[str], typer.Option("--key", metavar="PUBLIC", help="A public key; repeat it.")]
Threshold = Annotated[int, typer.Option(help="How many of the keys have to sign.", min=1)]
LONGEST_FILE = 512 * 1024  # bytes of a root (as TUF's clients have it), and of cards


@app.command("key")
def key(file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the secret key goes.")]) -> None:
    """Make a signing key, and print its public part. Keep the file on a medium of its own.

    Example: [bold]lintas directory key id.key[/bold]
    """
    typer.echo(directory_making.new_key(file))


@app.command("root")
def root(
    folder: Folder,
    keys: Keys,
    threshold: Threshold,
    publisher: Annotated[str, typer.Option(metavar="PUBLIC", help="The public key of who publishes it.")],
) -> None:
    """Say who holds the directory, the first time or anew: so many of these keys, best each of another state.

    Example: [bold]lintas directory root nodes --key 1a... --key 2b... --threshold 2 --publisher 4d...[/bold]
    """
    typer.echo(f"root {directory_making.root(folder, keys, threshold, publisher, _now())}")


@app.command("add-state")
def add_state(folder: Folder, state: State, keys: Keys, threshold: Threshold = 1) -> None:
    """Say which keys speak for a state, the first time or anew. Who holds the directory signs, and the state its list.

    Example: [bold]lintas directory add-state nodes id --key 5e...[/bold]
    """
    directory_making.add_state(folder, state, keys, threshold, _now())


@app.command("remove-state")
def remove_state(folder: Folder, state: State) -> None:
    """Let nobody speak for a state any more: its nodes are listed no more.

    Example: [bold]lintas directory remove-state nodes id[/bold]
    """
    directory_making.remove_state(folder, state, _now())


@app.command("put")
def put(
    folder: Folder,
    cards: Annotated[list[Path], typer.Argument(metavar="FILE", help="From: lintas node card --for-directory.")],
) -> None:
    """List nodes of a state by their cards, or list newer cards. The state then signs.

    Example: [bold]lintas directory put nodes id.fiu.card[/bold]
    """
    for file in cards:
        typer.echo(directory_making.put(folder, _bytes(file), _now()))


@app.command("remove")
def remove(folder: Folder, node: Annotated[str, typer.Argument(metavar="NODE", help="Such as id.fiu.")]) -> None:
    """List a node no more: whoever trusts it suspends it. The state then signs.

    Example: [bold]lintas directory remove nodes id.fiu[/bold]
    """
    directory_making.remove(folder, node, _now())


@app.command("renew")
def renew(folder: Folder, role: Annotated[str, typer.Argument(help="A state, or targets, which lists them.")]) -> None:
    """Let a state's list, or that of the states, be good for 180 more days; it is signed anew.

    Example: [bold]lintas directory renew nodes id[/bold]
    """
    directory_making.renew(folder, role, _now())


@app.command("sign")
def sign(folder: Folder, file: KeyFile) -> None:
    """Sign everything that a key may sign, and print how many signatures each part has.

    Example: [bold]lintas directory sign nodes --key id.key[/bold]
    """
    for line in directory_making.sign(folder, file):
        typer.echo(line)


@app.command("publish")
def publish(folder: Folder, file: KeyFile) -> None:
    """Make what is signed the directory that counts, for 31 days. Copy the folder then, or serve it over https.

    Example: [bold]lintas directory publish nodes --key publisher.key[/bold]
    """
    typer.echo(f"published {directory_making.publish(folder, file, _now())}")


@app.command("pin")
def pin(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="N.root.json, as who holds the directory hands it out.")],
) -> None:
    """Believe a directory from now on; compare the 12 words that are printed with who holds it.

    Example: [bold]lintas --node desk --as cora directory pin /media/stick/metadata/1.root.json[/bold]
    """
    office, officer = at_desk(context)
    typer.echo(directory.pin(office, officer, _bytes(file)))


@app.command("read")
def read(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The directory's folder, or its https address.")],
) -> None:
    """Take in what the directory says: nodes to be met, newer keys, and whom it lists no more. It trusts nobody.

    Example: [bold]lintas --node desk --as lina directory read /media/stick[/bold]
    """
    for one in directory.read(*at_desk(context), source):
        typer.echo(f"{one.node}  {one.what}")


@app.command("show")
def show(context: typer.Context) -> None:
    """Show what this node holds of the directory, and until when it is good.

    Example: [bold]lintas --node desk directory show[/bold]
    """
    held = directory.show(*at_desk(context))
    typer.echo(f"pinned: {held.words}\nroot: version {held.root_version}")
    if held.read_at and held.expires_at:
        typer.echo(
            f"read: {held.read_at:%Y-%m-%d %H:%M} from {held.source}\ngood until: {held.expires_at:%Y-%m-%d %H:%M}"
        )
    for node in held.nodes:
        typer.echo(node)


def _now() -> datetime:
    return datetime.now(UTC)


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(LONGEST_FILE)
    except OSError as error:
        raise FileError(
            f"The file cannot be read: {error.strerror}",
            where=str(file)[:300],
            do="Name a file that is there.",
            code="no_file",
        ) from error
