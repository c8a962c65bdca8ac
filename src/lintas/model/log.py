"""Which rows of the log are asked for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Wanted:
    """Which rows to find; what is empty is not asked for. `since` is within, `until` and `before` are not."""

    officer: str = ""
    agency: str = ""
    subject: str = ""
    purpose: str = ""
    verb: str = ""
    outcome: str = ""
    since: str = ""
    until: str = ""
    before: int = 0  # the number of a row
