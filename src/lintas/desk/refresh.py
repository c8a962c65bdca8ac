"""Ask a publisher whether a list is new, and load it when it is."""

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import httpx

from lintas.desk import access, intake, outgoing
from lintas.desk.intake import LoadReport, Progress
from lintas.desk.office import Office
from lintas.desk.outgoing import Outside
from lintas.model.errors import InputError, TooLargeError, UnavailableError
from lintas.model.officer import Officer
from lintas.sources import catalogue
from lintas.store import downloads, lists

MAX_BYTES = 512 * 1024**2  # the largest national list is under 200 MB
TIMEOUT = httpx.Timeout(30.0, read=60.0)  # seconds; for the whole download see MAX_S
MAX_S = 900
MAX_URL = 1024  # characters
AGENT = "lintas"
_NO_URL = (httpx.InvalidURL, UnicodeError)  # the second for names that are no names in IDNA


def loaded(office: Office, officer: Officer) -> list[str]:
    """Lists that were loaded and whose publisher can be asked."""
    held = intake.status(office, officer)
    return [one.source.name for one in held if one.version and not one.version.is_fictional and one.source.urls]


def refresh(
    office: Office,
    officer: Officer,
    name: str,
    *,
    urls: tuple[str, ...] | None = None,
    hosts: Sequence[str] = (),
    outside: Outside = Outside(),
    progress: Progress = lambda what, n: None,
) -> LoadReport | None:
    """Download a list and load it; None when the publisher says that nothing changed.

    `urls` stands in for the publisher's own addresses (a mirror); `hosts` are asked beside those that the list's
    `source.toml` names, because an officer says so for this once. Raises InputError for an address that is none,
    UnavailableError when the publisher does not answer as it should or leads where this node does not go,
    TooLargeError past the limit; what the node holds stays as it is.
    """
    more = {key: list(value) for key, value in (("urls", urls or ()), ("hosts", hosts)) if value}
    access.require(office, officer, "lists.load", f"refresh {name}", more)
    source = catalogue.source(name)
    addresses = source.urls if urls is None else urls
    allowed = (*source.hosts, *(hosts if outside.is_plain else map(outgoing.check_host, hosts)))
    if not addresses:
        raise InputError(
            f"{name} has no address to download from",
            do=f"Fetch the file by hand: lintas lists load {name} FILE.",
            code="no_address",
        )
    named = [_address(url) for url in addresses]
    marks = _marks(office, name, addresses)
    with tempfile.TemporaryDirectory(dir=office.scratch) as folder, _client(allowed, outside) as client:
        if all(marks.values()) and all(not _has_news(client, url, marks[url]) for url in addresses):
            _remember(office, {url: mark or "" for url, mark in marks.items()})  # as it was, and seen to be so now
            return None
        new = dict[str, str]()
        files = list[Path]()
        for i, url in enumerate(addresses):
            path = Path(folder) / str(i) / _file_name(named[i])
            path.parent.mkdir()
            new[url] = _download(client, office, url, path, progress)
            files.append(path)
        report = intake.load(office, officer, name, files, progress=progress)
    _remember(office, new)
    return report


def _address(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
        has_host = bool(address.host)
    except _NO_URL:
        address, has_host = httpx.URL(), False
    if address.scheme not in ("http", "https") or not has_host or len(url) > MAX_URL:
        raise InputError(
            "Lists are downloaded from http and https addresses only",
            where=url[:MAX_URL],
            do="Give the whole address of the file, or load a file that is on this machine: lintas lists load.",
            code="bad_address",
        )
    return address


def _file_name(address: httpx.URL) -> str:
    """The last part of an address as a name that any disk takes."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", PurePosixPath(address.path).name)[-100:].lstrip(".") or "download"


def _marks(office: Office, name: str, addresses: Sequence[str]) -> dict[str, str | None]:
    """What the publisher said of what is held now; nothing when that was loaded from a file since."""
    with office.database.read() as connection:
        held = lists.current(connection).get(name)
        if held is None:
            return dict.fromkeys(addresses)
        return {url: downloads.mark(connection, url, since=held.loaded_at) for url in addresses}


def _client(hosts: Sequence[str], outside: Outside) -> httpx.Client:
    return outgoing.client(hosts, outside, timeout=TIMEOUT, headers={"User-Agent": AGENT})


def _has_news(client: httpx.Client, url: str, mark: str | None) -> bool:
    try:
        answer = client.head(url, headers={"If-None-Match": mark or ""}, follow_redirects=True)
    except (httpx.HTTPError, *_NO_URL) as error:
        raise _silent(url, str(error)) from error
    return answer.status_code != httpx.codes.NOT_MODIFIED and answer.headers.get("ETag") != mark


def _download(client: httpx.Client, office: Office, url: str, path: Path, progress: Progress) -> str:
    """Write what stands at `url` to `path`; its ETag, empty when the publisher gives none."""
    began = office.now()
    n = 0
    try:
        with client.stream("GET", url, follow_redirects=True) as answer:
            if answer.status_code != httpx.codes.OK:
                raise _silent(url, f"status {answer.status_code}")
            with path.open("wb") as file:
                for block in answer.iter_bytes():
                    n += file.write(block)
                    if n > MAX_BYTES:
                        raise TooLargeError(
                            f"The download is over {MAX_BYTES // 1024**2} MiB",
                            where=url,
                            do="Fetch it by hand and load the file, if it is the list.",
                            code="download_too_large",
                        )
                    if (office.now() - began).total_seconds() > MAX_S:
                        raise _silent(url, f"not finished after {MAX_S} s")
                    progress(f"bytes of {path.name}", n)
            return str(answer.headers.get("ETag", ""))
    except (httpx.HTTPError, *_NO_URL) as error:
        raise _silent(url, str(error)) from error


def _silent(url: str, why: str) -> UnavailableError:
    return UnavailableError(
        f"The publisher did not answer as it should: {why}",
        where=url,
        do="Try again later, or fetch the file by hand: lintas lists load. What is loaded stays.",
        code="publisher_silent",
    )


def _remember(office: Office, marks: Mapping[str, str]) -> None:
    with office.database.write() as connection:
        for url, mark in marks.items():
            downloads.remember(connection, url, mark, at=office.now())
