"""What may follow what in a thread: a state machine whose rules stand with the types of message."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lintas.exchange import types
from lintas.exchange.refused import RefusedError
from lintas.model.message import Message

FINAL = ("final", "nothing")


@dataclass(frozen=True)
class Said:
    """What the rules look at of a message that is in the thread."""

    id: str
    type: str
    issuer: str
    reply_to: str | None = None
    extent: str = ""  # of a reply


def said(message: Message) -> Said:
    """The same of a message."""
    extent: Any = message.body.get("extent", "")
    return Said(message.id, message.type, message.issuer, message.reply_to, str(extent))


def require(thread: Sequence[Said], new: Said) -> None:
    """Raises RefusedError (out_of_turn) when the thread does not wait for this."""
    fault = _fault(thread, new)
    if fault:
        raise RefusedError("out_of_turn", fault)


def may_follow(thread: Sequence[Said], to: Said, by: str) -> tuple[str, ...]:
    """The types that a node may send in reply to a message of the thread."""
    return tuple(name for name in types.names() if not _fault(thread, Said("", name, by, to.id)))


def _fault(thread: Sequence[Said], new: Said) -> str:
    kind = types.of(new.type)
    if not thread:
        return "" if kind.opens and new.reply_to is None else f"{new.type} opens no thread"
    if kind.opens and new.reply_to is None:
        return "the thread is open already"
    to = next((one for one in thread if one.id == new.reply_to), None)
    if to is None or to.type not in kind.answers:
        return f"{new.type} does not answer {to.type if to else 'nothing'}"
    if (to.issuer == new.issuer) != kind.to_own:
        return f"{new.type} answers {'its own' if not kind.to_own else 'the other'} node's message"
    settled = _settled(one for one in thread if one.reply_to == to.id)
    return f"{to.type} takes no {new.type} any more" if new.type in settled else ""


def _settled(replies: Iterable[Said]) -> frozenset[str]:
    """What a message takes no more, by what was replied to it."""
    settled = frozenset[str]()
    for one in replies:
        settled |= types.of(one.type).settles
        if one.type == "reply" and one.extent in FINAL:
            settled |= {"reply", "interim", "refusal"}
    return settled
