"""What came from other agencies is deleted on the day that its handling names, and this node signs for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date

from sqlalchemy import Connection

from lintas.desk import access, post
from lintas.desk.office import Office
from lintas.exchange import types
from lintas.exchange.refused import RefusedError
from lintas.model.officer import OWN_AGENCY, Officer
from lintas.store import messages
from lintas.store.messages import Kept

VERB = "retention.run"


def run(office: Office, officer: Officer, told: Callable[[int], object] = lambda n: None) -> int:
    """Delete what came in, and what rests on it, once its day has passed; how many messages. Each is a transaction."""
    access.require(office, officer, VERB, "messages whose day has passed")
    today = office.now().astimezone(UTC).date()
    with office.database.read() as connection:
        due = messages.past(connection, today)
    for n, one in enumerate(due, start=1):
        with office.database.write() as connection:
            is_attested = _purge(office, connection, one, today)
        subjects = [f"thread:{one.thread}", f"message:{one.id}"]
        details = {"sha256": one.sha256, "is_attested": is_attested}
        access.done(office, officer, VERB, f"{one.type} of {one.peer}", details, subjects=subjects)
        told(n)
    return len(due)


def _purge(office: Office, connection: Connection, one: Kept, today: date) -> bool:
    post.remove(office, connection, one)
    messages.change(connection, one.number, code="retention")
    is_wanted = one.direction == messages.IN and one.type in types.of("purge_attestation").answers
    return is_wanted and _attest(office, connection, one, today)


def _attest(office: Office, connection: Connection, one: Kept, today: date) -> bool:
    """Tell the originator, in the thread, that it is gone: as little as can be said.

    False where the thread takes none, or the node is not trusted (any more): it is gone all the same.
    """
    body = {
        "deleted": f"message {one.id}, SHA-256 {one.sha256}",
        "on": today.isoformat(),
        "because": f"its handling asked for it after {one.content['handling']['retain_until']}",
    }
    draft = post.about(one, "purge_attestation", body)
    lasting = replace(draft, handling=replace(draft.handling, retain_until=None))
    try:
        post.put(office, connection, lasting, by=access.NODE.id, agency=OWN_AGENCY)
    except RefusedError:  # before anything was written
        return False
    return True
