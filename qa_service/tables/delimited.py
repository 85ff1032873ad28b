"""CSV, also with tabs or semicolons between the cells."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from qa_service.tables.cells import Cell, guard_formula, join_bars, join_lines, unguard_formula
from qa_service.tables.columns import Columns
from qa_service.tables.table import Header, Table, UnreadableFile, limited, table_of_grid
from qa_service.tables.text_files import read_text

_JSON = re.compile(r"\s*(\[\s*)?\{")
_LONGEST_CELL = 131_072  # the csv module's own limit


def read_delimited(path: Path, columns: Columns) -> Table:
    """Read a CSV file. Raises UnreadableFile when it is not one, or its quotes do not pair."""
    text = read_text(path)
    if _JSON.match(text):
        raise UnreadableFile("扩展名是 .csv，内容却像 JSON，请把扩展名改为 .json 或 .jsonl", value=path.name)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, columns), strict=True)
    try:
        counted = enumerate(lines, start=1)
        grid = [(number, _cells(line)) for number, line in limited(counted)]
    except csv.Error as error:
        message = '引号没有成对，后面的内容无法分清是哪一格；格内的引号应写成两个（""）'
        if "field larger" in str(error):
            message = f"有一格超过{_LONGEST_CELL:,}个字，多半是引号没有成对，请检查这一行附近"
        raise UnreadableFile(message, lines.line_num) from error
    return table_of_grid(path.name, grid, columns)


def write_delimited(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write CSV in UTF-8 with a byte order mark, without which Excel garbles Chinese."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headers)
        for row in rows:
            writer.writerow([guard_formula(as_text(cell)) for cell in row])


def as_text(cell: Cell) -> str:
    """A cell for a format that has no lists; empty items keep their place."""
    if isinstance(cell, str):
        return cell
    return join_lines(cell) if all(cell) else join_bars(cell)


def _cells(line: Sequence[str]) -> list[Cell]:
    return [unguard_formula(cell) for cell in line]


def _delimiter(text: str, columns: Columns) -> str:
    """The delimiter under which the most headers are recognised in the first lines."""
    head = [line for line in text.split("\n", 10)[:10] if line.strip()]

    def recognised(delimiter: str) -> int:
        rows = csv.reader(head, delimiter=delimiter)
        return max((Header.read(0, cells, columns).recognised() for cells in rows), default=0)

    try:
        return max(",\t;", key=recognised)
    except csv.Error:  # the whole text is going to be read strictly, with a message that tells the line
        return ","
