"""One message, for what leaves the exchange on another way: a feed, a form."""

from lintas.desk import access
from lintas.desk.office import Office
from lintas.model.errors import ConflictError, NotFoundError
from lintas.model.officer import Officer
from lintas.store import messages
from lintas.store.messages import Kept


def found(office: Office, officer: Officer, id: str, verb: str) -> Kept:
    """The message of an id, to an officer who may do `verb` to its thread.

    Raises NotFoundError, also for one out of reach; ConflictError when two nodes gave one id.
    """
    with office.database.read() as connection:
        held = messages.called(connection, id[:64])
    thread = held[0].thread if held else 0
    access.require(office, officer, verb, f"message {id[:64]}", on=("thread", thread))
    if not held:
        raise NotFoundError("There is no such message", do="See: lintas threads show.", code="unknown_message")
    if len(held) > 1:
        raise ConflictError("Two messages have this id", where=id[:64], do="See their threads.", code="two_messages")
    return held[0]
