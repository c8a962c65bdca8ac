"""Files of MISP as they lie on the node's disk: what stands in a feed is not to be trusted."""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lintas.exchange.misp import checks, feed, shapes
from lintas.exchange.misp.shapes import Unit
from lintas.model.errors import ConflictError, FileError, InputError, LintasError, TooLargeError

LARGEST = 8 * 1024**2  # bytes of one file: of the smallest attributes two minutes of work and 1 GiB of memory
MOST_EVENTS = 50_000  # of a feed

Read = tuple[str, Unit | LintasError]  # what an event is called, and why it is refused before it is converted


def events(path: Path) -> Iterator[Read]:
    """The events of a file or of a feed's folder. Raises FileError, TooLargeError when it is none at all."""
    return _of_feed(path) if path.is_dir() else _of_file(path)


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a new folder. Raises ConflictError for one that holds something, FileError when it cannot be written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ConflictError(
                "This folder holds something", where=str(folder), do="Name a new one.", code="folder_in_use"
            )
        for name, data in files.items():
            with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
    except OSError as error:
        raise _unreadable(folder, error.strerror or "it cannot be written") from error


def _of_file(path: Path) -> Iterator[Read]:
    held = shapes.contents(feed.read_file(_bytes(path), path.name[:200]))
    names = [shapes.uuid_of(one) for one in held]
    for place, (name, content) in enumerate(zip(names, held, strict=True)):
        called = name or f"{path.name[:100]}[{place}]"
        yield called, _twice(name) if name and names.count(name) > 1 else _unit(content)


def _of_feed(folder: Path) -> Iterator[Read]:
    said = feed.manifest(_bytes(folder / feed.MANIFEST))
    if len(said) > MOST_EVENTS:
        raise TooLargeError("This feed has too many events", do=f"Split it: at most {MOST_EVENTS} are read at once.")
    has_hashes = (folder / feed.HASHES).exists()
    digests = feed.hashes(_bytes(folder / feed.HASHES)) if has_hashes else {}
    names = [name.lower() for name in said]
    for name in sorted({*names, *digests, *_files(folder)}):
        lines = [line for key, line in said.items() if key.lower() == name]
        of_it = digests.get(name, set()) if has_hashes else None
        yield name[:64], _of_line(folder, name, lines, of_it)


def _of_line(folder: Path, name: str, lines: list[Any], digests: set[str] | None) -> Unit | LintasError:
    if not checks.UUID.fullmatch(name):
        return InputError("This is no uuid", where=name[:64], do="Make the feed anew.", code="no_uuid")
    if len(lines) > 1:
        return _twice(name)
    if not lines:
        return InputError(
            "The manifest does not name this event", where=name, do="Make the feed anew.", code="feed_does_not_fit"
        )
    try:
        file = next((one for one in folder.glob("*.json") if one.stem.lower() == name), folder / f"{name}.json")
        held = shapes.contents(feed.read_file(_bytes(file), file.name))
        unit = shapes.unit(held[0]) if len(held) == 1 else _twice(name)
        if isinstance(unit, Unit):
            feed.require_fit(unit, held[0], name, lines[0], digests)
    except LintasError as error:
        return error
    return unit


def _files(folder: Path) -> set[str]:
    """The events that have a file."""
    return {one.stem.lower() for one in folder.glob("*.json") if checks.UUID.fullmatch(one.stem)}


def _unit(content: Mapping[str, Any]) -> Unit | LintasError:
    try:
        return shapes.unit(content)
    except LintasError as error:
        return error


def _bytes(path: Path) -> bytes:
    """A regular file, and none that another place is linked to."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise _unreadable(path, "it is no file")
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise _unreadable(path, error.strerror or "it cannot be read") from error
    if len(data) > LARGEST:
        raise TooLargeError(
            "This file is too large", where=path.name[:200], do=f"Split it: at most {LARGEST // 1024**2} MiB are read."
        )
    return data


def _twice(name: str) -> InputError:
    return InputError("Two events have one uuid", where=name, do="Export the event anew.", code="duplicate_uuid")


def _unreadable(path: Path, why: str) -> FileError:
    return FileError(
        "This file cannot be read or written", where=f"{path.name[:200]}: {why}", do="Name another.", code="bad_path"
    )
