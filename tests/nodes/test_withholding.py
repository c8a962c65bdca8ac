"""Items that rest on what another agency said: what may not go to the recipient is not in the outgoing bytes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lintas.desk import post
from lintas.model.errors import InputError, NotFoundError
from lintas.model.handling import Handling
from lintas.model.officer import OPEN, Officer
from lintas.store.messages import Kept
from tests.nodes.region import LINA, Region, draft, sent

A, B, C = "xa.fiu", "xb.police", "xc.customs"
OPENED = Handling("amber", onward=frozenset({C}))
BOUND = Handling("amber", frozenset({"H2"}))


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Region]:
    made = Region(tmp_path)
    yield made
    made.close()


def told(region: Region, account: str, handling: Handling) -> Kept:
    """B answered A under a handling; the answer as A holds it."""
    region.ask(A, B)
    region.deliver(A, B)
    came = region.inbox(B, A)[-1]
    with region.nodes[B].database.write() as connection:
        reply = {"extent": "final", "items": [{"label": "Account", "value": account}]}
        answer = draft("reply", reply, thread=came.thread, reply_to=came.id, handling=handling)
        post.put(region.nodes[B], connection, answer, by="lina", agency="own")
    region.deliver(B, A)
    return region.inbox(A, B)[-1]


def passed_on(free: Kept, bound: Kept) -> post.Draft:
    items = [
        {"label": "Our own", "value": "He was seen."},
        {"label": "Free", "value": "XB-1111", "source": free.number},
        {"label": "Bound", "value": "XB-2222", "source": bound.number},
    ]
    body = {"subject": "Two accounts", "text": "See below.", "items": items}
    return draft("spontaneous", body, peer=C, handling=Handling("amber", onward=frozenset({C})))


def test_what_may_not_go_is_shown_to_stay_and_does_not_leave(region: Region) -> None:
    free, bound = told(region, "XB-1111", OPENED), told(region, "XB-2222", BOUND)
    office = region.nodes[A]
    shown = post.preview(office, LINA, passed_on(free, bound))
    assert shown["withheld_here"] == ["Bound"]
    assert shown["body"]["items"] == [
        {"label": "Our own", "value": "He was seen."},
        {"label": "Free", "value": "XB-1111"},
    ]
    kept = sent(office, passed_on(free, bound))
    assert list(kept.sources or ()) == [free.number]
    region.deliver(A, C)
    (came,) = region.inbox(C, A)
    assert came.content["body"] == shown["body"]
    assert "XB-2222" not in str(came) + str(kept)


def test_back_to_its_originator_an_item_may_always_go(region: Region) -> None:
    bound = told(region, "XB-2222", BOUND)
    items = [{"label": "Bound", "value": "XB-2222", "source": bound.number}]
    body = {"subject": "Yours", "text": "We saw it, too.", "items": items}
    shown = post.preview(region.nodes[A], LINA, draft("spontaneous", body, peer=B, handling=BOUND))
    assert shown["withheld_here"] == []


def test_a_recall_follows_an_item_and_forgets_what_waits_for_a_second_officer(region: Region) -> None:
    free = told(region, "XB-1111", OPENED)
    office = region.nodes[A]
    sent(office, passed_on(free, free))
    region.deliver(A, C)
    red = Handling("red", onward=frozenset({C}))
    body = {**passed_on(free, free).body, "subject": "Again"}
    post.send(office, LINA, draft("spontaneous", body, peer=C, handling=red))
    (answer,) = [one for one in region.all(B) if one.type == "reply"]
    region.answer(B, answer, "recall", {"why": "The source lied."})
    for one, other in ((B, A), (A, C)):
        region.deliver(one, other)
    with office.database.read() as connection:
        (arguments,) = connection.exec_driver_sql("SELECT arguments FROM proposals").scalars()
    assert "XB-1111" not in str(arguments) + str([vars(one) for node in (A, C) for one in region.all(node)])


@pytest.mark.parametrize("source", ["7", -1, True, 2**40, 1.5])
def test_an_item_from_no_message_is_refused(region: Region, source: object) -> None:
    items = [{"label": "Account", "value": "1", "source": source}]
    with pytest.raises(InputError) as caught:
        post.preview(region.nodes[A], LINA, draft("spontaneous", {"subject": "x", "text": "y", "items": items}, peer=C))
    assert caught.value.code == "bad_source"


def test_who_may_not_read_a_message_takes_nothing_from_it(region: Region) -> None:
    bound = told(region, "XB-2222", Handling("red"))
    low = Officer("low", frozenset({"liaison"}), via="session", clearance=OPEN)
    items = [{"label": "Bound", "value": "XB-2222", "source": bound.number}]
    wish = draft("spontaneous", {"subject": "x", "text": "y", "items": items}, peer=C, handling=Handling("clear"))
    with pytest.raises(NotFoundError):
        post.preview(region.nodes[A], low, wish)
