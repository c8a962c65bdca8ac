"""Commands about screening: a customer file, and the packs that come of it."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lintas.cli.bars import work
from lintas.cli.node import at_desk
from lintas.desk import packs, runs
from lintas.desk.screening import THRESHOLD
from lintas.model.errors import InputError
from lintas.model.run import Run, RunMatch

console = Console()
MAX_ROWS = 50  # matches in the terminal; --out has all of them


def screen(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Customers: CSV, XLSX or FollowTheMoney JSON lines.")],
    out: Annotated[Path | None, typer.Option(help="Results: .jsonl, .csv, .xlsx, or .zip for a pack.")] = None,
    threshold: Annotated[float, typer.Option(help="Matches from this score on.")] = THRESHOLD,
    column: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN=PROPERTY", help="Read a column as a property; repeat it.")
    ] = None,
    fictional: Annotated[bool, typer.Option(help="Mark the results as fictional.")] = False,
) -> None:
    """Screen a customer file against every list that is loaded.

    Example: [bold]lintas --node desk screen customers.xlsx --out results.xlsx --column "Nama Ibu=motherName"[/bold]
    """
    office, officer = at_desk(context)
    if out is not None and out.suffix.lstrip(".") not in runs.EXPORTS:
        raise InputError(
            f"Results cannot be written as {out.suffix or 'a file without ending'}",
            where=str(out),
            do=f"End the name in one of: {', '.join('.' + kind for kind in runs.EXPORTS)}.",
            code="unknown_export",
        )
    mapping = dict(_pair(text) for text in column or [])
    run = runs.create(office, officer, file, mapping=mapping, threshold=threshold, fictional=fictional)
    run = work(office, officer, run)
    _columns(run)
    _table(run, runs.matches(office, officer, run.number, limit=MAX_ROWS))
    if out is not None:
        runs.export(office, officer, run.number, out.suffix.lstrip("."), out)
        console.print(f"Results: {out}", highlight=False, markup=False)


def verify(
    pack: Annotated[Path, typer.Argument(help="A pack that a node handed out.")],
) -> None:
    """Check that a pack is whole: every file in it is what its manifest says, and nothing else is in it.

    Example: [bold]lintas verify results.zip[/bold]
    """
    report = packs.verify(pack)
    console.print(f"{pack.name}: whole. {report.kind}, {report.n_files} files, made {report.made_at}", markup=False)


def _pair(text: str) -> tuple[str, str]:
    column, separator, prop = text.rpartition("=")
    if not separator or not column or not prop:
        raise InputError(f"{text!r} maps no column", do='Write --column "COLUMN=PROPERTY".', code="bad_mapping")
    return column, prop


def _columns(run: Run) -> None:
    read = [f"{use['column']} as {use['prop']}" for use in run.columns if use["prop"]]
    unread = [use["column"] for use in run.columns if not use["prop"]]
    console.print(f"Columns read: {', '.join(read)}", highlight=False, markup=False)
    if unread:
        console.print(f"Columns nobody reads, kept in the results: {', '.join(unread)}", style="yellow", markup=False)


def _table(run: Run, found: list[RunMatch]) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("Score", justify="right")
    for head in ("Customer", "Listed", "List", "Speaks for", "Speaks against"):
        table.add_column(head, overflow="fold")
    for one in found:
        reasons = one.match.reasons
        table.add_row(
            f"{one.match.score:.2f}",
            f"{one.customer_caption} ({one.customer_id})",
            f"{one.match.caption} ({one.match.entity_id})",
            ", ".join(one.match.lists),
            "\n".join(f"{r.words} {r.contribution:+.2f}" for r in reasons if r.contribution > 0),
            "\n".join(f"{r.words} {r.contribution:+.2f}" for r in reasons if r.contribution < 0),
        )
    console.print(table, markup=False)
    fictional = " FICTIONAL DATA." if run.is_fictional else ""
    more = f" The first {MAX_ROWS} are shown." if run.n_matches > MAX_ROWS else ""
    console.print(
        f"Run {run.number}: {run.n_done:,} customers, {run.n_matches:,} matches from {run.threshold:.2f} on, "
        f"{run.n_problems:,} rows with something not understood.{more}{fictional} A score is not a finding."
    )
