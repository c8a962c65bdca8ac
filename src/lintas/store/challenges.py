"""What was asked of a browser and is not answered yet. An answer counts once, and for a few minutes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from lintas.store.tables import challenges

MOST = 5_000  # that wait at once for whoever answers, and as many for each officer; ours


@dataclass(frozen=True)
class Challenge:
    """What was asked: for whom (None: for whoever answers), and what the answer is held against."""

    officer: str | None
    data: Mapping[str, Any]


def keep(
    connection: Connection,
    secret_sha256: str,
    kind: str,
    *,
    at: datetime,
    expires_at: datetime,
    officer: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Remember what was asked, and forget what nobody answered in time.

    Anybody may be asked, so only MOST are kept: those that would end first go.
    """
    connection.execute(delete(challenges).where(challenges.c.expires_at <= at))
    same = select(challenges.c.secret_sha256).where(challenges.c.officer.is_not_distinct_from(officer))
    over = same.order_by(challenges.c.expires_at.desc()).offset(MOST - 1)
    connection.execute(delete(challenges).where(challenges.c.secret_sha256.in_(over)))
    connection.execute(
        insert(challenges).values(
            secret_sha256=secret_sha256, kind=kind, officer=officer, data=dict(data or {}), expires_at=expires_at
        )
    )


def take(connection: Connection, secret_sha256: str, kind: str, *, at: datetime) -> Challenge | None:
    """What was asked with this secret, if it still counts; from now on it does not. Of two at once one gets it."""
    this = (challenges.c.secret_sha256 == secret_sha256) & (challenges.c.kind == kind)
    row = connection.execute(select(challenges).where(this)).one_or_none()
    if row is None or connection.execute(delete(challenges).where(this)).rowcount != 1:
        return None
    return Challenge(row.officer, row.data) if row.expires_at > at else None
