"""Questions in, matches with reasons out; a search; and every limit said in words."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lintas.desk import screening, trail
from lintas.desk.office import Office
from lintas.desk.screening import Answer, Options, Question
from lintas.model.errors import InputError, NotFoundError, TooLargeError
from lintas.model.filters import Filters
from tests.desk.cast import ALICE, BOB
from tests.desk.conftest import Clock
from tests.desk.entries import entry, load, people, person

YUSUF = {"name": ["Yusuf Abd al-Karim al-Mithali"]}
ON_LISTS = {"eu_fsf-EU.99001.1", "gb_uksl-EXA0001", "us_ofac_sdn-990007"}


def ask(office: Office, properties: Mapping[str, Any], schema: str = "Person", **options: Any) -> Answer:
    (answer,) = screening.match(office, BOB, [Question(schema, properties)], Options(**options))
    return answer


def ids(answer: Answer) -> list[str]:
    return [match.entity_id for match in answer.matches]


class TestMatching:
    def test_one_person_on_three_lists_is_found_on_each_with_reasons(self, sample_office: Office) -> None:
        answer = ask(sample_office, YUSUF)
        assert set(ids(answer)) == ON_LISTS
        for match, document in zip(answer.matches, answer.documents, strict=True):
            assert match.is_match
            assert match.entity_id == document["id"]
            assert match.score == pytest.approx(sum(reason.contribution for reason in match.reasons), abs=0.001)
            assert dict(match.list_versions).keys() == set(match.lists)
            assert match.is_fictional

    def test_answers_come_in_the_order_of_the_questions(self, sample_office: Office) -> None:
        names = ["Ratna Wijayasari", "Nobody At All", "Volkmar Niemandsberg"]
        asked = [Question("Person", {"name": [name]}) for name in names]
        found = [ids(answer)[:1] for answer in screening.match(sample_office, ALICE, asked, Options())]
        assert found == [["un_sc-9990003"], [], ["xx-fiction-0005"]]

    def test_a_score_equal_to_the_threshold_is_a_match_and_one_just_under_is_not(self, sample_office: Office) -> None:
        asked = {"name": ["Yusuf Mithali"]}
        scores = [match.score for match in ask(sample_office, asked, threshold=0.01).matches]
        middle = scores[len(scores) // 2]
        at = ask(sample_office, asked, threshold=middle)
        assert min(match.score for match in at.matches) == middle
        assert all(match.is_match for match in at.matches)
        over = ask(sample_office, asked, threshold=middle + 0.0001, cutoff=0.01)
        assert next(match.is_match for match in over.matches if match.score == middle) is False
        assert over.n_matches < at.n_matches

    def test_nothing_under_the_cutoff_comes_back_and_a_cutoff_over_the_threshold_hides_no_match(
        self, sample_office: Office
    ) -> None:
        low = ask(sample_office, YUSUF, threshold=0.7, cutoff=0.2, limit=50)
        assert {match.is_match for match in low.matches} == {True, False}
        assert min(match.score for match in low.matches) >= 0.2
        assert ids(ask(sample_office, YUSUF, threshold=0.5, cutoff=0.99)) == ids(
            ask(sample_office, YUSUF, threshold=0.5)
        )

    def test_a_limit_cuts_the_list_and_not_the_count(self, sample_office: Office) -> None:
        whole, one, none = (ask(sample_office, YUSUF, limit=limit) for limit in (10, 1, 0))
        assert ids(one) == ids(whole)[:1]
        assert (none.matches, none.n_matches) == ((), whole.n_matches)

    def test_a_weight_of_nothing_takes_the_voice_of_a_feature_away(self, sample_office: Office) -> None:
        assert ids(ask(sample_office, YUSUF, weights={"name_match": 0.0, "weak_alias_match": 0.0})) == []
        with pytest.raises(InputError) as caught:
            ask(sample_office, YUSUF, weights={"nose_match": 1.0})
        assert "nose_match" in str(caught.value)

    @pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan"), float("inf")])
    def test_a_weight_is_from_nothing_to_one(self, sample_office: Office, weight: float) -> None:
        with pytest.raises(InputError):
            ask(sample_office, YUSUF, weights={"name_match": weight})


class TestQuestions:
    def test_values_are_cleaned_and_what_was_understood_is_told(self, sample_office: Office) -> None:
        answer = ask(
            sample_office,
            {
                "name": ["  Ratna\u200b   WIJAYASARI "],
                "birthDate": ["04/07/1954", "32/13/1954"],
                "nationality": "Thailand",
            },
            cutoff=0.3,
        )
        assert answer.asked.properties == {
            "name": ["Ratna WIJAYASARI"],
            "birthDate": ["1954-07-04"],
            "nationality": ["th"],
        }
        assert len(answer.problems) == 1
        assert "32/13/1954" in answer.problems[0]
        assert ids(answer)[0] == "un_sc-9990003"

    def test_a_property_that_the_schema_does_not_have_is_refused_or_told_as_the_caller_wishes(
        self, sample_office: Office
    ) -> None:
        asked = {**YUSUF, "shoeSize": ["44"]}
        with pytest.raises(InputError) as caught:
            ask(sample_office, asked)
        assert (caught.value.code, "shoeSize" in caught.value.what) == ("unknown_property", True)
        answer = ask(sample_office, asked, is_lenient=True)
        assert set(ids(answer)) == ON_LISTS
        assert answer.problems == ("'shoeSize' is no property of Person",)

    @pytest.mark.parametrize(
        ("schema", "code"),
        [
            ("Human", "unknown_schema"),
            ("", "unknown_schema"),
            ("Sanction", "not_matchable"),
            ("Event", "not_matchable"),
        ],
    )
    def test_a_schema_that_is_none_or_is_not_compared_is_refused(
        self, sample_office: Office, schema: str, code: str
    ) -> None:
        with pytest.raises(InputError) as caught:
            ask(sample_office, YUSUF, schema)
        assert caught.value.code == code

    def test_a_thing_may_be_of_any_schema(self, sample_office: Office) -> None:
        assert ids(ask(sample_office, {"name": ["Vi Du Star"]}, "Thing"))
        assert ids(ask(sample_office, {"name": ["Vi Du Star"]}, "Person")) == []

    @pytest.mark.parametrize(
        "properties",
        [
            {},
            {"name": []},
            {"name": [""]},
            {"name": ["   "]},
            {"name": ["\x00"]},
            {"name": ["\u202e\u200b"]},
            {"name": ["....", "-", "'"]},
            {"name": ["x" * 1_000_000]},
            {"birthDate": ["1970"]},
            {"country": ["th"]},
        ],
        ids=str,
    )
    def test_a_question_that_says_nothing_to_match_on_finds_nobody(
        self, sample_office: Office, properties: Mapping[str, Any]
    ) -> None:
        assert ids(ask(sample_office, properties, threshold=0.3)) == []

    @pytest.mark.parametrize("value", [{"no": "id"}, [["nested"]], [True], [{"id": 5}]], ids=str)
    def test_a_value_that_is_no_text_is_refused_in_words(self, sample_office: Office, value: Any) -> None:
        with pytest.raises(InputError) as caught:
            ask(sample_office, {"name": value})
        assert caught.value.code == "bad_value"

    def test_limits_of_a_call_are_said_in_words(self, sample_office: Office) -> None:
        one = Question("Person", YUSUF)
        large = Question("Person", {"name": [f"Name {i}" for i in range(screening.MAX_QUERY_VALUES + 1)]})
        wrong: list[tuple[list[Question], Options, str]] = [
            ([], Options(), "no_query"),
            ([one] * 101, Options(), "too_many_queries"),
            ([large], Options(), "query_too_large"),
            ([one], Options(limit=-1), "bad_limit"),
            ([one], Options(limit=501), "bad_limit"),
            ([one], Options(threshold=1.01), "bad_threshold"),
            ([one], Options(threshold=float("nan")), "bad_threshold"),
            ([one], Options(cutoff=-0.01), "bad_threshold"),
            ([one], Options(filters=Filters(exclude_ids=tuple(map(str, range(51))))), "too_many_excluded"),
        ]
        for questions, options, code in wrong:
            with pytest.raises(InputError) as caught:
                screening.match(sample_office, ALICE, questions, options)
            assert caught.value.code == code
        assert isinstance(caught.value, TooLargeError)
        assert len(screening.match(sample_office, ALICE, [one] * 100, Options())) == 100

    def test_what_was_asked_is_in_the_log_whatever_it_holds(self, office: Office) -> None:
        load(office, people(1))
        for name in ("Ada Exempli", "\x00\udcff", "'; DROP TABLE log; --", "x" * 100_000):
            ask(office, {"name": [name]})
            screening.search(office, ALICE, name)
        asked = [row for row in trail.find(office, ALICE).rows if row.verb.startswith("entities.")]
        assert len(asked) == 8


class TestFilters:
    @pytest.fixture
    def held(self, sample_office: Office) -> Office:
        return sample_office

    def found(self, office: Office, dataset: str = "default", **filters: Any) -> set[str]:
        return set(ids(ask(office, YUSUF, dataset=dataset, filters=Filters(**filters), limit=50)))

    def test_one_list_or_several_may_be_asked(self, held: Office) -> None:
        assert self.found(held, "gb_uksl") == {"gb_uksl-EXA0001"}
        assert self.found(held, include=("eu_fsf", "us_ofac_sdn")) == {"eu_fsf-EU.99001.1", "us_ofac_sdn-990007"}
        assert self.found(held, "eu_fsf", include=("us_ofac_sdn",)) == {"eu_fsf-EU.99001.1", "us_ofac_sdn-990007"}
        assert self.found(held, "un_sc") == set()

    def test_a_list_may_be_left_out_and_leaving_out_the_only_one_that_is_asked_finds_nobody(self, held: Office) -> None:
        assert self.found(held, exclude=("eu_fsf",)) == {"gb_uksl-EXA0001", "us_ofac_sdn-990007"}
        assert self.found(held, "eu_fsf", exclude=("eu_fsf",)) == set()
        assert self.found(held, include=("eu_fsf",), exclude=("eu_fsf",)) == set()
        assert self.found(held, exclude=("no_such_list",)) == ON_LISTS

    @pytest.mark.parametrize("how", [{"dataset": "atlantis"}, {"include": ("atlantis",)}, {"dataset": ""}])
    def test_a_list_that_is_not_loaded_is_an_error_and_not_an_empty_answer(
        self, held: Office, how: dict[str, Any]
    ) -> None:
        with pytest.raises(NotFoundError) as caught:
            self.found(held, **how)
        assert caught.value.code == "unknown_dataset"
        assert "un_sc" in caught.value.do

    def test_an_id_may_be_left_out(self, held: Office) -> None:
        assert self.found(held, exclude_ids=("eu_fsf-EU.99001.1", "no-such-id", "\x00")) == ON_LISTS - {
            "eu_fsf-EU.99001.1"
        }

    def test_only_what_changed_since_comes_back_to_the_second(self, timed: Office, clock: Clock) -> None:
        clock.at = datetime(2026, 3, 1, 9, 0, 0, 700_000, tzinfo=UTC)
        load(timed, [person(1, "Ada Exempli"), person(2, "Ada Exempli")])
        clock.move(hours=1)
        load(timed, [person(1, "Ada Exempli"), person(2, "Ada Exempli", birthDate=["1970"])])
        first = datetime(2026, 3, 1, 9, tzinfo=UTC)
        for since, wanted in (
            (first - timedelta(days=1), {"xx-1", "xx-2"}),
            (first.replace(microsecond=999_999), {"xx-1", "xx-2"}),  # a poll in the second of the change
            (first + timedelta(seconds=1), {"xx-2"}),
            (first + timedelta(hours=1, microseconds=900_000), {"xx-2"}),
            (datetime(2026, 3, 1, 10), {"xx-2"}),  # noqa: DTZ001
            (first + timedelta(hours=1, seconds=1), set()),
        ):
            answer = ask(timed, {"name": ["Ada Exempli"]}, filters=Filters(changed_since=since))
            assert set(ids(answer)) == wanted, since


class TestSearch:
    def test_everything_is_found_in_pages_that_hold_each_entity_once(self, sample_office: Office) -> None:
        total = screening.search(sample_office, ALICE, "", limit=0).total
        pages = [
            screening.search(sample_office, ALICE, "", limit=20, offset=at, by_name=True)
            for at in range(0, total + 20, 20)
        ]
        found = [document["id"] for page in pages for document in page.documents]
        assert len(found) == len(set(found)) == total
        assert {page.total for page in pages} == {total}

    @pytest.mark.parametrize(("limit", "offset"), [(-1, 0), (501, 0), (10, -1), (10, 10**9)])
    def test_a_page_that_is_not_given_out_is_refused(self, sample_office: Office, limit: int, offset: int) -> None:
        with pytest.raises(InputError) as caught:
            screening.search(sample_office, ALICE, "x", limit=limit, offset=offset)
        assert caught.value.code == "bad_page"

    @pytest.mark.parametrize("text", ["\x00", "\udcff", "%", "*", "' OR 1=1", "x" * 100_000, "(" * 1000, "\u202e"])
    def test_any_text_may_be_typed(self, sample_office: Office, text: str) -> None:
        screening.search(sample_office, ALICE, text)

    def test_an_id_or_a_number_finds_its_entity(self, sample_office: Office) -> None:
        for text in ("xx-fiction-0001", "EX1234567", "9990100000001"):
            (document, *_) = screening.search(sample_office, ALICE, text).documents
            assert text in repr(document)

    def test_facets_count_what_was_found(self, sample_office: Office) -> None:
        found = screening.search(sample_office, ALICE, "", limit=500, facets=("schema", "datasets", "genders"))
        assert sum(found.facets["schema"].values()) == found.total
        for name, n in found.facets["datasets"].items():
            assert n == sum(name in document["datasets"] for document in found.documents)

    def test_a_field_may_have_to_hold_one_value_or_each(self, sample_office: Office) -> None:
        holding = {"properties.birthDate": ["1955", "1970-04"]}
        found = screening.search(sample_office, ALICE, "", holding=holding, limit=500)
        assert {"xx-fiction-0001", "xx-fiction-0005"} <= {document["id"] for document in found.documents}
        assert screening.search(sample_office, ALICE, "", holding=holding, hold_all=True).total == 0
        with pytest.raises(InputError) as caught:
            screening.search(sample_office, ALICE, "", holding={"shoe_size": ["44"]})
        assert caught.value.code == "unknown_field"

    def test_results_may_be_ordered(self, sample_office: Office) -> None:
        falling = screening.search(sample_office, ALICE, "", sort=("caption:desc",), limit=500)
        captions = [document["caption"].casefold() for document in falling.documents]
        assert captions == sorted(captions, reverse=True)
        with pytest.raises(InputError):
            screening.search(sample_office, ALICE, "", sort=("nonsense:up",))

    def test_a_node_without_lists_answers_that_there_is_nobody(self, office: Office) -> None:
        assert screening.search(office, ALICE, "").total == 0
        assert ids(ask(office, YUSUF)) == []
        assert screening.schemata(office, ALICE) == ()

    def test_schemata_name_what_is_held_and_its_kinds(self, office: Office) -> None:
        load(office, [person(1), entry("xx-c", "Company", name=["Example"], topics=["sanction"])])
        assert {"Person", "Company", "Organization", "LegalEntity", "Thing"} <= set(screening.schemata(office, ALICE))
        assert "Vessel" not in screening.schemata(office, ALICE, "ftm")

    def test_an_answer_says_whether_any_list_is_fictional(self, office: Office) -> None:
        load(office, people(1), fictional=True)
        assert screening.search(office, ALICE, "").is_fictional
        assert ask(office, YUSUF).is_fictional
        load(replace(office), people(2))
        assert not screening.search(office, ALICE, "").is_fictional
