"""A load is one transaction; a bad file changes nothing; the raw file is kept as it came."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from lintas.desk import intake
from lintas.desk.intake import LoadReport
from lintas.desk.office import Office
from lintas.model.entity import Entity
from lintas.model.errors import ConflictError, FileError, GuardError, InputError, NotFoundError
from lintas.sources import catalogue
from lintas.store import lists
from lintas.store.log import rows as log_rows
from tests.desk.cast import ALICE
from tests.desk.entries import Entry, entry, load, people, person, rows, write

HELD = ("list_versions", "entities", "statements", "changes", "leftovers")


def test_a_first_load_adds_every_entity_as_version_one(office: Office) -> None:
    version = load(office, [*people(3), entry("xx-s", "Sanction", entity=["xx-1"], program=["P"])]).version
    assert (version.number, version.n_entries, version.n_entities) == (1, 3, 4)
    assert (version.n_added, version.n_changed, version.n_removed) == (4, 0, 0)
    assert version.loaded_by == "alice"


def test_a_load_that_breaks_off_in_the_middle_of_its_writing_leaves_everything_as_it_was(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(office, people(1000))
    before = rows(office)
    monkeypatch.setattr(lists, "_remove_entities", _raise)  # the added and the changed are written by then
    changed = [person(i, f"New Name {i}") for i in range(500, 1500)]
    with pytest.raises(RuntimeError, match="the lights went out"):
        load(office, changed, accept_removals=True)
    assert rows(office) == before
    monkeypatch.undo()
    version = load(office, changed, accept_removals=True).version
    assert (version.number, version.n_added, version.n_changed, version.n_removed) == (2, 500, 500, 500)


def test_no_version_is_written_before_its_row_in_the_log(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    load(office, people(3))
    before = rows(office)
    monkeypatch.setattr(log_rows, "append", _raise)
    with pytest.raises(RuntimeError):
        load(office, people(4))
    assert rows(office) == before


def test_the_same_file_twice_changes_nothing(office: Office) -> None:
    first = load(office, people(5))
    before = rows(office)
    again = load(office, people(5))
    assert (again.is_new, again.version) == (False, first.version)
    assert rows(office) == before


def test_equal_content_in_another_file_is_a_version_that_changed_nothing(office: Office) -> None:
    first = load(office, people(5)).version
    second = load(office, people(5)[::-1]).version
    assert second.content_sha256 == first.content_sha256
    assert (second.number, second.n_added, second.n_changed, second.n_removed) == (2, 0, 0, 0)
    assert len(rows(office, "statements")["statements"]) == 10


def test_two_loads_at_once_end_with_one_version_and_one_told_that_it_was_overtaken(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    load(office, people(10))
    both_have_read = threading.Barrier(2)
    true_guard = intake._guard

    def guard(*args: Any) -> None:
        true_guard(*args)
        both_have_read.wait(30)

    monkeypatch.setattr(intake, "_guard", guard)
    ended: dict[str, LoadReport | Exception] = {}

    def run(name: str, entries: Sequence[Entry]) -> None:
        path = write(tmp_path / f"{name}.json", entries)
        try:
            ended[name] = intake.load(office, ALICE, "ftm", [path])
        except ConflictError as error:
            ended[name] = error

    wanted = {"more": people(15), "other": [*people(9), person(77)]}
    threads = [threading.Thread(target=run, args=item) for item in wanted.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [name for name, end in ended.items() if isinstance(end, LoadReport)]
    lost = [end for end in ended.values() if isinstance(end, ConflictError)]
    assert (len(won), [error.code for error in lost]) == (1, ["load_overtaken"])
    with office.database.read() as connection:
        assert set(lists.digests(connection, "ftm")) == {str(one["id"]) for one in wanted[won[0]]}
        assert [version.number for version in lists.versions(connection, "ftm")] == [2, 1]
    monkeypatch.undo()
    again = load(office, wanted[next(name for name in wanted if name not in won)], accept_removals=True).version
    assert again.number == 3


def test_a_list_that_nobody_knows_is_named(sqlite_office: Office, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        intake.load(sqlite_office, ALICE, "atlantis", [write(tmp_path / "x", people(1))])
    assert "ftm" in caught.value.do


def test_who_loaded_and_when_is_kept_with_the_version(office: Office) -> None:
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    version = load(replace(office, now=lambda: at), people(1)).version
    with office.database.read() as connection:
        assert lists.version(connection, "ftm", 1) == version
    assert version.loaded_at == at


class TestGuards:
    def test_files_without_entries_are_refused(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(catalogue, "parser", lambda name: lambda files, notes: iter(()))
        self.refused(office, people(1), code="count_guard", accept_removals=True)

    def test_fewer_entries_than_the_publisher_ever_had_are_refused_unless_fictional(self, office: Office) -> None:
        officer, samples = ALICE, catalogue.samples("un_sc")
        with pytest.raises(GuardError) as caught:
            intake.load(office, officer, "un_sc", samples)
        assert (caught.value.code, "500" in caught.value.what) == ("count_guard", True)
        assert rows(office, *HELD) == {name: [] for name in HELD}
        with pytest.raises(GuardError):
            intake.load(office, officer, "un_sc", samples, accept_removals=True)
        assert intake.load(office, officer, "un_sc", samples, fictional=True).version.is_fictional

    def test_a_file_that_lost_too_many_entries_is_refused_until_it_is_accepted(self, office: Office) -> None:
        load(office, people(10))
        self.refused(office, people(6), code="count_guard")
        version = load(office, people(6), accept_removals=True).version
        assert (version.n_entries, version.n_removed) == (6, 4)

    def test_a_file_that_lost_as_many_as_may_be_is_loaded(self, office: Office) -> None:
        load(office, people(10))
        assert load(office, people(7)).version.n_removed == 3

    def test_fictional_entries_never_replace_real_ones(self, office: Office) -> None:
        load(office, people(10))
        self.refused(office, people(10), code="fictional_over_real", fictional=True, accept_removals=True)

    def test_real_entries_replace_fictional_ones(self, office: Office) -> None:
        load(office, people(10), fictional=True)
        version = load(office, [person(99)]).version
        assert (version.number, version.is_fictional, version.n_entities) == (2, False, 1)

    def refused(self, office: Office, entries: Sequence[Entry], *, code: str, **how: bool) -> None:
        before = rows(office)
        with pytest.raises(GuardError) as caught:
            load(office, entries, **how)
        assert caught.value.code == code
        assert "othing was changed" in caught.value.do
        assert rows(office) == before


class TestFiles:
    @pytest.fixture
    def held(self, sqlite_office: Office) -> Office:
        load(sqlite_office, people(5))
        return sqlite_office

    @pytest.mark.parametrize(
        ("content", "place"),
        [
            (b"", "list.json"),
            (b"\n\n", "list.json"),
            (b'{"id":"xx-1","schema":"Person","properties":{"name":["A"]}}\n{"id":"xx-2","sche', "line 2"),
            (b'<?xml version="1.0"?><CONSOLIDATED_LIST/>', "line 1"),
            (b"PK\x03\x04\x14\x00\x00\x00", "line 1"),
            (b'{"id":"xx-1","schema":"Person","properties":{"name":["\xff\xfe"]}}\n', "line 1"),
        ],
        ids=["empty", "blank", "cut", "xml", "zip", "other-encoding"],
    )
    def test_a_file_that_cannot_be_read_changes_nothing_and_names_the_place(
        self, held: Office, tmp_path: Path, content: bytes, place: str
    ) -> None:
        path = tmp_path / "list.json"
        path.write_bytes(content)
        before = rows(held)
        with pytest.raises(FileError) as caught:
            intake.load(held, ALICE, "ftm", [path])
        assert "list.json" in str(caught.value.where)
        assert place in str(caught.value.where)
        assert rows(held) == before
        assert list(held.scratch.glob("tmp*")) == []

    def test_an_id_that_stands_twice_is_refused(self, held: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        def twice(files: Sequence[Path], notes: Any) -> Iterator[Entity]:
            yield Entity("xx-1", "Person", ())
            yield Entity("xx-1", "Person", ())

        monkeypatch.setattr(catalogue, "parser", lambda name: twice)
        before = rows(held)
        with pytest.raises(FileError) as caught:
            load(held, people(1))
        assert (caught.value.code, rows(held)) == ("duplicate_id", before)

    def test_a_file_is_kept_under_its_hash_bit_by_bit(self, office: Office, tmp_path: Path) -> None:
        path = write(tmp_path / "list.json", people(500))
        (raw,) = intake.load(office, ALICE, "ftm", [path]).version.files
        kept = intake.raw_path(office, raw)
        assert raw.sha256 == sha256(path.read_bytes()).hexdigest() == kept.name
        assert kept.read_bytes() == path.read_bytes()
        assert (raw.name, raw.size_bytes) == ("list.json", path.stat().st_size)
        assert kept.stat().st_mode & 0o077 == 0

    def test_a_file_of_any_name_is_kept_and_shown(self, sqlite_office: Office, tmp_path: Path) -> None:
        for name in ("list; rm -rf.json", "ลิสต์.json", "\udcff\udcfe.json", "-", "a\nb.json"):
            path = write(tmp_path / name, [person(1), person(2, name.encode("utf-8", "replace").decode())])
            (raw,) = intake.load(sqlite_office, ALICE, "ftm", [path]).version.files
            raw.name.encode()
            assert intake.raw_path(sqlite_office, raw).read_bytes() == path.read_bytes()

    def test_a_file_that_is_given_twice_is_read_once(self, sqlite_office: Office, tmp_path: Path) -> None:
        """Else half of a list, given twice, would pass for the whole."""
        for name in ("un_sc", "ca_sema", "ftm"):
            path, copy = catalogue.samples(name)[0], tmp_path / f"copy-{name}"
            copy.write_bytes(path.read_bytes())
            once = intake.load(sqlite_office, ALICE, name, [path], fictional=True).version
            again = intake.load(sqlite_office, ALICE, name, [path, copy, path], fictional=True)
            assert (again.is_new, again.version) == (False, once)

    @pytest.mark.parametrize("what", ["missing", "folder", "unreadable"])
    def test_what_is_no_file_is_refused(self, sqlite_office: Office, tmp_path: Path, what: str) -> None:
        path = {"missing": tmp_path / "none", "folder": tmp_path, "unreadable": Path("/proc/self/mem")}[what]
        with pytest.raises(InputError) as caught:
            intake.load(sqlite_office, ALICE, "ftm", [path])
        assert caught.value.code in ("no_file", "bad_file")
        assert list(sqlite_office.scratch.iterdir()) == []

    def test_a_file_over_the_limit_is_refused_before_it_is_copied(
        self, sqlite_office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(intake, "MAX_FILE_BYTES", 100)
        with pytest.raises(InputError, match="no file of a size"):
            intake.keep(sqlite_office, write(tmp_path / "list.json", people(10)))
        assert list(sqlite_office.raw.iterdir()) == []

    def test_leftovers_are_kept_counted_and_shown_with_the_version(self, office: Office, tmp_path: Path) -> None:
        officer, files = ALICE, [tmp_path / path.name for path in catalogue.samples("us_ofac_sdn")]
        for source, path in zip(catalogue.samples("us_ofac_sdn"), files, strict=True):
            path.write_bytes(source.read_bytes())
        alias = next(path for path in files if "alt" in path.name)
        alias.write_bytes(b'999999999,1,"aka","NOBODY\'S ALIAS",-0- \r\n' + alias.read_bytes())
        report = intake.load(office, officer, "us_ofac_sdn", files, fictional=True)
        assert [(one.kind, one.key) for one in report.leftovers] == [("alias", "999999999")]
        assert "NOBODY'S ALIAS" in report.leftovers[0].record
        assert report.version.n_leftovers == 1
        assert intake.delta(office, officer, "us_ofac_sdn", 1).leftovers == list(report.leftovers)


def _raise(*_: object, **__: object) -> None:
    raise RuntimeError("the lights went out")
