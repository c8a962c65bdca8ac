"""Commands for private matching: does another agency hold any of these, without telling whom it is asked about."""

from typing import Annotated

import typer

from lintas.cli.node import at_desk
from lintas.desk import canary, matching
from lintas.model.handling import Handling
from lintas.model.text import clean_text

app = typer.Typer(no_args_is_help=True, help="Private matching with other agencies: nobody is named.")

Run = Annotated[int, typer.Argument(metavar="RUN", help="The run's number.", min=1, max=2**31 - 1)]
Peer = Annotated[str, typer.Argument(metavar="NODE", help="State and agency, such as id.fiu.")]
Name = Annotated[str, typer.Argument(metavar="SET", help="What the set is called.")]


@app.command("offer")
def offer(
    context: typer.Context,
    run: Run,
    peer: Peer,
    name: Name,
    strict: Annotated[bool, typer.Option("--strict", help=f"{matching.STRICT} questions a day, not 1,000.")] = False,
) -> None:
    """Let another agency match with the customers of a run; what leaves is a set of tags that names nobody.

    Example: [bold]lintas --node desk --as sofia matching offer 3 kh.police account-holders[/bold]
    """
    office, officer = at_desk(context)
    sent = matching.offer(office, officer, run, peer, name, Handling("amber"), is_strict=strict)
    typer.echo(f"thread {sent.thread}")


@app.command("sets")
def sets(context: typer.Context) -> None:
    """Show the sets that other agencies offer to this one.

    Example: [bold]lintas --node desk --as lina matching sets[/bold]
    """
    for one in matching.offered(*at_desk(context)):
        typer.echo(f"{one.peer}  {clean_text(one.name)}  since {one.at:%Y-%m-%d}")


@app.command("ask")
def ask(
    context: typer.Context,
    run: Run,
    peer: Peer,
    name: Name,
    row: Annotated[list[int] | None, typer.Option(help="Only this row of the file; repeat it.")] = None,
    legal_basis: Annotated[str, typer.Option(help="What the other agency is told it rests on.")] = "",
    possible: Annotated[
        bool, typer.Option("--possible", help="Also names without a year or country beside them: more questions.")
    ] = False,
) -> None:
    """Ask a set whether it holds customers of a run. The other agency learns how many questions, and not about whom.

    Example: [bold]lintas --node desk --as sofia matching ask 4 kh.police account-holders --legal-basis "Art. 12"[/bold]
    """
    office, officer = at_desk(context)
    sent = matching.ask(office, officer, run, peer, name, legal_basis=legal_basis, rows=row or None, with_weak=possible)
    typer.echo(f"thread {sent.thread}, {sent.content['body']['n']} questions")


@app.command("end")
def end(context: typer.Context, peer: Peer, name: Name) -> None:
    """End an offer: no question is answered any more, and the other agency learns which of its hits were canaries.

    Example: [bold]lintas --node desk --as sofia matching end kh.police account-holders[/bold]
    """
    office, officer = at_desk(context)
    canary.end(office, officer, peer, name)


@app.command("alarms")
def alarms(context: typer.Context) -> None:
    """Show the alarms that canaries raised: keys of nobody that were asked for (asked) or written of (named).

    Example: [bold]lintas --node desk --as sofia matching alarms[/bold]
    """
    for one in canary.alarms(*at_desk(context)):
        who = "this agency" if one.is_ours else one.peer
        typer.echo(f"{one.at:%Y-%m-%d %H:%M}  {who}  {one.what}  {one.n} canaries of {clean_text(one.name)}")


@app.command("results")
def results(context: typer.Context, run: Run) -> None:
    """Show what was asked about a run and what hit: a hit permits a formal request, and is no finding.

    Example: [bold]lintas --node desk --as sofia matching results 4[/bold]
    """
    office, officer = at_desk(context)
    for one in matching.results(office, officer, run):
        typer.echo(f"{one.peer}  {clean_text(one.name)}  {one.status}  {one.n} questions")
        for hit in one.hits:
            typer.echo(f"    row {hit.row}: {', '.join(hit.tiers)}  ({hit.n_keys} keys)")


@app.command("open")
def open_(
    context: typer.Context,
    thread: Annotated[int, typer.Argument(help="The thread's number.", min=1, max=2**31 - 1)],
    message: Annotated[str, typer.Argument(help="The message's id, as the log has it.")],
) -> None:
    """For an inspector: what was asked in a message, and whether it is what this node committed to.

    Example: [bold]lintas --node desk --as ina matching open 4 Zk3v...[/bold]
    """
    office, officer = at_desk(context)
    is_true, batch = matching.opened(office, officer, thread, message)
    typer.echo("as committed" if is_true else "NOT what was committed to")
    for row, tier, text in batch.texts:
        typer.echo(f"row {row}  {tier}  {clean_text(str(text))}")
