"""Write the counts and the open requirements of docs/asvs.csv into docs/asvs.md.

python -m scripts.asvs
"""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).resolve().parents[1] / "docs"
STATUSES = ("passed", "not applicable", "open")
BEGIN, END = "<!-- written by python -m scripts.asvs: {} -->", "<!-- end: {} -->"
# The chapters of ASVS 5.0, in our words.
CHAPTERS = {
    1: "what is decoded and escaped",
    2: "what is checked; order of steps",
    3: "pages in browsers",
    4: "HTTP and the API",
    5: "files",
    6: "signing in",
    7: "sessions",
    8: "who may what",
    9: "signed tokens",
    10: "OAuth and OpenID",
    11: "cryptography",
    12: "encrypted connections",
    13: "how it is set up",
    14: "protection of data",
    15: "code and components",
    16: "logs and errors",
    17: "WebRTC",
}


class Requirement(NamedTuple):
    """A row of the table. `evidence`: for what passed the ids of tests, then perhaps ` - ` and words."""

    id: str
    level: str
    status: str
    about: str
    evidence: str

    @property
    def chapter(self) -> int:
        """Its chapter of the standard."""
        return int(self.id.split(".")[0])

    @property
    def tests(self) -> list[str]:
        """The tests that would fail if it broke."""
        return self.evidence.partition(" - ")[0].split() if self.status == "passed" else []


def requirements() -> list[Requirement]:
    """The table."""
    with (DOCS / "asvs.csv").open(encoding="utf-8", newline="") as file:
        return [Requirement(**row) for row in csv.DictReader(file)]


def counts(held: Sequence[Requirement]) -> Iterator[str]:
    """Lines of a table: how many of each chapter stand how."""
    yield "| chapter | | passed | not applicable | open |"
    yield "|---:|---|---:|---:|---:|"
    for chapter, words in CHAPTERS.items():
        found = Counter(one.status for one in held if one.chapter == chapter)
        yield f"| {chapter} | {words} | " + " | ".join(str(found[status]) for status in STATUSES) + " |"
    found = Counter(one.status for one in held)
    yield f"| | all {len(held)} | " + " | ".join(str(found[status]) for status in STATUSES) + " |"


def still_open(held: Sequence[Requirement]) -> Iterator[str]:
    """Lines of a table: what is open, and what is missing."""
    yield "| id | level | about | what is missing |"
    yield "|---|---|---|---|"
    for one in held:
        if one.status == "open":
            yield f"| {one.id} | {one.level} | {one.about} | {one.evidence} |"


def written(text: str, held: Sequence[Requirement]) -> str:
    """The document with its two tables as they should be. Raises ValueError when a mark is missing."""
    for name, lines in (("counts", counts(held)), ("open", still_open(held))):
        before, rest = text.split(BEGIN.format(name))
        after = rest.split(END.format(name))[1]
        text = f"{before}{BEGIN.format(name)}\n\n" + "\n".join(lines) + f"\n\n{END.format(name)}{after}"
    return text


if __name__ == "__main__":
    page = DOCS / "asvs.md"
    page.write_text(written(page.read_text(encoding="utf-8"), requirements()), encoding="utf-8")
