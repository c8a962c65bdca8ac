"""The editions of the OFAC list between two dates, from the first one and what changed since."""

import csv
import gzip
from pathlib import Path

import orjson

NULL = "-0- "


class Snapshots:
    """Snapshot 0 is the first edition; each next one is it with the following delta applied."""

    def __init__(self, shared: Path) -> None:
        lists = shared / "data" / "lists"
        with (lists / "ofac_sdn_2021-08-18.csv").open(encoding="utf-8", newline="") as file:
            self._rows = {row[0]: row for row in csv.reader(file) if len(row) == 12}
        with gzip.open(lists / "ofac_sdn_deltas_2021-08_2024-05.jsonl.gz") as lines:
            self._deltas = [orjson.loads(line) for line in lines]
        self._at = 0

    def __len__(self) -> int:
        return len(self._deltas) + 1

    @property
    def n_rows(self) -> int:
        return len(self._rows)

    def write(self, number: int, path: Path) -> None:
        """Go on to a snapshot and write it as the publisher's file."""
        while self._at < number:
            delta = self._deltas[self._at]
            for gone in delta["removed"]:
                del self._rows[str(gone)]
            for row in (*delta["added"], *delta["changed"]):
                self._rows[row[0]] = row
            self._at += 1
            assert self.n_rows == delta["n"], f"after {delta['ts']}"
        path.write_text("".join(map(_line, self._rows.values())), encoding="utf-8", newline="")


def _line(row: list[str]) -> str:
    """A row as the publisher quotes it."""
    quoted = [f'"{cell}"' if i > 0 and cell != NULL else cell for i, cell in enumerate(row)]
    assert not any('"' in cell for cell in row)
    return ",".join(quoted) + "\r\n"
