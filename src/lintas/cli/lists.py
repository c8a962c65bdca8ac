"""Commands about lists: load, refresh, status."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console, JustifyMethod
from rich.table import Table

from lintas.cli.bars import progress_line
from lintas.cli.node import at_desk
from lintas.desk import intake, refresh
from lintas.desk.intake import ListStatus, LoadReport

app = typer.Typer(no_args_is_help=True, help="Sanctions lists: load them, refresh them, see what is held.")
console = Console()
MAX_SHOWN = 5  # leftovers shown of one load; all are kept


@app.command()
def load(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The list: un_sc, us_ofac_sdn, ca_sema, gb_uksl, eu_fsf or ftm.")],
    files: Annotated[list[Path], typer.Argument(help="The publisher's files, in any order.")],
    fictional: Annotated[bool, typer.Option(help="Mark everything in it as fictional.")] = False,
    accept_removals: Annotated[bool, typer.Option(help="Accept that many entries were removed.")] = False,
) -> None:
    """Load a new version of a list. A bad file changes nothing.

    Example: [bold]lintas --node desk lists load us_ofac_sdn sdn.csv alt.csv add.csv[/bold]
    """
    office, officer = at_desk(context)
    with progress_line() as tell:
        report = intake.load(
            office, officer, name, files, fictional=fictional, accept_removals=accept_removals, progress=tell
        )
    _show(report)


@app.command("refresh")
def refresh_lists(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Lists; all that were loaded when none is named.")] = None,
    host: Annotated[list[str] | None, typer.Option(help="Ask this host too, when the publisher leads there.")] = None,
) -> None:
    """Download lists from their publishers and load what is new.

    Only the hosts that the list's publisher is known by are asked, over https, at public addresses.

    Example: [bold]lintas --node desk lists refresh un_sc[/bold]
    """
    office, officer = at_desk(context)
    for name in names or refresh.loaded(office, officer):
        with progress_line() as tell:
            report = refresh.refresh(office, officer, name, hosts=host or (), progress=tell)
        if report is None:
            console.print(f"{name}: the publisher has nothing new.")
        else:
            _show(report)


@app.command()
def status(context: typer.Context) -> None:
    """Show every list this node can read, and what it holds of it.

    Example: [bold]lintas --node desk lists status[/bold]
    """
    office, officer = at_desk(context)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for head in ("List", "Version", "Entries", "Dated", "Loaded", "Hash", ""):
        justify: JustifyMethod = "right" if head in ("Version", "Entries") else "left"
        table.add_column(head, justify=justify, no_wrap=True)
    for one in intake.status(office, officer):
        table.add_row(*_status_row(one))
    console.print(table)


def _status_row(one: ListStatus) -> tuple[str, ...]:
    version = one.version
    if version is None:
        return (one.source.name, "-", "-", "-", "never", "-", "")
    return (
        one.source.name,
        str(version.number),
        f"{version.n_entries:,}",
        (version.published_at or "-")[:10],
        f"{version.loaded_at:%Y-%m-%d}",
        version.content_sha256[:12],
        "FICTIONAL" if version.is_fictional else "",
    )


def _show(report: LoadReport) -> None:
    version = report.version
    if not report.is_new:
        console.print(f"{version.list}: these very files are version {version.number}; nothing changed.")
        return
    counts = ", ".join(f"{n:,} {kind}" for kind, n in version.counts.items())
    console.print(
        f"{version.list} version {version.number}: {version.n_entries:,} entries ({counts}); "
        f"{version.n_added:,} added, {version.n_changed:,} changed, {version.n_removed:,} removed"
    )
    if version.n_unclean:
        console.print(f"  {version.n_unclean:,} values were not understood; they are kept and shown, not matched on")
    if report.leftovers:
        kinds = sorted({one.kind for one in report.leftovers})
        counts = ", ".join(f"{sum(one.kind == kind for one in report.leftovers):,} {kind}" for kind in kinds)
        console.print(f"  records that belong to no entry, kept and counted: {counts}")
        for one in report.leftovers[:MAX_SHOWN]:
            console.print(
                f"    {one.kind} of {one.key}: {one.record}", highlight=False, markup=False, overflow="ellipsis"
            )
