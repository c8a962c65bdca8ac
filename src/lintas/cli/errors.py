"""The table of this face: an error of the house becomes a message and an exit status."""

from typing import Any

import click
from typer.core import TyperGroup

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


class Commands(TyperGroup):
    """All commands, with one place where an error reaches a person."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; print an error of the house and leave with its status."""
        try:
            return super().invoke(ctx)
        except LintasError as error:
            click.secho(f"lintas: {error.what}", err=True, fg="red", bold=True)
            if error.where:
                click.echo(f"  where  {error.where}", err=True)
            click.echo(f"  do     {error.do}", err=True)
            click.echo(f"  code   {error.code}", err=True)
            ctx.exit(next(status for kind, status in STATUS if isinstance(error, kind)))
