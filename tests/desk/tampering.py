"""A thousand ways to touch a log: in its tables, and in the file that keeps its head."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, delete, insert, select, update

from lintas.desk.office import Office
from lintas.desk.seal import SIZE, Seal
from lintas.store.log import tree
from lintas.store.log.rows import BEGINNING, Head, Row, chained
from lintas.store.log.tables import log, log_subjects, log_tree

TABLES = (log, log_subjects, log_tree)
TEXTS = [column.name for column in log.columns if column.name != "number"]


@dataclass(frozen=True)
class Copy:
    """A log as it was: its rows, its subjects, its tree, and its kept head."""

    rows: list[dict[str, Any]]
    subjects: list[dict[str, Any]]
    tree: list[dict[str, Any]]
    head: bytes

    def put_back(self, office: Office) -> None:
        with office.log.write() as connection:
            for table, rows in zip(TABLES, (self.rows, self.subjects, self.tree), strict=True):
                connection.execute(delete(table))
                connection.execute(insert(table), rows)
        office.seal.own.write_bytes(self.head)


def copy_of(office: Office) -> Copy:
    with office.log.read() as connection:
        held = [[dict(row._mapping) for row in connection.execute(select(table))] for table in TABLES]
    return Copy(sorted(held[0], key=lambda row: row["number"]), held[1], held[2], office.seal.own.read_bytes())


@dataclass(frozen=True)
class Hand:
    """Who tampers: a seeded choice, the log as it was, the tables, and the node's files."""

    rng: random.Random
    was: Copy
    connection: Connection
    office: Office

    def row(self) -> dict[str, Any]:
        return self.rng.choice(self.was.rows)

    def number(self) -> int:
        return int(self.row()["number"])

    @property
    def last(self) -> int:
        return len(self.was.rows)

    def change(self, this: int, **values: object) -> None:
        self.connection.execute(update(log).where(log.c.number == this).values(**values))

    def drop(self, *numbers: int) -> None:
        for table in TABLES:
            self.connection.execute(delete(table).where(table.c.number.in_(numbers)))

    def other(self, value: str) -> str:
        """A text that is not the one given, by one of many small or large changes."""
        at = self.rng.randrange(len(value) + 1)
        changed = self.rng.choice(
            [
                value[:at] + self.rng.choice("aZ0 _\u00e9\u200b") + value[at:],
                value[: max(0, at - 1)] + value[at:],
                value.swapcase(),
                value[::-1],
                "",
                self.row()["officer"],
                "mallory",
            ]
        )
        return changed if changed != value else value + "x"


def a_column(hand: Hand) -> None:
    row, column = hand.row(), hand.rng.choice(TEXTS)
    longest = getattr(log.c[column].type, "length", None)  # PostgreSQL takes no more
    hand.change(row["number"], **{column: hand.other(row[column])[:longest]})
    if hand.connection.execute(select(log.c[column]).where(log.c.number == row["number"])).scalar() == row[column]:
        hand.change(row["number"], **{column: "z" * len(row[column])})


def a_row_is_dropped(hand: Hand) -> None:
    hand.drop(hand.number())


def many_are_dropped(hand: Hand) -> None:
    hand.drop(*hand.rng.sample(range(1, hand.last + 1), hand.rng.randint(2, hand.last)))


def the_end_is_cut_off(hand: Hand) -> None:
    hand.drop(*range(hand.rng.randint(1, hand.last), hand.last + 1))


def two_are_swapped(hand: Hand) -> None:
    one, other = hand.rng.sample(hand.was.rows, 2)
    kept = {"number"} if hand.rng.random() < 0.5 else {"number", "hash", "mac"}
    for row, place in ((one, other), (other, one)):
        hand.change(place["number"], **{name: value for name, value in row.items() if name not in kept})


def one_is_renumbered(hand: Hand) -> None:
    to = hand.rng.choice([0, -1, hand.last + 1, hand.last + hand.rng.randint(2, 999)])
    hand.change(hand.number(), number=to)


def all_behind_move_up(hand: Hand) -> None:
    """A row is taken out, and the gap closed."""
    gone = hand.rng.randint(1, hand.last - 1)
    hand.drop(gone)
    for number in range(gone + 1, hand.last + 1):
        for table in TABLES:
            hand.connection.execute(update(table).where(table.c.number == number).values(number=number - 1))


def one_is_inserted(hand: Hand) -> None:
    """At the end, by somebody who can do the sum; only the key is missing."""
    row = {**hand.row(), "number": hand.last + 1, "officer": "mallory"}
    before = Head(hand.last, hand.was.rows[-1]["hash"])
    row["hash"] = chained(before, _row(row)) if hand.rng.random() < 0.8 else row["hash"]
    hand.connection.execute(insert(log).values(**row))
    for subject in json.loads(row["subjects"]):
        hand.connection.execute(insert(log_subjects).values(subject=subject, number=row["number"]))


def all_is_hashed_anew(hand: Hand) -> None:
    """One row says something else, and the whole chain behind it fits again."""
    changed = hand.number()
    _hash_anew(hand, changed, lambda digest: hand.was.rows[0]["mac"])


def all_is_hashed_anew_with_the_key(hand: Hand) -> None:
    """The same by who has the node's key, too. The head that was kept tells."""
    changed = hand.number()
    _hash_anew(hand, changed, hand.office.seal.mac)


def subjects_are_changed(hand: Hand) -> None:
    one = hand.rng.choice(hand.was.subjects)
    this = (log_subjects.c.subject == one["subject"]) & (log_subjects.c.number == one["number"])
    way = hand.rng.randrange(4)
    if way == 0:
        hand.connection.execute(delete(log_subjects).where(this))
    elif way == 1:
        hand.connection.execute(update(log_subjects).where(this).values(subject="entity:other"))
    elif way == 2:
        hand.connection.execute(update(log_subjects).where(this).values(number=hand.last + 10_000))
    else:
        hand.connection.execute(insert(log_subjects).values(subject="entity:other", number=hand.number()))


def the_tree_is_changed(hand: Hand) -> None:
    one = hand.rng.choice(hand.was.tree)
    this = (log_tree.c.number == one["number"]) & (log_tree.c.level == one["level"])
    if hand.rng.random() < 0.5:
        hand.connection.execute(delete(log_tree).where(this))
    else:
        hand.connection.execute(update(log_tree).where(this).values(hash="0" * 64))


def the_head_is_changed(hand: Hand) -> None:
    """In any field, with or without a signature by another key; cut short, emptied, or grown."""
    path, held = hand.office.seal.own, json.loads(hand.was.head)
    name = hand.rng.choice(list(held))
    value = held[name]
    forged = {**held, name: value - hand.rng.randint(1, value) if name == "number" else hand.other(value)}
    mallory = Seal(Ed25519PrivateKey.generate(), path)
    way = hand.rng.randrange(6)
    content = {
        0: _encoded(forged),
        1: _encoded(vars(mallory.sign(Head(held["number"], held["hash"]), held["at"]))),
        2: _encoded(vars(mallory.sign(Head(0, BEGINNING), ""))),
        3: hand.was.head[: hand.rng.randrange(len(hand.was.head))],
        4: hand.was.head + b" ",
        5: b"",
    }[way]
    path.write_bytes(content)


def the_head_is_removed(hand: Hand) -> None:
    hand.office.seal.own.unlink()


def the_end_is_cut_off_and_the_head_made_to_fit(hand: Hand) -> None:
    """A head of the row where the log now ends, unsigned or gone: as if the rest had never been."""
    last = hand.rng.randint(1, hand.last - 1)
    hand.drop(*range(last + 1, hand.last + 1))
    if hand.rng.random() < 0.5:
        hand.office.seal.own.unlink()
    else:
        head = Head(last, hand.was.rows[last - 1]["hash"])
        signed = Seal(Ed25519PrivateKey.generate(), hand.office.seal.own).sign(head, hand.was.rows[last - 1]["at"])
        hand.office.seal.own.write_bytes(_encoded({**vars(signed), "key": hand.office.seal.public}))


def everything_is_gone(hand: Hand) -> None:
    hand.drop(*range(1, hand.last + 1))
    if hand.rng.random() < 0.5:
        hand.office.seal.own.unlink()


WAYS: tuple[Callable[[Hand], None], ...] = (
    a_column,
    a_column,  # there are eleven of them
    a_row_is_dropped,
    many_are_dropped,
    the_end_is_cut_off,
    two_are_swapped,
    one_is_renumbered,
    all_behind_move_up,
    one_is_inserted,
    all_is_hashed_anew,
    all_is_hashed_anew_with_the_key,
    subjects_are_changed,
    the_tree_is_changed,
    the_head_is_changed,
    the_head_is_removed,
    the_end_is_cut_off_and_the_head_made_to_fit,
    everything_is_gone,
)


def _hash_anew(hand: Hand, changed: int, mac: Callable[[str], str]) -> None:
    so_far = Head(0, BEGINNING) if changed == 1 else Head(changed - 1, hand.was.rows[changed - 2]["hash"])
    hand.connection.execute(delete(log_tree).where(log_tree.c.number >= changed))
    for row in hand.was.rows[changed - 1 :]:
        before = so_far
        told = row if row["number"] > changed else {**row, "officer": "mallory"}
        so_far = Head(row["number"], chained(so_far, _row(told)))
        hand.change(row["number"], officer=told["officer"], hash=so_far.hash, mac=mac(so_far.hash))
        tree.grow(hand.connection, so_far.number, before.hash, so_far.hash)


def _row(held: Mapping[str, Any]) -> Row:
    return Row(**{name: held[name] for name in Row.__dataclass_fields__})


def _encoded(held: Mapping[str, Any]) -> bytes:
    return json.dumps(held, separators=(",", ":")).encode().ljust(SIZE - 1) + b"\n"
