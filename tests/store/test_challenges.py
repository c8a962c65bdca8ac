"""What was asked and is not answered yet: anybody may be asked, so it is bounded, and nobody pushes another's out."""

from datetime import UTC, datetime, timedelta

import pytest

from lintas.desk.office import Office
from lintas.store import challenges
from tests.desk.entries import rows

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def test_of_too_many_those_that_would_end_first_go(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(challenges, "MOST", 3)
    with office.database.write() as connection:
        challenges.keep(connection, "hers", "passkey.new", at=AT, expires_at=AT + timedelta(seconds=1), officer="rina")
        for n in range(10):
            until = AT + timedelta(minutes=5, seconds=n)
            challenges.keep(connection, f"anybody {n}", "passkey.asked", at=AT, expires_at=until)
    assert [row[0] for row in rows(office, "challenges")["challenges"]] == [
        *(f"anybody {n}" for n in (7, 8, 9)),
        "hers",
    ]
    with office.database.write() as connection:
        assert challenges.take(connection, "anybody 6", "passkey.asked", at=AT) is None
        assert challenges.take(connection, "anybody 9", "passkey.asked", at=AT)
        assert challenges.take(connection, "hers", "passkey.new", at=AT)
