"""Commands for pouches: messages that are carried by hand, where no line joins two agencies."""

from pathlib import Path
from typing import Annotated

import typer

from lintas.cli.exchange import Peer
from lintas.cli.node import at_desk
from lintas.desk import pouches
from lintas.model.errors import InputError, UnavailableError

app = typer.Typer(no_args_is_help=True, help="Messages in a file, to be carried by hand.")


@app.command("make")
def make(
    context: typer.Context,
    peer: Peer,
    out: Annotated[Path, typer.Option(help="The file that is written.")],
) -> None:
    """Write what waits for another agency into a file. It goes on waiting until a receipt is carried back.

    Example: [bold]lintas --node desk --as lina pouches make kh.police --out /media/usb/to-kh.pouch[/bold]
    """
    office, officer = at_desk(context)
    _write(out, pouches.make(office, officer, peer))


@app.command("take")
def take(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The pouch that was carried here.")],
    answer: Annotated[Path, typer.Option(help="The file to carry back: receipts, and what waits here.")],
) -> None:
    """Take in what was carried here, and write what is to be carried back. The same file may be taken again.

    Example: [bold]lintas --node desk --as lina pouches take from-kh.pouch --answer /media/usb/to-kh.pouch[/bold]
    """
    office, officer = at_desk(context)
    taken = pouches.take(office, officer, _read(file))
    _write(answer, taken.answer)
    refused = [code for code in taken.codes if code != "kept"]
    n_kept = len(taken.codes) - len(refused)
    typer.echo(f"from {taken.issuer}: {n_kept} messages kept, {len(refused)} refused, {taken.n_receipts} receipts")
    for code in refused:
        typer.echo(f"refused: {code}")


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(pouches.MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"The pouch cannot be read: {error.strerror}", where=str(file), do="Check its name.", code="no_file"
        ) from error


def _write(file: Path, data: bytes) -> None:
    try:
        file.write_bytes(data)
    except OSError as error:
        raise UnavailableError(
            f"The pouch cannot be written: {error.strerror}",
            where=str(file),
            do="Choose another place.",
            code="not_written",
        ) from error
