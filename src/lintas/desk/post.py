"""The post: messages go out in the transaction of the work they belong to, and come in exactly once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from lintas.desk import access, attaching, ceilings, deadlines, four_eyes, node_card, peers, withholding
from lintas.desk.came import Came
from lintas.desk.office import Office
from lintas.exchange import contents, envelope, parcel, release, threads, types, wire
from lintas.exchange.keys import Card
from lintas.exchange.refused import RefusedError
from lintas.exchange.threads import Said
from lintas.model.case import Proposal
from lintas.model.errors import InputError
from lintas.model.handling import Handling
from lintas.model.message import Attachment, Message
from lintas.model.officer import OPEN, RESTRICTED, SECRET, Officer
from lintas.store import attachments, cases, jobs, matching, messages
from lintas.store import peers as kept_peers
from lintas.store.messages import IN, OUT, Kept, Thread

VERB = "exchange.send"
LIVES = timedelta(days=30)  # until a message that nobody could deliver is void
NOTHING_BESIDE: Mapping[str, bytes] = {}
# What a thread is seen up to, by the label of the strictest message in it.
RANKS = {"clear": OPEN, "green": OPEN, "amber": RESTRICTED, "amber+strict": RESTRICTED, "red": SECRET}


@dataclass(frozen=True)
class Draft:
    """What an officer wants to say. `thread` and `reply_to` None: it opens one with `peer`."""

    type: str
    body: Mapping[str, Any]
    handling: Handling
    use: str
    peer: str = ""
    thread: int | None = None
    reply_to: str | None = None
    case: int | None = None
    sources: tuple[int, ...] = ()  # the messages that came in on which it rests, by number
    files: tuple[str, ...] = ()  # that wait to be sent with it: see desk/attaching.py

    def said(self) -> dict[str, Any]:
        """As it is kept until a second officer decides."""
        return vars(self) | {"body": dict(self.body), "handling": contents.handling_said(self.handling)}


def read_draft(told: Mapping[str, Any]) -> Draft:
    """Back. Raises RefusedError."""
    handling = contents.handling_read(told["handling"])
    return Draft(
        **dict(told) | {"handling": handling, "sources": tuple(told["sources"]), "files": tuple(told.get("files", ()))}
    )


def preview(office: Office, officer: Officer, draft: Draft) -> dict[str, Any]:
    """Exactly what the other side would be given to read, before anything leaves.

    `withheld_here`: labels of the items that rest on what may not go there; they are not in the message.

    Raises NotFoundError for a thread or peer that is none, RefusedError for what may not be said there, DeniedError
    for a handling above the officer's ceiling.
    """
    _require(office, officer, draft, "preview")
    ceilings.require(office, officer, draft.handling, eyes=2)
    with office.database.read() as connection:
        composed = _composed(office, connection, draft, officer.id)
    return contents.said(composed.message) | {"withheld_here": list(composed.withheld)}


def send(office: Office, officer: Officer, draft: Draft) -> Kept | Proposal:
    """Say something to another node: it is queued with the work, and delivered as soon as the other one answers.

    RED, H2 or H3, and what is wider than the officer may give alone, waits for a second one: a proposal. Raises as
    `preview`.
    """
    _require(office, officer, draft, draft.type)
    is_wide = ceilings.needs_second(office, officer, draft.handling)
    with office.database.read() as connection:
        composed = _composed(office, connection, draft, officer.id)
    thread, message = composed.thread, composed.message
    if draft.handling.needs_two() or is_wide:
        about = f"{draft.type} to {message.recipient}" + (f" in thread {thread.number}" if thread else "")
        why, rank = f"{draft.type}: {draft.handling.tlp}", RANKS[draft.handling.tlp]
        attaching.hold(office, draft.files)
        return four_eyes.propose(office, officer, VERB, about, draft.said(), why, clearance=rank)
    return _sent(office, officer, draft, officer.id)


def carry_out(office: Office, officer: Officer, proposal: Proposal) -> Kept:
    """Send what two officers decided to send. Raises DeniedError when it is above the ceiling of the second one."""
    draft = read_draft(proposal.arguments)
    ceilings.require(office, officer, draft.handling, eyes=2)
    return _sent(office, officer, draft, proposal.proposed_by)


def _require(office: Office, officer: Officer, draft: Draft, what: str) -> None:
    on = None if draft.thread is None else ("thread", draft.thread)
    about = f"{what[:32]} in thread {draft.thread}" if on else f"{what[:32]} to {draft.peer[:64]}"
    access.require(office, officer, VERB if on else "exchange.open", about, on=on)
    for number in (*draft.sources, *withholding.sources_of(draft.body)):
        with office.database.read() as connection:
            its = messages.find(connection, number)
        access.require(office, officer, "exchange.read", f"source {number}", on=("thread", its.thread if its else 0))
    if draft.case is not None:
        access.require(office, officer, "cases.read", f"case {draft.case}", on=("case", draft.case))
    _by_officer(draft)


def _sent(office: Office, officer: Officer, draft: Draft, by: str) -> Kept:
    with office.database.write() as connection:
        sent = put(office, connection, draft, by=by, agency=officer.agency)
    access.done(
        office,
        officer,
        VERB,
        f"{sent.type} to {sent.peer}",
        {"sha256": sent.sha256, "handling": contents.handling_said(draft.handling)},
        subjects=[f"thread:{sent.thread}", f"message:{sent.id}"],
    )
    return sent


def put(
    office: Office,
    connection: Connection,
    draft: Draft,
    *,
    by: str,
    agency: str,
    signer: Card | None = None,
    beside: Mapping[str, bytes] = NOTHING_BESIDE,
) -> Kept:
    """Queue a message in the transaction of the work that it belongs to. Raises as `preview`.

    `signer`: this node with other keys in use. `beside`: what travels with the message, by name.
    """
    messages.alone(connection)
    composed = _composed(office, connection, draft, by)
    thread = composed.thread
    attached = [parcel.attach(name, data) for name, data in beside.items()]
    message = replace(composed.message, attachments=(*composed.message.attachments, *(said for said, _ in attached)))
    own = signer or node_card.own(office)
    peer = kept_peers.find(connection, message.recipient)
    signed = envelope.sign(message, own)
    number = thread.number if thread else _open(connection, message, draft, agency)
    sealed = envelope.seal(signed, message, own, peers.trusted(peer), is_classical=peers.is_classical(peer))
    kept = messages.put(
        connection,
        direction=OUT,
        peer=message.recipient,
        thread=number,
        id=message.id,
        seq=message.seq,
        type=message.type,
        content=contents.said(message),
        signed=signed,
        sha256=envelope.digest(signed),
        envelope={"routing": sealed.routing, "sealed": sealed.sealed},
        status="waiting",
        sources=list(composed.sources) or None,
        by=by,
        at=message.at,
    )
    attaching.take(connection, kept, draft.files)
    for place, (_, data) in enumerate(attached, start=len(composed.message.attachments)):
        attachments.keep(connection, kept, place, wire.said(data))
    raise_clearance(connection, number, message.handling)
    jobs.again(connection, "deliver", {"peer": message.recipient}, by=by, at=office.now())
    held = messages.found(connection, OUT, message.recipient, message.id)
    if held is None:
        raise InputError("The message was not kept", do="Try again.", code="not_kept")
    return held


def reply(came: Came, type: str, body: Mapping[str, Any]) -> Draft:
    """What this node itself says to a message that came in, under the same handling."""
    handling, use = came.message.handling, came.message.use
    return Draft(type, body, handling, use, thread=came.thread.number, reply_to=came.message.id)


def about(kept: Kept, type: str, body: Mapping[str, Any]) -> Draft:
    """What this node itself says in reply to a message that is kept, under its handling."""
    handling, use = contents.handling_read(kept.content["handling"]), str(kept.content["use"])
    return Draft(type, body, handling, use, thread=kept.thread, reply_to=kept.id)


def remove(office: Office, connection: Connection, kept: Kept) -> None:
    """Remove what a message said, the set that it offered, and what was drafted on it."""
    messages.strip(connection, kept, at=office.now())
    matching.drop_set(connection, kept.number)
    cases.forget_drafts(connection, VERB, kept.number, at=office.now())


def said(kept: Kept, own: str) -> Said:
    """What the rules of a thread look at of a message that is kept."""
    extent = kept.content.get("body", {}).get("extent", "")
    issuer = own if kept.direction == OUT else kept.peer
    return Said(kept.id, kept.type, issuer, kept.content.get("reply_to"), extent)


def raise_clearance(connection: Connection, thread: int, handling: Handling) -> None:
    """A thread is seen by who is cleared for the strictest message in it."""
    messages.raise_clearance(connection, thread, RANKS[handling.tlp])


def _by_officer(draft: Draft) -> None:
    """Raises RefusedError for a type that only the node itself writes, or that is none."""
    if draft.type not in types.names():
        raise RefusedError("unknown_type", draft.type[:64])
    if types.of(draft.type).by_machine:
        raise RefusedError("out_of_turn", f"{draft.type} is written by the node itself")


@dataclass(frozen=True)
class _Composed:
    """`sources`: the messages that it rests on, by number. `withheld`: labels of the items that it had to leave out."""

    thread: Thread | None
    message: Message
    sources: tuple[int, ...]
    withheld: tuple[str, ...]


def _composed(office: Office, connection: Connection, draft: Draft, by: str) -> _Composed:
    own = node_card.own(office).id
    at = office.now()
    thread = None if draft.thread is None else messages.thread(connection, draft.thread)
    before = [] if thread is None else messages.of_thread(connection, thread.number)
    seq = 1 if thread is None else messages.last_seq(connection, thread.number, OUT) + 1
    message_id = office.secret()
    recipient = thread.peer if thread else draft.peer
    said_here = withholding.released(
        draft.body, lambda number: _is_released(connection, number, recipient, draft.handling)
    )
    message = Message(
        id=message_id,
        type=draft.type,
        thread=thread.id if thread else message_id,
        seq=seq,
        issuer=own,
        recipient=recipient,
        use=draft.use,
        handling=draft.handling,
        at=at,
        expires_at=at + LIVES,
        body=deadlines.timed(connection, draft.type, said_here.body, recipient, at),
        reply_to=draft.reply_to,
        attachments=tuple(
            Attachment(**one.said) for one in attaching.found(office, connection, draft.files, by, draft.sources)
        ),
    )
    peers.trusted(kept_peers.find(connection, message.recipient))
    contents.check(message)
    for number in draft.sources:
        require_release(connection, number, message.recipient, message.handling)
    threads.require([said(one, own) for one in before if one.status in messages.COUNTED], threads.said(message))
    sources = tuple(dict.fromkeys((*draft.sources, *said_here.sources)))
    return _Composed(thread, message, sources, said_here.withheld)


def _is_released(connection: Connection, number: int, to: str, under: Handling) -> bool:
    try:
        require_release(connection, number, to, under)
    except InputError as error:
        if error.code not in ("not_released", "freer_than_source"):
            raise
        return False
    return True


def require_release(connection: Connection, number: int, to: str, under: Handling) -> None:
    """Let something of a message that came in go to somebody, under a handling. Raises InputError."""
    source = messages.one(connection, number)
    thread = messages.of_thread(connection, source.thread)
    asked = {one.id for one in thread if one.type == "consent_request" and one.content["reply_to"] == source.id}
    granted = {
        one.content["body"]["to"]
        for one in thread
        if one.type == "consent_grant" and one.direction == IN and one.content["reply_to"] in asked
    }
    handling = contents.handling_read(source.content["handling"]) if source.recalled_at is None else under
    release.require(
        handling,
        source.peer,
        to=to,
        under=under,
        has_consent=to in granted,
        is_recalled=source.recalled_at is not None,
    )


def _open(connection: Connection, message: Message, draft: Draft, agency: str) -> int:
    return messages.open_thread(
        connection,
        id=message.thread,
        peer=message.recipient,
        subject=subject_of(message),
        opened_at=message.at,
        agency=agency,
        clearance=RANKS[message.handling.tlp],
        case=draft.case,
    )


def subject_of(message: Message) -> str:
    """What a thread that a message opens is called."""
    return str(message.body.get("subject", message.type))[:500]
