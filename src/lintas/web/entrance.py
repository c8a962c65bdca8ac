"""The page where one signs in, and the origin that browsers know this node by."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from lintas.desk import origin, provider
from lintas.desk.origin import Origin
from lintas.desk.provider import Provider
from lintas.model.errors import InputError, LintasError, NotFoundError
from lintas.web.rendering import address, page
from lintas.web.words import N_


@dataclass(frozen=True)
class Entrance:
    """What the environment says about signing in: read once, when the pages are built."""

    provider: Provider | None
    origin: Origin | None


def entrance() -> Entrance:
    """Read it. Raises InputError when an address in it is none, FileError when the client's secret cannot be read."""
    return Entrance(provider.configured(), origin.configured())


def ask(
    request: Request, error: LintasError | None = None, status: int = 200, *, name: str = "", back: str | None = None
) -> HTMLResponse:
    """The page; above the form what went wrong. `back`: where to go then; the page that was asked for when None."""
    asked = address(request) if request.method == "GET" and not request.url.path.startswith("/sign-in") else "/"
    told = {"error": error, "name": name, "back": asked if back is None else back}
    return page(request, "sign_in.html", status, **told, **reached(request))


def reached(request: Request) -> dict[str, Any]:
    """What a page says about passkeys and the provider: whether the host that it was reached at has a name."""
    held: Entrance = request.app.state.entrance
    here = _here(request)
    return {
        "provider": held.provider,
        "has_name": here is not None and here.has_name,
        "named": f"http://localhost:{here.port}" if here is not None and here.is_loopback else "",
    }


def provider_of(request: Request) -> Provider:
    """The agency's provider. Raises NotFoundError when this node has none."""
    held: Entrance = request.app.state.entrance
    if held.provider is None:
        raise NotFoundError(
            N_("This node has no OpenID provider"), do=N_("Sign in in another way."), code="no_provider"
        )
    return held.provider


def origin_of(request: Request) -> Origin:
    """The origin of this node. Raises InputError when nobody told it, and the request names none of this machine."""
    found = _here(request)
    if found is None:
        raise InputError(
            N_("This node was not told the address that browsers find it at"),
            do=N_("Let its administrator set LINTAS_ORIGIN, such as https://node.example, and start it again."),
            code="no_origin",
        )
    return found


def _here(request: Request) -> Origin | None:
    held: Entrance = request.app.state.entrance
    return origin.of_request(held.origin, request.url.scheme, request.headers.get("host", ""))
