"""The chain of the log: what it holds together, and what it says when a row is no longer as it was written."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest
from sqlalchemy import delete, insert, text, update

from lintas.desk.office import Office
from lintas.model.errors import FileError
from lintas.model.log import Wanted
from lintas.store.log import rows
from lintas.store.log.rows import Row
from lintas.store.log.tables import log, log_subjects, log_tree

ROW = Row(
    at="2026-03-01T09:00:00.000000+00:00",
    officer="rina",
    agency="own",
    purpose="screening",
    via="session 1a2b",
    verb="entities.read",
    object="un-1",
    outcome="asked",
    subjects='["entity:un-1"]',
    details="{}",
)


def mac(digest: str) -> str:
    return sha256(b"a key" + digest.encode()).hexdigest()


def add(office: Office, *changes: dict[str, str]) -> None:
    for change in changes:
        with office.log.write() as connection:
            rows.append(connection, replace(ROW, **change), mac)


def fault(office: Office) -> str:
    """What a verification says, as "row 3: row is missing"; empty when all is well."""
    with office.log.read() as connection:
        found = rows.verify(connection, mac)[1]
    return "" if found is None else f"row {found.number}: {found.words}"


@pytest.fixture
def ten(office: Office) -> Office:
    """Ten rows, on each database."""
    add(office, *({"object": f"un-{n}", "subjects": json.dumps([f"entity:un-{n % 3}", "run:1"])} for n in range(10)))
    return office


def test_the_chain_is_as_the_documentation_says(office: Office) -> None:
    """A stranger to this code must be able to do the same sum."""
    add(office, {}, {"object": "un-2"})
    with office.log.read() as connection:
        (_, first, one), (_, second, two) = rows.walk(connection)
    before = sha256(b"lintas log 1").hexdigest()
    for number, row, digest in ((1, first, one), (2, second, two)):
        told = json.dumps([number, before, *vars(row).values()], separators=(",", ":"), ensure_ascii=False)
        assert sha256(told.encode()).hexdigest() == digest
        before = digest


def test_a_log_without_rows_is_whole(office: Office) -> None:
    assert fault(office) == ""
    with office.log.read() as connection:
        assert rows.head(connection) == rows.Head(0, rows.BEGINNING)
        assert rows.hash_at(connection, 0) == rows.BEGINNING
        assert rows.hash_at(connection, 1) is None


def test_any_text_reads_back_to_the_bytes_that_were_hashed(office: Office) -> None:
    odd = ["", "\u2400", "🛳", "a" * 100_000, "ลิงก์\u200b", "\r\n", '"\\', "e\u0301", "\u00e9", "\x7f\x1b"]
    add(office, *({"object": one, "details": json.dumps({"said": one})} for one in odd))
    assert fault(office) == ""
    with office.log.read() as connection:
        assert [row.object for _, row, _ in rows.walk(connection)] == odd


def test_a_row_is_on_the_disk_before_its_head_is_kept(sqlite_office: Office) -> None:
    """Else a power cut takes rows away that the head has seen, and the log looks cut off."""
    with sqlite_office.log.read() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


def test_two_rows_that_say_the_same_have_other_hashes(office: Office) -> None:
    add(office, {}, {})
    with office.log.read() as connection:
        assert len({digest for _, _, digest in rows.walk(connection)}) == 2


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Wanted(), [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
        (Wanted(subject="entity:un-0"), [10, 7, 4, 1]),
        (Wanted(subject="entity:un-0", before=7), [4, 1]),
        (Wanted(subject="entity:un"), []),
        (Wanted(subject="%"), []),
        (Wanted(officer="rina", purpose="screening", verb="entities.read", outcome="asked", before=3), [2, 1]),
        (Wanted(officer="Rina"), []),
        (Wanted(agency="other"), []),
        (Wanted(outcome="refused"), []),
        (Wanted(since="2026-03-01T09:00:00.000000+00:00", before=2), [1]),
        (Wanted(until="2026-03-01T09:00:00.000000+00:00"), []),
    ],
)
def test_rows_are_found_by_each_field_the_newest_first(ten: Office, wanted: Wanted, numbers: list[int]) -> None:
    with ten.log.read() as connection:
        assert [number for number, _, _ in rows.find(connection, wanted, 100)] == numbers
        assert rows.count(connection, wanted, 100) == len(numbers)
        assert rows.count(connection, wanted, 3) == min(3, len(numbers))
        assert [number for number, _, _ in rows.walk(connection, wanted)] == numbers[::-1]


def test_what_was_done_to_the_table_is_named_with_its_row(ten: Office) -> None:
    def does(what: str, *statements: object) -> None:
        with ten.log.engine.connect() as connection:
            transaction = connection.begin()
            for statement in statements:
                connection.execute(statement)  # type: ignore[call-overload]
            found = rows.verify(connection, mac)[1]
            transaction.rollback()
        assert found is not None
        assert f"row {found.number}: {found.words}" == what

    changed, number = "row was changed, or one before it was replaced", log.c.number
    does(f"row 4: {changed}", update(log).where(number == 4).values(officer="budi"))
    does(f"row 4: {changed}", update(log).where(number == 4).values(hash="0" * 64))
    does("row 4: row was not written by this node", update(log).where(number == 4).values(mac="0" * 64))
    does("row 4: row is missing", delete(log).where(number.in_([4, 7])))
    does("row 1: row is missing", delete(log).where(number == 1))
    does("row 10: row is missing", update(log).where(number == 10).values(number=11))
    does("row 0: row was added", update(log).where(number == 3).values(number=0))
    does("row -7: row was added", update(log).where(number == 10).values(number=-7))
    does(f"row 8: {changed}", *_swapped(ten, 8, 9))
    of, listed = log_subjects.c.number, "subjects under which the row is found were changed"
    does(f"row 5: {listed}", delete(log_subjects).where(of == 5))
    does(f"row 5: {listed}", delete(log_subjects).where(of == 5, log_subjects.c.subject == "run:1"))
    does(f"row 5: {listed}", insert(log_subjects).values(number=5, subject="entity:un-9"))
    does(f"row 1: {listed}", insert(log_subjects).values(number=0, subject="entity:un-9"))
    does("row 99: subjects name a row that is not there", insert(log_subjects).values(number=99, subject="run:1"))
    node, grown = (log_tree.c.number == 8) & (log_tree.c.level == 2), "tree over the rows does not fit them"
    does(f"row 8: {grown}", update(log_tree).where(node).values(hash="0" * 64))
    does(f"row 8: {grown}", delete(log_tree).where(node))
    does(f"row 8: {grown}", update(log_tree).where(node).values(level=7))
    does(f"row 9: {grown}", insert(log_tree).values(number=9, level=1, hash="0" * 64))
    does(f"row 1: {grown}", insert(log_tree).values(number=-3, level=1, hash="0" * 64))
    does("row 12: tree stands over a row that is not there", insert(log_tree).values(number=12, level=1, hash="0" * 64))
    assert fault(ten) == ""


def _swapped(office: Office, one: int, other: int) -> list[object]:
    with office.log.read() as connection:
        held = {number: vars(row) for number, row, _ in rows.walk(connection)}
    return [
        update(log).where(log.c.number == one).values(**held[other]),
        update(log).where(log.c.number == other).values(**held[one]),
    ]


def test_who_has_the_database_alone_can_add_no_row_and_write_none_anew(ten: Office) -> None:
    """Not even one whose hash fits: the code beside it is under a key that the database does not hold."""
    forged = replace(ROW, officer="mallory")
    with ten.log.write() as connection:
        rows.append(connection, forged, lambda digest: "0" * 64)
    add(ten, {})
    assert fault(ten) == "row 11: row was not written by this node"


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE log SET details = CAST(details AS BLOB) WHERE number = 4", "row 4: row was changed"),
        ("UPDATE log SET hash = CAST(hash AS BLOB) WHERE number = 4", "row 4: row was changed"),
        ("UPDATE log SET mac = CAST(mac AS BLOB) WHERE number = 4", "row 4: row was not written by this node"),
        ("UPDATE log SET details = CAST(x'ff' AS TEXT) WHERE number = 4", "row 2: row cannot be read"),
        ("UPDATE log_subjects SET subject = CAST(subject AS BLOB) WHERE number = 4", "row 4: subjects under"),
        ("UPDATE log_subjects SET number = 'x' WHERE number = 10", "row 9: subjects under"),
        ("INSERT INTO log_subjects VALUES ('run:1', 'x')", "row 10: subjects under"),
        ("INSERT INTO log_subjects VALUES ('run:1', 4.5)", "row 4: subjects under"),
        ("INSERT INTO log_subjects VALUES ('run:1', x'00')", "row 10: subjects under"),
        ("UPDATE log_tree SET hash = CAST(hash AS BLOB) WHERE number = 4", "row 4: tree over"),
        ("UPDATE log_tree SET number = 'x' WHERE number = 10", "row 8: tree over"),
        ("UPDATE log_tree SET level = 'x' WHERE number = 10", "row 10: tree over"),
    ],
)
@pytest.mark.parametrize("office", ["sqlite"], indirect=True)
def test_sqlite_lets_anything_into_a_column_and_it_is_found_all_the_same(
    ten: Office, statement: str, says: str
) -> None:
    with ten.log.write() as connection:
        connection.execute(text(statement))
    assert fault(ten).startswith(says)


@pytest.mark.parametrize("office", ["sqlite"], indirect=True)
def test_a_file_of_which_pages_were_overwritten_is_found(ten: Office) -> None:
    add(ten, *({"object": "x" * 3000} for _ in range(50)))
    ten.log.engine.dispose()  # the last connection writes the log of changes into the file
    path = ten.node / "log.sqlite"
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    connection.close()
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 8192] = b"\xa5" * 8192
    path.write_bytes(content)
    with pytest.raises(FileError) as caught:
        fault(ten)
    assert caught.value.code == "database_damaged"


def test_a_trigger_that_takes_rows_away_is_found(sqlite_office: Office, log_of: Callable[[Office], list[int]]) -> None:
    add(sqlite_office, {}, {})
    with sqlite_office.log.write() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER t AFTER INSERT ON log WHEN NEW.officer = 'mallory' "
                "BEGIN DELETE FROM log WHERE number = NEW.number; END"
            )
        )
    add(sqlite_office, {"officer": "mallory"})
    assert log_of(sqlite_office) == [1, 2]
    assert fault(sqlite_office) == "row 3: subjects name a row that is not there"


@pytest.fixture
def log_of() -> Callable[[Office], list[int]]:
    def numbers(office: Office) -> list[int]:
        with office.log.read() as connection:
            return [number for number, _, _ in rows.walk(connection)]

    return numbers
