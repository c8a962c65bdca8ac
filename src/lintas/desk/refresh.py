"""Ask a publisher whether a list is new, and load it when it is."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from lintas.desk import access, intake
from lintas.desk.intake import LoadReport, Progress
from lintas.desk.office import Office
from lintas.model.errors import InputError, TooLargeError, UnavailableError
from lintas.model.officer import Officer
from lintas.sources import catalogue
from lintas.store import downloads

MAX_BYTES = 512 * 1024**2  # the largest national list is under 200 MB
TIMEOUT = httpx.Timeout(30.0, read=60.0)  # seconds; for the whole download see MAX_S
MAX_S = 900
AGENT = "lintas"


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
    progress: Progress = lambda what, n: None,
) -> LoadReport | None:
    """Download a list and load it; None when the publisher says that nothing changed.

    `urls` stands in for the publisher's own addresses (a mirror). Raises UnavailableError when the publisher
    does not answer as it should, TooLargeError past the limit; what the node holds stays as it is.
    """
    access.require(office, officer, "lists.load", f"refresh {name}")
    addresses = catalogue.source(name).urls if urls is None else urls
    if not addresses:
        raise InputError(
            f"{name} has no address to download from",
            do=f"Fetch the file by hand: lintas lists load {name} FILE.",
            code="no_address",
        )
    with office.database.read() as connection:
        marks = {url: downloads.mark(connection, url) for url in addresses}
    with tempfile.TemporaryDirectory(dir=office.scratch) as folder, httpx.Client(timeout=TIMEOUT) as client:
        if all(marks.values()) and all(not _has_news(client, url, marks[url]) for url in addresses):
            return None
        new = dict[str, str]()
        files = list[Path]()
        for i, url in enumerate(addresses):
            path = Path(folder) / str(i) / (Path(urlsplit(url).path).name or "download")
            path.parent.mkdir()
            new[url] = _download(client, office, url, path, progress)
            files.append(path)
        report = intake.load(office, officer, name, files, progress=progress)
    _remember(office, new)
    return report


def _has_news(client: httpx.Client, url: str, mark: str | None) -> bool:
    try:
        answer = client.head(url, headers={"If-None-Match": mark or "", "User-Agent": AGENT}, follow_redirects=True)
    except httpx.HTTPError as error:
        raise _silent(url, str(error)) from error
    return answer.status_code != httpx.codes.NOT_MODIFIED and answer.headers.get("ETag") != mark


def _download(client: httpx.Client, office: Office, url: str, path: Path, progress: Progress) -> str:
    """Write what stands at `url` to `path`; its ETag, empty when the publisher gives none."""
    began = office.now()
    n = 0
    try:
        with client.stream("GET", url, headers={"User-Agent": AGENT}, follow_redirects=True) as answer:
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
    except httpx.HTTPError as error:
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
