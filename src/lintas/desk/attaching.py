"""Files that officers attach: checked as the other node will, and kept by this one until the message leaves."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from lintas.desk import access, four_eyes
from lintas.desk.files import Given
from lintas.desk.office import Office
from lintas.exchange import parcel, wire
from lintas.exchange.contents import MOST_ATTACHMENTS
from lintas.model.case import Proposal
from lintas.model.errors import InputError, NotFoundError, TooLargeError
from lintas.model.message import Attachment
from lintas.model.officer import Officer
from lintas.sources.files import checking
from lintas.store import attachments, cases, draft_files
from lintas.store.draft_files import DraftFile

WAITS = timedelta(hours=12)  # with a form that nobody sends; ours
AFTER = timedelta(hours=1)  # how much longer than its proposal a file waits: that ends first
MAX_BYTES = 7 << 20  # of all files of a message; a parcel has 8 MiB, the rest is left for the message
MOST_WAITING = 100  # files of one officer at a time; ours


@dataclass(frozen=True)
class Attached:
    """A file as it will leave. `id`: what a draft names it by."""

    id: str
    name: str
    sha256: str
    size_bytes: int
    type: str
    status: str = ""


def attach(
    office: Office, officer: Officer, name: str, data: bytes, *, thread: int | None = None, before: Sequence[str] = ()
) -> Attached:
    """Keep a file for a message of an officer. `thread` None: one that opens a thread; `before`: what goes with it.

    Raises HeldBackError for what the other node would hold back, TooLargeError for too many or too much.
    """
    on = None if thread is None else ("thread", thread)
    access.require(office, officer, "exchange.send" if on else "exchange.open", "attach a file", on=on)
    name = unicodedata.normalize("NFC", name)
    with office.database.read() as connection:
        held = draft_files.found(connection, before, officer.id, office.now())
        n_waiting = draft_files.count(connection, officer.id)
    _require_room(len(held) + 1, sum(int(one.said["size_bytes"]) for one in held) + len(data), name)
    if n_waiting >= MOST_WAITING:
        raise TooLargeError(
            f"{n_waiting} files of yours wait to be sent", do="Send some, or try tomorrow.", code="too_many_files"
        )
    type = checking.check(name, data)
    said, encrypted = parcel.attach(name, data)
    made = DraftFile(office.secret(), officer.id, vars(said), type, wire.said(encrypted), office.now() + WAITS)
    with office.database.write() as connection:
        draft_files.drop_old(connection, office.now())
        draft_files.put(connection, made)
    access.done(office, officer, "exchange.send", "attached a file", {"sha256": said.sha256, "type": type})
    return _told(made)


def waiting(office: Office, officer: Officer, ids: Sequence[str]) -> tuple[Attached, ...]:
    """Those of the ids that wait of this officer."""
    access.require(office, officer, "inbox.read", "files that wait to be sent")
    with office.database.read() as connection:
        return tuple(map(_told, draft_files.found(connection, ids, officer.id, office.now())))


def proposed(office: Office, officer: Officer, number: int) -> tuple[Attached, ...]:
    """The files of a proposal. Raises NotFoundError."""
    access.require(office, officer, "proposals.read", f"files of proposal {number}", on=("proposal", number))
    return tuple(map(_told, _proposed(office, number)))


def give(office: Office, officer: Officer, number: int, place: int) -> Given:
    """A file of a proposal, for who decides on it; logged with its digest. Raises NotFoundError."""
    about = f"file {place + 1} of proposal {number}"
    access.require(office, officer, "proposals.read", about, on=("proposal", number))
    held = _proposed(office, number)
    if place >= len(held):
        raise NotFoundError("There is no such file", do="See the proposal.", code="unknown_file")
    one, said = held[place], Attachment(**held[place].said)
    told = {"sha256": said.sha256, "type": one.type}
    access.done(office, officer, "proposals.read", about, told, subjects=[f"proposal:{number}"])
    return Given(said, one.type, parcel.opened(said, wire.raw(one.data)))


def found(
    office: Office, connection: Connection, ids: Sequence[str], by: str, sources: Sequence[int]
) -> list[DraftFile]:
    """The files that a message names, as they will leave.

    Raises InputError for one that is not there any more, is another officer's, or came from another agency with a
    message that the draft does not name as its source: so the rules of release hold for it.
    """
    if not ids:
        return []
    held = draft_files.found(connection, ids, by, office.now())
    if len(held) < len(ids):
        raise InputError("A file that was attached is not there any more", do="Attach it again.", code="file_gone")
    _require_room(len(held), sum(int(one.said["size_bytes"]) for one in held), "")
    for one in held:
        came_with = attachments.came_with(connection, str(one.said["sha256"]))
        if came_with and came_with.isdisjoint(sources):
            raise InputError(
                "The file came from another agency",
                where=str(one.said["name"]),
                do="Name the message that it came with: Rests on messages.",
                code="source_not_named",
            )
    return held


def take(connection: Connection, message: int, ids: Sequence[str]) -> None:
    """Put files beside the message that they leave with; they wait no more. `found` was asked in this transaction."""
    for place, one in enumerate(draft_files.of(connection, ids)):
        sha256 = str(one.said["sha256"])
        state = {"status": attachments.CHECKED, "type": one.type, "sha256": sha256}
        attachments.keep(connection, message, place, one.data, **state)
    draft_files.drop(connection, ids)


def hold(office: Office, ids: Sequence[str]) -> None:
    """Let files wait as long as a proposal does."""
    with office.database.write() as connection:
        draft_files.hold(connection, ids, office.now() + four_eyes.WAITS + AFTER)


def drop(connection: Connection, proposal: Proposal) -> None:
    """Remove the files of a proposal that was refused."""
    draft_files.drop(connection, tuple(proposal.arguments.get("files") or ()))


def drop_old(office: Office) -> int:
    """Remove what nobody sent in time; how many files."""
    with office.database.write() as connection:
        return draft_files.drop_old(connection, office.now())


def _proposed(office: Office, number: int) -> list[DraftFile]:
    with office.database.read() as connection:
        held = cases.proposal(connection, number)
        ids = tuple(held.arguments.get("files") or ())
        return draft_files.found(connection, ids, held.proposed_by, office.now())


def _require_room(n: int, n_bytes: int, name: str) -> None:
    if n > MOST_ATTACHMENTS:
        raise TooLargeError(
            f"A message has at most {MOST_ATTACHMENTS} files",
            where=name or None,
            do="Send the others with another message.",
            code="too_many_files",
        )
    if n_bytes > MAX_BYTES:
        raise TooLargeError(
            f"The files of a message have at most {MAX_BYTES >> 20} MiB together",
            where=name or None,
            do="Send the others with another message, or make them smaller.",
            code="files_too_large",
        )


def _told(one: DraftFile) -> Attached:
    said = Attachment(**one.said)
    return Attached(one.id, said.name, said.sha256, said.size_bytes, one.type)
