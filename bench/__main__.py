"""`python -m bench [NAME ...] [--quick]`; `python -m bench setup` only installs the rival."""

import argparse
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from bench import machine, places, rivals, table
from bench.measure import RIVAL, Measure
from bench.parts import PARTS
from bench.plan import QUICK, Run, Sizes


def main() -> int:
    """Measure, print the tables, keep the numbers; a whole run writes the page, too."""
    given = _arguments()
    if "setup" in given.parts:
        return 0 if rivals.setup() else 1
    if absent := places.missing():
        print("bench: nothing was measured, because the real data is not here:", *absent, sep="\n  ")
        print("Set LINTAS_SHARED to the folder that holds data/lists and data/names.")
        return 0
    has_rival = rivals.setup()
    names = [name for name in PARTS if name in given.parts or not given.parts]
    facts, results = _measured(names, QUICK if given.quick else Sizes())
    text = table.render(facts, results)
    print(text)
    kept = _keep(facts, results, "" if names == list(PARTS) else "-".join(names), "quick" if given.quick else "")
    print(f"bench: all numbers are in {kept}", file=sys.stderr)
    if has_rival and not given.quick and names == list(PARTS):
        table.write(places.PAGE, text)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="NAME", help=f"setup, or any of: {', '.join(PARTS)}; all when none")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it works; nothing is published")
    given = parser.parse_args()
    if unknown := set(given.parts) - {*PARTS, "setup"}:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    return given


def _measured(names: list[str], sizes: Sizes) -> tuple[dict[str, Any], dict[str, list[Measure]]]:
    facts = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join(["python -m bench", *sys.argv[1:]]),
        "machine": machine.facts(),
        "sizes": asdict(sizes),
        "lists": places.LISTS,
    }
    results = {}
    with Run(sizes) as run:
        for name in names:
            print(f"bench: {name}", file=sys.stderr)
            results[name] = PARTS[name](run)
        facts["rival"] = _rival_versions(run)
    return facts, results


def _rival_versions(run: Run) -> dict[str, str]:
    if RIVAL not in run.names:
        return {}
    with run.start(RIVAL) as worker:
        versions: dict[str, str] = worker.ask("versions")
        return versions


def _keep(facts: dict[str, Any], results: dict[str, list[Measure]], *marks: str) -> str:
    places.RESULTS.mkdir(exist_ok=True)
    day = facts["measured_at"][:10]
    target = places.RESULTS / ("-".join([day, *filter(None, marks)]) + ".json")
    whole = {**facts, "results": {part: [vars(row) for row in rows] for part, rows in results.items()}}
    target.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return str(target.relative_to(places.ROOT))


if __name__ == "__main__":
    sys.exit(main())
