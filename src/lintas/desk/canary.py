"""Canaries of private matching: told when an offer ends, held against what was asked, watched for in letters."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from lintas.desk import access, matching, post
from lintas.desk.came import Came
from lintas.desk.office import Office
from lintas.exchange import canaries, tags, wire
from lintas.exchange.refused import RefusedError
from lintas.model.errors import NotFoundError
from lintas.model.officer import OWN_AGENCY, Officer
from lintas.store import matching as kept
from lintas.store import messages
from lintas.store.matching import CanaryAlarm, Offer


def alarms(office: Office, officer: Officer) -> list[CanaryAlarm]:
    """Every alarm that a canary raised, the newest first."""
    access.require(office, officer, "peers.read", "alarms of canaries")
    with office.database.read() as connection:
        return kept.alarms(connection)


def end(office: Office, officer: Officer, peer: str, name: str) -> None:
    """End an offer: no question is answered any more, and the peer is told which tags were canaries.

    Raises NotFoundError for an offer that is none or has ended.
    """
    access.require(office, officer, "exchange.open", f"end the offer {name[:64]} to {peer[:64]}")
    with office.database.write() as connection:
        held = kept.offer(connection, peer, name)
        if held is None or held.ended_at is not None:
            raise NotFoundError(
                f"Nothing is offered to {peer[:64]} as {name[:64]!r}", do="See its thread.", code="unknown_offer"
            )
        _end(office, connection, held, officer)
    access.done(office, officer, "exchange.open", f"end the offer {name} to {peer}")


def end_old(office: Office, officer: Officer) -> int:
    """End the offers whose epoch is over; how many."""
    access.require(office, officer, "retention.run", "offers of an epoch that is over")
    with office.database.write() as connection:
        old = [one for one in kept.open_offers(connection) if one.epoch < matching.epoch(office.now())]
        for one in old:
            _end(office, connection, one, access.NODE)
    return len(old)


def _end(office: Office, connection: Connection, held: Offer, officer: Officer) -> None:
    kept.end_offer(connection, held, at=office.now())
    sent = messages.one(connection, held.message)
    if not held.canary_tags or sent.recalled_at is not None:
        return
    body = {"name": held.name, "n": len(held.canaries or ())}
    draft = post.about(sent, "match_canaries", body)
    beside = {"canaries": wire.raw(held.canary_tags)}
    post.put(office, connection, draft, by=officer.id, agency=OWN_AGENCY, beside=beside)


def told(office: Office, connection: Connection, came: Came) -> None:
    """Hold what a peer tells of its canaries against what was asked here, and answer how many were hit."""
    if len(came.beside) != 1:
        raise RefusedError("bad_body", "no set of canaries beside it")
    sung, peer, name = tags.from_bytes(came.beside[0]), came.message.issuer, str(came.message.body["name"])
    marked = {int(tag) for tag in sung.tags}
    asked = kept.batches_of_set(connection, peer, name)
    n_hits = sum(tag in marked for batch in asked for tag in batch.tags or ())
    _alarm(office, connection, came, name, "asked", n_hits, is_ours=True)
    draft = post.reply(came, "match_canary_count", {"n_hits": n_hits})
    post.put(office, connection, draft, by=access.NODE.id, agency=came.thread.agency)


def counted(office: Office, connection: Connection, came: Came) -> None:
    """A peer signs for how many of its questions hit a canary of this node."""
    mine = messages.found(connection, messages.OUT, came.message.issuer, came.message.reply_to or "")
    name = str(mine.content["body"].get("name", "")) if mine else ""
    _alarm(office, connection, came, name, "asked", int(came.message.body["n_hits"]), is_ours=False)


def watch(office: Office, connection: Connection, came: Came) -> None:
    """Look whether a letter of a peer writes of a canary that was offered to it: it can only have been asked for."""
    words = list(_texts(came.message.body))
    for held in kept.offers_to(connection, came.message.issuer):
        n = len(canaries.named(held.canaries or (), words))
        _alarm(office, connection, came, held.name, "named", n, is_ours=False)


def _alarm(office: Office, connection: Connection, came: Came, name: str, what: str, n: int, *, is_ours: bool) -> None:
    if n > 0:
        raised = CanaryAlarm(came.message.issuer, name[:64], what, is_ours, n, came.number, office.now())
        day = raised.at - timedelta(days=1)
        if not any(one.at > day and _about(one) == _about(raised) for one in kept.alarms(connection)):
            kept.alarm(connection, raised)  # once a day: a peer that knows one number cannot fill the page


def _about(alarm: CanaryAlarm) -> tuple[str, str, str, bool]:
    return alarm.peer, alarm.name, alarm.what, alarm.is_ours


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
