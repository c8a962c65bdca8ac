"""What a peer that is trusted and hostile can say: it is refused in a sentence, and nobody else's work stops."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest

from lintas.desk import correspondence, inward, line, node_card, outward, post, pouches, proofs, purging, timeliness
from lintas.desk.office import Office
from lintas.exchange import certificates, heads, keys, pouch, receipts, types
from lintas.exchange.keys import LINE, SIGN, Card
from lintas.exchange.pouch import Pouch
from lintas.exchange.refused import RefusedError
from lintas.model.errors import InputError
from lintas.model.handling import Handling
from lintas.model.message import Receipt, TreeHead
from lintas.model.officer import SECRET, Officer
from lintas.store import heads as kept_heads
from lintas.store import peers as kept_peers
from lintas.store.heads import TOLD, Seen
from lintas.store.messages import Kept
from tests.desk.cast import ALICE, enlist
from tests.nodes.neighbour import Neighbour, met, trusted
from tests.nodes.region import LINA, REQUEST, draft

NODE = Officer("node", frozenset({"administrator"}))
IRIS = Officer("iris", frozenset({"inspector"}), via="session", clearance=SECRET)


@pytest.fixture
def peer(sqlite_office: Office) -> Neighbour:
    enlist(sqlite_office, ALICE, LINA, IRIS)
    return met(sqlite_office)


@pytest.mark.parametrize(
    "by", [1700000000, "1700000000", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2026-12-01 10:00Z"]
)
def test_a_deadline_in_another_form_breaks_no_page(sqlite_office: Office, peer: Neighbour, by: Any) -> None:
    due = {"agreement": "general", "acknowledge_by": by, "answer_by": by}
    _, data = peer.parcel(sqlite_office, "request", {**REQUEST, "due": due})
    assert inward.receive(sqlite_office, data).code in ("kept", "bad_body")
    for one in correspondence.overview(sqlite_office, LINA):
        correspondence.show(sqlite_office, LINA, one.thread.number)
        if one.clock:
            one.clock.due.astimezone(timezone(timedelta(hours=9)))
    timeliness.measured(sqlite_office, LINA)


@pytest.mark.parametrize(
    "changes",
    [
        {"at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))},
        {"expires_at": datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-14)))},
    ],
)
def test_times_that_are_none_in_utc_are_refused(sqlite_office: Office, peer: Neighbour, changes: Any) -> None:
    _, data = peer.parcel(sqlite_office, "request", REQUEST, **changes)
    assert inward.receive(sqlite_office, data).code in ("kept", "bad_envelope", "expired")


@pytest.mark.parametrize("n", [-1, 2**31, 2**63])
def test_a_count_of_canaries_is_a_count(n: int) -> None:
    with pytest.raises(InputError):
        types.of("match_canary_count").read({"n_hits": n})


@pytest.mark.parametrize("status", ["revoked", "suspended"])
def test_what_a_node_that_is_trusted_no_more_said_is_deleted_all_the_same(
    sqlite_office: Office, peer: Neighbour, status: str
) -> None:
    other = Neighbour(trusted(sqlite_office, "xc.customs", sqlite_office.now()), {})
    until = Handling("green", retain_until=date(2026, 1, 1))
    peer.says(sqlite_office, "request", REQUEST, handling=until)
    other.says(sqlite_office, "request", REQUEST, handling=until)
    with sqlite_office.database.write() as connection:
        if status == "revoked":
            kept_peers.revoke(connection, peer.card.id, by="cora", at=sqlite_office.now(), reason="broken into")
        else:
            kept_peers.suspend(connection, peer.card.id, at=sqlite_office.now(), reason="the directory")
    assert purging.run(sqlite_office, NODE) == 2


def test_what_has_no_place_in_its_thread_is_deleted_all_the_same(sqlite_office: Office, peer: Neighbour) -> None:
    until = Handling("green", retain_until=date(2026, 1, 1))
    held = peer.says(sqlite_office, "request", REQUEST)
    peer.says(sqlite_office, "reply", {"extent": "final"}, held, handling=until, seq=3)  # parked, and answers nothing
    peer.says(sqlite_office, "recall", {"why": "Mistaken."}, held, seq=2)
    other = Neighbour(trusted(sqlite_office, "xc.customs", sqlite_office.now()), {})
    other.says(sqlite_office, "request", REQUEST, handling=until)
    assert purging.run(sqlite_office, NODE) == 2


def test_a_receipt_that_was_carried_proves_what_others_were_told(sqlite_office: Office, peer: Neighbour) -> None:
    sent = post.send(sqlite_office, LINA, draft("request", REQUEST, peer=peer.card.id))
    assert isinstance(sent, Kept)
    told = TreeHead(peer.card.id, 5, "1" * 64, "2026-01-01")
    seen = Seen(told.node, told.size, told.root, heads.sign(told, peer.card), "xc.customs", "m", sent.at, TOLD)
    with sqlite_office.database.write() as connection:
        kept_heads.keep(connection, seen)
    receipt = orjson.loads(peer.receipt(sqlite_office, sent))["receipt"]
    assert not outward.believe(sqlite_office, peer.card, receipt), "it leaves out the head that it would have to prove"


@pytest.mark.parametrize("code", [["kept"], {}, None])
def test_a_receipt_whose_code_is_no_text_is_none(peer: Neighbour, code: Any) -> None:
    at = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    said = Receipt("m", peer.card.id, "xa.fiu", "0" * 64, at, code, "", {})
    with pytest.raises(RefusedError):
        receipts.held(receipts.sign(said, peer.card))


@pytest.mark.parametrize("node", [["xa.fiu"], {"a": 1}, 7])
def test_a_head_of_no_node_is_refused(peer: Neighbour, node: Any) -> None:
    told = heads.sign(TreeHead(node, 1, "0" * 64, "2026-01-01"), peer.card)
    with pytest.raises(RefusedError):
        heads.held(told)


def test_a_bundle_carries_what_its_issuer_says_alone(sqlite_office: Office, peer: Neighbour) -> None:
    other = Neighbour(trusted(sqlite_office, "xc.customs", sqlite_office.now()), {})
    _, data = other.parcel(sqlite_office, "request", REQUEST)
    own = node_card.own(sqlite_office).id
    carried = pouch.pack(Pouch(peer.card.id, own, sqlite_office.now(), (data,)), peer.card)
    taken = pouches.take(sqlite_office, LINA, carried)
    assert taken.codes == ("other_carrier",)


def test_who_shows_anothers_certificate_on_its_card_keeps_nobody_out(sqlite_office: Office, peer: Neighbour) -> None:
    other = trusted(sqlite_office, "xa.aaa", sqlite_office.now())
    mine = next(key for key in peer.card.keys if key.curve == LINE)
    rogue = replace(other, keys=(*(one for one in other.keys if one.curve != LINE), mine.public()))
    with sqlite_office.database.write() as connection:
        kept_peers.renew(connection, rogue.id, keys.sign(rogue, other))
    shown = line.holders(sqlite_office, certificates.der(mine.jwk))
    _, data = peer.parcel(sqlite_office, "request", REQUEST)
    assert inward.receive(sqlite_office, data, shown).code == "kept"


def test_a_card_that_a_peer_made_of_this_node_stands_in_no_proof(sqlite_office: Office, peer: Neighbour) -> None:
    held = peer.says(sqlite_office, "request", REQUEST)
    own = node_card.own(sqlite_office)
    rogue = Card(own.id, own.name, own.address, keys.made(sqlite_office.now()))
    peer.says(sqlite_office, "key_notice", {"card": keys.sign(rogue, rogue)}, seq=2)  # parked, and never judged
    told = proofs.prove(sqlite_office, IRIS, held.id)["keys"]
    assert rogue.newest(SIGN).id not in {one["id"] for one in told}
