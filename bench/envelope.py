"""`python -m bench.envelope [--rounds N] [--each N]`: sealing and opening 4 KiB in the two suites of the exchange.

The suites take turns on one core. Whole envelopes, as they cross: signatures, digests and checks are in both.
"""

import argparse
import sys
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter

from bench.worker import keep_to_one_core
from lintas.exchange import envelope, keys, parcel
from lintas.exchange.keys import Card
from lintas.model.handling import Handling
from lintas.model.message import Message

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
N_BYTES = 4096
SUITES = ("classical", "hybrid")


def main() -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.envelope", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--each", type=int, default=100, help="messages of a suite in a round")
    given = parser.parse_args()
    is_bound = keep_to_one_core()
    took = defaultdict[str, list[float]](list)
    sizes = dict[str, int]()
    for _ in range(given.rounds):
        for suite in SUITES:
            seal_ms, open_ms, sizes[suite] = _round(suite, given.each)
            took[f"{suite} seal"].append(seal_ms)
            took[f"{suite} open"].append(open_ms)
    print(f"{given.rounds} rounds of {given.each} messages of {N_BYTES} bytes; one core: {is_bound}; ms a message")
    for step in ("seal", "open"):
        one, other = (median(took[f"{suite} {step}"]) for suite in SUITES)
        print(f"{step:5} classical {one:.3f}  hybrid {other:.3f}  ratio {other / one:.2f}")
    print(f"bytes classical {sizes['classical']}  hybrid {sizes['hybrid']}")
    return 0


def _round(suite: str, n: int) -> tuple[float, float, int]:
    """Milliseconds a message to sign and seal, the same to open, and the bytes of one."""
    is_classical = suite == "classical"
    started = perf_counter()
    made = [envelope.seal(envelope.sign(WHAT, ONE), WHAT, ONE, OTHER, is_classical=is_classical) for _ in range(n)]
    sealed = perf_counter()
    for each in made:
        assert envelope.open_(each, OTHER, ONE, NOW, is_classical=is_classical).message.id == WHAT.id
    opened = perf_counter()
    return (sealed - started) * 1000 / n, (opened - sealed) * 1000 / n, len(parcel.pack(made[0]))


ONE = Card("xa.fiu", "Financial Intelligence Unit of Arunia", "", keys.made(NOW))
OTHER = replace(ONE, id="xb.police", keys=keys.made(NOW))
TEXT = "".join(f"{number:x}" for number in range(N_BYTES))[:N_BYTES]
WHAT = Message(
    "m-1",
    "spontaneous",
    "m-1",
    1,
    ONE.id,
    OTHER.id,
    "investigation",
    Handling(),
    NOW,
    NOW + timedelta(days=30),
    {"subject": "An account", "text": TEXT, "channel": "fraud"},
)

if __name__ == "__main__":
    sys.exit(main())
