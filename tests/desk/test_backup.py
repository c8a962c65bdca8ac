"""Backup and restore: the node in one encrypted file, consistent while it runs, and all of it back."""

import random
import shutil
import subprocess
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert

from lintas.desk import access, backup, casework, custodians, lookup, officers, runs, sessions, trail
from lintas.desk.office import Office, Settings, open_office
from lintas.desk.restore import restore
from lintas.model.errors import ConflictError, DeniedError, FileError, InputError, SignInError
from lintas.store import dump
from lintas.store.tables import leftovers
from tests.desk.backups import HIDDEN, backed_up, custodian, fill, log, others, parts, raw, rows
from tests.desk.cast import ALICE, BOB, CHARLIE
from tests.desk.customers import LISTED, create, screened
from tests.desk.entries import load

Empty = Callable[[str], Settings]
KINDS = ("sqlite", "postgresql")


@pytest.fixture
def empty(tmp_path: Path, new_database: Callable[[str], str]) -> Empty:
    """Where a node may be restored."""
    made = list[Settings]()

    def one(kind: str) -> Settings:
        made.append(Settings(tmp_path / f"restored-{len(made)}", new_database(kind)))
        return made[-1]

    return one


@pytest.mark.parametrize("kind", KINDS)
def test_a_node_comes_back_whole_into_either_kind_of_database(
    office: Office, kind: str, tmp_path: Path, empty: Empty
) -> None:
    run = fill(office)
    file, key = backed_up(office, tmp_path / "safe")
    held, chain, files = rows(office), log(office), raw(office.node)
    target = empty(kind)
    report = restore(target, file, key)
    opened = open_office(target)
    assert rows(opened) == held
    assert raw(opened.node) == files
    assert log(opened)[: len(chain) - 1] == chain[:-1]  # the last row says that the backup was made
    assert (opened.node / "keys" / "log.ed25519").read_bytes() == (office.node / "keys" / "log.ed25519").read_bytes()
    assert report.verified is not None
    assert (report.n_files, report.n_lost, report.fault) == (len(files), 0, "")
    assert trail.verify(opened, ALICE).fingerprint == trail.verify(office, ALICE).fingerprint
    assert screened(opened, run) == screened(office, run)
    opened.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_restored_node_works_on(office: Office, kind: str, tmp_path: Path, empty: Empty) -> None:
    fill(office)
    file, key = backed_up(office, tmp_path / "safe")
    target = empty(kind)
    restore(target, file, key)
    opened = open_office(target)
    assert load(opened, [*LISTED, *others(41)]).version.number == 3
    assert lookup.current(opened).index.n_entities == len(LISTED) + 41
    run = create(opened, 5)
    runs.work(opened, run.number)
    assert runs.get(opened, BOB, run.number).status == "done"
    assert casework.open_case(opened, BOB, "the next one").number == 2
    again, its_key = backed_up(opened, tmp_path / "safe again")
    assert {name for name, _ in parts(again, its_key)} > {"backup.json", "manifest.json", "keys/log.ed25519"}
    trail.verify(opened, ALICE)
    opened.close()


def test_nobody_comes_in_with_what_was_in_the_backup(office: Office, tmp_path: Path, empty: Empty) -> None:
    fill(office)
    link = sessions.create_link(office, BOB)
    session, token = sessions.begin(office, BOB, "a link"), sessions.create_token(office, BOB)
    file, key = backed_up(office, tmp_path / "safe")
    target = empty("sqlite")
    restore(target, file, key)
    opened = open_office(target)
    assert sessions.holder(office, session, "session").id == "bob"
    for secret, kind in ((session, "session"), (token, "token")):
        with pytest.raises(SignInError):
            sessions.holder(opened, secret, kind)
    with pytest.raises(SignInError):
        sessions.sign_in(opened, link)
    assert sessions.sign_in(opened, sessions.create_link(opened, officers.acting(opened, "bob")))
    opened.close()


def test_what_happens_during_a_backup_is_in_it_wholly_or_not_at_all(
    office: Office, tmp_path: Path, empty: Empty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dump, "PIECE", 3)
    monkeypatch.setattr(backup, "PART_BYTES", 200)
    fill(office)
    key = custodian(office, tmp_path / "key")
    made = [1]

    def work(what: str, n: int) -> None:
        if len(made) < 40:  # a case is two rows in two tables, and two rows of the log
            made.append(casework.open_case(office, BOB, f"while it runs {n}").number)
        if n == 30:
            load(office, [*LISTED, *others(50)])

    backup.backup(office, ALICE, tmp_path / "node.age", told=work)
    target = empty("sqlite")
    restore(target, tmp_path / "node.age", key)
    opened = open_office(target)
    held = rows(opened)
    in_log = {row.object for _, row, _ in log(opened) if row.verb == "cases.open" and row.outcome == "done"}
    assert len(rows(office)["cases"]) == 40
    assert len(held["cases"]) < 40
    assert [row[0] for row in held["cases"]] == [row[0] for row in held["assignments"]]
    assert {f"case {row[0]}" for row in held["cases"]} < in_log
    assert max(row[1] for row in held["list_versions"]) == 2
    assert {row[1] for row in held["changes"]} == {1, 2}
    opened.close()


def test_no_plain_text_touches_a_disk(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(office)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "safe").mkdir()
    custodian(office, tmp_path / "key")
    (office.scratch / "customers.csv").unlink()
    (office.scratch / "entities.ftm.json").unlink()
    seen = set[Path]()

    def look(what: str, n: int) -> None:
        seen.update(path for path in tmp_path.rglob("*") if path.is_file() and office.node not in path.parents)
        assert list(office.scratch.iterdir()) == []
        assert list((tmp_path / "temporary").iterdir()) == []

    backup.backup(office, ALICE, tmp_path / "safe" / "node.age", told=look)
    assert {path.parent.name for path in seen if path.name != "key"} == {"safe"}
    assert HIDDEN.encode() in b"".join(raw(office.node).values())
    assert HIDDEN.encode() not in (tmp_path / "safe" / "node.age").read_bytes()
    assert [path.name for path in (tmp_path / "safe").iterdir()] == ["node.age"]


def test_a_backup_holds_what_cannot_be_made_again_and_nothing_else(sqlite_office: Office, tmp_path: Path) -> None:
    fill(sqlite_office)
    (sqlite_office.node / "exports").mkdir(exist_ok=True)
    for name in ("index/x", "scratch/x", "exports/x", "keys/x.lock", "keys/x.part", "raw/x"):
        (sqlite_office.node / name).write_text("not this")
    held = [name for name, _ in parts(*backed_up(sqlite_office, tmp_path / "safe"))]
    assert held[0] == "backup.json"
    assert held[-1] == "manifest.json"
    assert {name for name in held if name.startswith("keys/")} == {"keys/log.ed25519", "keys/log-head.json"}
    assert {name.removeprefix("raw/") for name in held if name.startswith("raw/")} == set(raw(sqlite_office.node)) - {
        "x"
    }
    assert {name.split("/")[0] for name in held} == {"backup.json", "node", "raw", "keys", "log", "manifest.json"}


def test_memory_does_not_grow_with_the_node(sqlite_office: Office, tmp_path: Path, empty: Empty) -> None:
    digest = _put(tmp_path / "large", sqlite_office.raw)
    chance, row = random.Random(7), {"list": "ftm", "version": 1, "kind": "x", "key": "k"}
    with sqlite_office.database.write() as connection:
        for _ in range(40):
            connection.execute(insert(leftovers), [row | {"record": chance.randbytes(500).hex()} for _ in range(1000)])
    key = custodian(sqlite_office, tmp_path / "key")
    backup.backup(sqlite_office, ALICE, tmp_path / "first.age")  # what is made once is made now
    tracemalloc.start()
    backup.backup(sqlite_office, ALICE, tmp_path / "node.age")
    made = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    target = empty("sqlite")
    restore(target, tmp_path / "node.age", key)
    restored = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (target.node / "raw" / digest[:2] / digest).stat().st_size == 60_000_000
    assert made < 30_000_000  # bytes; the node holds 100 million
    assert restored < 30_000_000


def test_the_standard_tools_open_it(sqlite_office: Office, tmp_path: Path) -> None:
    if shutil.which("age") is None:
        pytest.skip("the command age (age-encryption.org) is not installed here")
    fill(sqlite_office)
    file, key = backed_up(sqlite_office, tmp_path / "safe")
    plain = subprocess.run(["age", "--decrypt", "--identity", key, file], capture_output=True, check=True).stdout
    listed = subprocess.run(["tar", "-tz"], input=plain, capture_output=True, check=True).stdout.decode().split()
    assert listed == [name for name, _ in parts(file, key)]


def test_without_a_custodian_there_is_no_backup(sqlite_office: Office, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        backup.backup(sqlite_office, ALICE, tmp_path / "node.age")
    assert caught.value.code == "no_custodian"
    assert "lintas custodian new" in caught.value.do
    assert not (tmp_path / "node.age").exists()


def test_each_custodian_opens_it_alone_and_one_who_left_no_later_one(sqlite_office: Office, tmp_path: Path) -> None:
    one, other = (custodian(sqlite_office, tmp_path / name, name) for name in ("one", "other"))
    backup.backup(sqlite_office, ALICE, tmp_path / "a.age")
    custodians.remove(sqlite_office, ALICE, "one")
    backup.backup(sqlite_office, ALICE, tmp_path / "b.age")
    assert len(parts(tmp_path / "a.age", one)) == len(parts(tmp_path / "a.age", other))
    assert parts(tmp_path / "b.age", other)
    with pytest.raises(FileError) as caught:
        parts(tmp_path / "b.age", one)
    assert caught.value.code == "wrong_identity"


def test_who_may_make_a_backup_and_who_may_say_for_whom(sqlite_office: Office, tmp_path: Path) -> None:
    custodian(sqlite_office, tmp_path / "key")
    backup.backup(sqlite_office, CHARLIE, tmp_path / "a.age")
    with pytest.raises(DeniedError):
        backup.backup(sqlite_office, BOB, tmp_path / "b.age")
    with pytest.raises(DeniedError):
        custodians.add(sqlite_office, CHARLIE, "charlie", custodians.pair()[1])


def test_a_backup_inside_the_node_is_refused(sqlite_office: Office, tmp_path: Path) -> None:
    custodian(sqlite_office, tmp_path / "key")
    with pytest.raises(InputError) as caught:
        backup.backup(sqlite_office, ALICE, sqlite_office.node / "raw" / ".." / "node.age")
    assert caught.value.code == "backup_inside"
    assert not (sqlite_office.node / "node.age").exists()


def test_a_file_that_is_there_is_not_written_over(sqlite_office: Office, tmp_path: Path) -> None:
    custodian(sqlite_office, tmp_path / "key")
    (tmp_path / "node.age").write_text("the backup of yesterday")
    with pytest.raises(ConflictError) as caught:
        backup.backup(sqlite_office, ALICE, tmp_path / "node.age")
    assert caught.value.code == "file_exists"
    assert (tmp_path / "node.age").read_text() == "the backup of yesterday"


def test_a_kept_file_that_rotted_is_found_when_it_is_backed_up(sqlite_office: Office, tmp_path: Path) -> None:
    fill(sqlite_office)
    custodian(sqlite_office, tmp_path / "key")
    rotten = next((sqlite_office.node / "raw").glob("*/*"))
    rotten.write_bytes(rotten.read_bytes()[:-1] + b"?")
    with pytest.raises(FileError) as caught:
        backup.backup(sqlite_office, ALICE, tmp_path / "node.age")
    assert (caught.value.code, caught.value.where) == ("raw_damaged", str(rotten))
    assert not (tmp_path / "node.age").exists()


def test_a_backup_is_in_the_log_with_the_hash_of_its_file(sqlite_office: Office, tmp_path: Path) -> None:
    custodian(sqlite_office, tmp_path / "key")
    made = backup.backup(sqlite_office, ALICE, tmp_path / "node.age")
    _, row, _ = log(sqlite_office)[-1]
    assert (row.verb, row.outcome) == ("backup.create", "done")
    assert made.sha256 in row.details
    access.require(sqlite_office, ALICE, "log.verify", "x")


def _put(source: Path, folder: Path) -> str:
    """Keep a large file as it is kept when it comes in."""
    source.write_bytes(random.Random(7).randbytes(60_000_000))
    digest = subprocess.run(["sha256sum", source], capture_output=True, check=True, text=True).stdout.split()[0]
    (folder / digest[:2]).mkdir(exist_ok=True)
    shutil.copy(source, folder / digest[:2] / digest)
    return digest
