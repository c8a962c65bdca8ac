"""Strings that break other programs, taken in and shown again: escaped. See tests/doors for every field there is."""

import json
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.xdist_group("web")


@pytest.fixture(scope="module")
def naughty(shared: Path) -> list[str]:
    found: list[str] = json.loads((shared / "data/badinputs/blns.json").read_text(encoding="utf-8"))
    assert len(found) >= 500
    return found


def test_decisions_and_customers_of_any_words_are_shown_escaped(officer: httpx.Client, naughty: list[str]) -> None:
    """Strings that were taken in, and come back on pages: reasons of decisions, names and unread columns."""
    telling = [text for text in naughty if "<" in text and len(text) > 3]
    for text in telling[:20]:
        officer.post("/runs/1/matches/1", data={"verdict": "ask", "reason": text})
    cells = ['"' + text.replace('"', '""').replace("\x00", "") + '"' for text in naughty]
    rows = "\n".join(f"{n},{cell},{cell}" for n, cell in enumerate(cells))
    file = f"id,name,<b>remark</b>\n{rows}\n".encode("utf-8", "replace")
    taken = officer.post("/runs", files={"file": ("naughty.csv", file)})
    assert taken.status_code == 303, taken.text
    run = taken.headers["location"]
    for address in ("/runs/1/matches/1", run, f"{run}/columns", f"{run}/problems"):
        page = officer.get(address)
        assert page.status_code == 200
        assert [text for text in (*telling, "<b>remark") if text in page.text] == []
