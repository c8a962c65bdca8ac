"""Private matching between nodes, without an officer: a set is taken in, questions are answered, answers are read."""

from sqlalchemy import Connection

from lintas.desk import access, matching, post
from lintas.desk.came import Came
from lintas.desk.office import Office
from lintas.exchange import oprf, tags, wire
from lintas.exchange.refused import RefusedError
from lintas.model.errors import InputError
from lintas.store import matching as kept
from lintas.store import messages
from lintas.store.matching import Batch, TagSetKept

POINT = 32  # bytes of an element of ristretto255 (RFC 9496)
MAX_RATE = matching.RATE * 2  # a set in which a question would hit by chance more often is refused


def offered(office: Office, connection: Connection, came: Came) -> None:
    """Keep a set that a peer offers. Raises RefusedError for one that would miss in silence, or hit by chance."""
    body, at = came.message.body, office.now()
    if body["keys"] != matching.KEYS:
        raise RefusedError("bad_body", f"keys of {body['keys'][:100]}, here {matching.KEYS}")
    (data,) = _beside(came, 1)
    if tags.from_bytes(data).rate > MAX_RATE:
        raise RefusedError("bad_body", "a set in which too much would be found by chance")
    text = wire.said(data)
    kept.put_set(connection, TagSetKept(came.message.issuer, body["name"], came.number, body["public_key"], text, at))


def asked(office: Office, connection: Connection, came: Came) -> None:
    """Answer the questions of a peer, as far as its quota of the day goes; a question is counted once."""
    body, peer = came.message.body, came.message.issuer
    (data,) = _beside(came, 1)
    elements = _points(data, int(body["n"]))
    offer = kept.offer(connection, peer, body["name"])
    day = office.now().date().isoformat()
    is_open = offer is not None and offer.ended_at is None and offer.epoch == matching.epoch(office.now())
    if offer is None or not is_open:
        _say(office, connection, came, "refused")
    elif not kept.spend(connection, peer, day, len(elements), offer.quota):
        _say(office, connection, came, "over_quota")
    else:
        pair, _ = matching.pair_of(office, peer, offer.name, offer.epoch)
        evaluated = oprf.evaluate(pair.secret, elements)
        proof = oprf.prove(pair, elements, evaluated)
        _say(office, connection, came, "answered", proof.hex(), {"elements": b"".join(evaluated)})


def answered(office: Office, connection: Connection, came: Came) -> None:
    """Read what a peer answered, look it up in its set, and sign for the number of hits. Raises RefusedError."""
    question = messages.found(connection, messages.OUT, came.message.issuer, came.message.reply_to or "")
    batch = None if question is None else kept.batch(connection, question.number)
    if question is None or batch is None or batch.scalars is None:
        raise RefusedError("out_of_turn", "nothing was asked")
    outcome, at = str(came.message.body["outcome"]), office.now()
    if outcome != "answered":
        kept.settle(connection, batch.message, outcome, None, at=at)
        return
    hits, found = _found(connection, came, batch)
    kept.settle(connection, batch.message, outcome, hits, found, at=at)
    n = {"n": len(batch.texts), "n_hits": len(hits)}
    post.put(
        office,
        connection,
        post.reply(came, "match_count", n),
        by=access.NODE.id,
        agency=came.thread.agency,
    )


def _found(connection: Connection, came: Came, batch: Batch) -> tuple[list[int], list[int]]:
    """The places of the questions that hit, and their tags."""
    (data,) = _beside(came, 1)
    evaluated = _points(data, len(batch.texts))
    held = kept.tag_set(connection, batch.peer, batch.name)
    texts = [str(text).encode() for _, _, text in batch.texts]
    scalars = [bytes.fromhex(scalar) for scalar in batch.scalars or ()]
    blinded = [oprf.blind(text, mode=matching.MODE, scalar=one)[1] for text, one in zip(texts, scalars, strict=True)]
    try:
        proof = bytes.fromhex(came.message.body["proof"])
        is_proved = oprf.verify(bytes.fromhex(held.public_key), blinded, evaluated, proof)
    except (InputError, ValueError) as error:
        raise RefusedError("bad_body", f"the proof: {error}") from error
    if not is_proved:
        raise RefusedError("bad_body", "the answers are not by the key that the set was made with")
    outputs = oprf.finalize_all(texts, scalars, evaluated)
    offered = tags.from_bytes(wire.raw(held.tags))
    hits = [place for place, is_held in enumerate(offered.holds(outputs)) if is_held]
    return hits, offered.tags_of([outputs[place] for place in hits])


def _say(
    office: Office,
    connection: Connection,
    came: Came,
    outcome: str,
    proof: str = "",
    beside: dict[str, bytes] | None = None,
) -> None:
    draft = post.reply(came, "match_answer", {"outcome": outcome, "proof": proof})
    post.put(office, connection, draft, by=access.NODE.id, agency=came.thread.agency, beside=beside or {})


def _beside(came: Came, n: int) -> tuple[bytes, ...]:
    if len(came.beside) != n:
        raise RefusedError("bad_body", f"{len(came.beside)} things beside it, not {n}")
    return came.beside


def _points(data: bytes, n: int) -> list[bytes]:
    if not 0 < n <= matching.MAX_BATCH or len(data) != n * POINT:
        raise RefusedError("bad_body", "not as many points as it says")
    return [data[at : at + POINT] for at in range(0, len(data), POINT)]
