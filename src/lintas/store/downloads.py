"""What a publisher said of a file when it was last fetched (its ETag)."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from lintas.store.tables import downloads


def mark(connection: Connection, url: str) -> str | None:
    """The ETag of the last download; None when there is none."""
    found = connection.execute(select(downloads.c.etag).where(downloads.c.url == url)).scalar_one_or_none()
    return found or None


def remember(connection: Connection, url: str, etag: str, *, at: datetime) -> None:
    """Keep the ETag of a download that was loaded."""
    connection.execute(delete(downloads).where(downloads.c.url == url))
    connection.execute(insert(downloads).values(url=url, etag=etag, at=at))
