"""Fuzz one target: `python -m tests.fuzz.one NAME SECONDS FOLDER`. Guided by what of our code an input reaches."""

import sys
import traceback
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import atheris

# Ours, and what of others is Python and reads what strangers send. What is C is watched from outside.
WATCHED = ["lintas", "openpyxl", "followthemoney", "rigour", "normality", "stdnum", "zipfile", "json", "csv"]
TIMEOUT_S = 30  # for one input
RSS_MB = 3000


def main() -> None:
    """Run until the time is over; each crash that is of another kind is kept as a file in `FOLDER`."""
    name, seconds, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    with atheris.instrument_imports(include=WATCHED):
        from tests.fuzz.targets import targets  # noqa: PLC0415  # imports are what is instrumented
    target = targets()[name]
    seeds, crashes = folder / "seeds", folder / "crashes"
    for made in (seeds, crashes):
        made.mkdir(parents=True)
    for number, seed in enumerate(target.seeds):
        (seeds / str(number)).write_bytes(seed)
    options = (
        f"-max_total_time={seconds}",
        f"-max_len={target.max_len}",
        f"-timeout={TIMEOUT_S}",
        f"-rss_limit_mb={RSS_MB}",
        f"-artifact_prefix={crashes}/",
        "-print_final_stats=1",
    )
    atheris.Setup([sys.argv[0], *options, str(seeds)], judged(target.run, target.allowed, crashes))
    atheris.Fuzz()


def judged(
    run: Callable[[bytes], object], allowed: tuple[type[Exception], ...], crashes: Path
) -> Callable[[bytes], None]:
    """`run`, of which every other exception is kept once for the place that raised it; the fuzzing goes on."""

    def once(content: bytes) -> None:
        try:
            run(content)
        except allowed:
            return
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            words = f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
            kept = crashes / f"crash-{sha256(words.encode()).hexdigest()[:12]}"
            if not kept.exists():
                kept.write_bytes(content)
                kept.with_suffix(".txt").write_text(f"{words}: {error}\n{traceback.format_exc()}", "utf-8", "replace")

    return once


if __name__ == "__main__":
    main()
