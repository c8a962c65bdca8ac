"""Every string of the Big List of Naughty Strings through the fields and paths: answered, and escaped."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.xdist_group("web")

Field = Callable[[httpx.Client, str], httpx.Response]


def _query(*names: str) -> Field:
    return lambda client, text: client.get("/", params=dict.fromkeys(names, text))


def _path(place: str) -> Field:
    return lambda client, text: client.get(place + "".join(f"%{byte:02X}" for byte in text.encode()))


def _form(address: str, *names: str) -> Field:
    return lambda client, text: client.post(address, data=dict.fromkeys(names, text))


def _upload(client: httpx.Client, text: str) -> httpx.Response:
    return client.post("/runs", data={"columns": text}, files={"file": (text or "x", b"name\n\x00\xff")})


FIELDS: Sequence[Field] = (
    _query("q", "topic", "country"),
    _query("list"),
    _query("schema"),
    _query("page"),
    _path("/dossiers/"),
    _path("/lists/"),
    _path("/runs/"),
    _path("/runs/1/export/"),
    _path("/"),
    _upload,
    _form("/runs", "threshold"),
    _form("/runs/1/matches/1", "verdict", "reason"),
    _form("/runs/1/decide", "match", "verdict", "reason", "back"),
    _form("/runs/1/again", "column", "prop", "threshold"),
    _form("/theme", "wanted", "back"),
    lambda client, text: client.get("/sign-in", params={"link": text}),
    lambda client, text: client.get("/runs/1", params={"show": text, "band": text, "page": text}),
    lambda client, text: client.get("/lists/un_sc/versions/1", params={"kind": text}),
)


@pytest.fixture(scope="module")
def naughty(shared: Path) -> list[str]:
    found: list[str] = json.loads((shared / "data/badinputs/blns.json").read_text(encoding="utf-8"))
    assert len(found) >= 500
    return found


def test_every_string_in_some_field(officer: httpx.Client, naughty: list[str]) -> None:
    """Each string through one field, each field with many strings."""
    _all_are_answered(officer, ((FIELDS[n % len(FIELDS)], text) for n, text in enumerate(naughty)))


@pytest.mark.long
def test_every_string_in_every_field(officer: httpx.Client, naughty: list[str]) -> None:
    _all_are_answered(officer, ((field, text) for field in FIELDS for text in naughty))


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


def _all_are_answered(client: httpx.Client, asked: Iterator[tuple[Field, str]]) -> None:
    for field, text in asked:
        answer = field(client, text)
        assert answer.status_code < 500, (text, answer.url)
        if "<" in text and len(text) > 3 and answer.headers.get("content-type", "").startswith("text/html"):
            assert text not in answer.text, text
