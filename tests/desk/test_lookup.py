"""The index is always that of the lists as they are now; half an index is never used, an old one never kept."""

import multiprocessing
import os
import shutil
import signal
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from lintas.desk import lookup
from lintas.desk.lookup import Lookup
from lintas.desk.office import Office, Settings, open_office
from lintas.desk.screening import Options, Question, match, search
from lintas.model.errors import UnavailableError
from lintas.screening import index
from lintas.store import entities, lists
from tests.desk.cast import ALICE
from tests.desk.entries import entry, load, people, person
from tests.forking import forked


def names(office: Office) -> list[str]:
    """Whom a search for everything finds, now."""
    return sorted(document["caption"] for document in search(office, ALICE, "", limit=500).documents)


def folders(office: Office) -> list[Path]:
    return list(office.index.iterdir())


def spoil(office: Office, *gone: str) -> Path:
    """Take files out of the index that is in place, as a killed process or a bad disk may leave it."""
    (folder,) = folders(office)
    lookup._open.cache_clear()
    for name in gone or ("meta.json",):
        (folder / name).unlink()
    return folder


def test_what_was_loaded_is_found_at_once_and_what_was_removed_is_not(office: Office) -> None:
    load(office, [person(1, "Ada Exempli"), person(2, "Ben Sample")])
    assert names(office) == ["Ada Exempli", "Ben Sample"]
    load(office, [person(1, "Ada Exempli"), person(3, "Cai Muster")])
    assert names(office) == ["Ada Exempli", "Cai Muster"]


def test_what_cannot_be_matched_is_not_in_the_index(office: Office) -> None:
    load(office, [person(1), entry("xx-s", "Sanction", entity=["xx-1"], program=["P"])])
    assert lookup.current(office).index.n_entities == 1


def test_one_index_is_kept_that_of_the_newest_lists(sqlite_office: Office) -> None:
    for n in (3, 4, 5):
        load(sqlite_office, people(n))
        assert len(folders(sqlite_office)) == 1
    assert list(sqlite_office.scratch.iterdir()) == [sqlite_office.scratch / "entities.ftm.json"]


def test_a_load_that_changed_nothing_keeps_the_index(sqlite_office: Office) -> None:
    load(sqlite_office, people(3))
    (before,) = folders(sqlite_office)
    made = before.stat().st_mtime_ns
    load(sqlite_office, people(3))
    assert [(folder, folder.stat().st_mtime_ns) for folder in folders(sqlite_office)] == [(before, made)]


def test_an_index_that_was_opened_before_a_load_still_answers(sqlite_office: Office) -> None:
    load(sqlite_office, [person(1, "Ada Exempli")])
    old = lookup.current(sqlite_office)
    load(sqlite_office, [person(2, "Ben Sample")])
    assert old.index.document(0)["caption"] == "Ada Exempli"
    assert lookup.current(sqlite_office).index.document(0)["caption"] == "Ben Sample"


@pytest.mark.parametrize("gone", [(), ("documents.bin",), ("meta.json", "idf.npy"), ("schema.npy",)])
def test_an_index_of_which_a_part_is_missing_is_not_used_but_built_again(
    sqlite_office: Office, gone: tuple[str, ...]
) -> None:
    load(sqlite_office, people(3))
    spoil(sqlite_office, *gone)
    assert len(names(sqlite_office)) == 3
    assert len(folders(sqlite_office)) == 1


@pytest.mark.parametrize("name", ["meta.json", "idf.npy", "documents_start.npy"])
@pytest.mark.parametrize("size", [0, 10])
def test_an_index_that_was_cut_short_is_not_used_but_built_again(sqlite_office: Office, name: str, size: int) -> None:
    load(sqlite_office, people(3))
    (folder,) = folders(sqlite_office)
    lookup._open.cache_clear()
    os.truncate(folder / name, size)
    assert len(names(sqlite_office)) == 3


def test_an_index_that_can_never_be_opened_is_an_error_in_words(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(sqlite_office, people(3))
    monkeypatch.setattr(lookup, "_open", _gone)
    with pytest.raises(UnavailableError) as caught:
        lookup.current(sqlite_office)
    assert caught.value.code == "no_index"


def test_a_process_that_is_killed_while_it_builds_leaves_nothing_that_is_used(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(sqlite_office, people(50))
    shutil.rmtree(folders(sqlite_office)[0])
    sqlite_office.close()
    monkeypatch.setattr(lookup, "_counted", _killed_half_way)
    child = forked(lookup.refresh, sqlite_office)
    child.join(60)
    monkeypatch.undo()
    assert child.exitcode == -signal.SIGKILL
    (left,) = sqlite_office.scratch.glob("tmp*")
    assert folders(sqlite_office) == []
    assert len(names(sqlite_office)) == 50
    assert left.exists()
    later = sqlite_office.now() + timedelta(hours=25)
    open_office(Settings(sqlite_office.node), now=lambda: later).close()
    assert not left.exists()


def test_scratch_of_a_process_that_works_is_left_alone(sqlite_office: Office) -> None:
    working = sqlite_office.scratch / "working"
    working.mkdir()
    (working / "customers.csv").write_text("Name\n")
    open_office(Settings(sqlite_office.node)).close()
    assert (working / "customers.csv").exists()


def test_two_processes_may_build_it_at_once(sqlite_office: Office) -> None:
    load(sqlite_office, people(200))
    shutil.rmtree(folders(sqlite_office)[0])
    sqlite_office.close()
    start = multiprocessing.get_context("fork").Barrier(2)
    children = [forked(_build_together, sqlite_office, start) for _ in range(2)]
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children] == [0, 0]
    assert len(folders(sqlite_office)) == 1
    assert lookup.current(sqlite_office).index.n_entities == 200
    assert list(sqlite_office.scratch.glob("tmp*")) == []


def test_questions_are_answered_while_lists_are_loaded_again_and_again(sqlite_office: Office) -> None:
    load(sqlite_office, people(20))
    ended, failed = threading.Event(), list[BaseException]()

    def ask() -> None:
        question = Question("Person", {"name": ["Person Number 7"]})
        try:
            while not ended.is_set():
                (answer,) = match(sqlite_office, ALICE, [question], Options())
                assert answer.matches[0].entity_id == "xx-7"
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(21, 31):
        load(sqlite_office, people(n))
    ended.set()
    for thread in threads:
        thread.join()
    assert failed == []


def test_an_old_index_is_taken_away_whole_so_that_nobody_opens_half_of_it(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(sqlite_office, people(3))
    taken = list[Path]()

    def rmtree(path: Path, ignore_errors: bool = False) -> None:
        taken.append(Path(path))
        shutil.rmtree(path, ignore_errors)

    monkeypatch.setattr("lintas.desk.lookup.shutil", SimpleNamespace(rmtree=rmtree))
    load(sqlite_office, people(4))
    assert taken
    assert all(path.is_relative_to(sqlite_office.scratch) for path in taken)


def test_many_threads_may_open_the_index_at_once(sqlite_office: Office) -> None:
    load(sqlite_office, people(3))
    failed, start = list[BaseException](), threading.Barrier(8)

    def open_it() -> None:
        try:
            for _ in range(20):
                start.wait(30)
                lookup._open.cache_clear()
                assert lookup.current(sqlite_office).index.n_entities == 3
        except BaseException as error:
            failed.append(error)
            start.abort()

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_who_builds_the_index_of_old_lists_leaves_that_of_newer_ones(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(sqlite_office, people(3))
    shutil.rmtree(folders(sqlite_office)[0])
    true_build = index.build

    def build_slowly(*args: object) -> None:
        monkeypatch.setattr(lookup, "build", true_build)
        monkeypatch.setattr(lookup, "_BUILDING", threading.Lock())  # as if it were another process
        load(sqlite_office, people(4))
        true_build(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(lookup, "build", build_slowly)
    lookup.refresh(sqlite_office)
    with sqlite_office.database.read() as connection:
        assert lookup.is_built(sqlite_office, lists.current(connection))
    assert len(names(sqlite_office)) == 4


def test_an_entity_of_two_lists_is_one_with_the_facts_of_both(office: Office) -> None:
    load(office, [person(1, "Ada Exempli", birthDate=["1970"])], fictional=True)
    with office.database.read() as connection:
        (held,) = entities.get(connection, "xx-1")
    elsewhere = replace(held, list="un_sc", entity=replace(held.entity, schema="LegalEntity"), is_fictional=False)
    document = lookup.document([elsewhere, held])
    assert (document["schema"], document["datasets"]) == ("Person", ["un_sc", "ftm"])
    assert document["properties"]["birthDate"] == ["1970"]
    assert document["is_fictional"]


def _build_together(office: Office, start: threading.Barrier) -> None:
    start.wait(30)
    lookup.refresh(office)


def _killed_half_way(found: object, progress: object) -> object:
    del progress
    for n, one in enumerate(found):  # type: ignore[arg-type, var-annotated]
        if n == 25:
            os.kill(os.getpid(), signal.SIGKILL)
        yield one


def _gone(folder: Path) -> Lookup:
    raise FileNotFoundError(folder)
