"""Messages between nodes: each takes effect exactly once, in its order, and the sender knows what became of it."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from lintas.desk import correspondence, node_card, outward, peers, post, proposals, rotation
from lintas.desk.office import Settings, open_office
from lintas.exchange import contents, envelope, heads, keys, parcel, receipts, types
from lintas.exchange.keys import Card
from lintas.exchange.refused import RefusedError
from lintas.model import shelf
from lintas.model.case import Proposal
from lintas.model.errors import ConflictError, DeniedError, InputError, NotFoundError
from lintas.model.handling import Handling
from lintas.model.officer import CONFIDENTIAL, OPEN, SECRET, Officer
from lintas.store import jobs, messages
from lintas.store.log import tree
from tests.desk.cast import ALICE, BOB, CHARLIE
from tests.desk.cells import newest
from tests.nodes.region import CORA, LINA, REQUEST, Region, draft, meet, sent

A, B = "xa.fiu", "xb.police"


@pytest.fixture(params=["sqlite", "postgresql"])
def region(request: pytest.FixtureRequest, tmp_path: Path, new_database: Callable[[str], str]) -> Iterator[Region]:
    made = Region(tmp_path, lambda: new_database(request.param), (A, B))
    yield made
    made.close()


@pytest.fixture
def light(tmp_path: Path) -> Iterator[Region]:
    """The same on SQLite alone."""
    made = Region(tmp_path, names=(A, B))
    yield made
    made.close()


def test_a_request_is_answered_and_both_sides_hold_the_same(region: Region) -> None:
    asked = region.ask(A, B)
    assert region.deliver(A, B) == 1
    (came,) = region.inbox(B, A)
    assert (came.sha256, came.status) == (asked.sha256, "kept")
    assert {**came.content["body"], "due": None} == {**REQUEST, "due": None}
    region.answer(B, came, "reply", {"extent": "final", "text": "Two accounts."})
    assert region.deliver(B, A) == 1
    (answer,) = region.inbox(A, B)
    assert answer.content["reply_to"] == asked.id
    assert [one.status for one in region.all(A)] == ["kept", "kept"]
    assert region.deliver(A, B) == 0


def test_the_receipt_is_the_other_nodes_word_with_the_head_of_its_log(light: Region) -> None:
    light.ask(A, B)
    light.deliver(A, B)
    (kept,) = light.all(A)
    with light.nodes[B].database.read():
        card = node_card.own(light.nodes[B]).public()
    receipt = receipts.read(kept.receipt or "", card, light.clock())
    assert (receipt.code, receipt.message, receipt.sha256, receipt.recipient) == ("kept", kept.id, kept.sha256, A)
    head = heads.read(receipt.head, card, light.clock())
    with light.nodes[B].log.read() as connection:
        assert tree.root(connection, head.size).hex() == head.root
    stranger = keys.Card(B, "", "", keys.made(light.clock()))
    with pytest.raises(RefusedError):
        receipts.read(kept.receipt or "", stranger, light.clock())


def test_an_answer_that_was_lost_on_the_way_changes_nothing(region: Region) -> None:
    """The node that was asked kept it; the one that asks does not know, sends again, and gets the same receipt."""
    region.ask(A, B)
    held = list[bytes]()

    def loses(to: Card, body: bytes) -> bytes:
        held.append(region.wire(to, body))
        raise httpx.ReadTimeout("lost")

    assert region.deliver(A, B, loses) == 0
    (waits,) = region.all(A)
    assert (waits.status, waits.n_tries, waits.code) == ("waiting", 1, "ReadTimeout")
    assert region.deliver(A, B) == 1
    assert len(region.inbox(B, A)) == 1
    assert region.all(A)[0].receipt == orjson.loads(held[0])["receipt"]


def test_the_worker_of_a_node_tries_ever_less_often(light: Region) -> None:
    at = light.clock()
    waits = [outward.next_try(at, n) - at for n in range(12)]
    assert waits[:3] == [timedelta(seconds=2), timedelta(seconds=4), timedelta(seconds=8)]
    assert waits[-1] == timedelta(minutes=5) == max(waits)

    def down(to: Card, body: bytes) -> bytes:
        raise ConnectionRefusedError

    light.ask(A, B)
    light.deliver(A, B, down)
    with light.nodes[A].database.read() as connection:
        due = [job.due_at for job in jobs.waiting(connection, "deliver")]
    assert due == [at], "the first job, which nobody took yet, comes first"


@pytest.mark.parametrize(
    "answer",
    [b"", b"[]", b"null", b"{}", b'{"code": "kept", "receipt": ""}', b'{"code": "kept", "receipt": "a.b.c"}', b"\xff"],
)
def test_without_a_receipt_nothing_counts_as_delivered(light: Region, answer: bytes) -> None:
    light.ask(A, B)
    assert light.deliver(A, B, lambda to, body: answer) == 0
    assert light.all(A)[0].status == "waiting"


def test_the_receipt_of_another_message_does_not_count(light: Region) -> None:
    light.ask(A, B)
    light.deliver(A, B)
    other = orjson.dumps({"code": "kept", "receipt": light.all(A)[0].receipt})
    light.ask(A, B)
    assert light.deliver(A, B, lambda to, body: other) == 0
    assert [one.status for one in light.all(A)] == ["kept", "waiting"]


def test_a_message_of_the_same_number_with_another_content_is_refused_and_alarmed(light: Region) -> None:
    first = light.ask(A, B)
    light.deliver(A, B)
    office = light.nodes[A]
    with office.database.write() as connection:  # what a node that lies would do
        messages.change(connection, first.number, status="waiting", id="another")
    second = light.ask(A, B)
    twisted = _sealed(light, replace_id(second, first.id))
    code = orjson.loads(light.wire(node_card.own(light.nodes[B]).public(), twisted))["code"]
    assert code == "another_digest"
    assert newest(light.nodes[B], 1) == [(A, "exchange.receive", "refused")]
    assert len(light.inbox(B, A)) == 1


def replace_id(kept: messages.Kept, new: str) -> Any:
    return replace(contents.restored(kept.content), id=new, body={**kept.content["body"], "asked": "Everything."})


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def _sealed(region: Region, message: Any, by: Card | None = None) -> bytes:
    own, to = by or node_card.own(region.nodes[A]), node_card.own(region.nodes[B])
    return parcel.pack(envelope.seal(envelope.sign(message, own), message, own, to))


def test_what_comes_out_of_order_is_parked_and_taken_up_in_order(region: Region) -> None:
    asked = region.ask(A, B)
    region.deliver(A, B)
    (came,) = region.inbox(B, A)
    for n in range(4):
        region.answer(B, came, "interim", {"text": f"Part {n}."})
    with region.nodes[B].database.read() as connection:
        waiting = messages.waiting(connection, A)
    caught = [outward.packed(region.nodes[B], one) for one in waiting]
    order = [3, 1, 0, 0, 2, 3]
    here = node_card.own(region.nodes[A]).public()
    for place in order:
        assert orjson.loads(region.wire(here, caught[place]))["code"] == "kept"
    parts = [one for one in region.all(A) if one.direction == "in"]
    assert {one.status for one in parts} == {"kept"}
    assert sorted(one.content["body"]["text"] for one in parts) == [f"Part {n}." for n in range(4)]
    assert asked.thread == parts[0].thread


def test_while_an_earlier_one_is_missing_a_later_one_waits(light: Region) -> None:
    asked = light.ask(A, B)
    light.deliver(A, B)
    (came,) = light.inbox(B, A)
    light.answer(B, came, "acknowledgement", {"officer": "Duty officer"})
    light.answer(B, came, "reply", {"extent": "final"})
    with light.nodes[B].database.read() as connection:
        _, later = messages.waiting(connection, A)
    light.wire(node_card.own(light.nodes[A]).public(), outward.packed(light.nodes[B], later))
    assert [one.status for one in light.inbox(A, B)] == ["parked"]
    light.deliver(B, A)
    assert [one.status for one in light.inbox(A, B)] == ["kept", "kept"]
    assert asked.status == "waiting"


def test_what_was_refused_stops_what_waits_behind_it_in_its_thread(light: Region) -> None:
    """Both answer at once: the one that came later is refused, and its sender is told why."""
    light.ask(A, B)
    light.deliver(A, B)
    (came,) = light.inbox(B, A)
    light.answer(B, came, "refusal", {"reason": "other_purpose", "explanation": "Not for this."})
    (asked,) = light.all(A)
    light.answer(A, asked, "correction", {"text": "Since 2024."})
    light.deliver(B, A)
    light.deliver(A, B)  # a correction is still taken
    assert [one.status for one in light.all(A)] == ["kept", "kept", "kept"]

    question = light.ask(A, B)
    light.deliver(A, B)
    came = light.inbox(B, A)[-1]
    light.answer(B, came, "clarification", {"text": "Which one?"})
    light.deliver(B, A)
    (asks,) = [one for one in light.inbox(A, B) if one.type == "clarification"]
    with light.nodes[A].database.write() as connection:  # a clock that runs slow by an hour: too late when it arrives
        old = post.put(
            light.nodes[A],
            connection,
            draft("clarification", {"text": "The second."}, thread=question.thread, reply_to=asks.id),
            by="lina",
            agency="own",
        )
    later = light.answer(A, asks, "clarification", {"text": "No, the first."})
    light.clock.move(days=31)
    light.deliver(A, B)
    with light.nodes[A].database.read() as connection:
        states = [messages.found(connection, "out", B, one.id) for one in (old, later)]
    assert [(one.status, one.code) for one in states if one] == [("refused", "expired"), ("stopped", "after_refused")]
    again = light.answer(A, asks, "clarification", {"text": "The first."})
    assert again.seq == old.seq, "a place that was refused is free"
    light.deliver(A, B)
    assert light.inbox(B, A)[-1].content["body"]["text"] == "The first."


def test_a_recalled_message_is_gone_at_the_recipient_who_signs_for_it(region: Region) -> None:
    region.ask(A, B)
    region.deliver(A, B)
    (came,) = region.inbox(B, A)
    told = {"extent": "partial", "items": [{"label": "Account", "value": "12345 of Hantu Trading"}]}
    answered = region.answer(B, came, "reply", told)
    region.deliver(B, A)
    region.answer(B, answered, "recall", {"why": "The source lied."})
    region.deliver(B, A)
    reply, recall = region.inbox(A, B)
    assert reply.recalled_at is not None
    assert (reply.signed, reply.sha256) == (None, answered.sha256)
    assert "12345" not in str(reply)
    assert "Hantu" not in str(reply)
    assert "12345" not in _everything(region, A)
    assert region.deliver(A, B) == 1
    (_, signed) = region.inbox(B, A)
    assert (signed.type, signed.content["reply_to"]) == ("recall_ack", recall.id)
    assert signed.content["body"]["removed"] == "1 message and its 1 items"
    with pytest.raises(RefusedError) as caught:
        region.answer(A, reply, "consent_request", {"to": "xc.customs", "why": "They ask."})
    assert caught.value.code == "out_of_turn"


def _everything(region: Region, node: str) -> str:
    """All that the tables of a node hold, as text."""
    with region.nodes[node].database.read() as connection:
        tables = ("messages", "threads", "jobs", "proposals")
        return str([connection.exec_driver_sql(f"SELECT * FROM {table}").all() for table in tables])


def test_red_waits_for_a_second_officer_and_goes_out_as_it_was_shown(region: Region) -> None:
    office = region.nodes[A]
    red = draft("request", REQUEST, peer=B, handling=Handling("red"))
    shown = post.preview(office, LINA, red)
    waits = post.send(office, LINA, red)
    assert isinstance(waits, Proposal)
    assert region.all(A) == []
    with pytest.raises((DeniedError, NotFoundError)):
        proposals.decide(office, LINA, waits.number, True, "I am sure")
    supervisor = replace(ALICE, id="sofia", via="session")
    proposals.decide(office, supervisor, waits.number, True, "It is needed")
    region.deliver(A, B)
    (came,) = region.inbox(B, A)
    same = ("type", "body", "handling", "use", "recipient", "issuer", "reply_to")
    assert {name: came.content[name] for name in same} == {name: shown[name] for name in same}
    assert region.all(A)[0].by == "lina"


def test_who_is_not_cleared_for_red_neither_sees_nor_decides_what_waits(light: Region) -> None:
    office = light.nodes[A]
    waits = post.send(office, LINA, draft("request", REQUEST, peer=B, handling=Handling("red")))
    assert isinstance(waits, Proposal)
    low = Officer("sofia", frozenset({"supervisor"}), via="session", clearance=CONFIDENTIAL)
    assert proposals.waiting(office, low) == []
    for decide in (True, False):
        with pytest.raises(NotFoundError):
            proposals.decide(office, low, waits.number, decide, "I am curious")
    with pytest.raises(NotFoundError):
        proposals.show(office, low, waits.number)
    assert proposals.show(office, replace(low, clearance=SECRET), waits.number).may_decide


@pytest.mark.parametrize("code", ["H2", "H3"])
def test_so_do_the_codes_that_bind_the_receiver(light: Region, code: str) -> None:
    handling = Handling("green", frozenset({code}), caveats=frozenset({"Ask first."}))
    assert isinstance(post.send(light.nodes[A], LINA, draft("request", REQUEST, peer=B, handling=handling)), Proposal)


def test_a_thread_is_seen_by_who_is_cleared_for_the_strictest_message_in_it(light: Region) -> None:
    light.ask(A, B, handling=Handling("green"))
    light.deliver(A, B)
    low = replace(LINA, clearance=OPEN)
    office = light.nodes[B]
    assert [line.thread.subject for line in correspondence.overview(office, low)] == [REQUEST["subject"]]
    (asked,) = light.all(A)
    light.answer(A, asked, "correction", {"text": "There is a source to protect."}, handling=Handling("amber"))
    light.deliver(A, B)
    assert correspondence.overview(office, low) == []
    with pytest.raises(NotFoundError):
        correspondence.show(office, low, 1)
    assert len(correspondence.show(office, LINA, 1).messages) == 2


@pytest.mark.parametrize("officer", [BOB, CHARLIE, CORA, Officer("nobody")])
def test_who_speaks_for_no_agency_sends_nothing(light: Region, officer: Officer) -> None:
    with pytest.raises(DeniedError):
        post.send(light.nodes[A], officer, draft("request", REQUEST, peer=B))


def test_officers_do_not_write_what_the_node_signs_for(light: Region) -> None:
    with pytest.raises(RefusedError) as caught:
        post.send(light.nodes[A], LINA, draft("recall_ack", {"removed": "x"}, peer=B))
    assert caught.value.code == "out_of_turn"


class TestMeeting:
    def test_a_node_that_one_officer_met_is_not_believed(self, tmp_path: Path) -> None:
        region = Region(tmp_path, names=(A,))
        other = Region(tmp_path / "other", names=(B,))
        card = node_card.signed(other.nodes[B], LINA)
        met = peers.add(region.nodes[A], LINA, card)
        with pytest.raises(RefusedError) as caught:
            region.ask(A, B)
        assert caught.value.code == "unknown_peer"
        words = node_card.in_words(met)
        for officer, told, error in (
            (LINA, words, ConflictError),
            (CORA, " ".join(reversed(words.split())), InputError),
            (replace(CORA, via="command"), words, DeniedError),
        ):
            with pytest.raises(error):
                peers.confirm(region.nodes[A], officer, B, told)
        assert peers.confirm(region.nodes[A], CORA, B, words.upper()).status == "trusted"
        assert region.ask(A, B).status == "waiting"
        region.close()
        other.close()

    def test_a_revoked_node_is_refused_and_what_waits_for_it_is_stopped(self, light: Region) -> None:
        light.ask(A, B)
        light.ask(B, A)
        peers.revoke(light.nodes[B], LINA, A, "Its keys were stolen")
        light.deliver(A, B)
        assert light.inbox(B, A) == []
        assert light.all(A)[0].status == "waiting", "who is not believed gets no receipt, and goes on asking"
        light.deliver(B, A)
        assert [(one.status, one.code) for one in light.all(B)] == [("refused", "revoked_peer")]
        assert newest(light.nodes[B], 9).count(("somebody", "exchange.receive", "refused")) == 1

    def test_keys_that_change_on_the_way_lose_nothing(self, light: Region) -> None:
        light.ask(A, B)
        light.ask(B, A)
        light.clock.move(days=1)
        rotation.rotate(light.nodes[B], CORA)
        light.ask(B, A)
        light.deliver(A, B)
        assert light.all(A)[0].status == "waiting", "its receipt is signed with a key that is not known here yet"
        assert light.deliver(B, A) == 3
        assert [one.type for one in light.inbox(A, B)] == ["key_notice", "request", "request"]
        assert light.deliver(A, B) == 1
        assert [one.type for one in light.inbox(B, A)] == ["request"]
        light.clock.move(days=40)
        rotation.rotate(light.nodes[A], CORA)
        assert light.deliver(A, B) == 1
        light.ask(A, B)
        light.ask(B, A)
        assert (light.deliver(A, B), light.deliver(B, A)) == (1, 1)

    def test_a_rotation_that_was_broken_off_is_done_by_another(
        self, light: Region, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(post, "put", _killed)
            with pytest.raises(KeyboardInterrupt):
                rotation.rotate(light.nodes[A], CORA)
        light.clock.move(minutes=1)
        rotation.rotate(light.nodes[A], CORA)
        light.ask(A, B)
        assert light.deliver(A, B) == 2
        assert {one.status for one in light.all(A)} == {"kept"}

    def test_compromised_keys_are_good_for_nothing_and_the_agencies_meet_anew(self, light: Region) -> None:
        stolen = node_card.own(light.nodes[A])
        light.clock.move(minutes=1)
        rotation.rotate(light.nodes[A], CORA, is_compromised=True)
        light.ask(A, B)
        light.deliver(A, B)
        assert light.all(A)[0].code == "no_receipt", "B still believes the stolen keys, and not these"
        peers.revoke(light.nodes[B], LINA, A, "Its keys were stolen")
        forged = _sealed(light, contents.restored(light.all(A)[0].content), stolen)
        to = node_card.own(light.nodes[B]).public()
        assert orjson.loads(light.wire(to, forged)) == {"code": "revoked_peer", "receipt": ""}
        meet(light.nodes[B], light.nodes[A])
        assert orjson.loads(light.wire(to, forged))["code"] == "bad_signature"
        assert light.deliver(A, B) == 1

    def test_no_node_renews_the_keys_of_another(self, light: Region) -> None:
        own = node_card.own(light.nodes[A])
        foreign = keys.sign(replace(own, id="xc.customs"), own)
        unsigned = node_card.signed(light.nodes[B], LINA)
        for card in (foreign, unsigned, "a.b.c"):
            with light.nodes[A].database.write() as connection:
                notice = draft("key_notice", {"card": card}, peer=B)
                post.put(light.nodes[A], connection, notice, by="mallory", agency="own")
            light.deliver(A, B)
        assert [(one.status, one.code) for one in light.all(A)] == [("refused", "bad_body")] * 3

    def test_a_node_without_a_name_says_so(self, tmp_path: Path) -> None:
        office = open_office(Settings(tmp_path / "new"))
        with pytest.raises(NotFoundError) as caught:
            node_card.show(office, LINA)
        assert caught.value.code == "node_not_named"
        office.close()

    def test_it_is_named_once(self, light: Region) -> None:
        with pytest.raises(ConflictError):
            node_card.init(light.nodes[A], CORA, A, "Again")

    @pytest.mark.parametrize(
        ("node", "name", "address"),
        [
            ("fiu", "x", ""),
            ("XA.fiu", "x", ""),
            ("xa.fiu", "", ""),
            ("xa.fiu", "x", "http://fiu.example"),
            ("xa.fiu", "x", "https://fiu.example/path"),
            ("xa.fiu", "x", "ftp://fiu.example"),
            ("xa.fiu", "x", "fiu"),
        ],
    )
    def test_a_name_or_address_that_is_none_is_refused(
        self, tmp_path: Path, node: str, name: str, address: str
    ) -> None:
        office = open_office(Settings(tmp_path / "new"))
        with pytest.raises(InputError):
            node_card.init(office, CORA, node, name, address)
        office.close()


def test_whatever_is_lost_repeated_and_delayed_each_message_takes_effect_once(light: Region) -> None:
    """Random traffic over a wire that fails in every way it can; at the end both sides hold the same."""
    chance = random.Random(20261122)

    def shaky(to: Card, body: bytes) -> bytes:
        fate = chance.random()
        if fate < 0.3:
            raise httpx.ConnectError("down")
        answer = light.wire(to, body)
        if fate < 0.6:
            raise httpx.ReadTimeout("the answer is lost")
        if fate < 0.7:
            light.wire(to, body)
        return answer

    light.ask(A, B)
    for step in range(60):
        for one, other in ((A, B), (B, A)):
            if step < 30 and chance.random() < 0.6:
                _says_something(light, one, chance)
            light.deliver(one, other, shaky)
    for one, other in ((A, B), (B, A)):
        light.deliver(one, other)
        out = [kept for kept in light.all(one) if kept.direction == "out"]
        kept = {kept.sha256 for kept in out if kept.status == "kept"}
        assert {one.status for one in out} <= {"kept", "refused", "stopped"}
        came = light.inbox(other, one)
        assert {one.sha256 for one in came} == kept
        assert len(came) == len(kept)
        assert {one.status for one in came} == {"kept"}


def _says_something(region: Region, node: str, chance: random.Random) -> None:
    office = region.nodes[node]
    for line in correspondence.overview(office, LINA):
        view = correspondence.show(office, LINA, line.thread.number)
        open_ = [one for one in view.messages if one.replies]
        if not open_:
            continue
        target = chance.choice(open_)
        type = chance.choice(sorted(target.replies))
        body = orjson.loads((shelf.folder(types.SHELF, type) / "sample.json").read_bytes())
        sent(office, draft(type, body, thread=line.thread.number, reply_to=target.message.id))
        return
    sent(office, draft("request", REQUEST, peer=B if node == A else A))


class TestHandingOn:
    C = "xc.customs"

    @pytest.fixture
    def three(self, tmp_path: Path) -> Iterator[Region]:
        made = Region(tmp_path)
        yield made
        made.close()

    def told(self, region: Region, handling: Handling) -> messages.Kept:
        """B answered A's request; the answer as A holds it."""
        region.ask(A, B)
        region.deliver(A, B)
        (came,) = region.inbox(B, A)
        office = region.nodes[B]
        reply = {"extent": "partial", "items": [{"label": "Account", "value": "12345"}]}
        with office.database.write() as connection:
            answer = replace(
                draft("reply", reply, thread=came.thread, reply_to=came.id, handling=handling), use="investigation"
            )
            post.put(office, connection, answer, by="lina", agency="own")
        region.deliver(B, A)
        return region.inbox(A, B)[0]

    def passed_on(self, source: messages.Kept, handling: Handling) -> post.Draft:
        body = {"subject": "An account", "text": "12345", "channel": "fraud"}
        return draft("spontaneous", body, peer=self.C, handling=handling, sources=(source.number,))

    def test_without_consent_it_does_not_leave(self, three: Region) -> None:
        bound = Handling("amber", frozenset({"H2"}))
        source = self.told(three, bound)
        for handling, code in ((bound, "not_released"), (Handling("green"), "freer_than_source")):
            with pytest.raises(InputError) as caught:
                post.preview(three.nodes[A], LINA, self.passed_on(source, handling))
            assert caught.value.code == code
        assert three.deliver(A, self.C) == 0

    def test_with_consent_it_goes_to_whom_it_was_given_for_and_a_recall_follows_it(self, three: Region) -> None:
        bound = Handling("amber", frozenset({"H2"}))
        source = self.told(three, bound)
        three.answer(A, source, "consent_request", {"to": self.C, "why": "The money went there."})
        three.deliver(A, B)
        three.answer(B, three.inbox(B, A)[-1], "consent_grant", {"to": self.C})
        three.deliver(B, A)
        office = three.nodes[A]
        waits = post.send(office, LINA, self.passed_on(source, bound))
        assert isinstance(waits, Proposal)
        proposals.decide(office, replace(ALICE, id="sofia", via="session"), waits.number, True, "B agreed")
        three.deliver(A, self.C)
        (there,) = three.inbox(self.C, A)
        assert there.content["body"]["text"] == "12345"

        (answer,) = [one for one in three.all(B) if one.type == "reply"]
        three.answer(B, answer, "recall", {"why": "The source lied."})
        three.deliver(B, A)
        three.deliver(A, self.C)
        three.deliver(A, B)
        for node in (A, self.C):
            assert "12345" not in _everything(three, node)
        ack = three.inbox(B, A)[-1]
        assert [one["label"] for one in ack.content["body"]["handed_on_to"]] == [self.C]
        three.deliver(self.C, A)
        assert three.inbox(A, self.C)[-1].type == "recall_ack"

    def test_a_class_of_receivers_that_the_originator_named_may_have_it(self, three: Region) -> None:
        open_ = Handling("green", onward=frozenset({self.C}))
        source = self.told(three, open_)
        assert sent(three.nodes[A], self.passed_on(source, open_)).status == "waiting"

    def test_what_goes_nowhere_goes_to_nobody_but_its_originator(self, three: Region) -> None:
        closed = Handling("green", onward=None)
        source = self.told(three, closed)
        with pytest.raises(InputError):
            post.preview(three.nodes[A], LINA, self.passed_on(source, closed))
        assert sent(three.nodes[A], replace(self.passed_on(source, closed), peer=B)).status == "waiting"

    def test_what_was_recalled_is_handed_on_no_more(self, three: Region) -> None:
        source = self.told(three, Handling("green", onward=frozenset({self.C})))
        (answer,) = [one for one in three.all(B) if one.type == "reply"]
        three.answer(B, answer, "recall", {"why": "The source lied."})
        three.deliver(B, A)
        with pytest.raises(InputError) as caught:
            post.preview(three.nodes[A], LINA, self.passed_on(source, Handling("green", onward=frozenset({self.C}))))
        assert caught.value.code == "not_released"

    def test_who_may_not_read_a_thread_hands_nothing_of_it_on(self, three: Region) -> None:
        source = self.told(three, Handling("red"))
        low = replace(LINA, clearance=OPEN)
        with pytest.raises(NotFoundError):
            post.preview(three.nodes[A], low, self.passed_on(source, Handling("red")))
