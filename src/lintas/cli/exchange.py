"""Commands about other nodes: who this one is to them, whom it trusts, what was said."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from lintas.cli.node import at_desk
from lintas.desk import correspondence, forms, node_card, peers, profile, rotation, timeliness, typesetting, witness
from lintas.model.errors import InputError
from lintas.model.text import clean_text
from lintas.web import forms as sheets
from lintas.web import words

node = typer.Typer(no_args_is_help=True, help="This node among the others: its name, its card, its keys.")
app = typer.Typer(no_args_is_help=True, help="Nodes of other agencies: met, trusted, revoked.")
threads = typer.Typer(no_args_is_help=True, help="What was said to other agencies, and by them.")

Peer = Annotated[str, typer.Argument(metavar="NODE", help="State and agency, such as id.fiu.")]
Pinned = Annotated[
    bool, typer.Option("--pinned", help="There both sides show certificates of their cards: serve --exchange-port.")
]
LONGEST_FILE = 64 * 1024  # bytes of a card, or of agreements


@node.command("init")
def init(
    context: typer.Context,
    name: Peer,
    title: Annotated[str, typer.Option("--name", help="The agency's full name.")],
    address: Annotated[str, typer.Option(help="Where other nodes reach it; left out, it fetches.")] = "",
    pinned: Pinned = False,
) -> None:
    """Give the node its name and keys, and print the 12 words of its fingerprint.

    Example: [bold]lintas --node desk node init id.fiu --name "Financial Intelligence Unit" --address https://fiu.id[/bold]
    """
    office, officer = at_desk(context)
    typer.echo(node_card.in_words(node_card.init(office, officer, name, title, address, is_pinned=pinned)))


@node.command("card")
def card(
    context: typer.Context,
    for_directory: Annotated[
        bool, typer.Option("--for-directory", help="Signed by every key that is good: lintas directory put.")
    ] = False,
) -> None:
    """Print the card that other agencies add; its words are on standard error, to be read to them.

    Example: [bold]lintas --node desk node card > id.fiu.card[/bold]
    """
    office, officer = at_desk(context)
    for one in node_card.continued(office, officer) if for_directory else [node_card.signed(office, officer)]:
        typer.echo(one)
    typer.echo(node_card.in_words(node_card.show(office, officer)), err=True)


@node.command("rotate")
def rotate(
    context: typer.Context,
    compromised: Annotated[
        bool, typer.Option("--compromised", help="The old keys end at once; every agency has to meet this node anew.")
    ] = False,
) -> None:
    """Make new keys, and print the new words. What is on its way under the old ones still arrives for 30 days.

    Example: [bold]lintas --node desk node rotate[/bold]
    """
    office, officer = at_desk(context)
    typer.echo(node_card.in_words(rotation.rotate(office, officer, is_compromised=compromised)))


@node.command("move")
def move(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="Where other nodes reach it from now on.")],
    pinned: Pinned = False,
) -> None:
    """Be reached at another address; every trusted node is told.

    Example: [bold]lintas --node desk node move https://fiu.id:8443 --pinned[/bold]
    """
    office, officer = at_desk(context)
    rotation.move(office, officer, address, is_pinned=pinned)


@app.command("list")
def show_all(context: typer.Context) -> None:
    """Show every node that was met: whether it is trusted, its suite of encryption, how much of its log it proved.

    Example: [bold]lintas --node desk peers list[/bold]
    """
    office, officer = at_desk(context)
    held = peers.everybody(office, officer)
    logs = witness.standing(office, officer)  # after it: it knows these, too
    for one in held:
        confirmed = f" and {one.confirmed_by}" if one.confirmed_by else ""
        log = logs[one.id]
        proved = "" if log.newest is None else f"  log of {log.newest.size:,} rows"
        fault = "  SPLIT VIEW: its logs contradict each other" if log.splits else ""
        who = f"{peers.suite_of(one)}  met by {one.added_by}{confirmed}  {clean_text(one.name)}"
        typer.echo(f"{one.id}  {one.status}  {who}{proved}{fault}")


@app.command("add")
def add(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The card that the other agency gave; - reads it here.")],
) -> None:
    """Meet a node by its card. A second officer then writes its words on the page Exchange; only then it is trusted.

    Example: [bold]lintas --node desk --as lina peers add kh.police.card[/bold]
    """
    office, officer = at_desk(context)
    met = peers.add(office, officer, read_text(file))
    typer.echo(f"{met.id}  {clean_text(met.name)}\n{node_card.in_words(met)}")


@app.command("revoke")
def revoke(
    context: typer.Context, name: Peer, reason: Annotated[str, typer.Option(help="Why, in a few words.")]
) -> None:
    """Take nothing more from a node, from now on.

    Example: [bold]lintas --node desk peers revoke kh.police --reason "Its keys were stolen"[/bold]
    """
    office, officer = at_desk(context)
    peers.revoke(office, officer, name, reason)


@app.command("suite")
def suite(
    context: typer.Context,
    name: Peer,
    chosen: Annotated[str, typer.Argument(metavar="SUITE", help="hybrid, or classical.")],
) -> None:
    """Choose how messages to a node are encrypted: hybrid (post-quantum) where it can, unless both chose classical.

    Example: [bold]lintas --node desk --as lina peers suite kh.police classical[/bold]
    """
    office, officer = at_desk(context)
    typer.echo(peers.suite_of(peers.choose_suite(office, officer, name, chosen)))


@app.command("resume")
def resume(
    context: typer.Context, name: Peer, reason: Annotated[str, typer.Option(help="Why, in a few words.")]
) -> None:
    """Trust a node again that the directory made suspended, with the keys it was met with.

    Example: [bold]lintas --node desk --as lina peers resume kh.police --reason "Asked them by telephone"[/bold]
    """
    office, officer = at_desk(context)
    rotation.resume(office, officer, name, reason)


@threads.command("list")
def list_threads(context: typer.Context) -> None:
    """Show the threads that the officer reaches, the newest first.

    Example: [bold]lintas --node desk --as lina threads list[/bold]
    """
    for line in correspondence.overview(*at_desk(context)):
        thread, last = line.thread, line.newest
        typer.echo(
            f"{thread.number}  {thread.peer}  {clean_text(thread.subject)}  {last.direction} {last.type} {last.status}"
        )


@threads.command("show")
def show_thread(
    context: typer.Context, number: Annotated[int, typer.Argument(help="The thread's number.", min=1, max=2**31 - 1)]
) -> None:
    """Show every message of a thread, and what became of it.

    Example: [bold]lintas --node desk --as lina threads show 3[/bold]
    """
    office, officer = at_desk(context)
    for one in correspondence.show(office, officer, number).messages:
        kept = one.message
        code = f" ({kept.code})" if kept.code else ""
        typer.echo(f"{kept.at:%Y-%m-%d %H:%M}  {kept.direction}  {kept.type}  {kept.status}{code}  {kept.id}")
        for name, value in kept.content.get("body", {}).items():
            typer.echo(f"    {name}: {clean_text(str(value))}")


@threads.command("timeliness")
def timeliness_of(context: typer.Context) -> None:
    """Show how soon other agencies answered this one (them) and this one others (us): hours, of the last year.

    Example: [bold]lintas --node desk --as lina threads timeliness[/bold]
    """
    for one in timeliness.measured(*at_desk(context)):
        hours = " / ".join("-" if h is None else f"{h:.1f}" for h in (one.acknowledge_h, one.answer_h, one.answer_h_90))
        who = "them" if one.direction == "out" else "us"
        typer.echo(f"{one.peer}  {who}  {one.channel}  {one.n} asked  {one.n_open} open  {one.n_late} late  {hours} h")


@threads.command("form")
def form(
    context: typer.Context,
    which: Annotated[str, typer.Argument(metavar="THREAD|MESSAGE", help="A thread's number, or a message's id.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new PDF.")],
    language: Annotated[str, typer.Option("--language", help="en or id; left out, as the officer chose.")] = "",
    fonts: Annotated[Path | None, typer.Option("--fonts", metavar="DIR", help="A folder of fonts.")] = None,
) -> None:
    """Write a request of this node as a form on paper, for a partner without a node.

    Example: [bold]lintas --node desk --as lina threads form 3 --out request.pdf[/bold]
    """
    office, officer = at_desk(context)
    chosen = language or profile.choices(office, officer).get("language", "")
    named = words.preferred(chosen, "", words.catalogues())
    folders = (fonts,) if fonts else typesetting.FOLDERS
    typer.echo(forms.write(office, officer, which, out, lambda held: sheets.laid_out(held, named), folders))


def read_text(file: Path) -> str:
    """What a small file says. Raises InputError."""
    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as stream:
            return stream.read(LONGEST_FILE).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "The file cannot be read",
            where=str(file),
            do="Give a text file.",
            code="not_read",
        ) from error
