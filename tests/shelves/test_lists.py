"""What every list on the shelf must do, whichever it is."""

import pytest

from lintas.model.listing import ParseNotes
from lintas.sources import catalogue
from tests.shelves import golden

NAMES = [source.name for source in catalogue.sources()]


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_reads_as_its_golden_output_says(name: str) -> None:
    assert golden.lines(name) == golden.expected_path(name).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_has_entries_that_are_targets_under_unique_ids(name: str) -> None:
    entities = list(catalogue.parser(name)(catalogue.samples(name), ParseNotes()))
    ids = [entity.id for entity in entities]
    assert sum(entity.is_target for entity in entities) >= 5
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", NAMES)
def test_links_of_a_sample_lead_to_entities_of_it(name: str) -> None:
    entities = {e.id: e for e in catalogue.parser(name)(catalogue.samples(name), ParseNotes())}
    ends = [(e.id, end) for e in entities.values() for end in e.values_of("entity")]
    assert [pair for pair in ends if pair[1] not in entities] == []
