"""The edge to MISP: events into a TAXII collection of this node, and a collection or a message out into a feed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from lintas.desk import access, leaving, misp_folder, post, taxii_keeping, taxii_opening
from lintas.desk.office import Office
from lintas.exchange import contents
from lintas.exchange.misp import conversion, feed, handling, message, stix
from lintas.exchange.misp.shapes import Unit
from lintas.model.errors import InputError, LintasError, TooLargeError
from lintas.model.handling import Handling
from lintas.model.officer import Officer
from lintas.store import messages
from lintas.store.messages import IN, Kept

MOST_OBJECTS = 50_000  # of a collection that is written; ours: it is converted in memory
MOST_TOLD = 100  # refused events in one row of the log


@dataclass
class Told:
    """What became of events. `refused`: what each is called, and why it was not carried."""

    n_events: int = 0
    n_objects: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    refused: list[tuple[str, LintasError]] = field(default_factory=list)

    def said(self) -> dict[str, Any]:
        """As the log has it."""
        why = {name: error.code for name, error in self.refused[:MOST_TOLD]}
        counts = {"events": self.n_events, "objects": self.n_objects, "refused": len(self.refused)}
        return counts | {"left_out": self.left_out, "why": why}


def read(office: Office, officer: Officer, path: Path, root: str, collection: str) -> Told:
    """Put the events of a file or feed into a collection, as STIX 2.1. One that cannot be carried is refused by itself.

    Raises FileError for a file that is none of MISP, NotFoundError, DeniedError for a closed collection,
    UnavailableError without the library.
    """
    about = f"{root[:64]} {collection[:64]} misp {path.name[:200]}"
    access.require(office, officer, "taxii.write", about)
    conversion.require()
    with office.database.read() as connection:
        taxii_opening.opened(connection, root, collection, ("can_write",))
    told = Told()
    for name, held in misp_folder.events(path):
        try:
            told.n_objects += taxii_keeping.keep(office, root, collection, *_made(held))
            told.n_events += 1
            _count(told, held)
        except LintasError as error:
            told.refused.append((name, error))
    access.done(office, officer, "taxii.write", about, told.said())
    return told


def write(office: Office, officer: Officer, folder: Path, root: str, collection: str) -> Told:
    """Write a collection as a feed. A report that cannot be carried is refused by itself.

    Raises ConflictError for a folder that is in use, NotFoundError, DeniedError, TooLargeError, UnavailableError.
    """
    about = f"{root[:64]} {collection[:64]} to misp {folder.name[:200]}"
    access.require(office, officer, "taxii.read", about)
    conversion.require()
    held = taxii_keeping.newest(office, root, collection, MOST_OBJECTS)
    if len(held) > MOST_OBJECTS:
        raise TooLargeError(
            "This collection is too large for a feed", do=f"Split it: at most {MOST_OBJECTS} objects are written."
        )
    told, made = Told(n_objects=len(held)), list[Mapping[str, Any]]()
    for part in stix.parts(held, f"{root} {collection}"):
        try:
            made.append(_complete(conversion.to_misp(part), office))
        except LintasError as error:
            told.refused.append((part.id, error))
    told.n_events = len(made)
    return _written(office, officer, ("taxii.read", about), folder, made, told)


def write_message(office: Office, officer: Officer, folder: Path, id: str) -> Told:
    """Write a message as a feed of one event. Raises InputError when it may not leave, or MISP cannot say how it may.

    A message of another node leaves only under TLP clear or green, and when its originator named or agreed to anybody.
    """
    kept = leaving.found(office, officer, id, "exchange.send")
    with office.database.read() as connection:
        held = _released(connection, kept)
    made = message.event(contents.restored(kept.content), handling.tags(held))
    about = ("exchange.send", f"message {kept.id} to misp {folder.name[:200]}")
    return _written(office, officer, about, folder, [made], Told(1), [f"message:{kept.id}", f"thread:{kept.thread}"])


def _made(held: Unit | LintasError) -> tuple[Sequence[Mapping[str, Any]], Mapping[str, Any]]:
    """The objects of an event, and its report."""
    if isinstance(held, LintasError):
        raise held
    objects = conversion.to_stix(held)
    return objects, next((one for one in objects if one["type"] in stix.REPORTS), objects[0])


def _count(told: Told, held: Unit | LintasError) -> None:
    for name, n in held.left_out.items() if isinstance(held, Unit) else ():
        told.left_out[name] = told.left_out.get(name, 0) + n


def _released(connection: Connection, kept: Kept) -> Handling:
    """How a message is to be handled by everybody. Raises InputError when it may not go to everybody."""
    if kept.recalled_at is not None:
        raise _not_released("it was recalled")
    held = contents.handling_read(kept.content["handling"])
    if kept.direction != IN:
        return held
    if held.tlp not in handling.FROM_OTHERS:
        raise _not_released(f"a feed is read by anybody, and {kept.peer} marked it {held.tlp}")
    post.require_release(connection, kept.number, handling.ANYBODY, held)
    _require_no_conditions(connection, kept, held)
    return replace(held, onward=frozenset({handling.ANYBODY}))


def _require_no_conditions(connection: Connection, kept: Kept, held: Handling) -> None:
    """Raises InputError when who agreed to anybody agreed under conditions: no reader of a feed would know them."""
    if handling.ANYBODY in (held.onward or ()):
        return
    for one in messages.of_thread(connection, kept.thread):
        body = one.content.get("body", {})
        if one.type == "consent_grant" and body.get("to") == handling.ANYBODY and body.get("conditions"):
            raise InputError(
                "MISP cannot say how this is to be handled",
                where=f"{kept.peer} agreed under conditions",
                do="Send it to each agency as a message.",
                code="not_expressible",
            )


def _complete(event: Mapping[str, Any], office: Office) -> dict[str, Any]:
    """An event as a feed needs it: with a maker and a time."""
    at = office.now()
    empty = {
        "timestamp": str(int(at.timestamp())),
        "date": at.date().isoformat(),
        "info": "",
        "Orgc": conversion.NOBODY,
    }
    return {**empty, **{name: value for name, value in event.items() if value}}


def _written(
    office: Office,
    officer: Officer,
    about: tuple[str, str],
    folder: Path,
    made: Sequence[Mapping[str, Any]],
    told: Told,
    subjects: Sequence[str] = (),
) -> Told:
    if made:
        misp_folder.write(folder, feed.files(made))
    access.done(office, officer, *about, told.said(), subjects=subjects)
    return told


def _not_released(why: str) -> InputError:
    return InputError(
        "This message may not be handed on",
        where=why,
        do="Ask its originator for consent in its thread, or leave it out.",
        code="not_released",
    )
