"""Private matching between two nodes: what both hold is found, and nothing else leaves either of them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from lintas.desk import intake, matching, node_card, outward, post, proposals, retention, runs
from lintas.exchange import oprf, tags, wire
from lintas.exchange.keys import Card
from lintas.model.errors import DeniedError, InputError, NotFoundError, TooLargeError
from lintas.model.handling import Handling
from lintas.model.officer import SECRET, Officer
from lintas.sources import catalogue
from lintas.store import matching as kept
from lintas.store import messages
from tests.desk.cast import ALICE, BOB
from tests.nodes.region import Region

A, B = "xa.fiu", "xb.police"
AMBER = Handling("amber")
SOFIA = Officer("sofia", frozenset({"supervisor"}), via="session", clearance=SECRET)
INA = Officer("ina", frozenset({"inspector"}), via="session")
HEADER = "Customer No,Name,Date of birth,Nationality,Passport,IMO\n"
HELD = """1,Somchai Thongdee,1975-03-02,Thailand,TH1234567,
2,Nguyen Van Hantu,1980-01-01,Vietnam,B7654321,
3,Nusa Hantu,,,,9074729
4,Budi Santoso,1990-05-05,Indonesia,,
"""
ASKED = """1,THONGDEE Somchai,1975-03-02,Thailand,,
2,Maria Clara,1970-07-07,Philippines,P0000001,
3,Hantu Nusa,,,,9074729
4,Budi Santoso,,,,
"""


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Region]:
    made = Region(tmp_path, names=(A, B))
    for office in made.nodes.values():
        intake.load(office, ALICE, "ftm", catalogue.samples("ftm"), fictional=True)
    yield made
    made.close()


def run_of(region: Region, node: str, rows: str) -> int:
    office = region.nodes[node]
    path = office.scratch / f"{node}.csv"
    path.write_text(HEADER + rows)
    run = runs.create(office, SOFIA, path, fictional=True)
    runs.work(office, run.number)
    return run.number


def offered(region: Region, rows: str = HELD, **how: bool) -> int:
    """B offers a run to A; its number."""
    run = run_of(region, B, rows)
    matching.offer(region.nodes[B], SOFIA, run, A, "suspects", AMBER, **how)
    region.deliver(B, A)
    return run


def exchanged(region: Region) -> None:
    """Question, answer and count cross."""
    for one, other in ((A, B), (B, A), (A, B)):
        region.deliver(one, other)


def test_what_both_hold_is_found_and_by_what(region: Region) -> None:
    offered(region)
    run = run_of(region, A, ASKED)
    matching.ask(region.nodes[A], SOFIA, run, B, "suspects", with_weak=True)
    exchanged(region)
    (asked,) = matching.results(region.nodes[A], SOFIA, run)
    assert (asked.status, asked.peer) == ("answered", B)
    found = {hit.row: hit.tiers for hit in asked.hits}
    assert set(found) == {2, 4, 5}, "as a spreadsheet counts: the header is row 1"
    assert "strong" in found[2]
    assert "exact" in found[4]
    assert found[5] == ("weak",), "a name alone is possible, and no more"
    count = region.inbox(B, A)[-1]
    assert (count.type, count.content["body"]["n_hits"]) == ("match_count", sum(one.n_keys for one in asked.hits))


def test_nothing_that_crosses_tells_a_name_or_number(region: Region) -> None:
    offered(region)
    matching.ask(region.nodes[A], SOFIA, run_of(region, A, ASKED), B, "suspects")
    exchanged(region)
    words = ("omchai", "hongdee", "1975", "9074729", "Hantu", "skeleton", "TH1234567", "id/1|")
    for node, other in ((A, B), (B, A)):
        office = region.nodes[node]
        with office.database.read() as connection:
            came = [one for one in region.all(node) if one.direction == "in"]
            beside = [wire.raw(data) for one in came for data in messages.attached(connection, one.number)]
            sets = [wire.raw(one.tags) for one in kept.sets(connection)]
        text = orjson.dumps([one.content for one in came]).decode() + str(beside) + str(sets)
        assert came, other
        for word in words:
            assert word not in text


def test_the_same_question_looks_different_every_time(region: Region) -> None:
    """So the holder cannot tell whether it was asked of the same person again."""
    offered(region)
    run = run_of(region, A, ASKED)
    seen = []
    for _ in range(2):
        sent = matching.ask(region.nodes[A], SOFIA, run, B, "suspects")
        with region.nodes[A].database.read() as connection:
            (data,) = messages.attached(connection, sent.number)
        seen.append((sent.content["body"]["commitment"], data))
        exchanged(region)
    assert seen[0][0] != seen[1][0]
    assert seen[0][1] != seen[1][1]


def test_an_answer_has_the_same_length_whether_anything_hits_or_not(region: Region) -> None:
    offered(region)
    sizes = set()
    for rows in ("1,Somchai Thongdee,1975-03-02,Thailand,,\n", "1,Nobody Anywhere,1975-03-02,Thailand,,\n"):
        matching.ask(region.nodes[A], SOFIA, run_of(region, A, rows), B, "suspects")
        region.deliver(A, B)
        with region.nodes[B].database.read() as connection:
            (waits,) = messages.waiting(connection, A)
        n = region.inbox(B, A)[-1].content["body"]["n"]
        sizes.add((len(outward.packed(region.nodes[B], waits)), n))
        exchanged(region)
    assert len(sizes) == 1


def test_the_quota_of_the_day_is_kept_through_restarts_and_repeats(region: Region) -> None:
    offered(region, is_strict=True)
    run = run_of(region, A, ASKED)
    states = []
    for day in range(2):
        for _ in range(4):
            sent = matching.ask(region.nodes[A], SOFIA, run, B, "suspects")
            again = outward.packed(region.nodes[A], messages_of(region, A, sent.number))
            region.wire(_card(region, B), again)
            region.wire(_card(region, B), again)  # the same question twice is one
            exchanged(region)
        states.append([one.status for one in matching.results(region.nodes[A], SOFIA, run)][:4])
        region.clock.move(days=1)
        assert day < 2
    n = len(_batch(region, A, run).texts)
    fits = matching.STRICT // n
    assert 0 < fits < 4
    assert [state.count("answered") for state in states] == [fits, fits]
    assert {state for day in states for state in day} == {"answered", "over_quota"}


@pytest.mark.parametrize(("quota", "most"), [(matching.QUOTA, 0.003), (matching.STRICT, 0.0001)])
def test_who_plays_the_attacker_for_thirty_days_learns_no_more_than_the_quota(
    region: Region, quota: int, most: float
) -> None:
    """Every question a guess in a space of 10^7, in batches of any size, as many and as often as they like."""
    offered(region, is_strict=quota == matching.STRICT)
    office, learned = region.nodes[B], 0
    for day in range(30):
        for size in (1000, 700, 33, 10, 1):
            for _ in range(3):
                with office.database.write() as connection:
                    offer = kept.offer(connection, A, "suspects")
                    assert offer is not None
                    at = region.clock.at.date().isoformat()
                    learned += size * kept.spend(connection, A, at, size, offer.quota)
        assert learned <= quota * (day + 1)
        region.clock.move(days=1)
    assert learned / 10**7 <= most
    assert learned == quota * 30, "and the attacker is a good one"


def test_a_dictionary_without_the_holder_finds_nothing(region: Region) -> None:
    """Who has the set and every guess, and any key but the holder's, hits no more than chance."""
    offered(region)
    with region.nodes[A].database.read() as connection:
        (held,) = kept.sets(connection)
    found = tags.from_bytes(wire.raw(held.tags))
    key = oprf.new_key_pair()
    guesses = [f"id/1|imo|{number}".encode() for number in range(9074000, 9075000)]
    assert not any(found.holds([oprf.output(key.secret, guess, mode=matching.MODE) for guess in guesses]))


def test_each_peer_has_a_key_of_its_own_and_so_has_each_epoch(region: Region) -> None:
    office = region.nodes[B]
    pairs = {
        matching.pair_of(office, peer, name, epoch)[0].secret
        for peer in (A, "xc.customs")
        for name in ("suspects", "ships")
        for epoch in (1, 2)
    }
    assert len(pairs) == 8
    assert matching.pair_of(office, A, "ships", 1)[0] == matching.pair_of(office, A, "ships", 1)[0]
    assert (office.node / "keys" / matching.SEED).stat().st_mode & 0o777 == 0o600


def test_after_its_epoch_a_set_is_answered_no_more(region: Region) -> None:
    offered(region)
    run = run_of(region, A, ASKED)
    region.clock.move(days=matching.EPOCH_DAYS)
    matching.ask(region.nodes[A], SOFIA, run, B, "suspects")
    exchanged(region)
    assert [one.status for one in matching.results(region.nodes[A], SOFIA, run)] == ["refused"]


def test_a_recalled_set_is_gone_and_an_erased_run_answers_no_more(region: Region) -> None:
    run = offered(region)
    asks = run_of(region, A, ASKED)
    retention.erase(region.nodes[B], replace(SOFIA, id="a"), run, "It was too old")
    proposals.decide(region.nodes[B], replace(SOFIA, id="b"), 1, True, "It was")
    matching.ask(region.nodes[A], SOFIA, asks, B, "suspects")
    exchanged(region)
    assert [one.status for one in matching.results(region.nodes[A], SOFIA, asks)] == ["refused"]
    (offer,) = [one for one in region.all(B) if one.type == "match_offer"]
    region.answer(B, offer, "recall", {"why": "The run was erased."})
    region.deliver(B, A)
    with region.nodes[A].database.read() as connection:
        assert kept.sets(connection) == []
    with pytest.raises(NotFoundError):
        matching.ask(region.nodes[A], SOFIA, asks, B, "suspects")


def test_a_set_of_another_normaliser_is_refused_aloud(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(matching, "KEYS", "nk/0 id/1")
        run = run_of(region, B, HELD)
        matching.offer(region.nodes[B], SOFIA, run, A, "suspects", AMBER)
    region.deliver(B, A)
    (offer,) = region.all(B)
    assert (offer.status, offer.code) == ("refused", "bad_body")
    assert region.all(A) == []


def test_a_holder_that_answers_with_another_key_is_caught(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    offered(region)
    matching.ask(region.nodes[A], SOFIA, run_of(region, A, ASKED), B, "suspects")
    with monkeypatch.context() as patch:
        patch.setattr(matching, "pair_of", lambda *_: (oprf.new_key_pair(), b""))
        region.deliver(A, B)
    region.deliver(B, A)
    answer = next(one for one in region.all(B) if one.type == "match_answer")
    assert (answer.status, answer.code) == ("refused", "bad_body")


@pytest.mark.parametrize("beside", [b"", b"\0" * 32, b"\xff" * 32, bytes(33), bytes(32 * 1001)])
def test_questions_that_are_no_points_are_refused(region: Region, beside: bytes) -> None:
    offered(region)
    office = region.nodes[A]
    with office.database.write() as connection:
        (held,) = kept.sets(connection)
        offer = messages.one(connection, held.message)
        body = {"name": "suspects", "n": max(1, len(beside) // 32), "commitment": "0" * 64}
        draft = post.Draft("match_batch", body, AMBER, "intelligence", thread=offer.thread, reply_to=offer.id)
        post.put(office, connection, draft, by="mallory", agency="own", beside={"elements": beside})
    region.deliver(A, B)
    sent = region.all(A)[-1]
    assert (sent.status, sent.code) == ("refused", "bad_body")
    assert [one.type for one in region.all(B)] == ["match_offer"]


def test_an_inspector_opens_what_was_asked_years_later(region: Region) -> None:
    offered(region)
    sent = matching.ask(region.nodes[A], SOFIA, run_of(region, A, ASKED), B, "suspects", legal_basis="Article 12")
    exchanged(region)
    region.clock.move(days=700)
    is_true, batch = matching.opened(region.nodes[A], INA, sent.thread, sent.id)
    assert is_true
    assert any("skeleton" in text for _, _, text in batch.texts)
    with region.nodes[A].database.write() as connection:
        connection.exec_driver_sql('UPDATE batches SET texts = \'[[2, "exact", "id/1|imo|1"]]\'')
    assert not matching.opened(region.nodes[A], INA, sent.thread, sent.id)[0]
    with pytest.raises(DeniedError):
        matching.opened(region.nodes[A], SOFIA, sent.thread, sent.id)


def test_too_many_questions_and_none_are_said(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    offered(region)
    run = run_of(region, A, ASKED)
    with pytest.raises(InputError) as caught:
        matching.ask(region.nodes[A], SOFIA, run, B, "suspects", rows=[99])
    assert caught.value.code == "no_questions"
    monkeypatch.setattr(matching, "MAX_BATCH", 3)
    with pytest.raises(TooLargeError):
        matching.ask(region.nodes[A], SOFIA, run, B, "suspects")
    with pytest.raises((DeniedError, NotFoundError)):
        matching.ask(region.nodes[A], BOB, run, B, "suspects")


def messages_of(region: Region, node: str, number: int) -> messages.Kept:
    with region.nodes[node].database.read() as connection:
        return messages.one(connection, number)


def _card(region: Region, node: str) -> Card:
    return node_card.own(region.nodes[node]).public()


def _batch(region: Region, node: str, run: int) -> kept.Batch:
    with region.nodes[node].database.read() as connection:
        return kept.batches_of_run(connection, run)[0]
