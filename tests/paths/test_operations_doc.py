"""docs/operations.md names every setting that the environment gives a node, and no other."""

import re
from pathlib import Path

import lintas

SOURCES = Path(lintas.__file__).parent
PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
VARIABLE = re.compile(r"LINTAS_[A-Z_]+[A-Z]")


def test_every_setting_stands_in_its_table() -> None:
    _, _, rest = PAGE.read_text(encoding="utf-8").partition("\n## Settings\n")
    table = rest.partition("\n## ")[0]
    read = {name for path in SOURCES.rglob("*.py") for name in VARIABLE.findall(path.read_text(encoding="utf-8"))}
    assert set(VARIABLE.findall(table)) == read
