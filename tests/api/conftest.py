"""A node with the fictional sample lists, served, and the clients that ask it."""

from collections.abc import Iterator

import httpx
import pytest
import yente_client  # type: ignore[import-untyped]

from lintas.desk import officers, sessions
from lintas.desk.office import Office
from tests.serving import served


@pytest.fixture(scope="session")
def address(sample_office: Office) -> Iterator[str]:
    with served(sample_office) as url:
        yield url


@pytest.fixture(scope="session")
def token(sample_office: Office) -> str:
    return sessions.create_token(sample_office, officers.owner(sample_office))


@pytest.fixture(scope="session")
def api(address: str, token: str) -> Iterator[httpx.Client]:
    """Any program with a token."""
    with httpx.Client(base_url=address, headers={"Authorization": f"ApiKey {token}"}, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def yente(address: str, token: str) -> Iterator[yente_client.Client]:
    """The client that yente's makers give out."""
    with yente_client.Client(base_url=address, api_key=token) as client:
        yield client
