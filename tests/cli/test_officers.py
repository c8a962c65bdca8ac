"""`lintas officers` as administrators and scripts rely on it: output, exit status, and the way in that it prints."""

import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from lintas.cli.main import main
from lintas.cli.officers import app
from lintas.desk import officers, profile, sessions
from lintas.desk.office import Settings, open_office
from lintas.model.errors import SignInError
from lintas.model.officer import ROLES
from tests.serving import served

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `lintas` on a node of this test; status, output, errors."""
    monkeypatch.setenv("LINTAS_NODE", str(tmp_path / "node"))
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("LINTAS_DATABASE_URL", "LINTAS_ORIGIN", "LINTAS_OIDC_ISSUER"):
        monkeypatch.delenv(name, raising=False)

    def command(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lintas", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        status = ended.value.code
        return status if isinstance(status, int) else 0, out, err

    return command


def listed(run: Run) -> dict[str, str]:
    """The rows of the list by officer."""
    status, out, _ = run("officers", "list")
    assert status == 0
    return {line.split()[0]: line for line in out.splitlines()}


def test_on_a_new_node_the_owner_is_there_in_every_role(run: Run) -> None:
    held = listed(run)
    assert list(held) == ["owner"]
    assert all(role in held["owner"] for role in ROLES)


def test_who_is_added_signs_in_with_the_link_that_is_printed(run: Run, tmp_path: Path) -> None:
    office = open_office(Settings(tmp_path / "node"))
    with served(office) as address:
        words = "officers", "add", "rina", "--role", "analyst", "--role", "supervisor", "--name", "Rina Wijaya"
        status, out, _ = run(*words, "--clearance", "confidential", "--agency", "ppatk", "--address", address)
        assert status == 0
        assert out.startswith(f"{address}/sign-in#link=")
        with httpx.Client(base_url=address, headers={"Sec-Fetch-Site": "same-origin"}) as browser:
            assert browser.post("/sign-in/link", data={"link": out.strip()}).status_code == 303
            assert "Rina Wijaya" in browser.get("/profile").text
            assert browser.post("/sign-in/link", data={"link": out.strip()}).status_code == 401  # it works once
    assert listed(run)["rina"] == "rina  active  analyst, supervisor  up to confidential  ppatk  Rina Wijaya"
    office.close()


def test_the_link_is_of_where_browsers_find_the_node(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("officers", "add", "rina", "--role", "analyst")[1].startswith("http://localhost:8000/sign-in#link=")
    monkeypatch.setenv("LINTAS_ORIGIN", "https://desk.example")
    assert run("officers", "reset", "rina")[1].startswith("https://desk.example/sign-in#link=")


def test_an_officer_is_changed_disabled_and_let_in_again(run: Run) -> None:
    run("officers", "add", "rina", "--role", "analyst")
    assert (
        run("officers", "change", "rina", "--role", "inspector", "--clearance", "open", "--name", "R. Wijaya")[0] == 0
    )
    assert listed(run)["rina"] == "rina  active  inspector  up to open  of this node  R. Wijaya"
    assert run("officers", "change", "rina", "--clearance", "secret")[0] == 0
    assert "inspector  up to secret" in listed(run)["rina"]
    assert run("officers", "disable", "rina")[0] == 0
    assert "disabled since 20" in listed(run)["rina"]
    assert run("officers", "reset", "rina")[0] == 73
    assert run("--as", "rina", "lists", "status")[0] == 77
    assert run("officers", "enable", "rina")[0] == 0
    assert run("--as", "rina", "officers", "list")[0] == 0


def test_a_reset_ends_what_was_and_prints_a_way_in(run: Run, tmp_path: Path) -> None:
    first = run("officers", "add", "rina", "--role", "analyst")[1]
    office = open_office(Settings(tmp_path / "node"))
    session = sessions.sign_in(office, first.strip().partition("link=")[2])
    second = run("officers", "reset", "rina")[1]
    with pytest.raises(SignInError):
        sessions.holder(office, session, "session")
    assert sessions.sign_in(office, second.strip().partition("link=")[2])
    office.close()


def test_an_officer_is_bound_to_who_they_are_at_the_provider(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("officers", "add", "rina", "--role", "analyst")
    assert run("officers", "bind", "rina", "--subject", "248289761001")[2].split()[-1] == "no_provider"
    monkeypatch.setenv("LINTAS_OIDC_ISSUER", "https://sso.agency.example")
    monkeypatch.setenv("LINTAS_OIDC_CLIENT_ID", "lintas")
    assert run("officers", "bind", "rina", "--subject", "248289761001")[0] == 0
    office = open_office(Settings(tmp_path / "node"))
    (held,) = profile.show(office, officers.acting(office, "rina")).identities
    assert (held.issuer, held.subject) == ("https://sso.agency.example", "248289761001")
    assert run("officers", "bind", "owner", "--subject", "248289761001")[0] == 73
    assert run("officers", "unbind", "rina")[0] == 0
    assert run("officers", "unbind", "rina")[0] == 66
    assert run("officers", "bind", "rina", "--subject", "1", "--issuer", "https://other.example")[0] == 0
    office.close()


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("add", "rina"), 65, "no_role"),
        (("add", "rina", "--role", "king"), 65, "unknown_role"),
        (("add", "Rina Wijaya", "--role", "analyst"), 65, "bad_officer"),
        (("add", "rina", "--role", "analyst", "--clearance", "cosmic"), 65, "unknown_clearance"),
        (("add", "rina", "--role", "analyst", "--agency", "Two Words"), 65, "bad_agency"),
        (("add", "owner", "--role", "analyst"), 73, "officer_exists"),
        (("change", "nobody", "--role", "analyst"), 66, "unknown_officer"),
        (("change", "owner", "--role", "analyst"), 77, "own_roles"),
        (("disable", "nobody"), 66, "unknown_officer"),
        (("disable", "owner"), 73, "last_administrator"),
        (("enable", "nobody"), 66, "unknown_officer"),
        (("reset", "nobody"), 66, "unknown_officer"),
        (("bind", "nobody", "--subject", "x", "--issuer", "https://sso.example"), 66, "unknown_officer"),
    ],
)
def test_an_error_has_a_status_for_scripts_and_a_code(run: Run, words: tuple[str, ...], status: int, code: str) -> None:
    found, _, err = run("officers", *words)
    assert (found, err.split()[-1]) == (status, code)
    assert "Traceback" not in err
    assert set(listed(run)) == {"owner"}


def test_who_is_no_administrator_changes_nobody(run: Run) -> None:
    run("officers", "add", "rina", "--role", "analyst")
    for words in (("add", "sari", "--role", "analyst"), ("reset", "owner"), ("disable", "owner"), ("change", "rina")):
        status, _, err = run("--as", "rina", "officers", *words)
        assert (status, err.split()[-1]) == (77, "denied")
    assert set(listed(run)) == {"owner", "rina"}


def test_the_help_of_every_command_shows_an_example(run: Run) -> None:
    for command in app.registered_commands:
        status, out, _ = run("officers", command.name, "--help")
        assert status == 0
        assert f"officers {command.name}" in out.split("Example:")[1]
