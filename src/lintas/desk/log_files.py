"""The log as a file: written by an export, and checked wherever it was carried, without the node."""

import csv
from collections.abc import Iterator
from pathlib import Path

import orjson

from lintas.desk import seal
from lintas.desk.results import neutral, whole
from lintas.desk.seal import Kept
from lintas.model.errors import FileError, InputError
from lintas.store.log.rows import BEGINNING, Head, Numbered, Row, chained

KINDS = ("csv", "jsonl")
COLUMNS = ("number", *Row.__dataclass_fields__, "hash")


def write_csv(target: Path, rows: Iterator[Numbered]) -> int:
    """For people: no cell can run in a spreadsheet program. How many rows."""
    n = 0
    with whole(target) as part, part.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out)
        table.writerow(COLUMNS)
        for number, row, digest in rows:
            table.writerow([number, *map(neutral, vars(row).values()), digest])
            n += 1
    return n


def write_lines(target: Path, rows: Iterator[Numbered], kept: list[Kept], sealed: seal.Seal | None, at: str) -> int:
    """For programs and courts: a JSON object a line, the texts as they were hashed. How many rows.

    With `sealed`, and when the rows are the whole chain and hold every head in `kept`, the last line is their head,
    signed; `check` asks for it.
    """
    n, so_far, missing = 0, Head(0, BEGINNING), {one.number: one.hash for one in kept if one.number}
    with whole(target) as part, part.open("wb") as out:
        for number, row, digest in rows:
            out.write(orjson.dumps({"number": number, **vars(row), "hash": digest}) + b"\n")
            n += 1
            if number == so_far.number + 1 and chained(so_far, row) == digest:
                so_far = Head(number, digest)
            if missing.get(number) == digest:
                del missing[number]
        if sealed is not None and so_far.number == n and not missing:
            out.write(orjson.dumps({"head": vars(sealed.sign(so_far, at))}) + b"\n")
    return n


def check(path: Path, head: Path | None = None, words: str = "") -> Kept:
    """The signed head of an export in JSON lines, after every row of it was checked.

    `head`: an earlier head in a file that the export must hold. `words`: the same from paper. Whose key signed is for
    the reader to compare: see `Kept.fingerprint`. Raises FileError with the number of the row that does not fit.
    """
    earlier = None if head is None else seal.read(head)
    digest = seal.from_words(words) if words else None
    so_far, kept, hashes = Head(0, BEGINNING), None, dict[str, int]()
    for line in _lines(path):
        if kept is not None:
            raise _broken("there is more after the head", so_far.number)
        if "head" in line:
            kept = _head(line["head"], so_far)
            continue
        so_far = _next(line, so_far)
        if so_far.hash == digest or (earlier is not None and so_far.hash == earlier.hash):
            hashes[so_far.hash] = so_far.number
    if kept is None:
        raise _broken("the signed head at its end is missing: it was cut off, or is not an export of everything", None)
    if earlier is not None and (
        not earlier.is_signed() or earlier.key != kept.key or hashes.get(earlier.hash) != earlier.number
    ):
        raise _broken(f"it does not hold the head in {head}", earlier.number)
    if digest is not None and digest not in hashes:
        raise _broken("it does not hold the row that the words name", None)
    return kept


def _lines(path: Path) -> Iterator[dict[str, object]]:
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                yield _line(line, number)
    except OSError as error:
        raise InputError("The export cannot be read", where=str(path), do="Check its name.", code="no_file") from error


def _line(line: bytes, number: int) -> dict[str, object]:
    try:
        held = orjson.loads(line)
    except orjson.JSONDecodeError:
        held = None
    if isinstance(held, dict):
        return held
    raise FileError(
        "This is no export of the log in JSON lines", where=f"line {number}", do="Export it again.", code="no_export"
    )


def _next(line: dict[str, object], before: Head) -> Head:
    number, digest = line.pop("number", None), line.pop("hash", None)
    try:
        row = Row(**line)  # type: ignore[arg-type]
        fits = number == before.number + 1 and chained(before, row) == digest
    except TypeError:
        fits = False
    if not fits:
        raise _broken("a row is missing or was changed", before.number + 1)
    return Head(before.number + 1, str(digest))


def _head(told: object, so_far: Head) -> Kept:
    try:
        kept = Kept(**told)  # type: ignore[arg-type]
    except TypeError:
        raise _broken("its head cannot be read", so_far.number) from None
    if not kept.is_signed() or Head(kept.number, kept.hash) != so_far:
        raise _broken("its head does not fit its rows, or its signature not the head", so_far.number)
    return kept


def _broken(fault: str, number: int | None) -> FileError:
    return FileError(
        f"This export of the log does not hold: {fault}",
        where=None if number is None else f"row {number}",
        do="Keep it as it is, and export the log again on the node.",
        code="log_broken",
    )
