"""How far each role may spread: above its ceiling nothing is shown, proposed or sent."""

from collections.abc import Iterator
from itertools import combinations

import pytest

from lintas.desk import ceilings, demonstration, matching, overlays, post, proposals, runs, trail
from lintas.desk.ceilings import Ceiling
from lintas.model.case import Proposal
from lintas.model.errors import DeniedError
from lintas.model.handling import TLP, Handling
from lintas.model.log import Wanted
from lintas.model.officer import ROLES, SECRET, Officer
from tests.desk.cast import ALICE
from tests.desk.entries import load, people
from tests.nodes.region import LINA, NAMES, REQUEST, Region, draft

A, B = list(NAMES)[:2]
SOFIA = Officer("sofia", frozenset({"supervisor"}), via="session", clearance=SECRET)
LOWER = 'forbid (principal in Role::"content", action == Action::"exchange.spread", resource is Message) when { %s };'


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    made = Region(tmp_path_factory.mktemp("ceilings"), names=[A, B])
    yield made
    made.close()


def of(region: Region, *roles: str) -> Ceiling:
    return ceilings.ceiling(region.nodes[A], Officer("x", frozenset(roles)))


@pytest.mark.parametrize(
    ("role", "labels", "alone", "may_name"),
    [
        ("analyst", TLP[2:], TLP[3:], False),
        ("liaison", TLP, TLP[1:], True),
        ("supervisor", TLP, TLP, True),
        ("administrator", (), (), False),
        ("inspector", (), (), False),
        ("custodian", (), (), False),
    ],
)
def test_each_role_has_its_ceiling(
    region: Region, role: str, labels: tuple[str, ...], alone: tuple[str, ...], may_name: bool
) -> None:
    held = of(region, role)
    assert (held.labels, held.alone, held.may_name) == (labels, alone, may_name)
    assert all(who == ("supervisor", "liaison") for label, who in held.who if label in ("clear", "green"))


def test_who_may_spread_wide_may_spread_narrowly_and_a_second_officer_never_narrows(region: Region) -> None:
    for n in (1, 2, 3):
        for roles in combinations(ROLES, n):
            held = of(region, *roles)
            assert set(held.alone) <= set(held.labels)
            for labels in (held.labels, held.alone):
                assert labels == TLP[len(TLP) - len(labels) :]


def test_what_is_wider_than_one_may_give_alone_waits_for_a_second_officer(region: Region) -> None:
    office = region.nodes[A]
    public = draft("request", REQUEST, peer=B, handling=Handling("clear"))
    assert post.preview(office, LINA, public)["handling"]["tlp"] == "clear"
    waits = post.send(office, LINA, public)
    assert isinstance(waits, Proposal)
    assert region.all(A) == []
    proposals.decide(office, SOFIA, waits.number, True, "It is public anyway")
    assert [one.content["handling"]["tlp"] for one in region.all(A)] == ["clear"]


def test_what_is_above_a_ceiling_is_refused_and_it_is_said_who_may(region: Region) -> None:
    office = region.nodes[A]
    load(office, people(1))
    before, run = len(region.all(A)), runs.create(office, ALICE, demonstration.CUSTOMERS, fictional=True).number
    waits = post.send(office, LINA, draft("request", REQUEST, peer=B, handling=Handling("clear")))
    assert isinstance(waits, Proposal)
    overlays.add(office, ALICE, "narrow.cedar", LOWER % "resource.width > 2 || resource.names_onward == true")
    named = Handling("amber", onward=frozenset({"xc.customs"}))
    try:
        for handling, words in ((Handling("green"), "TLP:GREEN is wider"), (named, "may not name agencies")):
            wide = draft("request", REQUEST, peer=B, handling=handling)
            for deed in (post.preview, post.send):
                with pytest.raises(DeniedError, match=words) as told:
                    deed(office, LINA, wide)
                assert told.value.code == "over_ceiling"
                assert "nobody here" in told.value.do
            with pytest.raises(DeniedError, match=words):
                matching.offer(office, ALICE, run, B, "customers", handling)
        with pytest.raises(DeniedError, match="CLEAR is wider"):
            proposals.decide(office, SOFIA, waits.number, True, "It was fine yesterday")
        assert len(region.all(A)) == before
        refused = trail.find(office, ALICE, Wanted(verb=ceilings.VERB, outcome="refused")).rows
        assert {row.object for row in refused} >= {"green", "amber, onward to xc.customs", "clear"}
        assert post.preview(office, LINA, draft("request", REQUEST, peer=B))["handling"]["tlp"] == "amber"
    finally:
        overlays.remove(office, ALICE, "narrow")
