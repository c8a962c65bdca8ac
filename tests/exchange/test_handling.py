"""Handlings form a lattice: whatever is combined, in whatever order, nothing becomes freer."""

from datetime import date

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintas.exchange import contents
from lintas.exchange.refused import RefusedError
from lintas.model.errors import InputError
from lintas.model.handling import CODES, COURT, TLP, USES, Handling, strictest

caveats = st.frozensets(st.sampled_from(["Not for the press.", "Ask before you act."]), min_size=1)
handlings = st.builds(
    Handling,
    tlp=st.sampled_from(TLP),
    codes=st.frozensets(st.sampled_from(CODES)),
    uses=st.frozensets(st.sampled_from(USES)),
    onward=st.none() | st.frozensets(st.sampled_from(["xa.fiu", "xb.police", "xc.customs"])),
    court=st.sampled_from(COURT),
    retain_until=st.none() | st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    caveats=caveats,
)


@given(handlings, handlings, handlings)
def test_combining_is_a_join(one: Handling, other: Handling, third: Handling) -> None:
    assert one.with_(one) == one
    assert one.with_(other) == other.with_(one)
    assert one.with_(other).with_(third) == one.with_(other.with_(third))
    assert one.with_(other).is_within(one)
    assert strictest([one, other, third]).is_within(third)


@given(handlings, handlings, st.sampled_from(["xa.fiu", "xb.police", "xd.navy"]))
def test_what_one_of_them_forbids_the_combination_forbids(one: Handling, other: Handling, agency: str) -> None:
    both = one.with_(other)
    assert TLP.index(both.tlp) == max(TLP.index(one.tlp), TLP.index(other.tlp))
    assert both.may_go_on(agency) <= min(one.may_go_on(agency), other.may_go_on(agency))
    assert both.needs_two() >= max(one.needs_two(), other.needs_two())
    assert both.uses <= one.uses
    assert both.codes >= one.codes | other.codes
    if one.retain_until:
        assert both.retain_until is not None
        assert both.retain_until <= one.retain_until


@given(handlings)
def test_it_is_written_down_and_read_back(one: Handling) -> None:
    assert contents.handling_read(orjson.loads(orjson.dumps(contents.handling_said(one)))) == one


@pytest.mark.parametrize(
    "fault",
    [
        {"tlp": "white"},
        {"codes": frozenset({"H4"})},
        {"codes": frozenset({"H3"})},  # "other restrictions" that nobody names
        {"uses": frozenset({"anything"})},
        {"court": "maybe"},
        {"caveats": frozenset({"x" * 501})},
        {"caveats": frozenset({""})},
    ],
)
def test_a_marking_that_is_none_is_refused(fault: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        Handling(**fault)  # type: ignore[arg-type]
    assert caught.value.code == "bad_handling"


@pytest.mark.parametrize("name", ["tlp", "codes", "uses", "onward", "court", "retain_until", "caveats"])
@pytest.mark.parametrize("value", [{}, 7, [["x"]], "none"])
def test_what_was_sent_as_a_handling_and_is_none_is_refused(name: str, value: object) -> None:
    with pytest.raises(RefusedError) as caught:
        contents.handling_read(contents.handling_said(Handling()) | {name: value})
    assert caught.value.code == "bad_handling"
