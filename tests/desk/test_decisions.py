"""What officers decide on matches: each with a reason, none ever lost, many at once or one after another."""

from collections.abc import Sequence

import pytest

from lintas.desk import runs
from lintas.desk.office import Office
from lintas.desk.reasons import MAX_REASON
from lintas.model.errors import InputError, NotFoundError
from lintas.store import runs as store
from tests.desk.cast import ALICE, BOB
from tests.desk.conftest import Clock
from tests.desk.customers import LISTED, done, write
from tests.desk.entries import load, rows

N = 45  # five of them match


@pytest.fixture
def held(timed: Office) -> Office:
    load(timed, LISTED)
    return timed


@pytest.fixture
def run(held: Office) -> int:
    return done(held, N).number


def numbers(office: Office, run: int, verdict: str | None = None) -> list[int]:
    return [match.number for match in runs.matches(office, ALICE, run, verdict=verdict)]


def decide(office: Office, run: int, chosen: Sequence[int], verdict: str | None, reason: str = "born later") -> int:
    return runs.decide(office, BOB, run, chosen, verdict, reason)


def test_a_decision_is_kept_with_who_when_and_why(held: Office, run: int) -> None:
    first, *rest = numbers(held, run)
    assert decide(held, run, [first], "different", "  born 30 years later  ") == 1
    (one,) = runs.show_match(held, ALICE, run, first).history
    assert (one.verdict, one.reason, one.officer, one.at) == ("different", "born 30 years later", "bob", held.now())
    assert numbers(held, run, "different") == [first]
    assert numbers(held, run, "waiting") == rest
    assert runs.get(held, BOB, run).n_waiting == len(rest)


def test_every_earlier_decision_stays_in_the_history(held: Office, run: int, clock: Clock) -> None:
    first = numbers(held, run)[0]
    for officer, verdict in ((BOB, "ask"), (ALICE, "same"), (BOB, None), (ALICE, "different")):
        runs.decide(held, officer, run, [first], verdict, f"says {officer.id}")
        clock.move(minutes=1)
    history = runs.show_match(held, ALICE, run, first).history
    assert [(one.verdict, one.officer) for one in history] == [
        ("ask", "bob"),
        ("same", "alice"),
        (None, "bob"),
        ("different", "alice"),
    ]
    assert runs.show_match(held, ALICE, run, first).found.verdict == "different"


def test_a_match_that_is_reopened_waits_again(held: Office, run: int) -> None:
    first = numbers(held, run)[0]
    decide(held, run, [first], "same")
    decide(held, run, [first], None, "new facts came")
    assert first in numbers(held, run, "waiting")


def test_many_are_decided_under_one_reason(held: Office, run: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "CHUNK", 2)
    chosen = numbers(held, run)
    assert decide(held, run, chosen, "different") == 5
    assert runs.get(held, BOB, run).n_waiting == 0
    assert all(len(runs.show_match(held, BOB, run, number).history) == 1 for number in chosen)


def test_a_match_that_is_chosen_twice_is_decided_once(held: Office, run: int) -> None:
    first = numbers(held, run)[0]
    assert decide(held, run, [first, first, first], "same") == 1
    assert len(runs.show_match(held, BOB, run, first).history) == 1


def test_a_decision_without_verdict_or_reason_is_refused(held: Office, run: int) -> None:
    before = rows(held)
    for verdict, reason, code in (
        ("maybe", "born later", "unknown_verdict"),
        ("", "born later", "unknown_verdict"),
        ("same", "", "no_reason"),
        ("same", "   \n\t ", "no_reason"),
        (None, "ok", "no_reason"),
    ):
        with pytest.raises(InputError) as caught:
            decide(held, run, numbers(held, run), verdict, reason)
        assert (caught.value.code, rows(held)) == (code, before)


def test_a_decision_on_nothing_is_refused(held: Office, run: int) -> None:
    with pytest.raises(InputError) as caught:
        decide(held, run, [], "same")
    assert caught.value.code == "no_match_chosen"


def test_one_match_of_another_run_among_many_and_none_is_decided(held: Office, run: int) -> None:
    other = done(held, N).number
    before = rows(held)
    for foreign in (numbers(held, other)[0], 10**6, 0, -1, 10**30):
        with pytest.raises((NotFoundError, InputError)) as caught:
            decide(held, run, [*numbers(held, run), foreign], "same")
        assert caught.value.code in ("unknown_match", "bad_value")
    assert rows(held) == before


def test_a_reason_may_be_in_any_script_and_is_cut_where_it_is_too_long(held: Office, run: int) -> None:
    first = numbers(held, run)[0]
    reasons = ["ວັນເກີດຕ່າງກັນ", "<script>alert(1)</script>", "x" * 20_000, "a\nb\tc", "=1+1"]
    for reason in reasons:
        decide(held, run, [first], "ask", reason)
    kept = [reason[:MAX_REASON] for reason in reasons]
    assert [one.reason for one in runs.show_match(held, BOB, run, first).history] == kept


def test_a_reason_that_a_database_cannot_hold_is_kept_as_it_can(held: Office, run: int) -> None:
    decide(held, run, numbers(held, run)[:1], "ask", "a\x00b \udcff c")
    (one,) = runs.show_match(held, BOB, run, numbers(held, run)[0]).history
    assert one.reason.startswith("a\N{SYMBOL FOR NULL}b ")


class TestReview:
    @pytest.fixture
    def banded(self, held: Office) -> int:
        near = ["Ada Exempli", "Ada Exempla", "Ada Exemplus", "Ben Sample", "Ben Samples", "Cai Muster"]
        run = runs.create(held, BOB, write(held.scratch / "c.csv", near), threshold=0.3)
        runs.work(held, run.number)
        return run.number

    def test_bands_hold_every_match_once_and_their_pages_agree_with_the_counts(self, held: Office, banded: int) -> None:
        edges = (0.9, 0.8)
        whole = runs.review(held, ALICE, banded, edges=edges)
        assert sum(whole.bands) == whole.total == len(whole.matches) == runs.get(held, BOB, banded).n_matches
        bounds = [(2.0, 0.9), (0.9, 0.8), (0.8, 0.0)]
        for band, (high, low) in enumerate(bounds):
            page = runs.review(held, ALICE, banded, edges=edges, band=band)
            assert page.total == whole.bands[band] == len(page.matches)
            assert all(low <= match.match.score < high for match in page.matches)
        assert len({n > 0 for n in whole.bands}) == 1, "the file has matches in each band"

    def test_counts_by_verdict_and_pages_of_one_verdict(self, held: Office, banded: int) -> None:
        chosen = numbers(held, banded)
        decide(held, banded, chosen[:2], "same")
        decide(held, banded, chosen[2:3], "different")
        seen = runs.review(held, ALICE, banded)
        assert dict(seen.verdicts) == {"waiting": len(chosen) - 3, "same": 2, "different": 1, "ask": 0}
        same = runs.review(held, ALICE, banded, verdict="same", edges=(0.9,))
        assert (same.total, sum(same.bands), [match.number for match in same.matches]) == (2, 2, chosen[:2])

    def test_the_strongest_come_first_and_pages_do_not_overlap(self, held: Office, banded: int) -> None:
        whole = runs.matches(held, ALICE, banded)
        scores = [match.match.score for match in whole]
        assert scores == sorted(scores, reverse=True)
        pages = [runs.review(held, ALICE, banded, limit=2, offset=at).matches for at in range(0, len(whole) + 2, 2)]
        assert [match.number for page in pages for match in page] == [match.number for match in whole]

    def test_neighbours_are_those_before_and_after_in_the_order_of_review(self, held: Office, banded: int) -> None:
        order = numbers(held, banded)
        for at, number in enumerate(order):
            around = runs.neighbours(held, ALICE, banded, number, around=2)
            assert [match.number for match in around] == order[max(at - 2, 0) : at + 3]

    def test_a_page_or_band_that_is_none_is_refused(self, held: Office, banded: int) -> None:
        for limit, offset in ((-1, 0), (501, 0), (10, -1), (10, 10**30)):
            for ask in (runs.review, runs.matches):
                with pytest.raises(InputError) as caught:
                    ask(held, ALICE, banded, limit=limit, offset=offset)
                assert caught.value.code == "bad_page"
        for band in (-1, 2, 99):
            with pytest.raises(InputError) as caught:
                runs.review(held, ALICE, banded, edges=(0.9,), band=band)
            assert caught.value.code == "bad_band"


def test_a_match_is_shown_with_its_customer_and_the_entity_as_it_is_now(held: Office, run: int) -> None:
    first = numbers(held, run)[0]
    view = runs.show_match(held, ALICE, run, first)
    assert view.customer.entity.caption == view.found.customer_caption == view.found.match.caption
    assert view.document is not None
    assert view.document["id"] == view.found.match.entity_id
    assert [one.source.name for one in view.shelf] == ["ftm"]
    load(held, LISTED[3:], accept_removals=True)
    views = [runs.show_match(held, ALICE, run, number) for number in numbers(held, run)]
    gone = [view for view in views if view.found.match.caption != "Dewi Contoh"]
    assert gone
    assert all(view.document is None for view in gone)


def test_other_matches_of_the_same_customer_stand_beside_it(held: Office) -> None:
    load(held, [*LISTED, {**LISTED[0], "id": "xx-twin"}])
    run = runs.create(held, BOB, write(held.scratch / "c.csv", ["Ada Exempli", "Ben Sample"]))
    runs.work(held, run.number)
    views = [runs.show_match(held, ALICE, run.number, number) for number in numbers(held, run.number)]
    beside = {view.found.match.entity_id: [other.match.entity_id for other in view.others] for view in views}
    assert beside == {"xx-0": ["xx-twin"], "xx-twin": ["xx-0"], "xx-1": []}
