"""A table that is made of the rows of the log, read beside them in their order to see whether it fits."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select

PIECE = 2000  # rows that are fetched at once


class Beside:
    """What is listed for each row. `query`: in the order of its first column, the number of a row."""

    def __init__(self, connection: Connection, query: Select[Any]) -> None:
        rows = connection.execution_options(yield_per=PIECE).execute(query)
        # A number that is none stands before every row, and so fits none.
        self._rest = ((number if isinstance(number, int) else 0, tuple(told)) for number, *told in rows)
        self._next = next(self._rest, None)

    def of(self, number: int) -> Sequence[tuple[object, ...]] | None:
        """What is listed for the next row; None when something is listed that is of no row."""
        listed = list[tuple[object, ...]]()
        while self._next is not None and self._next[0] <= number:
            if self._next[0] < number:
                return None
            listed.append(self._next[1])
            self._next = next(self._rest, None)
        return listed

    def left(self) -> int | None:
        """The first row that something is listed for and that is not there."""
        return None if self._next is None else self._next[0]
