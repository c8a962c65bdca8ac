"""How many calls an officer makes in a minute, to the pages and to the API, each counted in this process alone.

It is there against loops and against copying the node out call by call; who guesses passphrases is slowed elsewhere.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping
from math import ceil

from lintas.model.errors import InputError, TooManyCallsError

SETTING = "LINTAS_CALLS_PER_MINUTE"
# Ours: three times what one client gets that asks /match one query after another (docs/benchmarks.md: 6.3 ms each), so
# that neither a batch over several connections nor a person comes to the end.
START = 30_000
_ROUNDING = 1e-6  # of a call: seconds that only grow are rounded


class Pace:
    """A minute's calls for each officer, which come back evenly. `now`: seconds that only grow."""

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self.per_minute, self.now = per_minute, now
        self._left: dict[str, tuple[float, float]] = {}  # calls, and when they were counted; one for each officer
        self._lock = threading.Lock()

    def take(self, officer_id: str) -> None:
        """Count a call of somebody who is known here. Raises TooManyCallsError."""
        with self._lock:
            at = self.now()
            left, since = self._left.get(officer_id, (float(self.per_minute), at))
            left = min(float(self.per_minute), left + (at - since) * self.per_minute / 60)
            if left < 1 - _ROUNDING:
                raise TooManyCallsError(ceil((1 - left) * 60 / self.per_minute))
            self._left[officer_id] = max(0.0, left - 1), at


def configured(environment: Mapping[str, str] | None = None) -> Pace:
    """The pace that the environment sets. Raises InputError when it is no number of calls."""
    text = (os.environ if environment is None else environment).get(SETTING, "") or str(START)
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0):
        raise InputError(
            f"{SETTING} is no number of calls",
            where=text[:40],
            do=f"Write how many calls an officer may make in a minute, such as {START}.",
            code="bad_pace",
        )
    return Pace(int(text))
