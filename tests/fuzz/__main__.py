"""`python -m tests.fuzz [NAME ...] [--seconds N] [--write PAGE]`: fuzz every parser, print a table, keep what crashed.

Ends with 1 when anything but an allowed error came out of a parser.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench import machine
from tests.fuzz.targets import targets

BEGIN, END = "<!-- begin: written by make fuzz -->", "<!-- end: written by make fuzz -->"
AT_ONCE = 2
GRACE_S = 300  # to start, to read the seeds and to end
_RUNS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
_TOOK = re.compile(r"Done \d+ runs in (\d+) second")
_REACHED = re.compile(r"cov: (\d+)")


@dataclass(frozen=True)
class Fuzzed:
    """What came of one target. `n_reached`: branches of our code, as atheris counts them."""

    name: str
    n_runs: int
    seconds: int
    n_reached: int
    crashes: tuple[str, ...]


def main() -> int:
    """Fuzz, print the table, write it into a page when one is named."""
    given, before = _arguments(), machine.words(machine.facts())
    names = given.names or list(targets())
    with tempfile.TemporaryDirectory(prefix="lintas-fuzz-") as folder, ThreadPoolExecutor(AT_ONCE) as several:
        found = list(several.map(partial(_fuzz, seconds=given.seconds, folder=Path(folder)), names))
    text = _table(found)
    print(text)
    for one in found:
        print(*(f"{one.name}: {crash}" for crash in one.crashes), sep="\n", end="\n" if one.crashes else "")
    if given.write and not given.names:
        on = f"{datetime.now(UTC):%Y-%m-%d}, {given.seconds} s for each parser, {AT_ONCE} at once: {before}."
        _write(given.write, f"Measured on {on}\n\n{text}")
    return int(any(one.crashes or not one.n_runs for one in found))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="any of the targets; all when none is named")
    parser.add_argument("--seconds", type=int, default=30, help="for each target")
    parser.add_argument("--write", type=Path, help="a page with the two markers")
    return parser.parse_args()


def _fuzz(name: str, *, seconds: int, folder: Path) -> Fuzzed:
    mine = folder / re.sub(r"\W+", "-", name)
    line = [sys.executable, "-m", "tests.fuzz.one", name, str(seconds), str(mine)]
    print(f"fuzz: {name}", file=sys.stderr)
    try:
        ended = subprocess.run(line, capture_output=True, timeout=seconds + GRACE_S, check=False)
        said, code = ended.stderr.decode("utf-8", "replace"), ended.returncode
    except subprocess.TimeoutExpired as error:
        said, code = (error.stderr or b"").decode("utf-8", "replace"), -1
    kept = sorted((mine / "crashes").glob("*")) if (mine / "crashes").is_dir() else []
    crashes = [path.read_text(encoding="utf-8").strip() for path in kept if path.suffix == ".txt"]
    # Of a crash that ended the process there is only the input: over the time, over the memory, or in C.
    crashes += [path.name for path in kept if not path.suffix and not path.with_suffix(".txt").exists()]
    if code and not crashes:
        crashes.append(f"ended with {code}: {said[-2000:]}")
    return Fuzzed(name, _number(_RUNS, said), _number(_TOOK, said) or seconds, _number(_REACHED, said), tuple(crashes))


def _number(pattern: re.Pattern[str], said: str) -> int:
    found = pattern.findall(said)
    return int(found[-1]) if found else 0


def _table(found: Sequence[Fuzzed]) -> str:
    crashes = tuple(crash for one in found for crash in one.crashes)
    whole = Fuzzed("**all**", sum(one.n_runs for one in found), sum(one.seconds for one in found), 0, crashes)
    lines = [["parser", "executions", "seconds", "executions/s", "branches reached", "unique crashes"]]
    lines += [["---", *["---:"] * 5]]
    for one in (*found, whole):
        rate = f"{one.n_runs / max(1, one.seconds):,.0f}"
        reached = f"{one.n_reached:,}" if one.n_reached else ""
        lines.append([one.name, f"{one.n_runs:,}", f"{one.seconds:,}", rate, reached, str(len(one.crashes))])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _write(page: Path, text: str) -> None:
    """Put `text` between the markers of a page; everything else on it stays."""
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
