"""Where the real data, the results and the page with the table are."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
RESULTS = ROOT / "bench" / "results"

# Each list as it is loaded: its publisher's files. The aliases of OFAC are in a file of their own.
LISTS = {
    "un_sc": ("un_consolidated_2026-02-27.xml",),
    "us_ofac_sdn": ("ofac_sdn_2024-05-03.csv", "ofac_alt_2025.csv"),
}
NAMES = ("negatives_global.csv", "positives_un_treated.csv", "positives_un_untreated.csv", "labelled_name_pairs.csv")


def shared() -> Path:
    """The folder of real public data: LINTAS_SHARED, else `shared` beside the repository."""
    return Path(os.environ.get("LINTAS_SHARED") or ROOT.parent / "shared")


def list_file(name: str) -> Path:
    """A file of a sanctions list."""
    return shared() / "data" / "lists" / name


def names_file(name: str) -> Path:
    """A file of names that were made or labelled for tests."""
    return shared() / "data" / "names" / name


def missing() -> list[Path]:
    """Files that the measurements need and that are not here."""
    needed = [list_file(name) for files in LISTS.values() for name in files] + [names_file(name) for name in NAMES]
    return [path for path in needed if not path.is_file()]
