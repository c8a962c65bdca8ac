"""`lintas`: one command per verb of the desk. Help of each shows an example."""

import sys

import typer

from lintas.cli import (
    agreements,
    audit,
    backup,
    directory,
    duties,
    exchange,
    jobs,
    lists,
    matching,
    misp,
    node,
    officers,
    policies,
    pouches,
    region,
    retention,
    screening,
    taxii,
)
from lintas.cli.errors import show
from lintas.model.errors import LintasError

app = typer.Typer(
    name="lintas",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Lintas: the node of one agency. Every command acts on the node that --node or LINTAS_NODE names.",
)
app.callback()(node.choose)
app.add_typer(lists.app, name="lists")
app.add_typer(jobs.app, name="jobs")
app.add_typer(retention.app, name="retention")
app.add_typer(node.tokens, name="tokens")
app.add_typer(officers.app, name="officers")
app.add_typer(audit.app, name="audit")
app.add_typer(exchange.node, name="node")
app.add_typer(exchange.app, name="peers")
app.add_typer(exchange.threads, name="threads")
app.add_typer(agreements.app, name="agreements")
app.add_typer(pouches.app, name="pouches")
app.add_typer(directory.app, name="directory")
app.add_typer(taxii.app, name="taxii")
app.add_typer(duties.app, name="duties")
app.add_typer(policies.app, name="policies")
app.add_typer(misp.app, name="misp")
app.add_typer(matching.app, name="matching")
app.add_typer(region.app, name="region")
app.command("screen")(screening.screen)
app.command("verify")(screening.verify)
app.command("serve")(node.serve)
app.command("sign-in")(node.sign_in)
app.command("demo")(node.demo)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("upgrade")(backup.upgrade_node)
app.add_typer(backup.app, name="custodian")


def main() -> None:
    """Run the command line; the one place where an error reaches a person."""
    try:
        app()
    except LintasError as error:
        sys.exit(show(error))
