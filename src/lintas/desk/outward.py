"""Delivery: what waits for a peer is sent in its order until the peer's receipt says what became of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import httpx
import orjson

from lintas.desk import access, line, node_card, peers, witness
from lintas.desk.office import Office
from lintas.exchange import envelope, parcel, receipts
from lintas.exchange import wire as wire_form
from lintas.exchange.keys import Card
from lintas.exchange.refused import REASONS, RefusedError
from lintas.model.message import Envelope
from lintas.model.officer import Officer
from lintas.store import jobs, messages
from lintas.store import peers as kept_peers
from lintas.store.messages import Kept

VERB = "exchange.deliver"
NO_RECEIPT = "no_receipt"
PATH = "/exchange/messages"
TIMEOUT_S = 30.0  # for a node across a slow line to answer
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=5)  # doubled each time
CLOCK_WAIT = timedelta(days=1)  # for a clock that is off to be put right; ours
MAX_ANSWER = 64 * 1024  # bytes
Wire = Callable[[Card, bytes], bytes]  # carries an envelope to a node; its answer. Raises httpx.HTTPError, OSError


def over_https(office: Office, to: Card, body: bytes) -> bytes:
    """Carry an envelope to a node; its answer."""
    return posted(office, to, PATH, body, MAX_ANSWER)


def posted(office: Office, to: Card, path: str, body: bytes, most: int) -> bytes:
    """Hand something to a node; its answer of at most so many bytes. Redirects and proxies are not followed.

    Where the card pins certificates, both sides show one. Raises httpx.HTTPError, OSError.
    """
    believed, kind = line.to_peer(office, to) if to.is_pinned else True, {"Content-Type": "application/octet-stream"}
    with (
        httpx.Client(verify=believed, timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
        client.stream("POST", to.address + path, content=body, headers=kind) as response,
    ):
        held = bytearray()
        for block in response.iter_bytes():
            held += block
            if len(held) > most:
                raise httpx.DecodingError("the answer is too long")
        if response.status_code not in (200, 400, 403):
            raise httpx.HTTPError(f"status {response.status_code}")
        return bytes(held)


def deliver(office: Office, peer: str, told: Callable[[int], object] = lambda n: None, wire: Wire | None = None) -> int:
    """Send what waits for a peer until nothing does or the peer does not answer; how many got a receipt.

    What could not be sent is tried again later, ever less often. `wire`: over https, when left out.
    """
    wire = wire or partial(over_https, office)
    n = 0
    while True:
        with office.database.read() as connection:
            waiting = messages.waiting(connection, peer, 1)
            held = kept_peers.find(connection, peer)
            knows, is_split = witness.knows(connection, peer), witness.is_split(connection, peer)
        if not waiting:
            return n
        (message,) = waiting
        if is_split:
            _later(office, message, witness.SPLIT_VIEW)
            return n
        try:
            to = peers.trusted(held)
            receipt = _carried(packed(office, message, knows), to, wire) if to.address else None
        except RefusedError as error:  # the peer was revoked or suspended meanwhile
            if error.code == "suspended_peer":
                _later(office, message, error.code)
                return n
            _settle(office, message, error.code, None)
            continue
        except (httpx.HTTPError, OSError, ValueError) as error:
            _later(office, message, type(error).__name__)
            return n
        if receipt is None:  # it fetches for itself
            return n
        if code := _doubt(office, message, to, receipt, knows):
            _later(office, message, code)
            return n
        n += 1
        told(n)


def packed(office: Office, message: Kept, knows: tuple[int, ...] | None = None) -> bytes:
    """A message that waits, as it crosses the wire. `knows`: see `envelope.Routing`; None: what is known now."""
    with office.database.read() as connection:
        beside = tuple(wire_form.raw(one) for one in messages.attached(connection, message.number))
        known = witness.knows(connection, message.peer) if knows is None else knows
    sealed = message.envelope or {"routing": "", "sealed": ""}
    own = node_card.own(office)
    routing = envelope.knowing(sealed["routing"], known, own, office.now()) if message.envelope else ""
    return parcel.pack(Envelope(routing, sealed["sealed"], beside))


def believe(office: Office, giver: Card, text: str) -> bool:
    """Take in a receipt that was carried beside other things; whether it settled a message that waits."""
    try:
        receipt = receipts.read(text, giver, office.now())
    except RefusedError:
        return False
    with office.database.read() as connection:
        message = messages.found(connection, messages.OUT, giver.id, receipt.message)
    if message is None or message.status != "waiting":
        return False
    return not _doubt(office, message, giver, text, tuple(receipt.paths))


def _carried(body: bytes, to: Card, wire: Wire) -> str:
    answer = orjson.loads(wire(to, body))
    if not isinstance(answer, dict):
        raise ValueError("no answer")
    return str(answer.get("receipt", ""))


def _doubt(office: Office, message: Kept, to: Card, text: str, knows: tuple[int, ...]) -> str:
    """Why what was answered is not the peer's signed word about this message; empty if it is: then it is settled."""
    own = node_card.own(office).id
    try:
        receipt = receipts.read(text, to, office.now())
        if (receipt.message, receipt.issuer, receipt.recipient) != (message.id, to.id, own):
            return NO_RECEIPT
        if receipt.code not in (receipts.KEPT, *REASONS):
            return NO_RECEIPT
        if receipt.code == receipts.KEPT and receipt.sha256 != message.sha256:
            return NO_RECEIPT
        if code := witness.doubt(office, to, receipt, knows):
            return code
        if _is_slip(office, message, receipt.code):
            return receipt.code
    except RefusedError:
        return NO_RECEIPT
    _settle(office, message, receipt.code, text)
    return ""


def _is_slip(office: Office, message: Kept, code: str) -> bool:
    """Whether another try may do better: it was damaged on its way, and not twice, or one of the clocks is off."""
    if code == "altered":
        return message.code != code
    return code == "from_the_future" and office.now() < message.at + CLOCK_WAIT


def _settle(office: Office, message: Kept, code: str, receipt: str | None) -> None:
    is_kept, at = code == receipts.KEPT, office.now()
    officer = Officer(access.NODE.id, access.NODE.roles, via="job")
    access.asked(office, officer, VERB, f"{message.type} to {message.peer}: {code}")
    with office.database.write() as connection:
        messages.change(
            connection,
            message.number,
            status="kept" if is_kept else "refused",
            code=None if is_kept else code,
            receipt=receipt,
            envelope=None,
            settled_at=at,
        )
        if not is_kept:
            messages.stop_after(connection, message, at=at)
    subjects = [f"thread:{message.thread}", f"message:{message.id}"]
    access.done(office, officer, VERB, f"{message.type} to {message.peer}: {code}", subjects=subjects)


def _later(office: Office, message: Kept, code: str) -> None:
    with office.database.write() as connection:
        messages.change(connection, message.number, n_tries=message.n_tries + 1, code=code[:32])
        due_at = next_try(office.now(), message.n_tries)
        arguments = {"peer": message.peer}
        jobs.again(connection, "deliver", arguments, by=access.NODE.id, at=office.now(), due_at=due_at)


def next_try(at: datetime, n_tries: int) -> datetime:
    """When to try again after so many tries that failed."""
    wait: timedelta = min(FIRST_WAIT * 2 ** min(n_tries, 20), LONGEST_WAIT)
    return at + wait
