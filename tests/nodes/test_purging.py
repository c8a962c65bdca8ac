"""What another agency said is deleted on the day that it named, and the node that held it signs for that."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from lintas.desk import correspondence, post, retention
from lintas.model.handling import Handling
from lintas.model.officer import Officer
from lintas.store import messages
from lintas.store.messages import Kept
from tests.nodes.region import LINA, REQUEST, Region, sent
from tests.nodes.region import draft as drafted

A, B, C = "xa.fiu", "xb.police", "xc.customs"
NODE = Officer("node", frozenset({"administrator"}))
UNTIL = Handling("green", onward=frozenset({C}), retain_until=date(2026, 11, 25))
ACCOUNT = "XB-77-0042"


@pytest.fixture(params=["sqlite", "postgresql"])
def region(request: pytest.FixtureRequest, tmp_path: Path, new_database: Callable[[str], str]) -> Iterator[Region]:
    made = Region(tmp_path, lambda: new_database(request.param), (A, B, C))
    yield made
    made.close()


def told(region: Region, node: str) -> str:
    with region.nodes[node].database.read() as connection:
        rows = connection.exec_driver_sql("SELECT content, signed, sources FROM messages")
        return str([tuple(row) for row in rows])  # the text of a row is cut short


def answered(region: Region) -> tuple[Kept, Kept]:
    """B answered A until a day; A handed it on to C, to whom B had opened it."""
    region.ask(A, B)
    region.deliver(A, B)
    (came,) = region.inbox(B, A)
    reply = {"extent": "final", "text": f"Account {ACCOUNT}."}
    region.answer(B, came, "reply", reply, handling=UNTIL)
    region.deliver(B, A)
    (held,) = region.inbox(A, B)
    body = {"subject": "An account", "text": f"{ACCOUNT} is his."}
    on = sent(region.nodes[A], drafted("spontaneous", body, peer=C, handling=UNTIL, sources=(held.number,)))
    region.deliver(A, C)
    return held, on


def test_it_is_gone_the_day_after_here_and_where_it_was_handed_on_and_signed_for(region: Region) -> None:
    held, on = answered(region)
    region.clock.at = region.clock.at.replace(day=25, hour=23)
    assert retention.run(region.nodes[A], NODE).n_messages == 0
    assert ACCOUNT in told(region, A)
    region.clock.move(hours=2)
    assert retention.run(region.nodes[A], NODE).n_messages == 2, "the answer, and what rests on it"
    assert retention.run(region.nodes[C], NODE).n_messages == 1
    for node in (A, C):
        assert ACCOUNT not in told(region, node)
        assert retention.run(region.nodes[node], NODE).n_messages == 0
    region.deliver(A, B)
    region.deliver(C, A)
    (attested,) = [one for one in region.inbox(B, A) if one.type == "purge_attestation"]
    assert attested.content["reply_to"] == held.id
    assert held.sha256 in attested.content["body"]["deleted"]
    assert attested.content["body"]["on"] == "2026-11-26"
    (from_c,) = [one for one in region.inbox(A, C) if one.type == "purge_attestation"]
    assert on.sha256 in from_c.content["body"]["deleted"]
    assert ACCOUNT in told(region, B), "the originator keeps its own"


def test_the_attestation_itself_stays_and_the_page_says_why_it_is_gone(region: Region) -> None:
    held, _ = answered(region)
    region.clock.move(days=5)
    retention.run(region.nodes[A], NODE)
    region.deliver(A, B)
    region.clock.move(days=400)
    assert retention.run(region.nodes[B], NODE).n_messages == 0
    view = correspondence.show(region.nodes[A], LINA, held.thread)
    (gone,) = [one.message for one in view.messages if one.message.id == held.id]
    assert (gone.code, gone.signed, gone.content["body"]) == ("retention", None, {"extent": "final"})


def test_a_proposal_that_rests_on_it_is_forgotten(region: Region) -> None:
    held, _ = answered(region)
    strict = Handling("red", onward=frozenset({C}), retain_until=UNTIL.retain_until)
    body = {"subject": "An account", "text": f"{ACCOUNT} again."}
    post.send(region.nodes[A], LINA, drafted("spontaneous", body, peer=C, handling=strict, sources=(held.number,)))
    region.clock.move(days=5)
    retention.run(region.nodes[A], NODE)
    with region.nodes[A].database.read() as connection:
        (arguments,) = connection.exec_driver_sql("SELECT arguments FROM proposals").scalars()
    assert ACCOUNT not in str(arguments)


def test_what_names_no_day_stays(region: Region) -> None:
    region.ask(A, B)
    region.deliver(A, B)
    region.clock.at += timedelta(days=3650)
    assert retention.run(region.nodes[B], NODE).n_messages == 0
    (came,) = region.inbox(B, A)
    assert came.content["body"]["facts"] == REQUEST["facts"]
    with region.nodes[B].database.read() as connection:
        assert messages.find(connection, came.number) == came
