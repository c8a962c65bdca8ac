"""Reading a directory of nodes as TUF has it: nothing older than what was read, nothing expired or half signed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import httpx
from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import Metadata, Targets
from tuf.ngclient import FetcherInterface, Updater

from lintas.desk import directory_folder as folders
from lintas.model.errors import FileError, InputError

HELD = ("root", "timestamp", "snapshot", "targets")
FOLDER = "folder://here"  # stands for the folder in the addresses that TUF makes
TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Found:
    """`held`: the metadata to remember, by role; `cards`: the file of each node, by target."""

    held: Mapping[str, str]
    cards: Mapping[str, bytes]


def read(source: str, held: Mapping[str, str], scratch: Path) -> Found:
    """What a directory says now. `source`: a folder or an https address; `held`: what was remembered.

    Raises InputError: directory_expired, directory_rolled_back, directory_not_signed, directory_changed,
    directory_foreign_node, bad_directory; FileError directory_incomplete when something of it is not there.
    """
    with TemporaryDirectory(dir=scratch) as place:
        try:
            return _read(source, held, Path(place))
        except (RepositoryError, DownloadError, ValueError) as error:
            raise _refused(error, source) from error


class _Reader(FetcherInterface):
    """Files of a folder, or of one host: no redirect, no proxy."""

    def __init__(self, source: str) -> None:
        self.source = source

    def _fetch(self, url: str) -> Iterator[bytes]:
        return self._of_folder(url.removeprefix(FOLDER)) if url.startswith(FOLDER) else self._of_host(url)

    def _of_folder(self, path: str) -> Iterator[bytes]:
        try:
            return iter([Path(self.source, path.lstrip("/")).read_bytes()])
        except FileNotFoundError as error:
            raise DownloadHTTPError("not in the folder", 404) from error

    def _of_host(self, url: str) -> Iterator[bytes]:
        try:
            with (
                httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
                client.stream("GET", url) as response,
            ):
                if response.status_code != 200:
                    raise DownloadHTTPError("the host", response.status_code)
                yield from response.iter_bytes()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise DownloadError(str(error)) from error


def _read(source: str, held: Mapping[str, str], place: Path) -> Found:
    for role, text in held.items():
        if role != "root":
            (place / f"{role}.json").write_text(text, encoding="utf-8")
    base = source if source.startswith("https://") else FOLDER
    updater = Updater(
        str(place),
        f"{base}/{folders.METADATA}/",
        str(place),
        f"{base}/{folders.TARGETS}/",
        _Reader(source),
        bootstrap=held["root"].encode(),
    )
    updater.refresh()
    listed = Metadata[Targets].from_file(str(place / "targets.json")).signed
    states = list(listed.delegations.roles) if listed.delegations and listed.delegations.roles else []
    cards = {path: data for state in states for path, data in _of_state(updater, place, state)}
    return Found({role: (place / f"{role}.json").read_text(encoding="utf-8") for role in (*HELD, *states)}, cards)


def _of_state(updater: Updater, place: Path, state: str) -> Iterator[tuple[str, bytes]]:
    """The targets of a state, once its own role was verified. What it says of another state's nodes is refused."""
    if not folders.STATE.match(state):
        raise RepositoryError(f"a role {state[:64]}")
    updater.get_targetinfo(f"{state}/")  # brings the role's metadata, verified, into the folder
    for path in Metadata[Targets].from_file(str(place / f"{state}.json")).signed.targets:
        if not path.startswith(f"{state}/") or path.count("/") != 1:
            raise InputError(
                "A state lists a node that is not its own",
                where=f"{state}: {path}"[:300],
                do="Read no more from this directory, and tell those who hold it.",
                code="directory_foreign_node",
            )
        found = updater.get_targetinfo(path)
        if found is None or found.length > folders.MAX_CARDS:
            raise RepositoryError(f"the target {path[:200]}")
        yield path, Path(updater.download_target(found, str(place / quote(path, "")))).read_bytes()


def _refused(error: Exception, source: str) -> InputError:
    code, what, do = next(said for kind, *said in _WHY if isinstance(error, kind))
    made = FileError if code == "directory_incomplete" else InputError
    return made(what, where=f"{source}: {error}"[:300], do=do, code=code)


_WHY: tuple[tuple[type[Exception], str, str, str], ...] = (
    (
        ExpiredMetadataError,
        "directory_expired",
        "The directory is older than it may be",
        "Get a newer one; if there is none, those who hold it have to publish it anew.",
    ),
    (
        BadVersionNumberError,
        "directory_rolled_back",
        "The directory is older than what this node read before",
        "Get the newest one. If this is it, tell those who hold it that somebody goes back.",
    ),
    (
        UnsignedMetadataError,
        "directory_not_signed",
        "Too few of the keys that count have signed a part of the directory",
        "Let the others sign it: lintas directory sign.",
    ),
    (
        LengthOrHashMismatchError,
        "directory_changed",
        "A file of the directory is not the one that was signed",
        "Copy the whole folder anew.",
    ),
    (
        DownloadError,
        "directory_incomplete",
        "A file of the directory is not there or did not come",
        "Copy the whole folder anew, or try again.",
    ),
    (Exception, "bad_directory", "This is no directory of nodes that can be read", "Copy the whole folder anew."),
)
