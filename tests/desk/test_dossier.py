"""Everything on one entity: each fact with its source, conflicts, former values, and a network that has an end."""

from collections.abc import Callable, Sequence

import pytest

from lintas.desk import dossier, intake
from lintas.desk.dossier import FactRow
from lintas.desk.office import Office
from lintas.model.errors import InputError, NotFoundError
from lintas.sources import catalogue
from tests.desk.cast import ALICE, BOB
from tests.desk.entries import Entry, entry, load, people, person, write


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Callable[[Office, Sequence[Entry]], None]:
    """Load entities as `un_sc`, a second list that names the same ids."""

    def load_there(office: Office, entries: Sequence[Entry]) -> None:
        true_parser = catalogue.parser
        monkeypatch.setattr(catalogue, "parser", lambda name: true_parser("ftm"))
        path = write(office.scratch / "elsewhere.json", entries)
        intake.load(office, ALICE, "un_sc", [path], fictional=True)
        monkeypatch.setattr(catalogue, "parser", true_parser)

    return load_there


def facts(office: Office, entity_id: str, prop: str) -> list[FactRow]:
    return [row for row in dossier.show(office, BOB, entity_id).rows if row.prop == prop]


class TestFacts:
    def test_a_fact_names_its_list_its_version_and_the_day(self, office: Office) -> None:
        version = load(office, [person(1, "Ada Exempli", birthDate=["04 Jul 1970"])]).version
        (row,) = facts(office, "xx-1", "birthDate")
        (fact,) = row.facts
        assert (row.value, row.originals, row.type, row.label) == ("1970-07-04", ("04 Jul 1970",), "date", "Birth date")
        assert (fact.list, fact.since_version, fact.since_at) == ("ftm", 1, version.loaded_at)

    def test_a_value_that_two_lists_state_is_one_row_with_two_sources(
        self, office: Office, elsewhere: Callable[..., None]
    ) -> None:
        load(office, [person(1, "Ada Exempli", birthDate=["1970-07-04"])], fictional=True)
        elsewhere(office, [person(1, "Ada Exempli", birthDate=["4 July 1970"])])
        (row,) = facts(office, "xx-1", "birthDate")
        assert {fact.list for fact in row.facts} == {"ftm", "un_sc"}
        assert not row.is_in_conflict
        assert [one.list for one in dossier.show(office, ALICE, "xx-1").listed] == ["ftm", "un_sc"]

    @pytest.mark.parametrize(
        ("prop", "here", "there", "is_in_conflict"),
        [
            ("birthDate", "1970-07-04", "1971-07-04", True),
            ("birthDate", "1970-07-04", "1970", False),
            ("birthDate", "1970-07", "1970-08", True),
            ("gender", "male", "female", True),
            ("birthPlace", "Yangon", "Yangon, Myanmar", False),
            ("birthPlace", "YANGON", "Yangon", False),
            ("nationality", "th", "my", False),
            ("passportNumber", "A1", "B2", False),
        ],
    )
    def test_values_that_exclude_each_other_are_flagged(
        self,
        sqlite_office: Office,
        elsewhere: Callable[..., None],
        prop: str,
        here: str,
        there: str,
        is_in_conflict: bool,
    ) -> None:
        load(sqlite_office, [person(1, "Ada Exempli", **{prop: [here]})], fictional=True)
        elsewhere(sqlite_office, [person(1, "Ada Exempli", **{prop: [there]})])
        assert {row.is_in_conflict for row in facts(sqlite_office, "xx-1", prop)} == {is_in_conflict}

    def test_a_value_that_is_no_longer_stated_stays_as_former_and_is_in_no_conflict(self, office: Office) -> None:
        load(office, [person(1, birthDate=["1970"]), person(2)])
        load(office, [person(1, birthDate=["1981"]), person(2)])
        found = [(row.value, row.is_former, row.is_in_conflict) for row in facts(office, "xx-1", "birthDate")]
        assert found == [("1981", False, False), ("1970", True, False)]
        (former,) = [row for row in facts(office, "xx-1", "birthDate") if row.is_former]
        assert [(fact.since_version, fact.until_version) for fact in former.facts] == [(1, 2)]

    def test_a_former_value_is_in_no_conflict_even_where_two_others_are(self, office: Office) -> None:
        load(office, [person(1, birthDate=["1970"])])
        load(office, [person(1, birthDate=["1981", "1982"])])
        found = {row.value: row.is_in_conflict for row in facts(office, "xx-1", "birthDate")}
        assert found == {"1981": True, "1982": True, "1970": False}

    def test_a_value_that_came_back_is_not_former(self, office: Office) -> None:
        for year in ("1970", "1981", "1970"):
            load(office, [person(1, birthDate=[year]), person(2)])
        found = [(row.value, row.is_former) for row in facts(office, "xx-1", "birthDate")]
        assert found == [("1970", False), ("1981", True)]

    def test_a_value_that_was_not_understood_is_shown_and_conflicts_with_nothing(self, office: Office) -> None:
        load(office, [person(1, birthDate=["1970", "1981-13-45"])])
        rows = {row.value: row for row in facts(office, "xx-1", "birthDate")}
        assert (rows["1981-13-45"].is_clean, rows["1970"].is_in_conflict) == (False, False)

    def test_names_come_first_and_rows_of_one_property_stand_together(self, sample_office: Office) -> None:
        props = [row.prop for row in dossier.show(sample_office, ALICE, "us_ofac_sdn-990002").rows]
        assert props[0] == "name"
        assert len([prop for i, prop in enumerate(props) if i == 0 or props[i - 1] != prop]) == len(set(props))

    def test_lists_may_state_different_schemata_of_one_id(self, office: Office, elsewhere: Callable[..., None]) -> None:
        load(office, [entry("xx-1", "LegalEntity", name=["Example"], topics=["sanction"])], fictional=True)
        elsewhere(
            office,
            [entry("xx-1", "Company", name=["Example"], jurisdiction=["sg"], parent=["xx-2"], topics=["sanction"])],
        )
        held = dossier.show(office, ALICE, "xx-1")
        assert (held.schema, held.document["properties"]["jurisdiction"]) == ("Company", ["sg"])
        assert "jurisdiction" in {row.prop for row in held.rows}
        dossier.adjacent(office, ALICE, "xx-1")

    def test_an_id_that_no_list_names_is_not_found(self, office: Office) -> None:
        load(office, people(1))
        asked = (dossier.show, dossier.document, dossier.adjacent)
        for entity_id in ("none", "", "\x00", "\udcff", "x" * 10_000, "' OR 1=1 --", "../../etc"):
            for ask in asked:
                with pytest.raises(NotFoundError) as caught:
                    ask(office, ALICE, entity_id)
                assert caught.value.code == "unknown_entity"
            assert dossier.documents(office, ALICE, [entity_id, "xx-0"]).keys() == {"xx-0"}

    def test_an_entity_that_was_removed_has_no_dossier(self, office: Office) -> None:
        load(office, people(3))
        load(office, people(2), accept_removals=True)
        with pytest.raises(NotFoundError):
            dossier.show(office, ALICE, "xx-2")


FAMILY = [
    person(1, "Ada Exempli"),
    person(2, "Ben Sample"),
    entry("xx-c", "Company", name=["Example Ltd"], topics=["sanction"]),
    entry("xx-link", "UnknownLink", subject=["xx-1"], object=["xx-2"], role=["sister"]),
    entry("xx-own", "Ownership", owner=["xx-1"], asset=["xx-c"], role=["Registered owner"]),
    entry("xx-s", "Sanction", entity=["xx-1"], program=["P"]),
]


class TestNetwork:
    def test_links_of_every_kind_are_drawn_with_their_words(self, office: Office) -> None:
        load(office, FAMILY)
        network = dossier.show(office, ALICE, "xx-1").network
        assert {node.id: (node.caption, node.is_target) for node in network.nodes} == {
            "xx-1": ("Ada Exempli", True),
            "xx-2": ("Ben Sample", True),
            "xx-c": ("Example Ltd", True),
        }
        assert {(link.source, link.target, link.words) for link in network.links} == {
            ("xx-1", "xx-2", "sister"),
            ("xx-1", "xx-c", "Registered owner"),
        }
        assert network.n_not_shown == 0

    def test_sanctions_are_told_beside_it_and_not_drawn(self, office: Office) -> None:
        load(office, FAMILY)
        held = dossier.show(office, ALICE, "xx-1")
        assert [one.entity.id for one in held.sanctions] == ["xx-s"]
        assert "xx-s" not in {node.id for node in held.network.nodes}

    def test_a_network_has_an_end_and_says_how_many_are_not_shown(self, office: Office) -> None:
        n = 350
        links = [entry(f"xx-link-{i}", "UnknownLink", subject=["xx-0"], object=[f"xx-{i}"]) for i in range(1, n)]
        load(office, [*people(n), *links])
        network = dossier.show(office, ALICE, "xx-0").network
        assert (len(network.nodes), network.n_not_shown) == (dossier.MAX_DRAWN, n - dossier.MAX_DRAWN)
        drawn = {node.id for node in network.nodes}
        assert "xx-0" in drawn
        assert len(network.links) == dossier.MAX_DRAWN - 1
        assert all({link.source, link.target} <= drawn for link in network.links)

    def test_an_id_that_no_list_names_is_neither_drawn_nor_counted(self, office: Office) -> None:
        link = entry("xx-link", "UnknownLink", subject=["xx-1"], object=["xx-nobody"])
        load(office, [person(1, addressEntity=["xx-nowhere"]), link])
        network = dossier.show(office, ALICE, "xx-1").network
        assert ([node.id for node in network.nodes], network.links, network.n_not_shown) == (["xx-1"], (), 0)

    def test_an_entity_that_points_at_itself_is_drawn_once(self, office: Office) -> None:
        load(office, [person(1), entry("xx-link", "UnknownLink", subject=["xx-1"], object=["xx-1"])])
        assert len(dossier.show(office, ALICE, "xx-1").network.nodes) == 1

    def test_what_is_next_to_an_entity_comes_by_property_with_the_far_end_inside(self, office: Office) -> None:
        load(office, FAMILY)
        _, near = dossier.adjacent(office, ALICE, "xx-1")
        assert {name: page.total for name, page in near.items()} == {
            "unknownLinkTo": 1,
            "ownershipOwner": 1,
            "sanctions": 1,
        }
        (link,) = near["unknownLinkTo"].documents
        assert link["properties"]["subject"] == ["xx-1"]
        assert [far["caption"] for far in link["properties"]["object"]] == ["Ben Sample"]

    def test_from_the_other_side_the_link_leads_back(self, office: Office) -> None:
        load(office, FAMILY)
        _, near = dossier.adjacent(office, ALICE, "xx-2")
        (link,) = near["unknownLinkFrom"].documents
        assert [far["caption"] for far in link["properties"]["subject"]] == ["Ada Exempli"]

    def test_pages_and_one_property_of_what_is_adjacent(self, office: Office) -> None:
        links = [entry(f"xx-link-{i}", "UnknownLink", subject=["xx-0"], object=[f"xx-{i}"]) for i in range(1, 8)]
        load(office, [*people(8), *links])
        seen = list[str]()
        for at in (0, 3, 6, 9):
            _, near = dossier.adjacent(office, ALICE, "xx-0", prop="unknownLinkTo", limit=3, offset=at, sort=("id",))
            assert near["unknownLinkTo"].total == 7
            seen += [document["id"] for document in near["unknownLinkTo"].documents]
        assert seen == [f"xx-link-{i}" for i in range(1, 8)]
        assert dossier.adjacent(office, ALICE, "xx-0", prop="sanctions")[1]["sanctions"].total == 0
        for prop in ("name", "nonsense", "", "\x00"):
            with pytest.raises(NotFoundError) as caught:
                dossier.adjacent(office, ALICE, "xx-0", prop=prop)
            assert caught.value.code == "unknown_property"
        with pytest.raises(InputError):
            dossier.adjacent(office, ALICE, "xx-0", limit=-1)

    def test_a_document_holds_its_neighbours_inside_or_their_ids(self, office: Office) -> None:
        load(office, FAMILY)
        nested = dossier.document(office, ALICE, "xx-1")
        assert [one["id"] for one in nested["properties"]["sanctions"]] == ["xx-s"]
        flat = dossier.document(office, ALICE, "xx-link", nested=False)
        assert flat["properties"]["subject"] == ["xx-1"]
        inside = dossier.document(office, ALICE, "xx-link")
        assert [one["caption"] for one in inside["properties"]["subject"]] == ["Ada Exempli"]

    def test_an_id_that_no_list_names_stays_an_id_in_a_document(self, office: Office) -> None:
        load(office, [person(1, addressEntity=["xx-nowhere"])])
        assert dossier.document(office, ALICE, "xx-1")["properties"]["addressEntity"] == ["xx-nowhere"]
