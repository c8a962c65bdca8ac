"""Commands about who is on duty, and who stands in for whom."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from lintas.cli.node import at_desk
from lintas.desk import duties
from lintas.model.errors import InputError

app = typer.Typer(no_args_is_help=True, help="Duty officers, and who stands in for whom, so that nothing waits.")


@app.command("add")
def add(
    context: typer.Context,
    who: Annotated[str, typer.Argument(metavar="OFFICER", help="Who is on duty.")],
    role: Annotated[str, typer.Option(help="analyst, supervisor or liaison.")],
    until: Annotated[str, typer.Option(help="Day or time, UTC unless it says its zone: 2027-01-04T08:00+07:00.")],
    since: Annotated[str, typer.Option("--from", help="The same; now when left out.")] = "",
    instead_of: Annotated[str | None, typer.Option(help="Whose role it is, while they are away.")] = None,
) -> None:
    """Put an officer on duty, or let them stand in for another one in a role, for a time.

    Example: [bold]lintas --node desk duties add joko --role liaison --until 2027-01-04 --instead-of rina[/bold]
    """
    office, officer = at_desk(context)
    begins_at = _time(since) if since else office.now()
    made = duties.add(office, officer, who, role, begins_at, _time(until), instead_of)
    typer.echo(f"Duty {made.number}: {who} until {made.ends_at:%Y-%m-%d %H:%M} UTC.")


@app.command("list")
def show_all(context: typer.Context) -> None:
    """Show who is on duty now and later.

    Example: [bold]lintas --node desk duties list[/bold]
    """
    for one in duties.everything(*at_desk(context)):
        whose = f" instead of {one.instead_of}" if one.instead_of else ""
        times = f"{one.begins_at:%Y-%m-%d %H:%M} to {one.ends_at:%Y-%m-%d %H:%M} UTC"
        typer.echo(f"{one.number}  {one.officer} as {one.role}{whose}  {times}  made by {one.made_by}")


@app.command("end")
def end(
    context: typer.Context, number: Annotated[int, typer.Argument(help="Its number.", min=1, max=2**31 - 1)]
) -> None:
    """End a duty now.

    Example: [bold]lintas --node desk duties end 3[/bold]
    """
    office, officer = at_desk(context)
    duties.end(office, officer, number)


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{text[:40]!r} is no day or time", do="Write it as 2026-12-24 or 2026-12-24T08:00+07:00.", code="bad_time"
        ) from error
