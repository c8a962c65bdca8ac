"""What comes in from other nodes: opened, judged, kept once, applied in its order, and answered with a receipt."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from lintas.desk import access, effects, files, node_card, peers, post, witness
from lintas.desk.came import Came
from lintas.desk.office import Office
from lintas.exchange import contents, envelope, parcel, receipts, threads, wire
from lintas.exchange.envelope import Opened, Routing
from lintas.exchange.keys import Card
from lintas.exchange.refused import RefusedError
from lintas.model.errors import InputError, LintasError
from lintas.model.message import Envelope, Message, Receipt
from lintas.model.officer import OWN_AGENCY, Officer
from lintas.store import messages
from lintas.store import peers as kept_peers
from lintas.store.messages import IN, Kept, Thread

VERB = "exchange.receive"
Carrier = frozenset[str] | None  # the trusted nodes whose certificate the connection showed; None: none is asked for


@dataclass(frozen=True)
class Answer:
    """What the other node is told. `receipt`: signed; empty for who proved no right to one."""

    code: str
    receipt: str = ""


def receive(office: Office, data: bytes, carrier: Carrier = None, log_size: int | None = None) -> Answer:
    """Take a parcel in, or refuse it; both are logged. The same message gets the same receipt every time it comes.

    `log_size`: of which the receipt gives the head, where several receipts go together; None: as it is now.
    Raises NotFoundError while this node has no name. What is wrong with the envelope is in the answer.
    """
    own = node_card.own(office)
    caller, sender, sent = Officer(named(carrier), via="exchange"), None, None
    try:
        sent = parcel.unpack(data)
        issuer = envelope.issuer_of(sent)[:64]
        if (
            carrier is not None and issuer not in carrier
        ):  # no receipt for it: who carries what is another's could settle it so
            raise RefusedError("other_carrier", f"of {issuer}")
        with office.database.read() as connection:
            peer = kept_peers.find(connection, issuer)
        sender = peers.trusted(peer)
        caller = Officer(issuer, via="exchange")
        opened = envelope.open_(sent, own, sender, office.now(), is_classical=peers.is_classical(peer))
        return Answer(receipts.KEPT, _take(office, own, caller, opened, sent, log_size))
    except InputError as fault:
        error = fault if isinstance(fault, RefusedError) else RefusedError("bad_body", fault.what)
        access.refused(office, caller, VERB, f"{error.code}: {error.detail}"[:500])
        return Answer(error.code, _refusal(office, own, sender, sent, error, log_size))


def named(carrier: Carrier) -> str:
    """A carrier as the log has it."""
    return min(carrier or {"somebody"})


def _take(office: Office, own: Card, caller: Officer, opened: Opened, sent: Envelope, log_size: int | None) -> str:
    """Keep a message and give its receipt, in one transaction."""
    message = opened.message
    access.asked(office, caller, VERB, f"{message.type} of {message.issuer}")
    with office.database.write() as connection:
        messages.alone(connection)
        held = messages.found(connection, IN, message.issuer, message.id)
        if held is not None:
            if held.sha256 != opened.sha256:
                raise RefusedError("another_digest", f"{message.id}: {opened.sha256}, held {held.sha256}")
            return _again(office, connection, own, opened, held, log_size)
        heads = witness.passed_on(office, connection, message.issuer)
        receipt = _receipt(office, own, _routing(opened), receipts.KEPT, log_size, heads=heads)
        thread = _thread(office, connection, message)
        status = _place(connection, own, thread, message)
        number = _keep(connection, thread, opened, status, receipt, office.now())
        files.quarantine(office, connection, number, message, sent)
        if status == "kept":
            effects.apply(office, connection, Came(thread, number, message, opened.attachments))
            _unpark(office, connection, own, thread)
    subjects = [f"thread:{thread.number}", f"message:{message.id}"]
    details = {"sha256": opened.sha256, "status": status, "number": number}
    access.done(office, caller, VERB, f"{message.type} of {message.issuer}", details, subjects=subjects)
    return receipt


def _again(office: Office, connection: Connection, own: Card, opened: Opened, held: Kept, log_size: int | None) -> str:
    """The receipt that was given, or the same anew when its recipient asks for other proofs now."""
    before = receipts.held(held.receipt or "")
    if tuple(before.paths) == opened.knows:
        return held.receipt or ""
    receipt = _receipt(office, own, _routing(opened), receipts.KEPT, log_size, heads=before.heads, at=before.at)
    messages.change(connection, held.number, receipt=receipt)
    return receipt


def _routing(opened: Opened) -> Routing:
    """What a receipt for a message is about: its content, which is the same however often it is encrypted anew."""
    message = opened.message
    return Routing(message.id, message.issuer, message.recipient, opened.sha256, opened.knows)


def _thread(office: Office, connection: Connection, message: Message) -> Thread:
    held = messages.thread_of(connection, message.issuer, message.thread)
    if held is None:
        number = messages.open_thread(
            connection,
            id=message.thread,
            peer=message.issuer,
            subject=post.subject_of(message),
            opened_at=office.now(),
            agency=OWN_AGENCY,
            clearance=post.RANKS[message.handling.tlp],
            case=None,
        )
        held = messages.thread(connection, number)
    return held


def _place(connection: Connection, own: Card, thread: Thread, message: Message) -> str:
    """kept, or parked while an earlier one of this node is missing. Raises RefusedError when it is out of turn."""
    expected = messages.last_seq(connection, thread.number, IN, ("kept", "out_of_turn")) + 1
    if message.seq > expected:
        return "parked"
    if message.seq < expected:
        raise RefusedError("out_of_turn", f"place {message.seq} is taken")
    _require_turn(connection, own, thread, message)
    return "kept"


def _require_turn(connection: Connection, own: Card, thread: Thread, message: Message) -> None:
    before = [post.said(one, own.id) for one in messages.of_thread(connection, thread.number)]
    threads.require([one for one in before if one.id != message.id], threads.said(message))


def _keep(connection: Connection, thread: Thread, opened: Opened, status: str, receipt: str, came_at: datetime) -> int:
    message = opened.message
    return messages.put(
        connection,
        direction=IN,
        peer=message.issuer,
        thread=thread.number,
        id=message.id,
        seq=message.seq,
        type=message.type,
        content=contents.said(message),
        signed=opened.signed,
        sha256=opened.sha256,
        status=status,
        receipt=receipt,
        by=message.issuer,
        at=message.at,
        settled_at=came_at,
    )


def _unpark(office: Office, connection: Connection, own: Card, thread: Thread) -> None:
    """What waited for the message that came now is applied, in its order."""
    parked = [one for one in messages.of_thread(connection, thread.number) if one.status == "parked"]
    for one in sorted(parked, key=lambda kept: kept.seq):
        if one.seq != messages.last_seq(connection, thread.number, IN, ("kept", "out_of_turn")) + 1:
            return
        message = _message(one)
        try:
            _require_turn(connection, own, thread, message)
        except RefusedError:
            messages.change(connection, one.number, status="out_of_turn", code="out_of_turn")
            continue
        messages.change(connection, one.number, status="kept")
        encrypted = map(wire.raw, messages.attached(connection, one.number))
        beside = tuple(map(parcel.opened, message.attachments, encrypted))
        effects.apply(office, connection, Came(thread, one.number, message, beside))


def _message(kept: Kept) -> Message:
    return contents.restored(kept.content)


def _refusal(
    office: Office,
    own: Card,
    sender: Card | None,
    sent: Envelope | None,
    error: LintasError,
    log_size: int | None,
) -> str:
    """A receipt for a refusal, for who proved by the routing header to have sent it."""
    if sender is None or sent is None:
        return ""
    try:
        routing = envelope.routing_of(sent, own, sender, office.now())
    except RefusedError:
        return ""
    return _receipt(office, own, routing, error.code, log_size)


def _receipt(
    office: Office,
    own: Card,
    about: Routing,
    code: str,
    log_size: int | None,
    *,
    heads: tuple[str, ...] = (),
    at: datetime | None = None,
) -> str:
    head, paths = witness.given(office, own, about.knows, log_size)
    at = at or office.now()
    receipt = Receipt(about.id, own.id, about.issuer, about.sha256, at, code, head, paths, heads)
    return receipts.sign(receipt, own)
