"""Opening a node: its folder, its rights, and what is said when it cannot be."""

import stat
from pathlib import Path

import pytest

from lintas.desk.office import Office, Settings, open_office, settings
from lintas.model.errors import InputError, UnavailableError
from tests.desk.entries import load, people


def test_a_new_node_is_for_its_account_alone(tmp_path: Path) -> None:
    office = open_office(Settings(tmp_path / "node"))
    assert stat.S_IMODE(office.node.stat().st_mode) == 0o700
    office.close()


def test_in_a_folder_that_was_open_to_all_nobody_else_reads_what_the_node_holds(tmp_path: Path) -> None:
    folder = tmp_path / "node"
    folder.mkdir(mode=0o755)
    office = open_office(Settings(folder))
    load(office, people(3))
    top = {path.name: stat.S_IMODE(path.stat().st_mode) & 0o077 for path in folder.iterdir()}
    assert len(top) >= 4
    assert set(top.values()) == {0}
    office.close()


def test_a_node_may_be_opened_time_and_again(office: Office) -> None:
    load(office, people(3))
    url = office.database.engine.url.render_as_string(hide_password=False)
    again = open_office(Settings(office.node, url))
    assert load(again, people(4)).version.number == 2
    again.close()


@pytest.mark.parametrize("place", ["file", "below a file", "not writable"])
def test_a_folder_that_cannot_be_one_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("no folder")
    folders = {
        "file": tmp_path / "file",
        "below a file": tmp_path / "file" / "node",
        "not writable": Path("/proc/node"),
    }
    with pytest.raises(InputError) as caught:
        open_office(Settings(folders[place]))
    assert (caught.value.code, caught.value.where) == ("bad_node_folder", str(folders[place]))


def test_a_database_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "node" / "node.sqlite").mkdir(parents=True)
    with pytest.raises(UnavailableError) as caught:
        open_office(Settings(tmp_path / "node"))
    assert caught.value.code == "no_database"


def test_settings_come_from_the_command_line_or_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("LINTAS_NODE", raising=False)
    monkeypatch.delenv("LINTAS_DATABASE_URL", raising=False)
    with pytest.raises(InputError) as caught:
        settings()
    assert caught.value.code == "no_node"
    monkeypatch.setenv("LINTAS_NODE", str(tmp_path / "a"))
    monkeypatch.setenv("LINTAS_DATABASE_URL", "postgresql://db/lintas")
    assert settings() == Settings(tmp_path / "a", "postgresql://db/lintas")
    assert settings(tmp_path / "b").node == tmp_path / "b"
