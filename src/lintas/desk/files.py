"""Files beside messages: quarantined when they come, checked by the node, and then given to who reads the thread."""

from dataclasses import dataclass

from sqlalchemy import Connection

from lintas.desk import access
from lintas.desk.office import Office
from lintas.exchange import contents, parcel, types, wire
from lintas.exchange.refused import RefusedError
from lintas.model.errors import ConflictError, DeniedError, NotFoundError
from lintas.model.message import Attachment, Envelope, Message
from lintas.model.officer import Officer
from lintas.sources.files import checking
from lintas.sources.files.held import REASONS, HeldBackError
from lintas.store import attachments, jobs, messages
from lintas.store.attachments import CHECKED, HELD_BACK, QUARANTINED, Beside
from lintas.store.messages import Kept

VERB, KIND = "exchange.check", "check"


@dataclass(frozen=True)
class FileView:
    """A file as the page of its thread shows it. `status`: quarantined, checked, held_back; `why`: of the last."""

    place: int
    name: str
    sha256: str
    size_bytes: int
    status: str
    type: str | None = None
    code: str | None = None
    why: str = ""


@dataclass(frozen=True)
class Given:
    """A checked file, opened. `type`: what the check found it to be."""

    said: Attachment
    type: str
    data: bytes


def quarantine(office: Office, connection: Connection, number: int, message: Message, sent: Envelope) -> None:
    """Keep what came beside a message as it was on the wire; what officers attached waits for its check."""
    is_for_officers = not types.of(message.type).by_machine
    for place, (said, data) in enumerate(zip(message.attachments, sent.attachments, strict=True)):
        state = {"status": QUARANTINED, "sha256": said.sha256} if is_for_officers else {}
        attachments.keep(connection, number, place, wire.said(data), **state)
    if sent.attachments and is_for_officers:
        jobs.add(connection, KIND, by=access.NODE.id, at=office.now(), arguments={"message": number})


def check(office: Office, number: int) -> dict[str, int]:
    """Look into what waits beside a message, one file after another; how many were checked and held back.

    Who cannot be judged for a reason that nobody foresaw stays where it is: the job fails, and says so.
    """
    counts = {CHECKED: 0, HELD_BACK: 0}
    with office.database.read() as connection:
        kept = messages.find(connection, number)
        held = attachments.of_messages(connection, [number]).get(number, [])
    for one in held if kept is not None and kept.recalled_at is None else ():
        if kept is not None and one.status == QUARANTINED:
            counts[_check(office, kept, one)] += 1
    return counts


def _check(office: Office, kept: Kept, one: Beside) -> str:
    said = _said(kept)[one.place]
    about = f"file {one.place + 1} of message {kept.number}"
    access.asked(office, access.NODE, VERB, about)
    with office.database.read() as connection:
        encrypted = attachments.data(connection, kept.number, one.place)
    type, code = _judged(said, encrypted)
    status = CHECKED if code is None else HELD_BACK
    with office.database.write() as connection:
        attachments.judge(connection, kept.number, one.place, status, type=type, code=code)
    told = {"sha256": said.sha256, "status": status, "type": type, "code": code}
    access.done(office, access.NODE, VERB, about, told, subjects=[f"thread:{kept.thread}", f"message:{kept.id}"])
    return status


def _judged(said: Attachment, encrypted: str) -> tuple[str | None, str | None]:
    """The type of what is let through, or why it is not."""
    try:
        return checking.check(said.name, parcel.opened(said, wire.raw(encrypted))), None
    except RefusedError:
        return None, "altered"
    except HeldBackError as error:
        return None, error.code


def shown(kept: Kept, held: list[Beside]) -> tuple[FileView, ...]:
    """What the page of a thread says of the files beside a message; of what nodes say by themselves nothing."""
    if types.of(kept.type).by_machine or kept.recalled_at is not None:
        return ()
    return tuple(_view(said, one) for said, one in zip(_said(kept), held, strict=False))


def _view(said: Attachment, one: Beside) -> FileView:
    why = REASONS.get(one.code or "", "")
    status = one.status or QUARANTINED
    return FileView(one.place, said.name, said.sha256, said.size_bytes, status, one.type, one.code, why)


def give(office: Office, officer: Officer, thread: int, message: int, place: int) -> Given:
    """A checked file beside a message of a thread; that it was given is logged with its digest.

    Raises NotFoundError, ConflictError while it is in quarantine, DeniedError when it is held back.
    """
    about = f"file {place + 1} of message {message}"
    access.require(office, officer, "exchange.read", about, on=("thread", thread))
    with office.database.read() as connection:
        kept = messages.find(connection, message)
        held = attachments.of_messages(connection, [message]).get(message, [])
        encrypted = attachments.data(connection, message, place)
    views = shown(kept, held) if kept is not None and kept.thread == thread else ()
    if kept is None or place >= len(views):
        raise NotFoundError("There is no such file", do="See its thread.", code="unknown_file")
    view, said = views[place], _said(kept)[place]
    _require_checked(view)
    data = parcel.opened(said, wire.raw(encrypted))
    told = {"sha256": said.sha256, "type": view.type}
    access.done(office, officer, "exchange.read", about, told, subjects=[f"thread:{thread}", f"message:{kept.id}"])
    return Given(said, view.type or "application/octet-stream", data)


def _require_checked(view: FileView) -> None:
    if view.status == QUARANTINED:
        raise ConflictError(
            "The file is in quarantine until the node has looked into it",
            do="Try again in a minute; if it stays there, the page of jobs says why.",
            code="quarantined",
        )
    if view.status != CHECKED:
        raise DeniedError(
            f"The file is held back: {view.why}",
            where=view.code,
            do="Ask the other agency to send it in another form.",
            code="held_back",
        )


def _said(kept: Kept) -> tuple[Attachment, ...]:
    return contents.restored(kept.content).attachments
