"""A node as a day's work leaves it: the fictional lists loaded, the fictional customers screened."""

from dataclasses import replace
from pathlib import Path

from lintas.desk import casework, correspondence, officers, outcomes, outward, peers, post, runs, sessions
from lintas.desk.office import Office, Settings, open_office
from lintas.exchange import keys
from lintas.model.handling import Handling
from lintas.model.officer import Officer
from lintas.sources import customers
from lintas.store.messages import Kept
from tests.conftest import load_samples
from tests.nodes.neighbour import met

SAMPLE = Path(customers.__file__).parent / "sample.csv"


def worked_in(folder: Path) -> Office:
    """Make it."""
    office = open_office(Settings(folder))
    me = officers.owner(office)
    load_samples(office, me)
    run = runs.create(office, me, SAMPLE, threshold=0.5, fictional=True)
    runs.work(office, run.number)
    _in_a_case(office, me)
    _in_exchange(office, me)
    return office


def _in_a_case(office: Office, me: Officer) -> None:
    """A second run, in a case: its only match is a true one, was reported, and waits to be frozen."""
    file = office.scratch / "satu-nasabah.csv"
    file.write_text("".join(SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)[:2]), encoding="utf-8")
    case = casework.open_case(office, me, "Kayu lewat Batam")
    run = runs.create(office, me, file, threshold=0.9, fictional=True, case=case.number)
    file.unlink()
    runs.work(office, run.number)
    match = runs.matches(office, me, run.number)[0].number
    runs.decide(office, me, run.number, [match], "same", "paspor cocok")
    outcomes.decide(office, me, run.number, match, "report", "diwajibkan", reference="LTKM-2026-1")
    outcomes.decide(office, me, run.number, match, "freeze", "terdaftar", reference="FRZ-2026-1")


def _in_exchange(office: Office, me: Officer) -> None:
    """A neighbour that answered, took an answer back and told something unasked; and a node that is only met."""
    neighbour = met(office)
    body = dict.fromkeys(("facts", "reasons", "asked", "intended_use"), "Rekening Hantu Trading")
    asked = post.Draft("request", {"subject": "Rekening Hantu Trading", **body}, Handling(), "investigation")
    sent = post.send(office, me, replace(asked, peer=neighbour.card.id))
    assert isinstance(sent, Kept)
    outward.deliver(office, neighbour.card.id, wire=lambda to, data: neighbour.receipt(office, sent))
    items = [{"label": "Rekening", "value": "XB-77-0042"}]
    first = neighbour.says(office, "reply", {"extent": "partial", "text": "Satu rekening.", "items": items}, sent)
    neighbour.says(office, "recall", {"why": "Sumbernya berbohong."}, first)
    neighbour.says(office, "reply", {"extent": "final", "text": "Tidak ada.", "items": items}, sent)
    about = [{"kind": "vessel", "name": "Nusa Hantu", "properties": []}]
    told = {"subject": "Kapal berganti nama", "text": "Di laut.", "channel": "maritime", "subjects": about}
    neighbour.says(office, "spontaneous", told)
    other = keys.Card("xc.customs", "Customs of Cendana", "", keys.made(office.now()))
    peers.add(office, me, keys.sign(other, other))


def a_reply(office: Office) -> str:
    """The address of the form for a correction of the request."""
    view = correspondence.show(office, officers.owner(office), 1)
    return f"/exchange/1/answer?type=correction&to={view.messages[0].message.id}"


def a_true_match(office: Office) -> str:
    """The address of the match that was reported."""
    match = runs.matches(office, officers.owner(office), 2)[0].number
    return f"/runs/2/matches/{match}"


def session(office: Office) -> str:
    """The secret of a session of the owner."""
    return sessions.sign_in(office, sessions.create_link(office, officers.owner(office)))


def a_dossier(office: Office) -> str:
    """The id of an entity that a customer matched."""
    return runs.matches(office, officers.owner(office), 1)[0].match.entity_id
