"""A thing that was measured, and the numbers of its rounds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

OURS, RIVAL = "Lintas", "nomenklatura"


@dataclass(frozen=True)
class Measure:
    """`values`: by side, one number per round. `better`: lower, higher, or neither when there is nothing to divide."""

    what: str
    unit: str  # s, ms, /s, MB, MB/s, s/GB, %, n
    values: Mapping[str, Sequence[float]]
    better: str = "lower"
    aim: str = ""

    def middle(self, side: str) -> float | None:
        """The median of the rounds; None for a side that was not measured."""
        return median(self.values[side]) if self.values.get(side) else None

    def times(self) -> float | None:
        """How many times better Lintas is than the rival, median by median."""
        ours, rival = self.middle(OURS), self.middle(RIVAL)
        if not ours or not rival or self.better == "neither":
            return None
        return rival / ours if self.better == "lower" else ours / rival


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` of the values do not pass."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def share(flags: Sequence[bool]) -> float:
    """How many of the flags are set, in percent."""
    return 100 * sum(flags) / max(1, len(flags))


def peak_mb(process: int | str = "self") -> float:
    """The most memory that a process ever held, pages of mapped files with it (VmHWM); nan where Linux is not."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return math.nan
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(fields["VmHWM"].split()[0]) / 1024
