"""What heals by itself is no refusal, and new keys lock nobody out, however late word of them is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from lintas.desk import outward, post, pouches, rotation
from lintas.exchange import parcel
from lintas.exchange.keys import Card
from tests.nodes.region import CORA, LINA, Region

A, B = "xa.fiu", "xb.police"


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Region]:
    made = Region(tmp_path, names=(A, B))
    yield made
    made.close()


def standing(region: Region, node: str = A) -> list[tuple[str, str | None]]:
    return [(one.status, one.code) for one in region.all(node)]


def test_what_was_damaged_on_its_way_is_sent_again_and_refused_when_it_comes_so_twice(region: Region) -> None:
    def damaging(to: Card, body: bytes) -> bytes:
        whole = parcel.unpack(body)
        return region.wire(to, parcel.pack(replace(whole, sealed=whole.sealed[::-1])))

    for _ in range(2):
        region.ask(A, B)
    assert region.deliver(A, B, damaging) == 0
    assert standing(region) == [("waiting", "altered"), ("waiting", None)]
    assert region.deliver(A, B) == 2
    region.ask(A, B)
    assert (region.deliver(A, B, damaging), region.deliver(A, B, damaging)) == (0, 1)
    assert standing(region)[-1] == ("refused", "altered")


def test_a_clock_that_is_off_delays_what_it_dates_and_after_a_day_it_is_refused(region: Region) -> None:
    asked = [region.ask(A, B)]

    def behind(to: Card, body: bytes) -> bytes:
        """B's clock is half an hour behind the time at which it was written."""
        now, region.clock.at = region.clock.at, asked[-1].at - timedelta(minutes=30)
        try:
            return region.wire(to, body)
        finally:
            region.clock.at = now

    assert region.deliver(A, B, behind) == 0
    assert standing(region) == [("waiting", "from_the_future")]
    assert region.deliver(A, B) == 1
    asked.append(region.ask(A, B))
    region.clock.move(hours=25)
    assert region.deliver(A, B, behind) == 1
    assert standing(region) == [("kept", None), ("refused", "from_the_future")]


def test_what_new_keys_signed_before_anybody_was_told_of_them_waits_for_that(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(post, "put", _broken_off)
        with pytest.raises(KeyboardInterrupt):
            rotation.rotate(region.nodes[A], CORA)
    region.ask(A, B)
    assert region.deliver(A, B) == 0, "B does not know the key"
    region.clock.move(minutes=1)
    rotation.rotate(region.nodes[A], CORA)
    assert region.deliver(A, B) == 2
    assert [one.type for one in region.inbox(B, A)] == ["key_notice", "request"]


def test_word_of_new_keys_goes_by_file(region: Region) -> None:
    office = region.nodes[A]
    rotation.rotate(office, CORA)
    region.ask(A, B)
    taken = pouches.take(region.nodes[B], LINA, pouches.make(office, LINA, B))
    assert taken.codes == ("kept", "kept")
    assert pouches.take(office, LINA, taken.answer).n_receipts == 2
    assert outward.deliver(office, B) == 0


def _broken_off(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
