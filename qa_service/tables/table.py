"""Rows under recognised columns, and what was wrong with them."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from knowledge.errors import ZhengdaError
from qa_service.tables.cells import Cell, is_blank
from qa_service.tables.columns import Column, Columns, is_remark

Numbered = TypeVar("Numbered")

MAX_ROWS = 100_000
_HEADER_WITHIN = 10  # rows; a title and a note often stand above the header
_SHOWN = 60


@dataclass(frozen=True)
class Problem:
    """Something wrong in a file. `row` is as a spreadsheet program numbers it, 0 for the file as a whole."""

    row: int
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        where = f"第{self.row}行" if self.row else ""
        where += f"“{self.column}”列" if self.column else ""
        shown = self.value if len(self.value) <= _SHOWN else self.value[:_SHOWN] + "…"
        what = f"“{shown}”" if shown else ""
        return f"{where}{what}：{self.message}" if where or what else self.message


class UnreadableFile(ZhengdaError):
    """The file as a whole cannot be read as a table."""

    code = "unreadable-file"

    def __init__(self, message: str, row: int = 0, column: str = "", value: str = "") -> None:
        self.problem = Problem(row, column, value, message)
        super().__init__(str(self.problem))


@dataclass(frozen=True)
class Row:
    """`cells` by column key; `written` by header, as the file has it, for giving the row back to its author."""

    number: int
    cells: Mapping[str, Cell]
    written: Mapping[str, Cell]
    problems: tuple[Problem, ...] = ()


@dataclass
class Table:
    """`headers` gives for each recognised column the header that the file uses for it; `places`, in a
    spreadsheet, the key of each recognised column by its position from 1.
    """

    file: str
    headers: Mapping[str, str]
    rows: list[Row]
    places: Mapping[int, str] = field(default_factory=dict)
    warnings: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Header:
    """A row of headers, and the column that each means; None for one that means nothing here."""

    row: int
    texts: tuple[str, ...]
    columns: tuple[Column | None, ...]

    @classmethod
    def read(cls, row: int, cells: Sequence[Cell], columns: Columns) -> "Header":
        """Recognise what can be recognised."""
        texts = tuple(cell.strip() if isinstance(cell, str) else "" for cell in cells)
        return cls(row, texts, tuple(columns.recognise(text) if text else None for text in texts))

    def missing(self, columns: Columns) -> list[Column]:
        """Required columns that are not there."""
        return [column for column in columns.required() if column not in self.columns]

    def recognised(self) -> int:
        """How many of the headers mean something here."""
        return sum(column is not None for column in self.columns)

    def require_complete(self, columns: Columns) -> None:
        """Raise UnreadableFile when a required column is missing or one occurs twice."""
        if missing := self.missing(columns):
            names = "、".join(f"“{column.label}”" for column in missing)
            found = "、".join(text for text in self.texts if text)
            raise UnreadableFile(
                f"缺少必需的列{names}；认到的表头是：{found[:200] or '空'}。请补上这些列，或改用中文或英文的标准列名",
                self.row,
            )
        for column in columns:
            same = [text for text, meant in zip(self.texts, self.columns, strict=True) if meant is column]
            if len(same) > 1:
                raise UnreadableFile(
                    f"列“{column.label}”出现了{len(same)}次（{'、'.join(same)}），请只保留一列", self.row
                )

    def unknown(self) -> list[str]:
        """Headers that mean nothing here."""
        pairs = zip(self.texts, self.columns, strict=True)
        return [text for text, column in pairs if text and column is None and not is_remark(text)]


Grid = Iterable[tuple[int, Sequence[Cell]]]
"""Rows of cells, each with its number."""


def find_header(grid: Grid, columns: Columns) -> Header | None:
    """The row that most looks like the header, among the first few that are not blank; None when all are blank."""
    filled = (row for row in grid if not all(map(is_blank, row[1])))
    best: Header | None = None
    for number, cells in itertools.islice(filled, _HEADER_WITHIN):
        header = Header.read(number, cells, columns)
        if not header.missing(columns):
            return header
        if best is None or header.recognised() > best.recognised():
            best = header
    return best


def table_of_grid(file: str, grid: Sequence[tuple[int, Sequence[Cell]]], columns: Columns) -> Table:
    """The table below the header. Raises UnreadableFile when there is no header, or nothing below it."""
    header = find_header(grid, columns)
    if header is None:
        raise UnreadableFile("文件是空的，没有表头，也没有数据", value=file)
    header.require_complete(columns)
    names = _distinct(header.texts)
    below = (row for row in grid if row[0] > header.row and not all(map(is_blank, row[1])))
    rows = [_row(number, cells, header, names) for number, cells in limited(below)]
    if not rows:
        raise UnreadableFile("只有表头，没有数据行，请在表头下面填写内容", header.row)
    headers = {meant.key: text for text, meant in zip(header.texts, header.columns, strict=True) if meant}
    places = {place: column.key for place, column in enumerate(header.columns, start=1) if column}
    return Table(file, headers, rows, places, unknown_columns(header.unknown(), header.row))


def limited(rows: Iterable[Numbered]) -> Iterator[Numbered]:
    """The rows; raises UnreadableFile when there are too many."""
    for count, row in enumerate(rows, start=1):
        require_few(count)
        yield row


def require_few(rows: int) -> None:
    """Raise UnreadableFile when a file has more rows than one import takes."""
    if rows > MAX_ROWS:
        raise UnreadableFile(
            f"超过{MAX_ROWS:,}行，一次最多导入{MAX_ROWS:,}行，请拆成几个文件分别导入", MAX_ROWS + 1
        )


def unknown_columns(headers: Sequence[str], row: int) -> list[Problem]:
    """One warning for each column that is not going to be read."""
    return [Problem(row, header, "", "不认得这一列，已略过；如需导入请改用标准列名") for header in headers]


def _row(number: int, cells: Sequence[Cell], header: Header, names: Sequence[str]) -> Row:
    beyond = [cell for cell in cells[len(names) :] if not is_blank(cell)]
    written = dict(zip(names, cells, strict=False))
    problems: tuple[Problem, ...] = ()
    if beyond:
        written |= {f"（多出{place}）": cell for place, cell in enumerate(beyond, start=1)}
        message = f"这一行比表头多出{len(beyond)}格，多半是内容里的逗号没有用引号括起来，请检查"
        problems = (Problem(number, "", str(beyond[0]), message),)
    keyed = {
        column.key: cells[place] if place < len(cells) else ""
        for place, column in enumerate(header.columns)
        if column
    }
    return Row(number, keyed, written, problems)


def _distinct(texts: Sequence[str]) -> list[str]:
    """The headers as keys for giving rows back: nameless and repeated ones get a number."""
    seen: set[str] = set()
    names: list[str] = []
    for place, text in enumerate(texts, start=1):
        name = text if text and text not in seen else f"{text}（第{place}列）"
        seen.add(name)
        names.append(name)
    return names
