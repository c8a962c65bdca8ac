"""What the three kinds of file have in common: a header, and rows of text cells."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

MAX_COLUMNS = 16_384  # as many as a sheet of Excel has


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row before anybody asks what its columns mean. Empty cells are left out."""

    row: int  # as a spreadsheet counts
    cells: tuple[tuple[int, str], ...]  # (index of the column, from 0; text as written)
    problems: tuple[str, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()  # (column, text) of cells that stand under no header


@dataclass(frozen=True)
class Table:
    """A file that was opened: `rows` reads it from its start, every time it is called."""

    kind: str  # csv, xlsx, ftm
    header: tuple[str, ...]  # empty text for a column without a name
    rows: Callable[[], Iterator[RawRow]]
    n_rows: int | None
    notes: tuple[str, ...] = ()


def is_empty(cells: Sequence[str]) -> bool:
    """Whether a row holds nothing but white space."""
    return not any(cell and not cell.isspace() for cell in cells)


def column_name(index: int) -> str:
    """How a column without a header is called; `index` counts from 0."""
    return f"column {index + 1}"


def raw_row(number: int, cells: Mapping[int, str], width: int, *, is_short_a_problem: bool, n: int = 0) -> RawRow:
    """The cells of a row by column, beneath a header of `width` columns; what stands further right is kept unread.

    `n`: how many cells the row has, empty ones counted; else as many as reach to its last filled one.
    """
    filled = [(index, cell) for index, cell in cells.items() if cell and not cell.isspace()]
    n_cells = n or (max(cells) + 1 if cells else 0)
    extra = tuple((column_name(index), cell) for index, cell in filled if index >= width)
    problems: tuple[str, ...] = ()
    if extra:
        problems = (f"the row has {n_cells} cells, the header {width}; the extra ones are kept unread",)
    elif is_short_a_problem and n_cells < width:
        problems = (f"the row has {n_cells} cells, the header {width}; cells may stand under a wrong header",)
    return RawRow(number, tuple(pair for pair in filled if pair[0] < width), problems, extra)
