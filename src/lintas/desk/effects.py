"""What a message does to this node beside being kept: in the transaction in which it is kept, so once."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from lintas.desk import access, answering, bell, canary, peers, post
from lintas.desk.came import Came
from lintas.desk.office import Office
from lintas.exchange import keys, types
from lintas.exchange.refused import RefusedError
from lintas.model.officer import OWN_AGENCY
from lintas.store import messages
from lintas.store import peers as kept_peers
from lintas.store.messages import Kept


def apply(office: Office, connection: Connection, came: Came) -> None:
    """Let a message take effect. Raises InputError, RefusedError when it cannot: then it is refused."""
    post.raise_clearance(connection, came.thread.number, came.message.handling)
    canary.watch(office, connection, came)
    effect = EFFECTS.get(came.message.type)
    if effect is not None:
        effect(office, connection, came)
    if not types.of(came.message.type).by_machine:
        bell.ring(office, connection, came.thread.agency)


def _recall(office: Office, connection: Connection, came: Came) -> None:
    """Remove what the other node takes back, and sign for it; only that it was here, and its digest, stay."""
    message = came.message
    target = messages.found(connection, messages.IN, message.issuer, message.reply_to or "")
    if target is None:
        return
    post.remove(office, connection, target)
    items = len(target.content.get("body", {}).get("items", ()))
    removed = f"1 message and its {items} items" if items else "1 message"
    told = [_taken_back(office, connection, one) for one in messages.resting_on(connection, target.number)]
    handed_on = [{"label": peer, "value": "recalled there, too"} for peer in dict.fromkeys(told)]
    draft = post.reply(came, "recall_ack", {"removed": removed, "handed_on_to": handed_on})
    post.put(office, connection, draft, by=access.NODE.id, agency=came.thread.agency)


def _taken_back(office: Office, connection: Connection, derived: Kept) -> str:
    """Recall what rested on a message that was recalled, and remove it here; who had it."""
    if derived.recalled_at is None:
        why = {"why": "What it rests on was recalled by its originator."}
        post.put(office, connection, post.about(derived, "recall", why), by=access.NODE.id, agency=OWN_AGENCY)
        messages.strip(connection, derived, at=office.now())
    return derived.peer


def _renew(office: Office, connection: Connection, came: Came) -> None:
    """Believe a node's new keys when one that it is known by signed for them."""
    known = peers.trusted(kept_peers.find(connection, came.message.issuer))
    signed = str(came.message.body["card"])
    card = keys.open_card(signed, lambda key_id: known.of(key_id, keys.SIGN, office.now()))
    if card.id != known.id:
        raise RefusedError("bad_body", f"a card of {card.id}")
    if known.has(keys.HYBRID) and not card.has(keys.HYBRID):
        raise RefusedError("downgraded", "a card that has no hybrid key any more")
    kept_peers.renew(connection, card.id, signed)


EFFECTS: Mapping[str, Callable[[Office, Connection, Came], None]] = {
    "recall": _recall,
    "key_notice": _renew,
    "match_offer": answering.offered,
    "match_batch": answering.asked,
    "match_answer": answering.answered,
    "match_canaries": canary.told,
    "match_canary_count": canary.counted,
}
