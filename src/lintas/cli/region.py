"""Three fictional agencies on this machine, each a node of its own, served by a process of its own."""

import multiprocessing
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console

from lintas.cli import journal
from lintas.cli.own_port import own_port
from lintas.cli.serving import application, listen, listening, server
from lintas.desk import officers, region, sessions
from lintas.desk.office import Office, Settings, open_office
from lintas.model.errors import ConflictError, UnavailableError

app = typer.Typer(no_args_is_help=True, help="The exchange of three fictional agencies, to be tried and taught.")
console = Console()
STARTS_S = 60.0  # for a node to answer
HERE, THERE = "http://127.0.0.1", "https://127.0.0.1"  # for officers, and for other nodes
_OWN = multiprocessing.get_context("spawn")


@app.callback()
def _region() -> None:
    """Three fictional agencies."""


@app.command("demo")
def demo(
    folder: Annotated[Path, typer.Option(help="Where the three nodes live; made anew each time.")] = Path("region"),
    check: Annotated[
        bool, typer.Option("--check", help="Play without anybody watching; exit status 1 unless every step held.")
    ] = False,
) -> None:
    """Three nodes match privately, ask, answer, consent and recall; then they stay served, to be looked at.

    Example: [bold]lintas region demo --check[/bold]
    """
    _clear(folder)
    ports, doors = ({node: _free_port() for node in region.NAMES} for _ in range(2))
    nodes = {node: open_office(Settings((folder / node).resolve())) for node in region.NAMES}
    for node, office in nodes.items():
        region.found(office, node, f"{THERE}:{doors[node]}")
    with _served(nodes, ports, doors) as servers:
        all_held = True
        for step in region.play(nodes):
            all_held &= step.is_held
            console.print(
                f"[{'green' if step.is_held else 'red'}]{'held' if step.is_held else 'BROKEN'}[/]  {step.words}"
            )
        if check:
            raise typer.Exit(0 if all_held else 1)
        _show(nodes, ports)
        with suppress(KeyboardInterrupt):
            servers[0].join()


@contextmanager
def _served(nodes: dict[str, Office], ports: dict[str, int], doors: dict[str, int]) -> Iterator[list[SpawnProcess]]:
    """A process for each node, ended with the block."""
    servers = [
        _OWN.Process(target=_serve, args=(office.node, ports[node], doors[node])) for node, office in nodes.items()
    ]
    try:
        for one in servers:
            one.start()
        for port in ports.values():
            _wait(port)
        yield servers
    finally:
        for one in servers:
            one.terminate()
        for one in servers:
            one.join(timeout=30)
        for office in nodes.values():
            office.close()


def _serve(node: Path, port: int, door: int) -> None:
    """In a process of its own: what it says goes into the node's folder."""
    with (node / "journal").open("w", encoding="utf-8") as told, redirect_stdout(told), redirect_stderr(told):
        office = open_office(Settings(node))
        app = application(office, has_exchange=False)
        sockets, _ = listening("127.0.0.1", port)
        journal.begin()
        with own_port(office, app, "127.0.0.1", door):
            server(app).run(sockets=sockets)


def _wait(port: int) -> None:
    for _ in range(int(STARTS_S / 0.1)):
        with suppress(httpx.HTTPError):
            if httpx.get(f"{HERE}:{port}/healthz", trust_env=False, timeout=5).status_code == 200:
                return
        time.sleep(0.1)
    raise UnavailableError("A node of the region did not start", do="Its journal is in its folder.", code="not_started")


def _free_port() -> int:
    listening = listen("127.0.0.1", 0)
    with listening:
        return int(listening.getsockname()[1])


def _clear(folder: Path) -> None:
    """Only what an earlier play left is removed."""
    if folder.exists() and any(one.name not in region.NAMES for one in folder.iterdir()):
        raise ConflictError(
            "The folder holds something else",
            where=str(folder),
            do="Give an empty one with --folder.",
            code="not_a_region",
        )
    for node in region.NAMES:
        shutil.rmtree(folder / node, ignore_errors=True)


def _show(nodes: dict[str, Office], ports: dict[str, int]) -> None:
    console.print("\nSign in once, within 10 minutes, as Lina, the liaison officer of each. Stop with Ctrl+C.")
    for node, office in nodes.items():
        link = sessions.create_link(office, officers.acting(office, "lina"))
        print(f"{node}  {sessions.address_of(link, f'{HERE}:{ports[node]}')}", flush=True)
