"""The resources of TAXII 2.1 as JSON values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lintas.exchange.taxii import times
from lintas.model.taxii import Collection, Version


@dataclass(frozen=True)
class Told:
    """What became of one object that was sent. `failed`: why it was not taken; else `note`, if there is any."""

    id: str
    version: str
    failed: str | None = None
    note: str | None = None

    @property
    def said(self) -> dict[str, str]:
        """As status details."""
        message = self.failed or self.note
        return {"id": self.id, "version": self.version} | ({"message": message} if message else {})


def listed(name: str, items: Sequence[Any], token: str | None) -> dict[str, Any]:
    """An envelope, a manifest or versions. `token`: of the next page. Of nothing it is empty."""
    if not items:
        return {}
    return {name: list(items), "more": token is not None} | ({} if token is None else {"next": token})


def manifest_record(one: Version) -> dict[str, str]:
    """One entry of a manifest."""
    return {
        "id": one.id,
        "date_added": times.written(one.added_at),
        "version": one.version,
        "media_type": one.media_type,
    }


def collection(one: Collection) -> dict[str, Any]:
    """A collection."""
    said = {
        "id": one.id,
        "title": one.title,
        "description": one.description,
        "alias": one.alias,
        "can_read": one.can_read,
        "can_write": one.can_write,
        "media_types": list(one.media_types),
    }
    return {name: value for name, value in said.items() if value is not None}


def status(id: str, at: datetime, told: Sequence[Told]) -> dict[str, Any]:
    """What became of what was sent, all of it at once: nothing is pending here."""
    successes = [one.said for one in told if one.failed is None]
    failures = [one.said for one in told if one.failed is not None]
    counts = {
        "total_count": len(told),
        "success_count": len(successes),
        "failure_count": len(failures),
        "pending_count": 0,
    }
    lists = {"successes": successes, "failures": failures}
    whole = {"id": id, "status": "complete", "request_timestamp": times.written(at)}
    return whole | counts | {name: details for name, details in lists.items() if details}
