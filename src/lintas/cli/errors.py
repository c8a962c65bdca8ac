"""The table of this face: an error of the house becomes a message and an exit status."""

import typer

from lintas.model.errors import (
    ConflictError,
    DeniedError,
    InputError,
    LintasError,
    NotFoundError,
    SignInError,
    UnavailableError,
)

# As sysexits.h names them, so that scripts can tell them apart: 65 data, 69 unavailable, 73 conflict, 77 not allowed.
STATUS: tuple[tuple[type[LintasError], int], ...] = (
    (InputError, 65),
    (NotFoundError, 66),
    (UnavailableError, 69),
    (ConflictError, 73),
    (SignInError, 77),
    (DeniedError, 77),
    (LintasError, 70),
)


def show(error: LintasError) -> int:
    """Print an error for a person; the exit status for a script."""
    typer.secho(f"lintas: {error.what}", err=True, fg="red", bold=True)
    if error.where:
        typer.echo(f"  where  {error.where}", err=True)
    typer.echo(f"  do     {error.do}", err=True)
    typer.echo(f"  code   {error.code}", err=True)
    return next(status for kind, status in STATUS if isinstance(error, kind))
