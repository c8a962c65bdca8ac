"""Times as TAXII and STIX write them: RFC 3339, in UTC, with Z."""

import re
from datetime import UTC, datetime
from typing import Any

from lintas.model.errors import InputError

ANY = range(1, 10_000)
KEPT = range(1_000, 9_999)  # years that a database shows in any zone
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z", re.ASCII)


def read(text: Any, years: range = ANY) -> datetime:
    """A time to a microsecond; finer digits are cut. Raises InputError, also for a value that is no text."""
    found = _TIME.fullmatch(text) if isinstance(text, str) and len(text) <= 64 else None
    try:
        if found is None or int(found[1][:4]) not in years:
            raise ValueError(text)
        micros = int((found[2] or "")[:6].ljust(6, "0"))
        return datetime.fromisoformat(found[1]).replace(microsecond=micros, tzinfo=UTC)
    except ValueError as error:
        raise InputError(
            "This is no time",
            where=str(text)[:64],
            do="Write it in UTC, as in 2026-01-31T08:30:00.000000Z.",
            code="bad_time",
        ) from error


def written(at: datetime) -> str:
    """A time with six digits of a second, as every date_added has."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
