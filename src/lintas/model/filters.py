"""What a question keeps to."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Filters:
    """Which entities may come back. Empty means any."""

    schema: str | None = None  # compared as FollowTheMoney says: kin of this schema
    exclude_schema: tuple[str, ...] = ()
    include: tuple[str, ...] = ()  # lists
    exclude: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()  # any of them
    countries: tuple[str, ...] = ()  # any of them
    changed_since: datetime | None = None
    exclude_ids: tuple[str, ...] = ()
