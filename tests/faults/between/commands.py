"""What a node's process can be told to do."""

from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from typing import Any

import orjson

from lintas.desk import inward, outward, pouches, retention, rotation
from lintas.desk.office import Office
from lintas.exchange.keys import Card
from lintas.store import messages
from tests.nodes.region import CORA, LINA
from tests.nodes.test_purging import NODE


def deliver(office: Office, line: Connection, peer: str) -> int:
    def wire(to: Card, body: bytes) -> bytes:
        line.send(("wire", to.id, body))
        answer = line.recv()
        if answer is None:
            raise OSError("no answer")
        return bytes(answer)

    return outward.deliver(office, peer, wire=wire)


def receive(office: Office, line: Connection, body: bytes) -> bytes:
    return orjson.dumps(vars(inward.receive(office, body)))


def act(office: Office, line: Connection, do: Callable[..., Any], *arguments: Any) -> Any:
    return do(office, *arguments)


def waiting(office: Office, line: Connection, peer: str) -> list[bytes]:
    """What waits for a peer as it crosses the wire."""
    with office.database.read() as connection:
        held = messages.waiting(connection, peer)
    return [outward.packed(office, one) for one in held]


DOES: Mapping[str, Callable[..., Any]] = {
    "act": act,
    "deliver": deliver,
    "receive": receive,
    "waiting": waiting,
    "make": lambda office, line, peer: pouches.make(office, LINA, peer),
    "take": lambda office, line, data: pouches.take(office, LINA, data).answer,
    "rotate": lambda office, line: rotation.rotate(office, CORA).fingerprint,
    "retain": lambda office, line: retention.run(office, NODE).n_messages,
}
