"""Commands about the log: is it whole, where does it end, who did what."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lintas.cli import stamping
from lintas.cli.node import at_desk
from lintas.desk import log_files, proofs, seal, trail
from lintas.model.batch import batched
from lintas.model.errors import FileError, InputError
from lintas.model.log import Wanted
from lintas.model.text import clean_text

app = typer.Typer(no_args_is_help=True, help="The log: is it whole, where does it end, who did what.")
app.command("stamp")(stamping.stamp)
app.command("authority")(stamping.authority)
console = Console()
WORDS_IN_A_LINE = 6
KIND = "The kind is in the name: .csv or .jsonl."

Of = Annotated[str, typer.Option("--officer", help="What this officer did.")]
Subject = Annotated[str, typer.Option(help="What was done to this, such as entity:un-1 or run:5.")]
Purpose = Annotated[str, typer.Option(help="What was done for this purpose, such as screening.")]
Verb = Annotated[str, typer.Option(help="This verb, as lintas tokens verbs shows them.")]
Outcome = Annotated[str, typer.Option(help="asked, done or refused.")]
Since = Annotated[str, typer.Option(help="From this day or time on, such as 2026-03-01 or 2026-03-01T09:00.")]
Until = Annotated[str, typer.Option(help="Until the end of this day, or before this time.")]
Words = Annotated[str, typer.Option(help="The 24 words of a head, from paper; the log must hold it.")]


@app.command()
def verify(
    context: typer.Context,
    head: Annotated[Path | None, typer.Option(help="An earlier head in a file; the log must hold it.")] = None,
    words: Words = "",
    export: Annotated[
        Path | None, typer.Option(help="Verify this export of everything (.jsonl) instead; that needs no node.")
    ] = None,
) -> None:
    """Read the whole log, row by row, and compare it with the heads that were kept outside the database.

    Ends with 65 and the number of the row when one was changed, dropped, reordered or cut off.

    Example: [bold]lintas --node desk audit verify --head /media/stick/head.json[/bold]
    """
    if export is not None:
        kept = log_files.check(export, head, words)
        console.print(f"The export is whole: {kept.number:,} rows, signed.")
        _say(kept.number, kept.hash, seal.in_words(kept.hash), kept.fingerprint)
        console.print("Compare the key with what the node's agency gave you on paper: it says whose signature this is.")
        return
    office, officer = at_desk(context)
    found = trail.verify(office, officer, head=head, words=words)
    console.print(f"The log is whole: {found.n_rows:,} rows.")
    _say(found.n_rows, found.head, found.words, found.fingerprint)


@app.command()
def head(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option(help="Write it to this file, too, signed: to be kept on another machine.")
    ] = None,
) -> None:
    """Show the newest head of the log: number, hash, the same in words for paper, and the key that signs it.

    Example: [bold]lintas --node desk audit head --out /media/stick/head.json[/bold]
    """
    office, officer = at_desk(context)
    kept = trail.head(office, officer).kept
    if kept is None:
        raise FileError(
            "The kept head of the log is gone or was changed", do="Run: lintas audit verify.", code="log_broken"
        )
    if out is not None:
        seal.write(kept, out)
    _say(kept.number, kept.hash, seal.in_words(kept.hash), kept.fingerprint)


@app.command()
def find(
    context: typer.Context,
    officer: Of = "",
    subject: Subject = "",
    purpose: Purpose = "",
    verb: Verb = "",
    outcome: Outcome = "",
    since: Since = "",
    until: Until = "",
    limit: Annotated[int, typer.Option(help="How many rows at most, the newest first.", min=1, max=500)] = 50,
) -> None:
    """Show rows of the log, the newest first. That you looked is the newest of them.

    Example: [bold]lintas --node desk --as anna audit find --subject entity:un-1 --since 2026-03-01[/bold]
    """
    wanted = Wanted(
        officer=officer, subject=subject, purpose=purpose, verb=verb, outcome=outcome, since=since, until=until
    )
    found = trail.find(*at_desk(context), wanted, limit=limit)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("Row", "At (UTC)", "Officer", "Verb", "Of what", "Outcome", "Purpose", "By way of"):
        table.add_column(name, overflow="fold")
    for row in found.rows:
        shown = (row.at[:19], row.officer, row.verb, row.object, row.outcome, row.purpose, row.via)
        table.add_row(str(row.number), *map(clean_text, shown))
    console.print(table, markup=False)
    if found.total > len(found.rows):
        more = "more than " if found.total == trail.MOST_COUNTED else ""
        console.print(f"{len(found.rows)} of {more}{found.total:,} rows. For all of them: lintas audit export.")


@app.command()
def export(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(help=f"Where to. {KIND}")],
    officer: Of = "",
    subject: Subject = "",
    purpose: Purpose = "",
    verb: Verb = "",
    outcome: Outcome = "",
    since: Since = "",
    until: Until = "",
) -> None:
    """Write rows of the log to a file, the oldest first.

    Everything as .jsonl can be checked by anybody, without the node: lintas audit verify --export FILE.

    Example: [bold]lintas --node desk --as anna audit export log.jsonl[/bold]
    """
    wanted = Wanted(
        officer=officer, subject=subject, purpose=purpose, verb=verb, outcome=outcome, since=since, until=until
    )
    kind = target.suffix.removeprefix(".").lower()
    if kind not in log_files.KINDS:
        raise InputError(f"{target.name} is no kind of export", do=f"Name a file. {KIND}", code="unknown_export")
    n = trail.export(*at_desk(context), wanted, kind, target)
    console.print(f"{n:,} rows are in {target}.", highlight=False)


@app.command()
def prove(
    context: typer.Context,
    message: Annotated[
        str, typer.Argument(help="Its id, as lintas threads show prints it; put -- before one that begins with a dash.")
    ],
    peer: Annotated[str, typer.Option(help="Only a message from or to this node.")] = "",
    out: Annotated[Path | None, typer.Option(help="Write the proof to this file.")] = None,
) -> None:
    """Prove a message: its content, its receipt, the rows of the log about it, and the way from them to a signed head.

    Anybody checks it without the node: python tools/verify_proof.py FILE.

    Example: [bold]lintas --node desk --as ina audit prove UoqL3Zk --out proof.json[/bold]
    """
    proof = proofs.prove(*at_desk(context), message, peer)
    if out is None:
        typer.echo(proofs.said(proof), nl=False)
        return
    proofs.write(proof, out)
    console.print(f"The proof of message {message} is in {out}.", highlight=False, markup=False)


def _say(number: int, digest: str, words: str, fingerprint: str) -> None:
    """A head as it is read off the screen, or printed."""
    lines = [" ".join(group) for group in batched(words.split(), WORDS_IN_A_LINE)]
    for name, value in (
        ("row", f"{number:,}"),
        ("hash", digest),
        ("words", lines[0]),
        *(("", one) for one in lines[1:]),
    ):
        typer.echo(f"  {name:<7}{value}")
    typer.echo(f"  {'key':<7}{fingerprint}")
