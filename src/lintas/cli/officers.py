"""Commands about who works on the node. The first administrator is the owner, who acts when no other is named."""

from typing import Annotated

import typer

from lintas.cli.node import at_desk
from lintas.cli.serving import HERE
from lintas.desk import officers, oidc, origin, provider, sessions
from lintas.model.errors import InputError
from lintas.model.officer import CLEARANCES, OWN_AGENCY, RESTRICTED, ROLES

app = typer.Typer(
    no_args_is_help=True, help="Officers of the node: who works here, in which roles, and how they get in."
)

Named = Annotated[str, typer.Argument(metavar="OFFICER", help="The officer's name on this node, such as rina.")]
Roles = Annotated[list[str] | None, typer.Option("--role", help=f"Repeat it: {', '.join(ROLES)}.", show_default=False)]
Clearance = Annotated[str | None, typer.Option(help=f"Up to what they see: {', '.join(CLEARANCES)}.")]
Agency = Annotated[str | None, typer.Option(help="Another agency that works on this node.", show_default=False)]
FullName = Annotated[str | None, typer.Option("--name", help="As people call them.", show_default=False)]
Issuer = Annotated[
    str | None, typer.Option(help=f"The provider's issuer; {provider.ISSUER} when left out.", show_default=False)
]
Address = Annotated[
    str | None,
    typer.Option(
        help=f"Where the node is served; {origin.SETTING}, or else {HERE}, when left out.",
        show_default=False,
    ),
]


@app.command("list")
def show_all(context: typer.Context) -> None:
    """Show every officer: roles, clearance, agency.

    Example: [bold]lintas --node desk officers list[/bold]
    """
    office, officer = at_desk(context)
    for one in officers.everybody(office, officer):
        who = one.officer
        state = f"disabled since {one.disabled_at:%Y-%m-%d}" if one.disabled_at else "active"
        roles = ", ".join(role for role in ROLES if role in who.roles) or "no role"
        typer.echo(f"{who.id}  {state}  {roles}  up to {CLEARANCES[who.clearance]}  {_agency(who.agency)}  {who.name}")


@app.command("add")
def add(
    context: typer.Context,
    officer_id: Named,
    role: Roles = None,
    clearance: Clearance = CLEARANCES[RESTRICTED],
    agency: Agency = None,
    name: FullName = None,
    address: Address = None,
) -> None:
    """Make an officer known, and print a link that signs them in once, within 10 minutes.

    Example: [bold]lintas --node desk officers add rina --role analyst --role supervisor --name "Rina Wijaya"[/bold]
    """
    if not role:
        raise InputError("An officer has a role", do=f"Give --role: {', '.join(ROLES)}.", code="no_role")
    office, officer = at_desk(context)
    officers.add(
        office,
        officer,
        officer_id,
        roles=role,
        name=name or "",
        agency=agency or OWN_AGENCY,
        clearance=_rank(clearance or CLEARANCES[RESTRICTED]),
    )
    typer.echo(_link(address, officers.reset(office, officer, officer_id)))


@app.command("change")
def change(
    context: typer.Context,
    officer_id: Named,
    role: Roles = None,
    clearance: Clearance = None,
    agency: Agency = None,
    name: FullName = None,
    email: Annotated[
        str | None, typer.Option(help="Where they are told that something waits.", show_default=False)
    ] = None,
) -> None:
    """Give an officer other roles (all that they have from now on), clearance, agency or name. It holds at once.

    Example: [bold]lintas --node desk officers change rina --role administrator --clearance secret[/bold]
    """
    office, officer = at_desk(context)
    rank = None if clearance is None else _rank(clearance)
    officers.change(
        office, officer, officer_id, roles=role or None, clearance=rank, agency=agency, name=name, email=email
    )


@app.command("disable")
def disable(context: typer.Context, officer_id: Named) -> None:
    """Let an officer in no more; their sessions, links and tokens end now.

    Example: [bold]lintas --node desk officers disable rina[/bold]
    """
    officers.disable(*at_desk(context), officer_id)


@app.command("enable")
def enable(context: typer.Context, officer_id: Named) -> None:
    """Let an officer in again.

    Example: [bold]lintas --node desk officers enable rina[/bold]
    """
    officers.enable(*at_desk(context), officer_id)


@app.command("reset")
def reset(context: typer.Context, officer_id: Named, address: Address = None) -> None:
    """End all that lets an officer in: passphrase, passkeys, provider, sessions, tokens. Prints a link that does once.

    Example: [bold]lintas --node desk officers reset rina[/bold]
    """
    typer.echo(_link(address, officers.reset(*at_desk(context), officer_id)))


@app.command("bind")
def bind(
    context: typer.Context,
    officer_id: Named,
    subject: Annotated[str, typer.Option(help="Who they are there: sub in the provider's ID tokens.")],
    issuer: Issuer = None,
) -> None:
    """Let an officer sign in with the agency's OpenID provider.

    Example: [bold]lintas --node desk officers bind rina --subject 248289761001[/bold]
    """
    office, officer = at_desk(context)
    oidc.bind(office, officer, officer_id, issuer or _issuer(), subject)


@app.command("unbind")
def unbind(context: typer.Context, officer_id: Named, issuer: Issuer = None) -> None:
    """Let an officer sign in with the provider no more.

    Example: [bold]lintas --node desk officers unbind rina[/bold]
    """
    office, officer = at_desk(context)
    oidc.unbind(office, officer, officer_id, issuer or _issuer())


def _issuer() -> str:
    at = provider.configured()
    if at is None:
        raise InputError(
            "No OpenID provider is named", do=f"Set {provider.ISSUER}, or give --issuer.", code="no_provider"
        )
    return at.issuer


def _link(address: str | None, secret: str) -> str:
    return sessions.address_of(secret, address or str(origin.configured() or HERE))


def _rank(clearance: str) -> int:
    if clearance not in CLEARANCES:
        raise InputError(
            f"No clearance {clearance[:40]!r}", do=f"Use one of: {', '.join(CLEARANCES)}.", code="unknown_clearance"
        )
    return CLEARANCES.index(clearance)


def _agency(agency: str) -> str:
    return "of this node" if agency == OWN_AGENCY else agency
