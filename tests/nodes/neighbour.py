"""A node of another agency that a test plays: its keys are here, so it can say whatever the test wants."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from lintas.desk import inward, node_card
from lintas.desk.office import Office
from lintas.exchange import envelope, heads, keys, parcel, receipts
from lintas.exchange.keys import Card
from lintas.model.handling import Handling
from lintas.model.message import Message, Receipt, TreeHead
from lintas.model.officer import Officer
from lintas.store import messages
from lintas.store import peers as kept_peers
from lintas.store.messages import Kept
from tests.desk.cast import ALICE


@dataclass
class Neighbour:
    """`n`: what it has said in each thread."""

    card: Card
    n: dict[str, int]

    def parcel(
        self, office: Office, type: str, body: dict[str, Any], to: tuple[Message, bytes] | None = None, **more: Any
    ) -> tuple[Message, bytes]:
        """A message as it would be handed in, in reply to another of its own."""
        return self._packed(office, type, body, to[0].thread if to else None, to[0].id if to else None, more)

    def says(self, office: Office, type: str, body: dict[str, Any], to: Kept | None = None, **more: Any) -> Kept:
        """Hand in a message; as the node keeps it. `beside`: files by name."""
        thread = str(to.content["thread"]) if to else None
        message, data = self._packed(office, type, body, thread, to.id if to else None, more)
        told = inward.receive(office, data)
        assert told.code == "kept", told
        with office.database.read() as connection:
            kept = messages.found(connection, "in", self.card.id, message.id)
        assert kept is not None
        return kept

    def _packed(
        self,
        office: Office,
        type: str,
        body: dict[str, Any],
        thread: str | None,
        reply_to: str | None,
        more: dict[str, Any],
    ) -> tuple[Message, bytes]:
        at, to = office.now(), node_card.own(office)
        message_id = f"{self.card.id}-{sum(self.n.values())}"
        thread = thread or message_id
        self.n[thread] = self.n.get(thread, 0) + 1
        message = Message(
            message_id,
            type,
            thread,
            self.n[thread],
            self.card.id,
            to.id,
            "investigation",
            Handling(),
            at,
            at + timedelta(days=30),
            body,
            reply_to,
        )
        beside = [parcel.attach(name, data) for name, data in more.pop("beside", {}).items()]
        message = replace(message, attachments=tuple(said for said, _ in beside), **more)
        encrypted = tuple(data for _, data in beside)
        sealed = envelope.seal(envelope.sign(message, self.card), message, self.card, to, encrypted)
        return message, parcel.pack(sealed)

    def receipt(self, office: Office, sent: Kept) -> bytes:
        """What it answers to a message that it keeps."""
        own = node_card.own(office).id
        head = heads.sign(TreeHead(self.card.id, 1, "0" * 64, "2026-01-01"), self.card)
        said = Receipt(sent.id, self.card.id, own, sent.sha256, office.now(), "kept", head, {})
        return b'{"code": "kept", "receipt": "%s"}' % receipts.sign(said, self.card).encode()


def met(office: Office, own: str = "xa.fiu", other: str = "xb.police") -> Neighbour:
    """The node is named, and trusts a neighbour."""
    custodian = Officer("cora", frozenset({"custodian"}))
    node_card.init(office, custodian, own, "Financial Intelligence Unit of Arunia", "http://localhost:1")
    return Neighbour(trusted(office, other, office.now()), {})


def trusted(office: Office, node: str, at: datetime) -> Card:
    """A node that two officers met."""
    card = Card(node, "Police of Beluga", "http://localhost:1", keys.made(at))
    with office.database.write() as connection:
        kept_peers.put(connection, card.id, card.name, keys.sign(card, card), by=ALICE.id, at=at)
        kept_peers.confirm(connection, card.id, by="bob", at=at)
    return card
