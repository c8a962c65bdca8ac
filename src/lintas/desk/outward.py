"""Delivery: what waits for a peer is sent in its order until the peer's receipt says what became of it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import orjson

from lintas.desk import access, node_card, peers
from lintas.desk.office import Office
from lintas.exchange import parcel, receipts
from lintas.exchange import wire as wire_form
from lintas.exchange.keys import Card
from lintas.exchange.refused import REASONS, RefusedError
from lintas.model.message import Envelope
from lintas.model.officer import Officer
from lintas.store import jobs, messages
from lintas.store import peers as kept_peers
from lintas.store.messages import Kept

VERB = "exchange.deliver"
PATH = "/exchange/messages"
TIMEOUT_S = 30.0  # for a node across a slow line to answer
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=5)  # doubled each time
MAX_ANSWER = 64 * 1024  # bytes
Wire = Callable[[Card, bytes], bytes]  # carries an envelope to a node; its answer. Raises httpx.HTTPError, OSError


def over_https(to: Card, body: bytes) -> bytes:
    """Carry an envelope to a node; its answer."""
    return posted(to, PATH, body, MAX_ANSWER)


def posted(to: Card, path: str, body: bytes, most: int) -> bytes:
    """Hand something to a node; its answer of at most so many bytes. Redirects and proxies are not followed.

    Raises httpx.HTTPError, OSError.
    """
    kind = {"Content-Type": "application/octet-stream"}
    with (
        httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
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


def deliver(office: Office, peer: str, told: Callable[[int], object] = lambda n: None, wire: Wire = over_https) -> int:
    """Send what waits for a peer until nothing does or the peer does not answer; how many got a receipt.

    What could not be sent is tried again later, ever less often.
    """
    n = 0
    while True:
        with office.database.read() as connection:
            waiting = messages.waiting(connection, peer, 1)
            held = kept_peers.find(connection, peer)
        if not waiting:
            return n
        (message,) = waiting
        try:
            to = peers.trusted(held)
            receipt = _carried(packed(office, message), to, wire) if to.address else None
        except RefusedError as error:  # the peer was revoked meanwhile
            _settle(office, message, error.code, None)
            continue
        except (httpx.HTTPError, OSError, ValueError) as error:
            _later(office, message, type(error).__name__)
            return n
        if receipt is None:  # it fetches for itself
            return n
        if not _believed(office, message, to, receipt):
            _later(office, message, "no_receipt")
            return n
        n += 1
        told(n)


def packed(office: Office, message: Kept) -> bytes:
    """A message that waits, as it crosses the wire."""
    with office.database.read() as connection:
        beside = tuple(wire_form.raw(one) for one in messages.attached(connection, message.number))
    sealed = message.envelope or {}
    return parcel.pack(Envelope(sealed.get("routing", ""), sealed.get("sealed", ""), beside))


def believe(office: Office, giver: Card, text: str) -> bool:
    """Take in a receipt that was carried beside other things; whether it settled a message that waits."""
    try:
        receipt = receipts.read(text, giver, office.now())
    except RefusedError:
        return False
    with office.database.read() as connection:
        message = messages.found(connection, messages.OUT, giver.id, receipt.message)
    return message is not None and message.status == "waiting" and _believed(office, message, giver, text)


def _carried(body: bytes, to: Card, wire: Wire) -> str:
    answer = orjson.loads(wire(to, body))
    if not isinstance(answer, dict):
        raise ValueError("no answer")
    return str(answer.get("receipt", ""))


def _believed(office: Office, message: Kept, to: Card, text: str) -> bool:
    """Whether what was answered is the peer's signed word about this message; if so the message is settled."""
    try:
        receipt = receipts.read(text, to, office.now())
    except RefusedError:
        return False
    own = node_card.own(office).id
    if (receipt.message, receipt.issuer, receipt.recipient) != (message.id, to.id, own):
        return False
    if receipt.code == receipts.KEPT and receipt.sha256 != message.sha256:
        return False
    _settle(office, message, receipt.code if receipt.code in REASONS else receipts.KEPT, text)
    return True


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
