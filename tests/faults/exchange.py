"""The exchange: messages are sent, come in, are delivered. Each takes effect exactly once, and none is lost."""

import json
import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import orjson

from lintas.desk import inward, outward, post, trail
from lintas.desk.office import Office, Settings
from lintas.exchange import keys
from lintas.exchange.keys import Card
from lintas.model.handling import Handling
from lintas.model.officer import Officer
from lintas.store import jobs, messages
from lintas.store.messages import Kept
from tests.desk.cast import ALICE, enlist
from tests.faults.deeds import Deed, at_work
from tests.faults.killing import Say
from tests.nodes.neighbour import Neighbour, met

N = 10
LINA = Officer("lina", frozenset({"liaison"}))
BODY = dict.fromkeys(("subject", "facts", "reasons", "asked", "intended_use"), "Accounts of Hantu Trading")


def _ask(office: Office, peer: str) -> Kept:
    sent = post.send(office, LINA, post.Draft("request", BODY, Handling("amber"), "investigation", peer=peer))
    assert isinstance(sent, Kept)
    return sent


def _all(office: Office, direction: str) -> list[Kept]:
    with office.database.read() as connection:
        numbers = connection.exec_driver_sql("SELECT number FROM messages ORDER BY number").scalars().all()
        held = [messages.one(connection, number) for number in numbers]
    return [one for one in held if one.direction == direction]


def _neighbour(settings: Settings) -> Neighbour:
    told = orjson.loads((settings.node.parent / "neighbour.json").read_bytes())
    return Neighbour(keys.read(told), {})


def _meet(office: Office) -> Neighbour:
    enlist(office, ALICE)
    neighbour = met(office)
    (office.node.parent / "neighbour.json").write_bytes(orjson.dumps(neighbour.card.said()))
    return neighbour


def _deliver(office: Office, settings: Settings) -> None:
    """What waits, one by one, to a neighbour that notes what it is handed before it answers."""
    neighbour = _neighbour(settings)

    def wire(to: Card, data: bytes) -> bytes:
        with office.database.read() as connection:
            (sent,) = messages.waiting(connection, to.id, 1)
        with (settings.node.parent / "ledger").open("a") as ledger:
            ledger.write(f"{sent.id} {sent.sha256}\n")
            ledger.flush()
            os.fsync(ledger.fileno())
        return neighbour.receipt(office, sent)

    outward.deliver(office, neighbour.card.id, wire=wire)


# ---- Messages are sent


def make_met(settings: Settings) -> None:
    with at_work(settings) as office:
        _meet(office)


def act_send(settings: Settings, say: Say) -> None:
    with at_work(settings) as office:
        for _ in range(N):
            say(_ask(office, "xb.police").id)


def check_send(settings: Settings, said: Sequence[str]) -> None:
    with at_work(settings) as office:
        sent = _all(office, "out")
        assert [one.id for one in sent][: len(said)] == list(said)
        assert len(sent) in (len(said), len(said) + 1)
        with office.database.read() as connection:
            assert all(messages.thread(connection, one.thread).id == one.content["thread"] for one in sent)
            assert bool(jobs.waiting(connection, "deliver")) == bool(sent)
        _deliver(office, settings)
        assert {one.status for one in _all(office, "out")} <= {"kept"}
        trail.verify(office, ALICE)


# ---- Messages are delivered


def make_waiting(settings: Settings) -> None:
    with at_work(settings) as office:
        neighbour = _meet(office)
        for _ in range(N):
            _ask(office, neighbour.card.id)


def act_deliver(settings: Settings, say: Say) -> None:
    with at_work(settings) as office:
        _deliver(office, settings)
        say("delivered")


def check_deliver(settings: Settings, said: Sequence[str]) -> None:
    ledger: Path = settings.node.parent / "ledger"
    with at_work(settings, later=timedelta(hours=1)) as office:
        handed = {line.split()[0] for line in ledger.read_text().splitlines()} if ledger.exists() else set()
        kept = {one.id for one in _all(office, "out") if one.status == "kept"}
        assert kept <= handed, "only what the other node has counts as delivered"
        assert len(kept) == N or not said
        _deliver(office, settings)
        sent = {(one.id, one.sha256) for one in _all(office, "out")}
        assert {one.status for one in _all(office, "out")} == {"kept"}
        assert {tuple(line.split()) for line in ledger.read_text().splitlines()} == sent
        trail.verify(office, ALICE)


# ---- Messages come in


def make_coming(settings: Settings) -> None:
    """A neighbour's parcels, in the order in which it sends them; the last takes the one before back."""
    with at_work(settings) as office:
        neighbour = _meet(office)
        parcels = [neighbour.parcel(office, "request", BODY)]
        for n in range(N - 2):
            told = {"subject": f"Matter {n}", "text": "12345", "channel": "fraud"}
            parcels.append(neighbour.parcel(office, "spontaneous", told))
        first = neighbour.parcel(office, "alert", {"subject": "x", "text": "12345", "channel": "cyber"})
        parcels += [first, neighbour.parcel(office, "recall", {"why": "It was wrong."}, first)]
        told_all = [data.hex() for _, data in parcels]
        (settings.node.parent / "parcels.json").write_text(json.dumps(told_all))


def act_receive(settings: Settings, say: Say) -> None:
    with at_work(settings) as office:
        for number, data in enumerate(_parcels(settings)):
            say(f"{number} {inward.receive(office, data).receipt}")


def check_receive(settings: Settings, said: Sequence[str]) -> None:
    with at_work(settings) as office:
        held = [one.id for one in _all(office, "in")]
        assert len(held) in (len(said), len(said) + 1)
        answers = [inward.receive(office, data) for data in _parcels(settings)]
        assert {answer.code for answer in answers} == {"kept"}
        for line in said:
            number, receipt = line.split()
            assert answers[int(number)].receipt == receipt, "the same message gets the same receipt"
        came, out = _all(office, "in"), _all(office, "out")
        assert len({one.id for one in came}) == len(came) == N + 1
        assert [one.type for one in out] == ["recall_ack"]
        assert [one.recalled_at is not None for one in came].count(True) == 1
        trail.verify(office, ALICE)


def _parcels(settings: Settings) -> list[bytes]:
    held: list[str] = json.loads((settings.node.parent / "parcels.json").read_text())
    return [bytes.fromhex(one) for one in held]


EXCHANGE = {
    "messages are sent": Deed(make_met, act_send, check_send),
    "messages come in": Deed(make_coming, act_receive, check_receive),
    "messages are delivered": Deed(make_waiting, act_deliver, check_deliver),
}
