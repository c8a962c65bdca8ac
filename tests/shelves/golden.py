"""Golden output of a list's sample: `python -m tests.shelves.golden NAME` writes it, the test compares it."""

import json
import sys
from pathlib import Path

from lintas.model.listing import ParseNotes
from lintas.sources import catalogue


def lines(name: str) -> list[str]:
    """One JSON line per entity of the sample, in the order of the parser."""
    found = catalogue.parser(name)(catalogue.samples(name), ParseNotes())
    return [
        json.dumps(
            {
                "id": entity.id,
                "schema": entity.schema,
                "statements": [[s.prop, s.value, s.original, s.is_clean, s.lang] for s in entity.statements],
            },
            ensure_ascii=False,
            sort_keys=True,
        )
        for entity in found
    ]


def expected_path(name: str) -> Path:
    """Where the golden output of a list stands."""
    return catalogue.samples(name)[0].with_name("expected.jsonl")


if __name__ == "__main__":
    for list_name in sys.argv[1:]:
        expected_path(list_name).write_text("\n".join(lines(list_name)) + "\n", encoding="utf-8")
