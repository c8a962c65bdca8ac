"""Officers at work at once on one node: pages with a session, matches with a token, pauses as people make them."""

import json
import random
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from bench import crowd
from bench.measure import OURS, Measure, percentile
from bench.plan import Run
from bench.serving import served
from lintas.desk import intake, officers, runs, sessions
from lintas.desk.office import Office, Settings, open_office

N_ENTITIES = 100_000
N_CUSTOMERS = 500
PAUSE_S = (1.0, 3.0)  # between two requests of one officer
GOAL, AT_WORK = "p95 < 300 ms", "at work"  # what the goal is for; without pauses it is told where a process is full
Times = defaultdict[str, list[float]]


@dataclass(frozen=True)
class Desk:
    """What one officer needs to work: a session for the pages, a token for programs, and a run of their own."""

    session: str
    token: str
    run: int
    matches: tuple[int, ...]


def at_work(run: Run) -> list[Measure]:
    """p50 and p95 of the main pages and of /match."""
    node = run.folder / "crowd"
    desks = _fill(node, run.folder, run.sizes.n_officers)
    listed = [one["properties"]["name"][0] for one in crowd.people(2000)]
    found = dict[str, dict[str, list[float]]]()
    with served(node) as server:
        for pause, words in ((PAUSE_S, AT_WORK), ((0.0, 0.0), "without any pause")):
            with ThreadPoolExecutor(len(desks)) as threads:
                work = [
                    threads.submit(_work, server.address, desk, listed, run.sizes.n_steps, seed, pause)
                    for seed, desk in enumerate(desks)
                ]
                for one in work:
                    for what, times in one.result().items():
                        found.setdefault(f"{what}, {words}", {}).setdefault(OURS, []).extend(times)
    return [
        Measure(f"{what}: {name}", "ms", {OURS: [percentile(times[OURS], percent)]}, aim=aim)
        for what, times in found.items()
        for name, percent, aim in (("p50", 50, ""), ("p95", 95, GOAL if what.endswith(AT_WORK) else ""))
    ]


def _fill(node: Path, folder: Path, n_officers: int) -> list[Desk]:
    office = open_office(Settings(node))
    owner = officers.owner(office)
    intake.load(office, owner, "ftm", [crowd.write(folder / "crowd.ftm.json", N_ENTITIES)], fictional=True)
    customers = folder / "customers.csv"
    names = [one["properties"]["name"][0] for one in crowd.people(N_CUSTOMERS)]
    customers.write_text("name\n" + "\n".join(names) + "\n", encoding="utf-8")
    desks = [_desk(office, f"officer{i}", customers) for i in range(n_officers)]
    office.close()
    return desks


def _desk(office: Office, name: str, customers: Path) -> Desk:
    officer = officers.add(office, officers.owner(office), name, roles=["analyst"])
    run = runs.create(office, officer, customers, fictional=True)
    runs.work(office, run.number)
    matches = tuple(one.number for one in runs.matches(office, officer, run.number)[:50])
    session = sessions.sign_in(office, sessions.create_link(office, officer))
    return Desk(session, sessions.create_token(office, officer), run.number, matches)


def _work(
    address: str, desk: Desk, listed: list[str], n_steps: int, seed: int, pause: tuple[float, float]
) -> dict[str, list[float]]:
    chance, times = random.Random(seed), Times(list)
    connection = HTTPConnection(address, timeout=120)
    for _ in range(n_steps):
        time.sleep(chance.uniform(*pause))
        name, number = chance.choice(listed), chance.randrange(2000)
        steps: dict[str, tuple[str, str, str | None]] = {
            "Find": ("GET", f"/?q={name.replace(' ', '+')}", None),
            "Dossier": ("GET", f"/dossiers/crowd-{number}", None),
            "Inbox": ("GET", "/inbox", None),
            "Run": ("GET", f"/runs/{desk.run}", None),
            "Match": ("GET", f"/runs/{desk.run}/matches/{chance.choice(desk.matches)}", None),
            "/match": ("POST", "/match/default", _query(name)),
        }
        what = chance.choice(list(steps))
        times[what].append(_ask(connection, desk, *steps[what]))
    connection.close()
    return times


def _ask(connection: HTTPConnection, desk: Desk, method: str, path: str, body: str | None) -> float:
    headers = {"Cookie": f"lintas_session={desk.session}", "Sec-Fetch-Site": "same-origin"}
    if body is not None:
        headers = {"Authorization": f"ApiKey {desk.token}", "Content-Type": "application/json"}
    began = time.perf_counter()
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}: {content[:300]!r}")
    return 1000 * (time.perf_counter() - began)


def _query(name: str) -> str:
    query: dict[str, Any] = {"schema": "Person", "properties": {"name": [name]}}
    return json.dumps({"queries": {"q": query}})
