"""Nodes of fictional agencies that met, joined by a wire that a test can cut, repeat and disorder."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from lintas.desk import inward, node_card, outward, peers, post
from lintas.desk.office import Office, Settings, open_office
from lintas.exchange.keys import Card
from lintas.model.handling import Handling
from lintas.model.officer import SECRET, Officer
from lintas.store import messages
from lintas.store.messages import Kept, Thread
from tests.desk.cast import ALICE, enlist

NAMES = {"xa.fiu": "Financial Intelligence Unit of Arunia", "xb.police": "Police of Beluga", "xc.customs": "Cendana"}
LINA = Officer("lina", frozenset({"liaison"}), via="session", clearance=SECRET)
CORA = Officer("cora", frozenset({"custodian"}), via="session")
REQUEST = {
    "subject": "Accounts of Hantu Trading",
    "facts": "It received 14 transfers from victims of a fraud.",
    "reasons": "The money went on to a bank in your state.",
    "asked": "Accounts held by Hantu Trading since 2025.",
    "intended_use": "To trace and freeze what is left.",
}


class Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **how_far: float) -> None:
        self.at += timedelta(**how_far)


class Region:
    """The nodes by id. `wire` may be exchanged for one that fails. `closed`: those that open no port."""

    def __init__(
        self, folder: Path, database: Callable[[], str] = lambda: "", names: Any = NAMES, closed: Any = ()
    ) -> None:
        self.clock, self.nodes = Clock(), dict[str, Office]()
        for node in names:
            self.nodes[node] = open_office(Settings(folder / node, database()), now=self.clock)
            enlist(self.nodes[node], ALICE, LINA, CORA)
            address = "" if node in closed else f"https://{node}.example"
            node_card.init(self.nodes[node], CORA, node, NAMES[node], address)
        for one in self.nodes.values():
            for other in self.nodes.values():
                if one is not other:
                    meet(one, other)

    def wire(self, to: Card, body: bytes) -> bytes:
        told = inward.receive(self.nodes[to.id], body)
        return orjson.dumps(vars(told))

    def deliver(self, node: str, to: str, wire: Any = None) -> int:
        return outward.deliver(self.nodes[node], to, wire=wire or self.wire)

    def ask(self, node: str, to: str, type: str = "request", **changes: Any) -> Kept:
        body = changes.pop("body", REQUEST if type == "request" else {})
        return sent(self.nodes[node], draft(type, body, peer=to, **changes))

    def answer(self, node: str, to: Kept, type: str, body: dict[str, Any], **changes: Any) -> Kept:
        """Reply to a message that came in, or to one of its own."""
        office = self.nodes[node]
        with office.database.read() as connection:
            thread = messages.thread_of(connection, to.peer, to.content["thread"])
        assert thread is not None
        return sent(office, draft(type, body, thread=thread.number, reply_to=to.id, **changes))

    def inbox(self, node: str, of: str) -> list[Kept]:
        """What came in from a node, in its order."""
        return [one for one in self.all(node) if one.direction == "in" and one.peer == of]

    def all(self, node: str) -> list[Kept]:
        with self.nodes[node].database.read() as connection:
            return [one for thread in self.threads(node) for one in messages.of_thread(connection, thread.number)]

    def threads(self, node: str) -> list[Thread]:
        with self.nodes[node].database.read() as connection:
            return [
                messages.thread(connection, number)
                for (number,) in connection.exec_driver_sql("SELECT number FROM threads ORDER BY number")
            ]

    def close(self) -> None:
        for office in self.nodes.values():
            office.close()


def meet(one: Office, other: Office) -> None:
    """Two officers here take the other node's card and compare its words."""
    card = node_card.own(other)
    peers.add(one, LINA, node_card.signed(other, LINA))
    peers.confirm(one, CORA, card.id, node_card.in_words(card))


def draft(type: str, body: dict[str, Any], **changes: Any) -> post.Draft:
    handling = changes.pop("handling", Handling("amber"))
    return replace(post.Draft(type, body, handling, "investigation"), **changes)


def sent(office: Office, what: post.Draft, officer: Officer = LINA) -> Kept:
    kept = post.send(office, officer, what)
    assert isinstance(kept, Kept)
    return kept
