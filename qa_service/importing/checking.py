"""Reading the cells of one row, noting every problem instead of stopping at the first."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from knowledge.errors import InvalidValue
from qa_service.tables.cells import Cell
from qa_service.tables.columns import Columns
from qa_service.tables.table import Problem, Row, Table

T = TypeVar("T")

Reader = Callable[[str, Cell], Any]
"""Reads a cell; its first argument is the column's name for the message of InvalidValue."""


class RowCheck:
    """One row being checked; `problems` and `warnings` grow as its cells are read."""

    def __init__(self, row: Row, table: Table, columns: Columns) -> None:
        self._row = row
        self._headers = table.headers
        self._columns = columns
        self.problems: list[Problem] = list(row.problems)
        self.warnings: list[Problem] = []

    def given(self, *keys: str) -> bool:
        """Whether the row speaks of any of these columns at all."""
        return any(key in self._row.cells for key in keys)

    def cell(self, key: str) -> Cell:
        """What is written in a column, "" when the row does not have it."""
        return self._row.cells.get(key, "")

    def read(self, key: str, reader: Reader) -> Any:
        """The value of a column; None when it cannot be read, which is noted."""
        label = self._columns.label(key)
        try:
            return reader(label, self.cell(key))
        except InvalidValue as error:
            self.note(key, error)
            return None

    def read_given(self, readers: Mapping[str, Reader]) -> dict[str, Any]:
        """The values of those columns that the row speaks of."""
        return {key: self.read(key, reader) for key, reader in readers.items() if self.given(key)}

    def note(self, key: str, error: InvalidValue) -> None:
        """Note a value that cannot be read, in the column of that key."""
        self.problems.append(Problem(self._row.number, self.header(key), str(error.value), error.expected))

    def warn(self, key: str, value: str, message: str) -> None:
        """Note something that does not keep the row out."""
        self.warnings.append(Problem(self._row.number, self.header(key), value, message))

    def header(self, key: str) -> str:
        """What the file calls a column."""
        return self._headers.get(key, self._columns.label(key))


def repeated(identities: Iterable[tuple[int, str]], column: str, advice: str) -> list[Problem]:
    """A problem for every row whose identity another row has too; which of them is meant only a person can say."""
    rows: dict[str, list[int]] = {}
    for number, identity in identities:
        rows.setdefault(identity, []).append(number)
    return [
        Problem(number, column, identity, f"与第{_others(same, number)}行重复，{advice}")
        for identity, same in rows.items()
        if len(same) > 1
        for number in same
    ]


def _others(rows: list[int], number: int) -> str:
    others = [str(other) for other in rows if other != number]
    return "、".join(others[:5]) + ("等" if len(others) > 5 else "")
