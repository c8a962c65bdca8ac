"""The commands as scripts rely on them: names, output, exit status."""

import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from lintas.cli.main import app, main
from lintas.cli.serving import listen
from lintas.desk import sessions
from lintas.desk.demonstration import CUSTOMERS
from lintas.desk.office import Settings, open_office
from lintas.sources import catalogue
from tests.serving import served

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `lintas` on a node of this test; status, output, errors."""
    monkeypatch.setenv("LINTAS_NODE", str(tmp_path / "node"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("LINTAS_DATABASE_URL", raising=False)

    def command(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lintas", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        status = ended.value.code
        return status if isinstance(status, int) else 0, out, err

    return command


@pytest.fixture
def loaded(run: Run) -> Run:
    """The same with two sample lists loaded."""
    for name in ("un_sc", "us_ofac_sdn"):
        assert run("lists", "load", name, *catalogue.samples(name), "--fictional")[0] == 0
    return run


def test_a_load_says_what_it_came_to_and_the_same_files_change_nothing(run: Run) -> None:
    files = catalogue.samples("un_sc")
    status, out, _ = run("lists", "load", "un_sc", *files, "--fictional")
    assert status == 0
    assert out.startswith("un_sc version 1: 9 entries")
    status, out, _ = run("lists", "load", "un_sc", *files, "--fictional")
    assert status == 0
    assert "nothing changed" in out


def test_the_status_shows_every_list_and_marks_the_fictional(loaded: Run) -> None:
    status, out, _ = loaded("lists", "status")
    rows = {line.split()[0]: line for line in out.splitlines()}
    assert status == 0
    assert set(rows) >= {source.name for source in catalogue.sources()}
    assert "FICTIONAL" in rows["un_sc"]
    assert "never" in rows["ca_sema"]


def test_a_damaged_file_is_refused_with_place_advice_and_code(run: Run, tmp_path: Path) -> None:
    damaged = tmp_path / "list.xml"
    damaged.write_bytes(catalogue.samples("un_sc")[0].read_bytes()[:3000])
    status, _, err = run("lists", "load", "un_sc", damaged, "--fictional")
    assert status == 65
    assert "list.xml, line" in err
    assert "not_well_formed" in err
    assert "never" in run("lists", "status")[1]


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("lists", "load", "nosuch", "x"), 66, "unknown_name"),
        (("lists", "load", "un_sc", "/nonexistent"), 65, "no_file"),
        (("--as", "nobody", "lists", "status"), 66, "unknown_officer"),
        (("screen", str(CUSTOMERS)), 73, "no_list"),
        (("screen", str(CUSTOMERS), "--out", "x.pdf"), 65, "unknown_export"),
        (("screen", str(CUSTOMERS), "--column", "nonsense"), 65, "bad_mapping"),
        (("tokens", "create", "--verb", "king"), 65, "unknown_verb"),
        (("verify", str(CUSTOMERS)), 65, "bad_pack"),
        (("lists", "refresh", "ftm"), 65, "no_address"),
    ],
)
def test_an_error_has_a_status_for_scripts_and_a_code(run: Run, words: tuple[str, ...], status: int, code: str) -> None:
    found, _, err = run(*words)
    assert (found, err.split()[-1]) == (status, code)
    assert "Traceback" not in err


def test_a_command_without_a_node_says_how_to_name_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINTAS_NODE")
    status, _, err = run("lists", "status")
    assert status == 65
    assert "--node DIR" in err


@pytest.mark.parametrize("kind", ["jsonl", "csv", "xlsx", "zip"])
def test_a_customer_file_is_screened_into_results_of_each_kind(loaded: Run, tmp_path: Path, kind: str) -> None:
    out_path = tmp_path / f"results.{kind}"
    status, out, _ = loaded("screen", CUSTOMERS, "--out", out_path)
    assert status == 0
    assert "FICTIONAL DATA" in out
    assert "A score is not a finding" in out
    assert "Columns nobody reads, kept in the results: Branch" in out
    assert out_path.stat().st_size > 1000
    if kind == "jsonl":
        lines = [json.loads(line) for line in out_path.read_text(encoding="utf-8").splitlines()]
        assert len(lines) == 25
        assert all(match["reasons"] for line in lines for match in line["matches"])
    if kind == "zip":
        assert "whole" in loaded("verify", out_path)[1]


def test_a_changed_pack_does_not_verify_and_the_file_is_named(loaded: Run, tmp_path: Path) -> None:
    pack, changed = tmp_path / "pack.zip", tmp_path / "changed.zip"
    assert loaded("screen", CUSTOMERS, "--out", pack)[0] == 0
    with zipfile.ZipFile(pack) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"F-001", b"F-999") if name == "results.csv" else old.read(name))
    status, _, err = loaded("verify", changed)
    assert status == 65
    assert "results.csv" in err


def test_a_mapping_makes_an_unread_column_read(loaded: Run) -> None:
    assert "Branch as notes" in loaded("screen", CUSTOMERS, "--column", "Branch=notes")[1]


def test_a_token_opens_the_api_and_a_sign_in_link_the_pages(loaded: Run, tmp_path: Path) -> None:
    _, out, _ = loaded("tokens", "create", "--verb", "entities.search")
    token = out.strip()
    office = open_office(Settings(tmp_path / "node"))
    with served(office) as address:
        answer = httpx.get(f"{address}/search/default?q=heron", headers={"Authorization": f"ApiKey {token}"})
        assert answer.json()["total"]["value"] == 1
        _, out, _ = loaded("sign-in", "--address", address)
        with httpx.Client(base_url=address, headers={"Sec-Fetch-Site": "same-origin"}) as browser:
            assert browser.post("/sign-in/link", data={"link": out.strip()}).status_code == 303
            assert browser.get("/lists").status_code == 200
        assert httpx.get(f"{address}/lists").status_code == 401
    assert sessions.holder(office, token, "token").verbs == frozenset({"entities.search"})


def test_the_demonstration_prepares_a_node_once(run: Run) -> None:
    status, first, _ = run("demo", "--no-serve")
    assert status == 0
    assert "25 customers" in first
    assert run("demo", "--no-serve")[1] == first.splitlines()[-1] + "\n"


def test_the_demonstration_keeps_away_from_real_lists(run: Run, shared: Path) -> None:
    real = shared / "data/lists/un_consolidated_2026-02-27.xml"
    assert run("lists", "load", "un_sc", real)[0] == 0
    status, _, err = run("demo", "--no-serve")
    assert status == 73
    assert "real_node" in err


def test_a_port_that_is_taken_is_said(loaded: Run) -> None:
    with listen("127.0.0.1", 0) as taken:
        status, _, err = loaded("serve", "--port", taken.getsockname()[1])
    assert status == 73
    assert "port_taken" in err


def test_the_help_of_every_command_shows_an_example(run: Run) -> None:
    names: list[tuple[str, ...]] = [("lists", "load"), ("lists", "refresh"), ("lists", "status"), ("tokens", "create")]
    names += [(command.name,) for command in app.registered_commands if command.name]
    for words in names:
        status, out, _ = run(*words, "--help")
        assert status == 0
        assert f"{' '.join(words)}" in out.split("Example:")[1], words
