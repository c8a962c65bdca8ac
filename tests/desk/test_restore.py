"""A restore is all or nothing: what is no backup, not whole, or not for this key leaves nothing."""

import fcntl
import os
import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from sqlalchemy import inspect, text

from lintas.desk import restore as module
from lintas.desk import seal, trail
from lintas.desk.office import Office, Settings, open_office
from lintas.desk.restore import restore
from lintas.model.errors import ConflictError, FileError, InputError, UnavailableError
from lintas.store import revisions
from lintas.store.database import attach
from lintas.store.revisions import NODE, RESTORING
from tests.desk.backups import Part, backed_up, custodian, fill, packed, parts, place, rewritten, rows
from tests.desk.cast import ALICE

Change = Callable[[list[Part]], list[Part]]
KINDS = ("sqlite", "postgresql")
N_BYTES = 40  # places in the file where one byte is changed


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A backup of a node with something of everything, and the key to it."""
    folder = tmp_path_factory.mktemp("made")
    office = open_office(Settings(folder / "node"))
    fill(office)
    file, key = backed_up(office, folder / "safe")
    office.close()
    return file, key


@pytest.fixture
def target(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "restored")


def refused(target: Settings, file: Path, key: Path) -> FileError:
    """The error; of the node nothing is there."""
    with pytest.raises(FileError) as caught:
        restore(target, file, key)
    assert not target.node.exists()
    return caught.value


@pytest.mark.parametrize("share", [0, 0.001, 0.01, 0.3, 0.6, 0.9, 0.999, 1])
def test_a_file_that_was_cut_short_is_refused(
    made: tuple[Path, Path], target: Settings, tmp_path: Path, share: float
) -> None:
    whole = made[0].read_bytes()
    (tmp_path / "cut.age").write_bytes(whole[: min(int(len(whole) * share), len(whole) - 1)])
    assert refused(target, tmp_path / "cut.age", made[1]).code == "bad_backup"


def test_a_changed_byte_is_found_wherever_it_is(made: tuple[Path, Path], target: Settings, tmp_path: Path) -> None:
    whole = made[0].read_bytes()
    places = [0, 25, len(whole) - 1, *random.Random(7).sample(range(len(whole)), N_BYTES - 3)]
    for place_of in places:
        changed = bytearray(whole)
        changed[place_of] ^= 1 << (place_of % 8)
        (tmp_path / "changed.age").write_bytes(changed)
        assert refused(target, tmp_path / "changed.age", made[1]).code in ("bad_backup", "wrong_identity"), place_of


@pytest.mark.parametrize("content", [b"", b"no backup", b"age-encryption.org/v1\n", os.urandom(100_000)])
def test_what_is_no_backup_is_refused(
    made: tuple[Path, Path], target: Settings, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "x.age").write_bytes(content)
    assert refused(target, tmp_path / "x.age", made[1]).code == "bad_backup"


def test_the_key_of_somebody_else_opens_nothing(
    made: tuple[Path, Path], target: Settings, sqlite_office: Office, tmp_path: Path
) -> None:
    assert refused(target, made[0], custodian(sqlite_office, tmp_path / "other")).code == "wrong_identity"


@pytest.mark.parametrize("content", ["", "# public key: age1x\n", "AGE-SECRET-KEY-1XYZ", "\udcff"])
def test_a_key_file_that_is_none_is_said(
    made: tuple[Path, Path], target: Settings, tmp_path: Path, content: str
) -> None:
    (tmp_path / "key").write_bytes(content.encode(errors="surrogateescape"))
    for key in (tmp_path / "key", tmp_path / "missing", tmp_path):
        with pytest.raises(InputError) as caught:
            restore(target, made[0], key)
        assert caught.value.code == "bad_identity"
    assert not target.node.exists()


def test_a_backup_of_a_newer_version_is_not_touched(made: tuple[Path, Path], target: Settings, tmp_path: Path) -> None:
    for old, new in ((rb'"node":"[^"]*"', b'"node":"9999"'), (rb"lintas.backup/1", b"lintas.backup/2")):

        def newer(held: list[Part], old: bytes = old, new: bytes = new) -> list[Part]:
            return [(held[0][0], re.sub(old, new, held[0][1], count=1)), *held[1:]]

        error = refused(target, rewritten(*made, tmp_path / f"{new!r:.9}.age", newer), made[1])
        assert error.code == "newer_backup"
        assert "Install that version" in error.do


def renamed(new: str) -> Change:
    return lambda held: [*held[:1], (new, held[1][1]), *held[2:]]


def with_part(name: str, data: bytes) -> Change:
    return lambda held: [*held, (name, data)]


def with_head(change: Callable[[dict[str, object]], dict[str, object]]) -> Change:
    return lambda held: [(held[0][0], orjson.dumps(change(orjson.loads(held[0][1])))), *held[1:]]


def of(held: list[Part], folder: str) -> int:
    return next(n for n, (name, _) in enumerate(held) if name.startswith(folder))


# Each as its maker could encrypt it: for that the public key is enough.
FORGED: dict[str, Change] = {
    "a path upwards": with_part("../../evil", b"x"),
    "a path upwards in raw": with_part("raw/../../evil", b"x"),
    "a path upwards in keys": with_part("keys/../evil", b"x"),
    "a path from the root": with_part("/tmp/evil", b"x"),
    "a hidden key": with_part("keys/.evil", b"x"),
    "a folder in keys": with_part("keys/a/b", b"x"),
    "a table of no node": with_part("node/sqlite_master/00000001.json", b"[]"),
    "a table that is a path": with_part("node/../00000001.json", b"[]"),
    "a file that is not what it is called": with_part(f"raw/{'0' * 64}", b"x"),
    "rows that are none": with_part("node/downloads/00000001.json", b'{"a": 1}'),
    "rows of the wrong length": with_part("node/downloads/00000001.json", b'[["a"]]'),
    "rows of the wrong kind": with_part("node/downloads/00000001.json", b'[[null, "", "2026-03-01 09:00:00.000000"]]'),
    "rows that are objects": with_part("node/downloads/00000001.json", b'[["a", {"b": 1}, "c"]]'),
    "no JSON": with_part("node/downloads/00000001.json", b"[["),
    "one row more": with_part("node/downloads/00000001.json", b'[["a", "", "2026-03-01 09:00:00.000000"]]'),
    "a table twice": lambda held: [*held[:2], held[1], *held[2:]],
    "a part missing": lambda held: [*held[:1], *held[2:]],
    "nothing but the head": lambda held: held[:1],
    "no head": lambda held: held[1:],
    "another part first": lambda held: [held[1], held[0], *held[2:]],
    "two heads": lambda held: [held[0], *held],
    "a part in the wrong table": renamed("node/settings/00000001.json"),
    "no JSON in the head": lambda held: [(held[0][0], b"{"), *held[1:]],
    "a list for a head": lambda held: [(held[0][0], b"[]"), *held[1:]],
    "other columns": with_head(lambda head: head | {"columns": {}}),
    "no revisions": with_head(lambda head: head | {"revisions": {}}),
    "no time": with_head(lambda head: head | {"made_at": "yesterday"}),
    "no keys": lambda held: [part for part in held if not part[0].startswith("keys/")],
    "a key that is none": lambda held: [(n, b"x" if n == "keys/log.ed25519" else d) for n, d in held],
    "a log with a changed row": lambda held: [
        (n, d.replace(b"runs.decide", b"runs.decade") if n.startswith("log/log/") else d) for n, d in held
    ],
}


@pytest.mark.parametrize("forged", FORGED)
def test_a_backup_that_somebody_made_up_is_refused_and_writes_nowhere_else(
    made: tuple[Path, Path], target: Settings, tmp_path: Path, forged: str
) -> None:
    file = rewritten(*made, tmp_path / "forged.age", FORGED[forged])
    before = set(tmp_path.rglob("*"))
    with pytest.raises((FileError, InputError)) as caught:
        restore(target, file, made[1])
    assert caught.value.code in ("bad_backup", "log_broken", "bad_key")
    assert set(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("what", ["nothing", "rows", "parts", "not the last", "twice"])
def test_a_manifest_that_does_not_fit_is_refused(
    made: tuple[Path, Path], target: Settings, tmp_path: Path, what: str
) -> None:
    held = parts(*made)
    manifest = orjson.loads(held[-1][1])
    if what == "rows":
        manifest["rows"]["node/officers"] += 1
    elif what == "parts":
        manifest["parts"][3][2] = "0" * 64
    last = (held[-1][0], orjson.dumps(manifest))
    wrong = {"nothing": held[:-1], "not the last": [*held[:-2], last, held[-2]], "twice": [*held, last]}
    public = next(word for word in made[1].read_text().split() if word.startswith("age1"))
    file = packed(tmp_path / "wrong.age", wrong.get(what, [*held[:-1], last]), public)
    assert refused(target, file, made[1]).code == "bad_backup"


def test_a_log_that_was_tampered_with_is_restored_only_when_that_is_accepted(
    office: Office, target: Settings, tmp_path: Path
) -> None:
    fill(office)
    with office.log.write() as connection:
        connection.execute(text("UPDATE log SET officer = 'mallory' WHERE number = 3"))
    file, key = backed_up(office, tmp_path / "safe")
    assert refused(target, file, key).code == "log_broken"
    report = restore(target, file, key, accept_broken_log=True)
    assert report.verified is None
    assert "row 3" in report.fault
    opened = open_office(target)
    assert rows(opened) == rows(office)
    with pytest.raises(FileError):
        trail.verify(opened, ALICE)
    opened.close()


def test_rows_that_came_after_the_backup_are_known_from_the_second_head(tmp_path: Path, target: Settings) -> None:
    office = open_office(Settings(tmp_path / "node", log_head=tmp_path / "elsewhere.json"))
    file, key = backed_up(office, tmp_path / "safe")
    n_held = trail.verify(office, ALICE).n_rows
    for _ in range(3):
        trail.find(office, ALICE)
    n_lost = seal.read(tmp_path / "elsewhere.json").number - (n_held - 2)  # the backup is done; the log is verified
    report = restore(replace(target, log_head=tmp_path / "elsewhere.json"), file, key)
    assert report.n_lost == n_lost >= 3
    office.close()


@pytest.mark.parametrize("kind", KINDS)
def test_into_a_node_that_holds_something_nothing_is_restored(
    made: tuple[Path, Path], kind: str, tmp_path: Path, new_database: Callable[[str], str]
) -> None:
    there = Settings(tmp_path / "node", new_database(kind))
    office = open_office(there)
    fill(office)
    before = rows(office)
    for target in (there, *([replace(there, node=tmp_path / "new")] if kind == "postgresql" else [])):
        with pytest.raises(ConflictError) as caught:
            restore(target, *made)
        assert caught.value.code == "not_empty"
    assert rows(office) == before
    assert not (tmp_path / "new").exists()
    office.close()


def test_a_database_that_cannot_be_one_leaves_no_folder(made: tuple[Path, Path], target: Settings) -> None:
    for url, code in (("nonsense", "bad_database_url"), ("postgresql://alice:hush@127.0.0.1:9/none", "no_database")):
        with pytest.raises((InputError, UnavailableError)) as caught:
            restore(replace(target, database_url=url), *made)
        assert caught.value.code == code
        assert not target.node.exists()


@pytest.mark.parametrize("name", ["raw/ab/cd", "keys/log.ed25519"])
def test_a_folder_with_files_of_another_node_is_left_alone(
    made: tuple[Path, Path], target: Settings, name: str
) -> None:
    (target.node / name).parent.mkdir(parents=True)
    (target.node / name).write_text("of another node")
    with pytest.raises(ConflictError) as caught:
        restore(target, *made)
    assert caught.value.code == "not_empty"
    assert (target.node / name).read_text() == "of another node"


def test_two_restores_at_once_do_not_mix(made: tuple[Path, Path], target: Settings) -> None:
    target.node.mkdir()
    other = os.open(target.node, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(ConflictError) as caught:
        restore(target, *made)
    assert caught.value.code == "restore_runs"
    assert target.node.exists()
    os.close(other)
    restore(target, *made)


@pytest.mark.parametrize("kind", KINDS)
def test_an_incomplete_node_says_so_and_is_restored_by_the_next_attempt(
    made: tuple[Path, Path],
    kind: str,
    tmp_path: Path,
    new_database: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = Settings(tmp_path / "node", new_database(kind))
    monkeypatch.setattr("lintas.desk.vacancy._wipe", lambda *_: None)  # as after kill -9: nobody cleans up

    def fall(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_verify", fall)  # the log and the keys are there by then
    target.node.mkdir()
    with pytest.raises(KeyboardInterrupt):
        restore(target, *made)
    monkeypatch.undo()
    with pytest.raises(ConflictError) as caught:
        open_office(target)
    assert caught.value.code == "restore_incomplete"
    assert restore(target, *made).verified is not None
    open_office(target).close()


def test_a_log_that_has_a_database_of_its_own_comes_back_into_one(
    tmp_path: Path, new_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    office = open_office(Settings(tmp_path / "node", "", new_database("postgresql")))
    fill(office)
    file, key = backed_up(office, tmp_path / "safe")
    target = Settings(tmp_path / "new", "", new_database("postgresql"))
    with monkeypatch.context() as patched:
        patched.setattr(module, "_put_files", lambda *_: 1 / 0)  # the log is committed by then
        with pytest.raises(ZeroDivisionError):
            restore(target, file, key)
    assert restore(target, file, key).verified is not None
    opened = open_office(target)
    assert rows(opened) == rows(office)
    trail.verify(opened, ALICE)
    for each in (opened, office):
        each.close()


def test_a_database_that_is_incomplete_gives_no_right_to_the_folder_of_another_node(
    made: tuple[Path, Path], tmp_path: Path, new_database: Callable[[str], str]
) -> None:
    other = open_office(Settings(tmp_path / "other", new_database("postgresql")))
    fill(other)
    url = new_database("postgresql")
    database = attach(url)
    with database.write() as connection:
        revisions.mark(connection, NODE, RESTORING)
    with pytest.raises(ConflictError) as caught:
        restore(Settings(other.node, url), *made)
    assert caught.value.code == "not_empty"
    trail.verify(other, ALICE)
    assert rows(other)
    with database.read() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    database.engine.dispose()
    other.close()


@pytest.mark.parametrize("kind", KINDS)
def test_after_a_refusal_an_empty_database_is_as_empty_as_before(
    made: tuple[Path, Path], kind: str, tmp_path: Path, new_database: Callable[[str], str]
) -> None:
    target = Settings(tmp_path / "node", new_database(kind))
    target.node.mkdir()
    file = rewritten(*made, tmp_path / "forged.age", FORGED["one row more"])
    with pytest.raises(FileError):
        restore(target, file, made[1])
    assert {path.name for path in target.node.rglob("*") if path.is_file()} == set()
    office = open_office(target)
    assert {name for name, held in rows(office).items() if held} == set()
    office.close()
    assert place(office).node == target.node
