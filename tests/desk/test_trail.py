"""The log as a court would want it: nothing that was done to it stays unfound, and nothing else is called a fault."""

import csv
import json
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from lintas.desk import access, log_files, officers, seal, trail
from lintas.desk.office import Office, Settings, open_office
from lintas.desk.seal import open_seal
from lintas.model.errors import DeniedError, FileError, InputError, LintasError, NotFoundError, UnavailableError
from lintas.model.log import Wanted
from lintas.model.officer import Officer
from lintas.store.log import rows
from tests.desk.cast import ALICE, BOB, CHARLIE
from tests.desk.conftest import Clock
from tests.desk.tampering import WAYS, Hand, copy_of

ANNA = Officer("anna", frozenset({"inspector"}))
SUPERVISOR = Officer("sari", frozenset({"supervisor"}))
THEIRS = Officer("theo", frozenset({"supervisor"}), agency="customs")
# Adds rows until its standard input ends; says how many.
WRITER = """
import sys, threading
from pathlib import Path
from lintas.desk import access
from lintas.desk.office import Settings, open_office
from lintas.model.officer import Officer
node, url, n, n_threads = sys.argv[1:]
office = open_office(Settings(Path(node), url))
bob = Officer("bob", frozenset({"analyst"}))
ended = threading.Event()
written = []
def write():
    while not ended.is_set() and len(written) < int(n):
        access.require(office, bob, "lists.read", "another process", subjects=["run:1", f"entity:{len(written)}"])
        written.append(1)
threads = [threading.Thread(target=write) for _ in range(int(n_threads))]
print("ready", flush=True)
for thread in threads: thread.start()
if int(n) > 10**6:
    sys.stdin.read()
    ended.set()
for thread in threads: thread.join()
print(len(written), flush=True)
"""


def work(office: Office, n: int, officer: Officer = BOB) -> None:
    """Rows as a day's work writes them."""
    for i in range(n):
        about, subjects = f"entity {i}", [f"entity:un-{i % 7}", "run:1"][: i % 3]
        access.require(office, officer, "lists.read", about, {"i": i, "said": "ลิงก์"}, subjects=subjects)


def afresh(office: Office) -> Office:
    """The node as a process that has just opened it sees it: it remembers no head."""
    with office.log.read() as connection:
        is_new = rows.head(connection).number == 0
    return replace(office, seal=open_seal(office.seal.own.parent, office.seal.second, is_new=is_new))


def is_found(office: Office) -> str:
    """What verification says; empty when nothing."""
    try:
        trail.verify(afresh(office), ALICE)
    except FileError as error:
        return str(error)
    return ""


@pytest.fixture
def worked(office: Office) -> Office:
    """A log of forty rows, on each database."""
    work(office, 40)
    return office


def test_a_thousand_random_tamperings_are_all_found(
    worked: Office, record_property: Callable[[str, object], None]
) -> None:
    """And the log that was put back is whole again each time that is looked."""
    n = 1000 if worked.log.engine.dialect.name == "sqlite" else 100
    rng, was, tried, missed = random.Random(20260301), copy_of(worked), Counter[str](), list[str]()
    for i in range(n):
        way = WAYS[i % len(WAYS)]
        with worked.log.write() as connection:
            way(Hand(rng, was, connection, worked))
        # The node, which knows of nothing, works on: what it adds must not heal what was done.
        work(afresh(worked), 50 if i % 47 == 0 else rng.choice([0, 0, 1, 2]))
        tried[way.__name__] += 1
        if not is_found(worked):
            missed.append(way.__name__)
        was.put_back(worked)
        if i % 20 == 0:
            assert is_found(worked) == "", "a false alarm"
            was.put_back(worked)
    record_property("tamperings", dict(tried))
    assert sum(tried.values()) == n
    assert missed == []


def test_a_log_that_was_cut_off_does_not_grow_past_what_was_kept_of_it(worked: Office) -> None:
    """In the process that wrote it, too: the head it remembers speaks against an older one laid over the file."""
    old = worked.seal.own.read_bytes()
    work(worked, 10)
    was = copy_of(worked)
    with worked.log.write() as connection:
        Hand(random.Random(1), was, connection, worked).drop(*range(41, 51))
    worked.seal.own.write_bytes(old)
    work(worked, 30)
    assert worked.seal.faults == {worked.seal.own: "the log does not hold its row 50 any more"}
    assert "row is another than the one that was kept" in is_found(worked)
    assert trail.head(worked, ALICE).faults == (f"{worked.seal.own}: the log does not hold its row 50 any more",)


def test_an_older_head_over_a_log_that_is_whole_is_no_fault(worked: Office) -> None:
    old = worked.seal.own.read_bytes()
    work(worked, 10)
    worked.seal.own.write_bytes(old)
    assert is_found(worked) == ""
    work(worked, 1)
    assert worked.seal.faults == {}


def test_a_head_that_is_put_back_from_a_copy_will_do(worked: Office, tmp_path: Path) -> None:
    copy = worked.seal.own.read_bytes()
    worked.seal.own.unlink()
    assert "gone" in is_found(worked)
    worked.seal.own.write_bytes(copy)
    assert is_found(worked) == ""


def test_a_key_that_was_lost_is_found(worked: Office) -> None:
    key = worked.seal.own.with_name("log.ed25519")
    kept = key.read_bytes()
    key.unlink()
    assert "does not bear this node's signature" in is_found(worked)
    worked.seal.own.unlink()
    assert "gone" in is_found(worked), "a new key gives an old log no head"
    key.write_bytes(b"-----BEGIN NONSENSE-----")
    with pytest.raises(InputError) as caught:
        afresh(worked)
    assert caught.value.code == "bad_key"
    key.write_bytes(kept)


def test_who_is_killed_while_the_key_is_made_begins_again(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    first = open_seal(folder, is_new=True)
    (folder / "log.ed25519").unlink()  # the head was written, the key was not
    second = open_seal(folder, is_new=True)
    assert second.public != first.public
    assert second.is_ours(seal.read(second.own))
    assert (folder / "log.ed25519").stat().st_mode & 0o777 == 0o600
    assert second.own.stat().st_mode & 0o777 == 0o600


class TestSecondPlace:
    """A head on another disk: even who has all of the node's files leaves a trace."""

    @pytest.fixture
    def second(self, tmp_path: Path) -> Path:
        (tmp_path / "elsewhere").mkdir()
        return tmp_path / "elsewhere" / "head.json"

    @pytest.fixture
    def witnessed(self, sqlite_office: Office, second: Path) -> Office:
        office = replace(sqlite_office, seal=replace(sqlite_office.seal, second=second))
        work(office, 20)
        return office

    def test_every_row_is_kept_there_too(self, witnessed: Office, second: Path) -> None:
        assert seal.read(second) == seal.read(witnessed.seal.own)
        assert seal.read(second).number == 20
        assert is_found(witnessed) == ""

    def test_a_log_that_is_laid_back_with_its_head_is_found(self, witnessed: Office) -> None:
        was = copy_of(witnessed)
        work(witnessed, 20)
        was.put_back(witnessed)
        assert is_found(replace(witnessed, seal=replace(witnessed.seal, second=None))) == "", "not without it"
        was.put_back(witnessed)
        work(afresh(witnessed), 50)
        assert "row is another than the one that was kept" in is_found(witnessed)

    def test_a_whole_new_log_under_a_new_key_is_found(self, witnessed: Office) -> None:
        with witnessed.log.write() as connection:
            Hand(random.Random(1), copy_of(witnessed), connection, witnessed).drop(*range(1, 21))
        witnessed.seal.own.unlink()
        witnessed.seal.own.with_name("log.ed25519").unlink()
        anew = afresh(witnessed)
        work(anew, 30)
        assert "signature" in is_found(anew)

    def test_a_place_that_is_away_stops_nobody_and_is_told(self, witnessed: Office, second: Path) -> None:
        second.rename(second.with_name("kept"))
        second.parent.rename(second.parent.with_name("unplugged"))
        work(witnessed, 3)
        assert list(witnessed.seal.faults) == [second]
        with pytest.raises(UnavailableError) as caught:
            trail.verify(afresh(witnessed), ALICE)
        assert caught.value.code == "no_second_head"
        second.parent.with_name("unplugged").rename(second.parent)
        second.with_name("kept").rename(second)
        work(witnessed, 1)
        assert witnessed.seal.faults == {}
        assert is_found(witnessed) == ""

    def test_it_is_named_in_the_environment(
        self, second: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LINTAS_LOG_HEAD", str(second))
        settings = Settings(tmp_path / "node", log_head=second)
        office = open_office(settings)
        work(office, 1)
        assert seal.read(second).number == 1
        office.close()


@contextmanager
def other_process(office: Office, n: int, n_threads: int) -> Iterator["subprocess.Popen[str]"]:
    url = office.database.engine.url
    named = "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", WRITER, str(office.node), named, str(n), str(n_threads)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.communicate()


def test_nothing_is_a_fault_while_four_threads_and_another_process_write(office: Office) -> None:
    ended, verified = threading.Event(), 0

    def write() -> None:
        while not ended.is_set():
            work(office, 5)

    threads = [threading.Thread(target=write) for _ in range(4)]
    with other_process(office, 10**9, 1):
        for thread in threads:
            thread.start()
        try:
            for _ in range(10):
                verified += trail.verify(office, ALICE).n_rows > 0
        finally:
            ended.set()
            for thread in threads:
                thread.join()
    assert verified == 10
    assert is_found(office) == ""
    assert office.seal.faults == {}


def test_eight_threads_in_each_of_two_processes_leave_no_gap(office: Office) -> None:
    n = 160
    with other_process(office, n, 8) as process:
        share = [threading.Thread(target=work, args=(office, n // 8)) for _ in range(8)]
        for thread in share:
            thread.start()
        for thread in share:
            thread.join()
        out, _ = process.communicate()
    written = int(out)
    assert written >= n
    with office.log.read() as connection:
        numbers = [number for number, _, _ in rows.walk(connection)]
    assert numbers == list(range(1, n + written + 1))
    assert is_found(office) == ""
    assert seal.read(office.seal.own).number >= len(numbers)


class TestHead:
    def test_words_from_paper_name_a_row_for_ever(self, worked: Office) -> None:
        paper = trail.head(worked, ALICE)
        assert len(paper.words.split()) == 24
        work(worked, 5)
        assert trail.verify(worked, ALICE, words=paper.words.upper()).n_rows > 45
        other = seal.in_words("0" * 64)
        with pytest.raises(FileError) as caught:
            trail.verify(worked, ALICE, words=other)
        assert "does not hold the row that the words name" in caught.value.what

    @pytest.mark.parametrize("words", ["abandon", "abandon " * 24, "x " * 24, "abandon " * 11 + "about", "ลิงก์ " * 24])
    def test_words_that_do_not_fit_together_are_said_to_be_none(self, sqlite_office: Office, words: str) -> None:
        with pytest.raises(InputError) as caught:
            trail.verify(sqlite_office, ALICE, words=words)
        assert caught.value.code == "bad_words"

    def test_a_head_that_was_carried_away_must_still_be_in_the_log(self, worked: Office, tmp_path: Path) -> None:
        copy = tmp_path / "head.json"
        copy.write_bytes(worked.seal.own.read_bytes())
        was = copy_of(worked)
        work(worked, 5)
        assert trail.verify(worked, ALICE, head=copy).n_rows > 45
        later = tmp_path / "later.json"
        later.write_bytes(worked.seal.own.read_bytes())
        was.put_back(worked)
        with pytest.raises(FileError) as caught:
            trail.verify(afresh(worked), ALICE, head=later)
        assert "log was cut off" in caught.value.what

    def test_a_head_of_another_node_is_none_of_this(self, worked: Office, tmp_path: Path) -> None:
        other = open_office(Settings(tmp_path / "other"))
        work(other, 2)
        with pytest.raises(FileError) as caught:
            trail.verify(worked, ALICE, head=other.seal.own)
        assert "signature" in caught.value.what
        other.close()

    @pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"number": 1}', b"x" * 10_000])
    def test_a_file_that_is_no_head_is_said_to_be_none(
        self, sqlite_office: Office, tmp_path: Path, content: bytes
    ) -> None:
        path = tmp_path / "head.json"
        path.write_bytes(content)
        with pytest.raises(InputError) as caught:
            trail.verify(sqlite_office, ALICE, head=path)
        assert caught.value.code == "bad_head"

    def test_what_a_verification_found_is_in_the_log(self, worked: Office) -> None:
        trail.verify(worked, ALICE)
        last = trail.head(worked, ALICE).last
        assert last is not None
        assert (last.object, last.details["n_rows"]) == ("whole", 41)
        with worked.log.write() as connection:
            Hand(random.Random(1), copy_of(worked), connection, worked).change(7, officer="mallory")
        assert "row was changed" in is_found(worked)
        last = trail.head(worked, ALICE).last
        assert last is not None
        assert (last.object, last.details["where"]) == ("broken", "row 7")


class TestExport:
    """What an examiner carries away can be checked without the node."""

    def of(self, office: Office, tmp_path: Path, wanted: Wanted = Wanted()) -> Path:
        target = tmp_path / "log.jsonl"
        trail.export(office, ALICE, wanted, "jsonl", target)
        return target

    def test_everything_is_whole_and_bears_the_nodes_signature(self, worked: Office, tmp_path: Path) -> None:
        words = trail.head(worked, ALICE).words
        carried = tmp_path / "head.json"
        carried.write_bytes(worked.seal.own.read_bytes())
        found = log_files.check(self.of(worked, tmp_path), carried, words)
        assert found.number == 42
        assert found.fingerprint == worked.seal.fingerprint

    def test_a_thousand_changes_of_a_file_are_all_found(self, sqlite_office: Office, tmp_path: Path) -> None:
        work(sqlite_office, 12)
        target = self.of(sqlite_office, tmp_path)
        content, rng, missed = target.read_bytes(), random.Random(7), 0
        lines = content.splitlines(keepends=True)
        for i in range(1000):
            if i % 4 == 0:
                at = rng.randrange(len(lines))
                changed = b"".join(lines[:at] + lines[at + 1 :])
            elif i % 4 == 1:
                one, other = rng.sample(range(len(lines)), 2)
                order = list(lines)
                order[one], order[other] = order[other], order[one]
                changed = b"".join(order)
            else:
                at = rng.randrange(len(content) - 1)
                changed = content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :]
            target.write_bytes(changed)
            if _said(changed) == _said(content):
                continue  # a space more, the same byte, or another way to write the same letter
            try:
                log_files.check(target)
                missed += 1
            except FileError:
                pass
        assert missed == 0

    def test_of_a_part_nothing_can_be_checked(self, worked: Office, tmp_path: Path) -> None:
        with pytest.raises(FileError) as caught:
            log_files.check(self.of(worked, tmp_path, Wanted(officer="bob")))
        assert "not an export of everything" in caught.value.what

    def test_a_log_that_was_hashed_anew_gets_no_signature(self, worked: Office, tmp_path: Path) -> None:
        was = copy_of(worked)
        for name in ("all_is_hashed_anew", "all_is_hashed_anew_with_the_key"):
            with worked.log.write() as connection:
                next(way for way in WAYS if way.__name__ == name)(Hand(random.Random(3), was, connection, worked))
            with pytest.raises(FileError) as caught:
                log_files.check(self.of(afresh(worked), tmp_path))
            assert "signed head" in caught.value.what
            was.put_back(worked)

    def test_a_head_or_words_that_are_not_in_it_are_missed(self, worked: Office, tmp_path: Path) -> None:
        target = self.of(worked, tmp_path)
        work(worked, 3)
        with pytest.raises(FileError):
            log_files.check(target, worked.seal.own)
        with pytest.raises(FileError):
            log_files.check(target, words=trail.head(worked, ALICE).words)

    @pytest.mark.parametrize("content", [b"", b"\n", b"[]\n", b'{"head": []}\n', b'{"head": {}}\n', b"\xff\n", b"{}\n"])
    def test_what_is_no_export_is_said_to_be_none(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "x.jsonl"
        path.write_bytes(content)
        with pytest.raises(FileError):
            log_files.check(path)

    def test_a_table_for_people_runs_nothing_in_a_spreadsheet(self, sqlite_office: Office, tmp_path: Path) -> None:
        for formula in ("=1+1", "@SUM(A1)", "-2", "\t=1", "＝1"):
            access.require(sqlite_office, BOB, "lists.read", formula, subjects=[formula])
        target = tmp_path / "log.csv"
        n = trail.export(sqlite_office, ALICE, Wanted(officer="bob"), "csv", target)
        with target.open(encoding="utf-8", newline="") as stream:
            held = list(csv.DictReader(stream))
        assert len(held) == n == 5
        assert [row["object"] for row in held] == ["'=1+1", "'@SUM(A1)", "'-2", "'\t'=1", "'＝1"]

    def test_another_kind_is_refused(self, sqlite_office: Office, tmp_path: Path) -> None:
        with pytest.raises(InputError) as caught:
            trail.export(sqlite_office, ALICE, Wanted(), "exe", tmp_path / "x")
        assert caught.value.code == "unknown_export"
        assert not (tmp_path / "x").exists()


def _said(content: bytes) -> object:
    try:
        return [json.loads(line) for line in content.splitlines()]
    except ValueError:
        return content


class TestWhoLooked:
    def test_a_supervisor_sees_who_of_their_own_agency_looked_and_not_at_what_else(self, office: Office) -> None:
        access.require(office, BOB, "lists.read", "match 5 of run 3", {"x": 1}, subjects=["entity:un-1", "run:3"])
        access.require(office, replace(BOB, agency="customs"), "lists.read", "theirs", subjects=["entity:un-1"])
        with pytest.raises(DeniedError):
            access.require(office, CHARLIE, "entities.read", "un-1", subjects=["entity:un-1"])
        found = trail.who_looked(office, SUPERVISOR, "entity:un-1")
        assert [(row.officer, row.outcome) for row in found.rows] == [
            ("sari", "asked"),
            ("charlie", "refused"),
            ("bob", "asked"),
        ]
        assert {(row.object, row.subjects, bool(row.details)) for row in found.rows} == {("", (), False)}
        assert [row.officer for row in trail.who_looked(office, THEIRS, "entity:un-1").rows] == ["theo", "bob"]
        assert trail.who_looked(office, ANNA, "entity:un-1").total == 6

    def test_whether_a_run_of_another_agency_is_there_is_not_told(self, office: Office) -> None:
        for subject in ("run:1", "case:1", "run:99999999999999", "run:x", "case:"):
            with pytest.raises(NotFoundError):
                trail.who_looked(office, SUPERVISOR, subject)

    def test_an_analyst_or_administrator_is_refused(self, office: Office) -> None:
        for officer in (BOB, CHARLIE):
            with pytest.raises(DeniedError):
                trail.who_looked(office, officer, "entity:un-1")


class TestFind:
    def test_a_day_ends_at_its_end_and_a_time_at_its_time(self, timed: Office, clock: Clock) -> None:
        work(timed, 1)
        clock.move(hours=15)  # midnight
        work(timed, 1)
        for since, until, n in (
            ("2026-03-01", "2026-03-01", 1),
            ("2026-03-02", "", 1),
            ("", "2026-02-28", 0),
            ("2026-03-01T09:00", "2026-03-01T09:01", 1),
            ("2026-03-01T16:00+07:00", "2026-03-01T16:00:01+07:00", 1),
            ("2026-03-01T09:00:01", "2026-03-02T00:00:00", 0),
        ):
            assert trail.find(timed, ANNA, Wanted(officer="bob", since=since, until=until)).total == n, (since, until)

    @pytest.mark.parametrize("said", ["yesterday", "2026-13-01", "9999-12-31", "0001-01-01T00:00+14:00", "\x00", "1"])
    def test_what_is_no_time_is_said_to_be_none(self, sqlite_office: Office, said: str) -> None:
        with pytest.raises(InputError) as caught:
            trail.find(sqlite_office, ANNA, Wanted(until=said))
        assert caught.value.code == "bad_time"

    def test_who_may_not_is_refused_and_the_refusal_is_in_the_log(self, office: Office) -> None:
        for officer in (BOB, SUPERVISOR, CHARLIE):
            for look in (
                lambda o: trail.find(office, o),
                lambda o: trail.row(office, o, 1),
                lambda o: trail.export(office, o, Wanted(), "csv", Path("x")),
            ):
                with pytest.raises(DeniedError):
                    look(officer)
        found = trail.find(office, ANNA, Wanted(outcome="refused"))
        assert Counter(row.officer for row in found.rows) == {"bob": 3, "sari": 3, "charlie": 3}

    def test_every_look_is_in_what_is_looked_at(self, office: Office) -> None:
        found = trail.find(office, ANNA, Wanted(verb="log.read"))
        assert [(row.officer, row.object) for row in found.rows] == [("anna", "verb=log.read")]

    def test_an_officer_sees_their_own_rows(self, office: Office) -> None:
        work(office, 3, BOB)
        work(office, 2, CHARLIE)
        assert {row.officer for row in trail.own(office, BOB).rows} == {"bob"}
        assert trail.own(office, BOB).total == 5

    def test_one_row_by_its_number(self, office: Office) -> None:
        work(office, 3)
        found = trail.row(office, ANNA, 2)
        assert found is not None
        assert (found.number, found.object, found.details["i"]) == (2, "entity 1", 1)
        assert trail.row(office, ANNA, 99) is None
        assert trail.row(office, ANNA, 0) is None

    def test_a_row_that_was_changed_into_nonsense_is_shown_all_the_same(self, office: Office) -> None:
        work(office, 3)
        with office.log.write() as connection:
            Hand(random.Random(1), copy_of(office), connection, office).change(2, details="[", subjects="{")
        found = trail.row(office, ANNA, 2)
        assert found is not None
        assert (found.subjects, found.details) == ((), {})


def test_a_node_of_which_the_owner_worked_for_a_day_verifies(sample_office: Office) -> None:
    me = officers.owner(sample_office)
    assert trail.verify(sample_office, me).n_rows > 10


def test_a_wrong_page_is_refused(sqlite_office: Office) -> None:
    for limit, offset in ((-1, 0), (501, 0), (1, -1)):
        with pytest.raises(LintasError):
            trail.find(sqlite_office, ANNA, limit=limit, offset=offset)
