"""What a publisher said of a file when it was last fetched (its ETag)."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from lintas.store.tables import downloads

MAX_ETAG = 512  # characters that are kept; a longer one is as good as none


def mark(connection: Connection, url: str, *, since: datetime) -> str | None:
    """The ETag of the last download; None when there is none, or the list was loaded otherwise `since`."""
    query = select(downloads.c.etag).where(downloads.c.url == url, downloads.c.at >= since)
    return connection.execute(query).scalar_one_or_none() or None


def asked_at(connection: Connection, urls: Sequence[str]) -> datetime | None:
    """When the publisher last answered for all of these addresses; None when one was never asked."""
    times = list(connection.execute(select(downloads.c.at).where(downloads.c.url.in_(urls))).scalars())
    return min(times) if urls and len(times) == len(urls) else None


def remember(connection: Connection, url: str, etag: str, *, at: datetime) -> None:
    """Keep the ETag of a download that was loaded."""
    kept = etag if len(etag) <= MAX_ETAG else ""
    if connection.execute(update(downloads).where(downloads.c.url == url).values(etag=kept, at=at)).rowcount == 0:
        with suppress(IntegrityError), connection.begin_nested():  # another refresh may be as fast; its mark is as good
            connection.execute(insert(downloads).values(url=url, etag=kept, at=at))
