"""docs/asvs.csv: every requirement once, nothing passed without a test that exists, and the page says the same."""

import ast
import csv
from pathlib import Path

from scripts.asvs import CHAPTERS, DOCS, STATUSES, requirements, written

ROOT = DOCS.parent
ALL_OF_LEVEL_3 = {5, 8, 16}  # chapters: files, authorisation, logs
HELD = requirements()


def named_in(path: Path) -> set[str]:
    """The node ids of the tests in a file."""
    name, found = path.relative_to(ROOT).as_posix(), set[str]()
    for part in ast.parse(path.read_text(encoding="utf-8")).body:
        inside = part.body if isinstance(part, ast.ClassDef) else [part]
        between = f"{part.name}::" if isinstance(part, ast.ClassDef) else ""
        for one in inside:
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name.startswith("test"):
                found.add(f"{name}::{between}{one.name}")
    return found


def test_every_requirement_of_the_selection_is_there_once(shared: Path) -> None:
    with (shared / "data" / "risk" / "asvs5_all.csv").open(encoding="utf-8", newline="") as file:
        everything = {row["id"]: row["level"] for row in csv.DictReader(file)}
    wanted = {
        (number, level)
        for number, level in everything.items()
        if level in ("1", "2") or int(number.split(".")[0]) in ALL_OF_LEVEL_3
    }
    assert [(one.id, one.level) for one in HELD] == sorted(wanted, key=lambda one: [int(n) for n in one[0].split(".")])


def test_every_row_says_how_it_stands_and_why() -> None:
    assert len({one.id for one in HELD}) == len(HELD) == 264
    for one in HELD:
        assert one.status in STATUSES, one.id
        assert one.chapter in CHAPTERS, one.id
        assert 2 <= len(one.about.split()) <= 8, one.id
        assert one.status == "passed" or len(one.evidence.split()) >= 4, one.id


def test_nothing_passes_without_tests_that_exist() -> None:
    there = {test for path in (ROOT / "tests").rglob("test_*.py") for test in named_in(path)}
    for one in HELD:
        if one.status == "passed":
            assert one.tests, one.id
        assert [test for test in one.tests if test not in there] == [], one.id


def test_the_page_has_the_counts_and_the_open_ones_of_the_table() -> None:
    """When this fails: python -m scripts.asvs"""
    page = (DOCS / "asvs.md").read_text(encoding="utf-8")
    assert written(page, HELD) == page
