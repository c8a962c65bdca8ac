"""Fixtures of what comes in."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lintas.sources.customers.read import CustomerFile, open_customers


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., CustomerFile]:
    """Open a text, or bytes, as a customer file."""

    def write_and_open(content: str | bytes, mapping: dict[str, str] | None = None) -> CustomerFile:
        path = tmp_path / "customers"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return open_customers(path, "customers.csv", mapping)

    return write_and_open
