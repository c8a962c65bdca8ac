"""An officer's customer file: opened, its columns read, its rows drawn one by one as entities."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from lintas.model.customer import ColumnUse, Customer
from lintas.sources.customers import delimited, ftm_lines, header, kinds, workbook
from lintas.sources.customers.lines import text_file
from lintas.sources.customers.row import customer
from lintas.sources.customers.table import Table


@dataclass(frozen=True)
class CustomerFile:
    """A customer file that can be read. Its rows can be drawn any number of times."""

    name: str
    kind: str  # csv, xlsx, ftm
    columns: tuple[ColumnUse, ...]
    n_rows: int | None  # rows that are not empty; None for a large workbook, where counting takes as long as reading
    notes: tuple[str, ...]  # what concerns the whole file, such as sheets that are not read
    table: Table

    def rows(self) -> Iterator[Customer]:
        """Every row that is not wholly empty, in the order of the file.

        A second row with the id of an earlier one is a problem of the second. To see that, a hash of every id is
        held: about 60 bytes a row, the only memory that grows with the file.
        """
        seen: set[int] = set()
        for raw in self.table.rows():
            found = customer(raw, self.columns, keeps_ids=self.kind == "ftm")
            key = hash(found.id)
            if key in seen:
                found = replace(found, problems=(*found.problems, f"id: {found.id[:60]!r} is also of an earlier row"))
            seen.add(key)
            yield found


def open_customers(path: Path, name: str, mapping: Mapping[str, str] | None = None) -> CustomerFile:
    """Open the file at `path`, which the officer calls `name`.

    `mapping` says how columns are read whose header is not a usual one: {header: FollowTheMoney property, or `id`,
    `schema` or `ignore`}. Raises FileError for a file of another kind, encoding or make, TooLargeError over the
    limits, InputError for a wrong mapping or when nothing in the file can be screened by.
    """
    given = mapping or {}
    table = _table(path, name, given)
    return CustomerFile(name, table.kind, header.uses(table, given, name), table.n_rows, table.notes, table)


def _table(path: Path, name: str, mapping: Mapping[str, str]) -> Table:
    kind = kinds.kind_of(path, name)
    if kind == "xlsx":
        return workbook.open_table(path, name)
    source = text_file(path, name, kinds.head_of(path, name))
    if kind == "ftm":
        return ftm_lines.open_table(source)
    return delimited.open_table(source, partial(header.is_known, mapping=mapping))
