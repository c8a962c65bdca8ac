"""What three agencies have to do with one another while everything fails: each deed is done once, by an officer."""

from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import permutations
from typing import Any, NamedTuple

from lintas.desk import matching
from lintas.desk.office import Office
from lintas.model.handling import Handling
from lintas.store import messages
from lintas.store.messages import IN, OUT, Kept
from tests.nodes.region import NAMES, REQUEST, draft, sent
from tests.nodes.test_matching import SOFIA

NODES = A, B, C = tuple(NAMES)
AMBER = Handling("amber")
SECRET = "XB-77-0042"  # what is recalled, or ends with its day: at the end only its originator has it
UNTIL = Handling("green", retain_until=date(2026, 11, 24))
VOID = ("refused", "stopped")
WORDS = "subject why conditions text legal_basis officer name".split()


class Deed(NamedTuple):
    """`mark`: stands in the message, so that it is found again. `do`: gives None while what it answers is not there."""

    node: str
    mark: str
    do: Callable[[Office, str], Kept | None]


def done(office: Office, mark: str) -> str | None:
    """The id of the message of a deed that stands; an officer looks for it before doing it again."""
    found = [one.id for one in _all(office) if one.direction == OUT and one.status not in VOID and marked(one, mark)]
    return found[-1] if found else None


def perform(office: Office, deed: Callable[[Office, str], Kept | None], mark: str) -> str | None:
    """Do a deed unless it stands already; the id of its message, None when it cannot be done yet."""
    if standing := done(office, mark):
        return standing
    made = deed(office, mark)
    return None if made is None else made.id


def marked(one: Kept, mark: str) -> bool:
    """Whether a message is that of a deed."""
    body = one.content.get("body", {})
    return any(str(body.get(name, "")).startswith(f"{mark}:") for name in WORDS)


def _all(office: Office) -> list[Kept]:
    with office.database.read() as connection:
        numbers = connection.exec_driver_sql("SELECT number FROM messages ORDER BY number").scalars().all()
        return [messages.one(connection, number) for number in numbers]


def _opens(office: Office, mark: str, *, peer: str, type: str = "spontaneous", handling: Handling = AMBER) -> Kept:
    words = {"subject": f"{mark}: a matter", "text": SECRET if handling == UNTIL else "Something", "channel": "fraud"}
    body = REQUEST | {"subject": f"{mark}: a matter"} if type == "request" else words
    return sent(office, draft(type, body, peer=peer, handling=handling))


def _answers(office: Office, mark: str, *, of: str, type: str, own: bool = False, **body: Any) -> Kept | None:
    """Say something to the message of another deed that came in, or that is this node's own."""
    direction = OUT if own else IN
    found = [one for one in _all(office) if one.direction == direction and marked(one, of)]
    standing = [one for one in found if one.status in ("kept", "waiting") and one.recalled_at is None]
    if not standing:
        return None
    told = {name: f"{mark}: {value}" if name in WORDS else value for name, value in body.items()}
    return sent(office, draft(type, told, thread=standing[-1].thread, reply_to=standing[-1].id))


def _hands_on(office: Office, mark: str, *, source: str, leave: str) -> Kept | None:
    """A tells C what B told, with B's consent."""
    came = [one for one in _all(office) if one.direction == IN and one.status == "kept"]
    told = [one for one in came if marked(one, source)]
    if not told or not any(marked(one, leave) for one in came):
        return None
    body = {"subject": f"{mark}: an account", "text": SECRET}
    return sent(office, draft("spontaneous", body, peer=C, sources=(told[0].number,)))


def _offers(office: Office, mark: str) -> Kept:
    return matching.offer(office, SOFIA, 1, A, f"{mark}: suspects", AMBER)


def _asks(office: Office, mark: str, *, of: str) -> Kept | None:
    name = f"{of}: suspects"
    if name not in {one.name for one in matching.offered(office, SOFIA)}:
        return None
    return matching.ask(office, SOFIA, 1, B, name, legal_basis=f"{mark}: Article 12")


def _deed(node: str, mark: str, do: Callable[..., Kept | None], **how: Any) -> Deed:
    return Deed(node, mark, partial(do, **how))


def script() -> list[Deed]:
    """The work. A deed that answers another stands after it; the last is for when all others are done."""
    pairs = list(permutations(NODES, 2))
    chatter = [_deed(one, f"{one}-{other}-{n}", _opens, peer=other) for n in range(2) for one, other in pairs]
    return [
        _deed(A, "asks", _opens, peer=B, type="request"),
        _deed(B, "offers", _offers),
        _deed(C, "asks-too", _opens, peer=B, type="request"),
        _deed(B, "acknowledges", _answers, of="asks", type="acknowledgement", officer="Duty officer"),
        _deed(B, "replies", _answers, of="asks", type="reply", extent="final", text=SECRET),
        _deed(B, "lends", _opens, peer=A, handling=UNTIL),
        _deed(B, "replies-too", _answers, of="asks-too", type="reply", extent="partial", text="Some."),
        _deed(A, "wishes", _answers, of="replies", type="consent_request", to=C, why="A ship"),
        _deed(A, "matches", _asks, of="offers"),
        *chatter[:6],
        _deed(B, "corrects", _answers, of="replies-too", type="correction", own=True, text="Others."),
        _deed(B, "grants", _answers, of="wishes", type="consent_grant", to=C, conditions="None"),
        _deed(A, "matches-again", _asks, of="offers"),
        _deed(B, "corrects-again", _answers, of="replies-too", type="correction", own=True, text="Others still."),
        _deed(A, "hands-on", _hands_on, source="replies", leave="grants"),
        *chatter[6:],
        _deed(C, "reports", _answers, of="hands-on", type="use_report", usefulness="useful", text="It helped."),
        _deed(B, "corrects-a-third-time", _answers, of="replies-too", type="correction", own=True, text="All of it."),
        _deed(B, "takes-back", _answers, of="replies", type="recall", own=True, why="The source lied."),
    ]
