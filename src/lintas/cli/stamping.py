"""Commands about time stamps: by whom the log is stamped, and a stamp now."""

from pathlib import Path
from typing import Annotated

import typer

from lintas.cli.node import at_desk
from lintas.desk import stamps
from lintas.model.errors import InputError


def stamp(context: typer.Context) -> None:
    """Have the newest head of the log stamped now by the authority that is named (RFC 3161).

    Example: [bold]lintas --node desk audit stamp[/bold]
    """
    made = stamps.stamp(*at_desk(context))
    typer.echo(f"{made.at:%Y-%m-%d %H:%M:%S} UTC  row {made.size:,}  {made.authority}")


def authority(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="Where it takes requests, http or https; empty: no more stamps.")],
    certificates: Annotated[Path | None, typer.Option(help="PEM: its root, and what stands between.")] = None,
) -> None:
    """Name who stamps the head of the log once a day. When it does not answer, nothing stops; health says so.

    Example: [bold]lintas --node desk audit authority https://tsa.example/tsr --certificates tsa.pem[/bold]
    """
    office, officer = at_desk(context)
    stamps.name(office, officer, url, _read(certificates) if certificates and url else "")


def _read(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(stamps.MAX_PEM).decode("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "The certificates cannot be read",
            where=str(file),
            do="Give the PEM file of the time-stamping authority.",
            code="bad_stamp_authority",
        ) from error
