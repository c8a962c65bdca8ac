"""Proof of one message for who was not there: what was signed, what was received, and what this node's log says of it.

`tools/verify_proof.py` checks it with nothing else at hand.
"""

from collections.abc import Iterator
from datetime import UTC
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection

from lintas.desk import access, inward, node_card, outward, peers, post, results, witness
from lintas.desk.office import Office
from lintas.exchange import heads, keys, wire
from lintas.exchange.keys import SIGN, Card
from lintas.model.errors import InputError, NotFoundError
from lintas.model.log import Wanted
from lintas.model.officer import Officer
from lintas.store import messages, stamps
from lintas.store import peers as kept_peers
from lintas.store.log import rows, tree
from lintas.store.messages import IN, Kept
from lintas.store.stamps import Stamp

VERB = "exchange.prove"
KIND = "lintas-proof-1"
MOST_ROWS = 20  # of the log for each verb; ours: a message is kept or sent once
_TOLD = (post.VERB, inward.VERB, outward.VERB)  # what the log calls the sending, keeping and settling of a message


def prove(office: Office, officer: Officer, message: str, peer: str = "") -> dict[str, Any]:
    """All that proves a message, as JSON. `peer`: the one that it came from or went to, where two have one id.

    The content is left out when it was recalled. Raises NotFoundError for a message that is none or out of reach.
    """
    scope = access.reach(office, officer, VERB, "thread")
    with office.database.read() as connection:
        held = messages.reached(connection, scope, message, peer)
    subjects = [] if held is None else [f"message:{held.id}"]
    on = ("thread", 0 if held is None else held.thread)
    try:
        access.require(office, officer, VERB, f"message {message[:64]}", on=on, subjects=subjects)
    except NotFoundError as error:
        raise _unknown(message) from error
    if held is None:
        raise _unknown(message)
    own = node_card.own(office)
    told = [own.id, held.peer] if held.direction != IN else [held.peer, own.id]
    about = {"id": held.id, "issuer": told[0], "recipient": told[1], "sha256": held.sha256}
    with office.database.read() as connection:
        known = list(_keys(connection, own, held.peer))
        stamp = _stamp(office, connection, held, {one["id"] for one in known})
    log = _log(office, own, held, stamp)
    made_at = office.now().astimezone(UTC).isoformat()
    made = {"kind": KIND, "made_at": made_at, "message": about, "content": held.signed, "receipt": held.receipt}
    return {**made, "log": log, "keys": known}


def write(proof: dict[str, Any], target: Path) -> None:
    """A proof into a file. Raises UnavailableError when it cannot be written."""
    with results.whole(target) as part:
        part.write_bytes(said(proof))


def said(proof: dict[str, Any]) -> bytes:
    """A proof as JSON."""
    return orjson.dumps(proof, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _log(office: Office, own: Card, held: Kept, stamp: Stamp | None) -> dict[str, Any]:
    """The rows of this node's log about a message, each with its path to a head: of a stamp, or signed now."""
    with office.log.read() as connection:
        size = rows.head(connection).number if stamp is None else stamp.size
        root = tree.root(connection, size).hex()
        found = [_row(connection, one, size) for one in _rows(connection, held)]
    signed = heads.sign(witness.head(office, own, size, root), own) if stamp is None else stamp.signed
    told = None if stamp is None else {"token": stamp.token, "authority": stamp.authority, "at": stamp.at.isoformat()}
    return {"head": signed, "stamp": told, "rows": found}


def _stamp(office: Office, connection: Connection, held: Kept, known: set[str]) -> Stamp | None:
    """The first stamp that covers the rows, if the key that signed its head is still told."""
    with office.log.read() as log:
        last = max((number for number, _, _ in _rows(log, held)), default=0)
    found = stamps.covering(connection, last)
    return found if found is not None and wire.parts(found.signed)[0].get("kid") in known else None


def _rows(connection: Connection, held: Kept) -> Iterator[rows.Numbered]:
    for verb in _TOLD:
        yield from islice(rows.walk(connection, Wanted(subject=f"message:{held.id}", verb=verb)), MOST_ROWS)


def _row(connection: Connection, found: rows.Numbered, size: int) -> dict[str, Any]:
    number, row, _ = found
    before = rows.hash_at(connection, number - 1)
    path = [one.hex() for one in tree.inclusion(connection, number, size)]
    return {"number": number, "before": before, **vars(row), "path": path}


def _keys(connection: Connection, own: Card, peer: str) -> Iterator[dict[str, str]]:
    """The public signing keys of both nodes, with those that they announced to each other and that ended since."""
    said = [
        (peer if one.direction == IN else own.id, _announced(one))
        for one in messages.of_type(connection, peer, "key_notice")
    ]
    cards = [
        own,
        peers.card_of(kept_peers.get(connection, peer)),
        *(card for by, card in said if card and card.id == by),
    ]
    found = {(card.id, key.id): key for card in cards for key in card.keys if key.curve == SIGN}
    for (node, key_id), key in sorted(found.items()):
        yield {"node": node, "id": key_id, "x": str(key.jwk["x"])}


def _announced(notice: Kept) -> Card | None:
    try:
        return keys.read(orjson.loads(wire.parts(str(notice.content["body"]["card"]))[1]))
    except (InputError, KeyError, ValueError):
        return None  # it was recalled, or refused by who got it


def _unknown(message: str) -> NotFoundError:
    return NotFoundError(
        f"There is no message {message[:64]!r}", do="See its thread: lintas threads show.", code="unknown_message"
    )
