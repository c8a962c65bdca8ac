from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lintas.model.filters import Filters
from lintas.screening.index import Index, build
from lintas.screening.query import subject


def document(entity_id: str, schema: str, dataset: str = "un_sc", **properties: Sequence[str]) -> dict[str, Any]:
    return {
        "id": entity_id,
        "caption": properties.get("name", [entity_id])[0],
        "schema": schema,
        "properties": dict(properties),
        "datasets": [dataset],
        "last_change": "2026-01-01T00:00:00",
        "is_fictional": True,
    }


DOCUMENTS = (
    document("p1", "Person", name=["Ahmad bin Ismail"], alias=["Abu Sayap"], nationality=["my"], topics=["sanction"]),
    document("p2", "Person", name=["Somchai Wiriyasamut"], nationality=["th"], passportNumber=["EX4410223"]),
    document("c1", "Company", "us_ofac_sdn", name=["Harbour Lantern Trading Pte Ltd"], jurisdiction=["sg"]),
    document("v1", "Vessel", "us_ofac_sdn", name=["SELAT BIRU"], imoNumber=["IMO9999993"], flag=["pa"]),
    document("w1", "CryptoWallet", "us_ofac_sdn", publicKey=["TQ7mExampleWalletf9k"]),
    document("x1", "Organization", name=["សុខ វណ្ណារ៉េត"]),
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("index")
    build(folder, DOCUMENTS)
    return Index(folder)


def ask(index: Index, schema: str, properties: Mapping[str, Sequence[str]], **filters: Any) -> list[str]:
    query = subject(schema, properties)
    (rows,) = index.candidates([query], [Filters(schema=schema, **filters)], 10)
    return [index.document(row)["id"] for row in rows]


@pytest.mark.parametrize(
    ("schema", "properties", "wanted"),
    [
        ("Person", {"name": ["Ismail Ahmed"]}, "p1"),
        ("Person", {"name": ["abu sayap"]}, "p1"),
        ("Person", {"name": ["Nobody Like That"], "passportNumber": ["ex 4410223"]}, "p2"),
        ("LegalEntity", {"name": ["Harbor Lantern Trading"]}, "c1"),
        ("Vessel", {"imoNumber": ["9999993"]}, "v1"),
        ("CryptoWallet", {"publicKey": ["TQ7mExampleWalletf9k"]}, "w1"),
        ("Organization", {"name": ["សុខ វណ្ណារ៉េត"]}, "x1"),
    ],
)
def test_the_right_one_is_the_first_candidate(
    index: Index, schema: str, properties: dict[str, list[str]], wanted: str
) -> None:
    assert ask(index, schema, properties)[0] == wanted


def test_a_person_is_not_compared_with_a_ship(index: Index) -> None:
    assert "v1" not in ask(index, "Person", {"name": ["Selat Biru"]})


def test_filters_keep_to_lists_topics_countries_and_dates(index: Index) -> None:
    name = {"name": ["Ahmad bin Ismail"]}
    assert ask(index, "Person", name, include=("un_sc",))[:1] == ["p1"]
    assert "p1" not in ask(index, "Person", name, include=("us_ofac_sdn",))
    assert "p1" not in ask(index, "Person", name, exclude=("un_sc",))
    assert "p1" not in ask(index, "Person", name, exclude_ids=("p1",))
    assert ask(index, "Person", name, topics=("sanction",)) == ["p1"]
    assert ask(index, "Person", name, countries=("th",)) in ([], ["p2"])
    assert ask(index, "Person", name, changed_since=datetime(2026, 1, 1, tzinfo=UTC))[:1] == ["p1"]
    assert ask(index, "Person", name, changed_since=datetime(2026, 1, 2, tzinfo=UTC)) == []


def test_search_finds_names_numbers_and_ids(index: Index) -> None:
    for text, wanted in (
        ("lantern", "c1"),
        ("IMO 9999993", "v1"),
        ("9999993", "v1"),
        ("p2", "p2"),
        ("wiriyasamud", "p2"),
    ):
        assert index.document(index.search(text, Filters())[0])["id"] == wanted
    assert len(index.search("", Filters())) == len(DOCUMENTS)
    assert index.search("zzzzzz", Filters()) == []


def test_facets_count_what_was_found(index: Index) -> None:
    rows = index.search("", Filters())
    assert index.facets(rows, "datasets") == {"un_sc": 3, "us_ofac_sdn": 3}
    assert index.schema_counts(rows)["Person"] == 2


def test_queries_together_are_answered_as_each_alone(index: Index) -> None:
    queries = [subject("Person", {"name": [name]}) for name in ("Ahmad Ismail", "Somchai", "", "q")]
    filters = [Filters(schema="Person")] * len(queries)
    together = index.candidates(queries, filters, 5)
    assert together == [index.candidates([query], filters[:1], 5)[0] for query in queries]


def test_an_empty_index_answers_nothing(tmp_path: Path) -> None:
    build(tmp_path, [])
    empty = Index(tmp_path)
    assert empty.candidates([subject("Person", {"name": ["Ahmad"]})], [Filters()], 5) == [[]]
    assert empty.search("ahmad", Filters()) == []
    assert empty.by_id("p1") is None
