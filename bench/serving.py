"""The node as its clients meet it: a server process, asked over HTTP."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path
from typing import Any

from lintas.desk import officers, sessions
from lintas.desk.office import Settings, open_office

ADDRESS = re.compile(r"http://([\w.]+:\d+)")
LOOK_EVERY_S = 0.01
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Server:
    """A server that is ready."""

    address: str
    process_id: int
    ready_s: float  # from the start of its process


@contextmanager
def served(node: Path) -> Iterator[Server]:
    """Serve a node with the command that an agency uses, until the block ends."""
    lintas = Path(sys.executable).with_name("lintas")
    started = time.perf_counter()
    line: list[str | Path] = [lintas, "--node", node, "serve", "--port", "0"]
    with node.with_suffix(".journal").open("a") as journal:
        process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=journal, text=True)
    try:
        address = _address(process)
        _wait(address, started)
        yield Server(address, process.pid, time.perf_counter() - started)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def token(node: Path) -> str:
    """A token that may match."""
    office = open_office(Settings(node))
    made = sessions.create_token(office, officers.owner(office), ["entities.match"])
    office.close()
    return made


def latencies_ms(address: str, token: str, queries: Sequence[dict[str, Any]], n_clients: int) -> list[float]:
    """Milliseconds of each query, one query per request; the clients share the queries and keep their connections."""
    shares = [queries[i::n_clients] for i in range(n_clients)]
    with ThreadPoolExecutor(n_clients) as clients:
        found = clients.map(lambda share: _asked(address, token, share), shares)
        return [value for share in found for value in share]


def _asked(address: str, token: str, queries: Sequence[dict[str, Any]]) -> list[float]:
    connection = HTTPConnection(address, timeout=PATIENCE_S)
    headers = {"Authorization": f"ApiKey {token}", "Content-Type": "application/json"}
    bodies = [json.dumps({"queries": {"q": query}}) for query in queries]
    clock = [time.perf_counter()]
    for body in bodies:
        connection.request("POST", "/match/default", body, headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"/match answered {answer.status}: {content[:500]!r}")
        clock.append(time.perf_counter())
    connection.close()
    return [1000 * (after - before) for before, after in pairwise(clock)]


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if found := ADDRESS.search(line):
            return found[1]
    raise RuntimeError(f"lintas serve ended with status {process.wait()}")


def _wait(address: str, started: float) -> None:
    while time.perf_counter() - started < PATIENCE_S:
        connection = HTTPConnection(address, timeout=PATIENCE_S)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass  # it does not listen yet
        finally:
            connection.close()
        time.sleep(LOOK_EVERY_S)
    raise RuntimeError(f"{address} was not ready within {PATIENCE_S:.0f} s")
