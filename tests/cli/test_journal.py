"""What a served node writes to its journal: JSON lines that tell what happened, and of nobody."""

import io
import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from lintas.cli import journal
from lintas.desk import demonstration, officers, runs, sessions
from lintas.desk.office import Office, Settings, open_office
from lintas.web.signing import COOKIE
from tests.conftest import load_samples
from tests.desk.background import until
from tests.web.conftest import OWN

COMMAND = "from lintas.cli.main import main; main()"
NAME, OFFICER = "Ilva Strandmark", "rahasia.sekali"


@pytest.fixture
def plain() -> Iterator[io.StringIO]:
    """The journal of this process, and everything as it was afterwards."""
    root, house, hook = logging.getLogger(), logging.getLogger("lintas"), threading.excepthook
    before = (root.handlers[:], root.level, house.level)
    stream = io.StringIO()
    journal.begin(stream)
    yield stream
    root.handlers[:], threading.excepthook = before[0], hook
    root.setLevel(before[1])
    house.setLevel(before[2])
    logging.captureWarnings(capture=False)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_an_error_is_told_by_its_kind_and_place_and_never_by_its_message(plain: io.StringIO) -> None:
    def fails() -> None:
        try:
            raise KeyError(NAME)
        except KeyError as error:
            raise ValueError(f"no such customer: {NAME}") from error

    try:
        fails()
    except ValueError:
        logging.getLogger("lintas.desk.jobs").exception("a job broke off")
    last = lines(plain.getvalue())[-1]
    assert (last["level"], last["event"], last["error"]) == ("error", "a job broke off", ["ValueError", "KeyError"])
    assert re.fullmatch(r"test_journal\.py:\d+ fails", last["at"][-1])
    assert NAME not in plain.getvalue()


def test_what_others_say_is_told_by_their_name_alone(plain: io.StringIO) -> None:
    logging.getLogger("sqlalchemy.pool").warning(f"connection of {NAME} lost")
    logging.getLogger("uvicorn.error").warning("Invalid %s received.", NAME)
    said = [(line["event"], line["level"]) for line in lines(plain.getvalue())[-2:]]
    assert said == [("sqlalchemy.pool", "warning"), ("Invalid %s received.", "warning")]
    assert NAME not in plain.getvalue()


def test_a_thread_that_breaks_off_is_told_too(plain: io.StringIO) -> None:
    def breaks() -> None:
        raise RuntimeError(NAME)

    thread = threading.Thread(target=breaks)
    thread.start()
    thread.join()
    last = lines(plain.getvalue())[-1]
    assert (last["event"], last["error"]) == ("a thread broke off", ["RuntimeError"])
    assert NAME not in plain.getvalue()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    opened = open_office(Settings(tmp_path_factory.mktemp("journal") / "node"))
    load_samples(opened, officers.owner(opened))
    yield opened
    opened.close()


REFUSED = {
    ("POST", 403, "foreign_origin"),
    ("POST", 413, "body_too_large"),
    ("POST", 400, "bad_request"),
    ("GET", 405, "method"),
    ("POST", 401, "link_spent"),
    ("POST", 401, "wrong_passphrase"),
    ("POST", 400, "bad_json"),
    ("GET", 422, "bad_request"),
    ("GET", 401, "sign_in"),
    ("DELETE", 403, "foreign_origin"),
}


def get_round_controls(address: str, token: dict[str, str]) -> None:
    """What attackers try, to pages and API: each is refused, and the journal is to say by which control."""
    httpx.post(f"{address}/sign-in", data={"name": NAME}, headers={"Sec-Fetch-Site": "cross-site"})
    httpx.post(f"{address}/sign-in", data={"name": NAME, "passphrase": NAME}, headers=OWN)
    httpx.post(f"{address}/sign-in/link", data={"link": NAME}, headers=OWN)
    httpx.post(f"{address}/sign-in", content=b"-", headers=OWN | {"Content-Type": "multipart/form-data"})
    httpx.get(f"{address}/sign-out")
    httpx.get(f"{address}/profile")
    httpx.post(f"{address}/match/default", content=b"x" * (8 * 1024**2 + 1), headers=token)
    httpx.post(f"{address}/match/default", content=b'{"a": 1, "a": 2}', headers=token)
    httpx.delete(f"{address}/match/default", headers=token)


def test_a_served_node_tells_of_every_request_and_of_nobody(office: Office, tmp_path: Path) -> None:
    officer = officers.add(office, officers.owner(office), OFFICER, roles=["analyst"], name="Rahasia Sekali")
    session = sessions.sign_in(office, sessions.create_link(office, officer))
    token = sessions.create_token(office, officer)
    link = sessions.create_link(office, officer)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINTAS_")}
    with (tmp_path / "err").open("wb") as err, (tmp_path / "out").open("wb") as out:
        serving = subprocess.Popen(
            [sys.executable, "-c", COMMAND, "--node", str(office.node), "serve", "--port", "0"],
            stdout=out,
            stderr=err,
            env=environment | {"COLUMNS": "300"},
        )
    try:
        until(lambda: re.search(r"http://localhost:\d+", (tmp_path / "out").read_text()))
        found = re.search(r"http://localhost:\d+", (tmp_path / "out").read_text())
        assert found is not None
        address = found[0]
        with httpx.Client(base_url=address, cookies={COOKIE: session}, headers=OWN, timeout=60) as page:
            assert NAME in page.get("/", params={"q": NAME}).text
            page.get(f"/dossiers/{NAME}")
            page.get(f"/nowhere/{NAME}")
            with demonstration.CUSTOMERS.open("rb") as file:
                page.post("/runs", files={"file": (f"{NAME}.csv", file)})
            until(lambda: [run.status for run in runs.latest(office, officers.owner(office))] == ["done"])
        httpx.post(f"{address}/sign-in/link", data={"link": link}, headers=OWN)
        assert httpx.get(address.replace("localhost", "127.0.0.1") + "/healthz").status_code == 200
        headers = {"Authorization": f"ApiKey {token}"}
        body = {"queries": {"q": {"schema": "Person", "properties": {"name": [NAME]}}}}
        assert NAME in httpx.post(f"{address}/match/default", json=body, headers=headers).text
        assert httpx.get(f"{address}/search/default?q={NAME}&nonsense={NAME}", headers=headers).status_code == 200
        httpx.get(f"{address}/search/default?limit={NAME}", headers=headers | {"User-Agent": NAME, "Referer": NAME})
        get_round_controls(address, headers)
    finally:
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(60) in (0, -signal.SIGTERM)
    told = lines((tmp_path / "err").read_text())
    requests = [line for line in told if line["event"] == "request"]
    refused = {(line["method"], line["status"], line.pop("code")) for line in requests if "code" in line}
    assert refused >= REFUSED
    assert {status for _, status, _ in refused} <= set(range(400, 500))
    seen = {(line["method"], line["route"], line["status"]) for line in requests}
    assert seen >= {
        ("GET", "/", 200),
        ("GET", "/dossiers/{entity_id}", 404),
        ("GET", "none", 404),
        ("POST", "/runs", 303),
        ("POST", "/sign-in/link", 303),
        ("POST", "/match/{dataset}", 200),
        ("GET", "/search/{dataset}", 422),
    }
    for line in requests:
        assert set(line) == {"time", "level", "event", "request", "method", "route", "status", "ms"}
    everything = (tmp_path / "err").read_text() + (tmp_path / "out").read_text()
    for secret in (*NAME.split(), OFFICER, "Rahasia", session, token, link, "nonsense", "Mozilla"):
        assert secret not in everything
