"""The client of yente's makers, version 0.2.0 and later, over real HTTP."""

import asyncio
import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yente_client  # type: ignore[import-untyped]
from yente_client.client import BEST_ALGORITHM  # type: ignore[import-untyped]
from yente_client.entities import Company, Person, Vessel  # type: ignore[import-untyped]

from tests.api.asked import HERON, ILVA

CLI = Path(sys.executable).with_name("yente-cli")


def test_it_finds_a_listed_person_and_says_why(yente: yente_client.Client) -> None:
    answer = yente.match(Person(name=["Ilva Strandmark"], birthDate=["1980"], nationality=["Sweden"]))
    assert answer.top is not None
    assert (answer.top.id, answer.top.match, answer.top.target) == (ILVA, True, True)
    assert answer.top.datasets == ["un_sc"]
    assert answer.top.first_seen is not None
    assert answer.top.first_seen.tzinfo is None
    assert answer.query["properties"]["nationality"] == ["se"]
    assert answer.total.value >= 1
    assert answer.limit == 5
    said = answer.top.contributing_explanations["name_match"]
    assert (said.query, said.candidate, said.score) == ("Ilva Strandmark", "ILVA STRANDMARK", 1.0)
    assert said.detail == f"Names agree (+{said.weight:g})"


def test_it_finds_nobody_for_a_stranger(yente: yente_client.Client) -> None:
    answer = yente.match(Person(name=["Zbigniew Quetzalcoatl"]))
    assert answer.results == []
    assert answer.total.value == 0


def test_it_passes_every_filter_on(yente: yente_client.Client) -> None:
    ilva = Person(name=["Ilva Strandmark"])
    assert yente.match(ilva, datasets=["un_sc"], topics=["sanction"], limit=1).matches
    assert not yente.match(ilva, datasets=["ca_sema"]).matches
    assert yente.match(ilva, datasets=["ca_sema", "un_sc"]).matches, "extra datasets are asked as well"
    assert not yente.match(ilva, exclude_datasets=["un_sc"]).matches
    assert not yente.match(ilva, exclude_schemata=["Person"]).matches
    assert not yente.match(ilva, exclude_entities=[ILVA]).matches
    assert not yente.match(ilva, topics=["wanted"]).matches
    assert not yente.match(ilva, changed_since="2999-01-01").matches
    assert yente.match(ilva, changed_since="2001-01-01T00:00:00").matches


def test_it_chooses_an_algorithm_a_threshold_and_weights(yente: yente_client.Client) -> None:
    ilva = Person(name=["Ilva Strandmark"])
    for name in (BEST_ALGORITHM, "logic-v2", "logic-v1", "name-based", yente.algorithms().best):
        assert yente.match(ilva, algorithm=name, threshold=0.7, cutoff=0.5, config={}).matches
    lighter = yente.match(ilva, weights={"name_match": 0.5}, cutoff=0.0).results[0]
    assert (lighter.score, lighter.match) == (0.5, False)
    with pytest.raises(yente_client.BadRequestError, match="no setting"):
        yente.match(ilva, config={"nm_number_mismatch": 0.4})
    with pytest.raises(yente_client.BadRequestError, match="no algorithm"):
        yente.match(ilva, algorithm="neural-net")


def test_it_streams_many_and_keeps_what_failed(yente: yente_client.Client) -> None:
    people = [("ilva", Person(name=["Ilva Strandmark"])), ("nobody", Person(name=["Zbigniew Quetzalcoatl"]))]
    others = [("heron", Company(name=["Bright Heron Shipping"])), ("ship", Vessel(name=["Qwyjibo"]))]
    found = dict(yente.match_iter(iter([*people, *others]), workers=3, on_error="collect"))
    assert {key: bool(one.matches) for key, one in found.items() if isinstance(one, yente_client.MatchResponse)} == {
        "ilva": True,
        "nobody": False,
        "heron": True,
        "ship": False,
    }
    failed = dict(yente.match_iter(iter(people), on_error="collect", datasets=["not_loaded"]))
    assert {type(one).__name__ for one in failed.values()} == {"MatchError"}


def test_it_searches_pages_and_facets(yente: yente_client.Client) -> None:
    found = yente.search("strandmark", countries=["se"], schema="Person", topics=["sanction"], simple=True, fuzzy=True)
    assert [one.id for one in found.results] == [ILVA]
    assert found.facets["countries"].label == "Countries"
    assert ("se", "Sweden", 1) in [(v.name, v.label, v.count) for v in found.facets["countries"].values]
    everyone = list(_pages(yente))
    assert len(everyone) == len(set(everyone)) == yente.search("", limit=0).total.value


def _pages(yente: yente_client.Client) -> Iterator[str]:
    offset = 0
    while page := yente.search("", limit=20, offset=offset).results:
        yield from (one.id for one in page)
        offset += len(page)


def test_it_opens_an_entity_with_what_is_next_to_it(yente: yente_client.Client) -> None:
    heron = yente.fetch(HERON)
    sanction = heron.properties["sanctions"][0]
    assert isinstance(sanction, yente_client.Entity)
    assert sanction.properties["authority"] == ["United Nations Security Council"]
    flat = yente.fetch(HERON, nested=False)
    assert "sanctions" not in flat.properties
    with pytest.raises(yente_client.NotFoundError):
        yente.fetch("un_sc-nobody")


def test_it_walks_to_the_neighbours(yente: yente_client.Client) -> None:
    everything = yente.adjacent(HERON)
    assert everything.entity.id == HERON
    assert everything.adjacent["sanctions"].total.value == 1
    links = yente.adjacent(HERON, prop="unknownLinkFrom", limit=1, sort=["id:desc"])
    rest = yente.adjacent(HERON, prop="unknownLinkFrom", limit=1, offset=1, sort=["id:desc"])
    assert (links.total.value, len(links.results), len(rest.results)) == (2, 1, 1)
    first, second = links.results[0], rest.results[0]
    assert isinstance(first, yente_client.Entity)
    assert isinstance(second, yente_client.Entity)
    assert first.id > second.id
    person = first.properties["subject"][0]
    assert isinstance(person, yente_client.Entity)
    assert person.schema_ == "Person"
    with pytest.raises(yente_client.NotFoundError):
        yente.adjacent(HERON, prop="name")


def test_it_reads_what_the_node_holds(yente: yente_client.Client) -> None:
    catalog = yente.datasets()
    assert {"un_sc", "us_ofac_sdn", "default"} <= set(catalog.current)
    assert not catalog.index_stale
    un = next(one for one in catalog.datasets if one.name == "un_sc")
    assert (un.load, un.index_current, un.index_version == un.version) == (True, True, True)
    assert un.entity_count
    algorithms = yente.algorithms()
    assert algorithms.best == algorithms.default == algorithms.algorithms[0].name
    assert yente.healthz().status == yente.readyz().status == "ok"


def test_it_is_told_that_there_are_no_statements(yente: yente_client.Client) -> None:
    with pytest.raises(yente_client.NotFoundError):
        yente.statements(canonical_id=ILVA)


def test_it_is_refused_without_a_good_token(address: str) -> None:
    for key in (None, "not-a-token"):
        with yente_client.Client(base_url=address, api_key=key) as stranger:
            with pytest.raises(yente_client.AuthenticationError):
                stranger.match(Person(name=["Ilva Strandmark"]))
            assert stranger.healthz().status == "ok"


def test_its_asynchronous_sister_gets_the_same(address: str, token: str) -> None:
    async def ask() -> list[object]:
        async with yente_client.AsyncClient(base_url=address, api_key=token) as client:
            ilva = Person(name=["Ilva Strandmark"])
            many = [key async for key, one in client.match_iter([("a", ilva), ("b", ilva)])]
            matched = await client.match(ilva)
            found = await client.search("strandmark")
            near = await client.adjacent(HERON, prop="sanctions")
            return [matched.matches[0].id, found.results[0].id, near.total.value, sorted(many)]

    assert asyncio.run(ask()) == [ILVA, ILVA, 1, ["a", "b"]]


def _cli(address: str, token: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OPENSANCTIONS_API_KEY": token, "YENTE_BASE_URL": address}
    return subprocess.run([CLI, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_its_command_line_screens_a_file(address: str, token: str, tmp_path: Path) -> None:
    customers, out = tmp_path / "customers.csv", tmp_path / "out.csv"
    customers.write_text("no,who,born\n1,Ilva Strandmark,1980\n2,Zbigniew Quetzalcoatl,1999\n3,,\n", encoding="utf-8")
    columns = ("-i", "who=name", "-i", "born=birthDate")
    done = _cli(
        address, token, "screen", str(customers), str(out), "-s", "Person", *columns, "--include-empty", "--explanation"
    )
    assert "screened 3 rows: 1 candidates on 1 rows, 1 errors" in done.stderr, done.stderr
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert [(row["no"], row["match_id"], row["match"]) for row in rows] == [
        ("1", ILVA, "true"),
        ("2", "", ""),
        ("3", "", ""),
    ]
    assert "name_match=1.00" in rows[0]["match_explanation"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("match", "-s", "Person", "-p", "name=Ilva Strandmark"), ILVA),
        (("search", "strandmark"), ILVA),
        (("fetch", ILVA), "Valletta, Malta"),
        (("datasets",), "un_sc"),
        (("algorithms",), "logic-v2"),
        (("status",), "ok"),
    ],
)
def test_its_command_line_asks_everything_else(address: str, token: str, arguments: tuple[str, ...], said: str) -> None:
    done = _cli(address, token, *arguments)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
