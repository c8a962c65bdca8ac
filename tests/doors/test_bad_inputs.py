"""Strings and files that broke other programs, through every place of every route: answered, escaped, said plainly.

The places are read from the application, so that a new route is tried without a line here. `make test` sends a sample
in which every place and every string is; the long tests send every string through every place.
"""

import json
from collections.abc import Callable, Iterable
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from tests.doors.conftest import INSIDES, World
from tests.doors.routes import Door, Place

pytestmark = pytest.mark.xdist_group("doors")

N_PARTS = 40  # of the long test; some minutes each
EACH = 2  # strings that every place is asked with in the sample
LONGEST = 600  # characters in an address; a server takes 64 KB of it, and refuses more by itself
JSON_FIELDS = ("queries", "extend", "answer")  # fields of forms that hold JSON

Tried = Callable[[int], None]


@pytest.fixture(scope="module")
def naughty(shared: Path) -> list[str]:
    """The Big List of Naughty Strings, and what a file cannot hold."""
    held: list[str] = json.loads((shared / "data/badinputs/blns.json").read_text(encoding="utf-8"))
    assert len(held) >= 500
    return [*held, "\x00", "a\x00b", "\ufeff", "\uffff", "\u202e" * 50, "9" * 400, "-1", "1e999", "NaN", "x" * 5000]


@pytest.fixture(scope="module")
def files(shared: Path) -> list[bytes]:
    """JSONTestSuite: what parsers must take, must refuse, and may do either with."""
    found = sorted((shared / "data/badinputs/JSONTestSuite").rglob("*.json"))
    assert len(found) > 300
    return [path.read_bytes() for path in found]


def test_there_is_no_route_without_a_place(served: list[Door]) -> None:
    assert all(list(door.places) for door in served)
    assert {door.is_api for door in served} == {True, False}
    assert {place.kind for door in served for place in door.places} == {"path", "query", "form", "file"}


def test_a_sample_of_the_strings_in_every_place(
    world: World, served: list[Door], naughty: list[str], tried: Tried
) -> None:
    texts = cycle(naughty)
    places = [place for door in served for place in door.places]
    assert len(places) * EACH > len(naughty)
    tried(sum(send(world, place, islice(texts, EACH)) for place in places))


@pytest.mark.long
@pytest.mark.parametrize("part", range(N_PARTS))
def test_every_string_in_every_place(
    world: World, served: list[Door], naughty: list[str], tried: Tried, part: int
) -> None:
    """In parts, so that what was broken off after hours can be gone on with: -k 'every_place[7]'."""
    places = [place for door in served for place in door.places]
    tried(sum(send(world, place, naughty) for place in places[part::N_PARTS]))


def test_every_file_of_the_json_test_suite_as_a_body_of_json(
    world: World, served: list[Door], files: list[bytes], tried: Tried
) -> None:
    tried(sum(send_json(world, door, files) for door in served if door.takes_json))


@pytest.mark.parametrize("is_all", [False, pytest.param(True, marks=pytest.mark.long)])
def test_files_of_the_json_test_suite_in_forms_and_as_uploads(
    world: World, served: list[Door], files: list[bytes], tried: Tried, is_all: bool
) -> None:
    """In the sample every file is in one of the places, each place has many."""
    places = [place for door in served for place in door.places if place.kind == "file" or place.name in JSON_FIELDS]
    for number, place in enumerate(places):
        tried(send_forms(world, place, files if is_all else files[number :: len(places)]))


@pytest.mark.long
def test_every_file_of_the_json_test_suite_as_the_body_of_every_route(
    world: World, served: list[Door], files: list[bytes], tried: Tried
) -> None:
    tried(sum(send_json(world, door, files) for door in served))


def send(world: World, place: Place, texts: Iterable[str]) -> int:
    """Ask a place with each of the texts; how many were sent."""
    n = 0
    for whole in texts:
        text = whole[:LONGEST] if place.kind in ("path", "query") else whole
        try:
            answer = world.ask(place, text)
        except UnicodeEncodeError:  # halves of letters, which no request can hold
            continue
        plain(answer, text)
        n += 1
    return n


def send_json(world: World, door: Door, bodies: Iterable[bytes]) -> int:
    """Ask a route with each of the bodies, whether it takes one or not; how many were sent."""
    client, n = world.api if door.is_api else world.officer, 0
    for body in bodies:
        headers = {"Content-Type": "application/json"}
        answer = client.request(door.method, door.address(), content=body, headers=headers)
        plain(answer, "")
        if answer.status_code == 401 or door.path == "/sign-out":
            world.sign_in()
        n += 1
    return n


def send_forms(world: World, place: Place, bodies: Iterable[bytes]) -> int:
    """Send each of the bodies as a field of a form, or as a file; how many were sent."""
    door, n = place.door, 0
    client = world.api if door.is_api else world.officer
    others = {name: door.fill(name) for name in door.in_form if name != place.name and name not in JSON_FIELDS}
    for body in bodies:
        if place.kind == "file":
            answer = client.request(door.method, door.address(), data=others, files={place.name: ("x.json", body)})
        else:
            form = urlencode({**others, place.name: body})
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = client.request(door.method, door.address(), content=form, headers=headers)
        plain(answer, "")
        n += 1
    return n


def plain(answer: httpx.Response, text: str) -> None:
    """No failure, nothing of the insides, and what was sent does not come back as markup."""
    kind = answer.headers.get("content-type", "")
    said = f"{answer.request.method} {str(answer.request.url)[:300]} {text[:80]!r}: {answer.status_code}"
    assert answer.status_code < 500, f"{said} {answer.text[:300]}"
    assert answer.headers["x-content-type-options"] == "nosniff", said
    if answer.status_code >= 400:
        assert not INSIDES.search(answer.text.replace(text, "")), f"{said} {answer.text[:500]}"
    if kind.startswith("text/html") and "<" in text and len(text) > 3:
        assert text not in answer.text, said
