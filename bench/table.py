"""The numbers in words: tables in Markdown, written between two markers of the page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import machine
from bench.measure import OURS, RIVAL, Measure

BEGIN, END = "<!-- begin: written by python -m bench -->", "<!-- end: written by python -m bench -->"
DIGITS = {"s": 2, "ms": 1, "/s": 0, "MB": 0, "MB/s": 1, "s/GB": 0, "%": 1, "n": 0}
TITLES = {
    "load": "Lists in",
    "start": "Start",
    "http": "Single matches over HTTP",
    "log": "The log",
    "officers": "25 officers at once on 100,000 entities",
    "backup": "Backup and restore",
    "batch": "Batch",
    "single": "Single matches in process",
    "quality": "Found and not found on public sets",
}


def render(facts: Mapping[str, Any], results: Mapping[str, Sequence[Measure]]) -> str:
    """All parts, each with its table."""
    head = (
        f"Measured on {facts['measured_at'][:10]} with `{facts['command']}`: {machine.words(facts['machine'])}. "
        f"{_versions(facts)} {facts['sizes']['rounds']} rounds; where a round's numbers differ, the median is shown "
        "and in brackets the least and the most."
    )
    return "\n\n".join([head, *(f"### {TITLES[part]}\n\n{_table(rows)}" for part, rows in results.items())])


def write(page: Path, text: str) -> None:
    """Put `text` between the markers of a page; everything else on it stays."""
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def _table(rows: Sequence[Measure]) -> str:
    titles = ["", OURS, RIVAL, "times better", "aim"]
    cells = [titles, ["---", "---:", "---:", "---:", "---"], *(_cells(row) for row in rows)]
    kept = [i for i in range(len(titles)) if i < 2 or any(row[i] for row in cells[2:])]
    return "\n".join("| " + " | ".join(row[i] for i in kept) + " |" for row in cells)


def _cells(row: Measure) -> list[str]:
    times = row.times()
    return [row.what, _spread(row, OURS), _spread(row, RIVAL), f"{times:,.1f}" if times else "", row.aim]


def _spread(row: Measure, side: str) -> str:
    values, middle = row.values.get(side, ()), row.middle(side)
    if middle is None:
        return ""
    unit = "" if row.unit == "n" else f" {row.unit}"
    digits = DIGITS[row.unit]
    least, most = f"{min(values):,.{digits}f}", f"{max(values):,.{digits}f}"
    return f"{middle:,.{digits}f}{unit}" + (f" ({least} to {most})" if least != most else "")


def _versions(facts: Mapping[str, Any]) -> str:
    ours = ", ".join(f"{name} {number}" for name, number in facts["machine"]["versions"].items())
    rival = ", ".join(f"{name} {number}" for name, number in facts["rival"].items())
    return f"Lintas with {ours}; the rival with {rival}." if rival else f"Lintas with {ours}; no rival was installed."
