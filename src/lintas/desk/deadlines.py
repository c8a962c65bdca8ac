"""Agreements on how soon another agency answers, which one holds with which agency, and what is due when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from lintas.desk import access
from lintas.desk.office import Office
from lintas.exchange import types
from lintas.model.errors import NotFoundError
from lintas.model.officer import Officer
from lintas.reference import agreements
from lintas.reference.agreements import Agreement
from lintas.store import peers, settings

SETTING = "agreements"


def everybody(office: Office, officer: Officer) -> list[Agreement]:
    """Every agreement that this node knows: the shipped ones and its own, by id."""
    access.require(office, officer, "peers.read", SETTING)
    with office.database.read() as connection:
        return [one for _, one in sorted(_known(connection).items())]


def add(office: Office, officer: Officer, text: str) -> list[Agreement]:
    """Keep the agreements of a TOML file; one of a known id takes its place. Raises InputError."""
    access.require(office, officer, "peers.change", "agreements", {"length": len(text)})
    read = agreements.read(text)
    with office.database.write() as connection:
        held = {one["id"]: one for one in settings.get(connection, SETTING, [])}
        held |= {one.id: agreements.said(one) for one in read}
        settings.put(connection, SETTING, list(held.values()), by=officer.id, at=office.now())
    access.done(office, officer, "peers.change", "agreements", {"ids": [one.id for one in read]})
    return read


def assign(office: Office, officer: Officer, node: str, agreement: str) -> None:
    """Reckon by an agreement what a node is asked from now on. Raises NotFoundError for either that is unknown."""
    access.require(office, officer, "peers.change", f"agreement {agreement[:64]} with {node[:64]}")
    with office.database.write() as connection:
        peers.get(connection, node)
        _one(connection, agreement)
        peers.assign(connection, node, agreement)
    access.done(office, officer, "peers.change", f"agreement {agreement} with {node}")


def timed(connection: Connection, type: str, body: Mapping[str, Any], peer: str, at: datetime) -> Mapping[str, Any]:
    """A body with its deadline, when its type has one and it has none yet; the agreement with the peer says which."""
    if type not in types.names() or not types.of(type).is_timed or body.get("due") is not None:
        return body
    held, known = peers.find(connection, peer), _known(connection)
    agreement = known.get((held and held.agreement) or agreements.GENERAL, known[agreements.GENERAL])
    urgency = body.get("urgency", "routine")
    if urgency not in agreement.answer_h:
        return body  # it is refused for that
    acknowledge_by, answer_by = agreement.due(urgency, at)
    due = {"acknowledge_by": acknowledge_by.isoformat(), "answer_by": answer_by.isoformat()}
    return {**body, "due": {"agreement": agreement.id, **due}}


def _known(connection: Connection) -> dict[str, Agreement]:
    own = [Agreement(**one) for one in settings.get(connection, SETTING, [])]
    return {one.id: one for one in (*agreements.shipped(), *own)}


def _one(connection: Connection, name: str) -> Agreement:
    known = _known(connection)
    if name not in known:
        raise NotFoundError(
            f"No agreement {name[:64]!r} is known here",
            do=f"Use one of: {', '.join(sorted(known))}.",
            code="unknown_agreement",
        )
    return known[name]
