"""Officers of each role, signed in over HTTP on one node."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import httpx

from lintas.desk import officers, sessions
from lintas.desk.office import Office
from lintas.model.errors import ConflictError
from lintas.model.officer import ROLES, Officer
from lintas.web.signing import COOKIE
from tests.web.conftest import OWN


def made(office: Office, name: str, *roles: str, agency: str = "own") -> Officer:
    """An officer in these roles; made once."""
    try:
        return officers.add(office, officers.owner(office), name, roles=roles, agency=agency)
    except ConflictError:
        return officers.acting(office, name)


def cookie_of(office: Office, officer: Officer) -> str:
    """The secret of a session of theirs."""
    return sessions.begin(office, officer, "a link")


@contextmanager
def everybody(office: Office, base: str) -> Iterator[Mapping[str, httpx.Client]]:
    """A client for an officer of each role, by role."""
    with ExitStack() as stack:
        yield {
            role: stack.enter_context(
                httpx.Client(
                    base_url=base,
                    cookies={COOKIE: cookie_of(office, made(office, f"the-{role}", role))},
                    headers=OWN,
                    timeout=30,
                )
            )
            for role in ROLES
        }
