"""One message, for what leaves the exchange on another way: a feed, a form."""

from lintas.desk import access
from lintas.desk.office import Office
from lintas.model.errors import ConflictError, NotFoundError
from lintas.model.officer import Officer
from lintas.store import messages
from lintas.store.messages import Kept

LONGEST_NUMBER = 9  # digits


def found(office: Office, officer: Officer, which: str, verb: str) -> Kept:
    """The message of an id, or the first one of a thread's number, to an officer who may do `verb` to its thread.

    Raises NotFoundError, also for one out of reach; ConflictError when two nodes gave one id.
    """
    named = which.isascii() and which.isdigit() and len(which) <= LONGEST_NUMBER
    with office.database.read() as connection:
        held = messages.of_thread(connection, int(which))[:1] if named else messages.called(connection, which[:64])
    thread = int(which) if named else held[0].thread if held else 0
    access.require(office, officer, verb, f"message {which[:64]}", on=("thread", thread))
    if not held:
        raise NotFoundError("There is no such message", do="See: lintas threads show.", code="unknown_message")
    if len(held) > 1:
        raise ConflictError("Two messages have this id", where=which[:64], do="See their threads.", code="two_messages")
    return held[0]
