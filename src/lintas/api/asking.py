"""Who asks, on which node."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, APIKeyQuery

from lintas.desk import sessions
from lintas.desk.office import Office
from lintas.model.officer import Officer

SCHEMES = ("apikey", "bearer")
_header = APIKeyHeader(
    name="Authorization", auto_error=False, description="`ApiKey TOKEN` or `Bearer TOKEN`; see: lintas tokens create"
)
_query = APIKeyQuery(name="api_key", auto_error=False, description="For OpenRefine, which sends no headers")


async def _office(request: Request) -> Office:
    office: Office = request.app.state.office
    return office


Node = Annotated[Office, Depends(_office)]


def _officer(request: Request, office: Node, header: Annotated[str | None, Security(_header)]) -> Officer:
    return _counted(request, sessions.holder(office, _token(header), "token"))


def _refining_officer(
    request: Request,
    office: Node,
    header: Annotated[str | None, Security(_header)],
    key: Annotated[str | None, Security(_query)],
) -> Officer:
    return _counted(request, sessions.holder(office, _token(header) or key, "token"))


def _counted(request: Request, officer: Officer) -> Officer:
    request.app.state.pace.take(officer.id)
    return officer


def _token(header: str | None) -> str | None:
    scheme, _, token = (header or "").strip().partition(" ")
    return token.strip() or None if scheme.lower() in SCHEMES else None


Asker = Annotated[Officer, Depends(_officer)]
RefiningAsker = Annotated[Officer, Depends(_refining_officer)]
