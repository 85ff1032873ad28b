"""Excel workbooks (.xlsx)."""

import datetime as dt
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import python_calamine
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from knowledge.errors import InvalidValue
from qa_service.tables.calculated import report_calculated
from qa_service.tables.cells import Cell
from qa_service.tables.columns import Columns
from qa_service.tables.delimited import as_text
from qa_service.tables.table import Header, Problem, Table, UnreadableFile, find_header, table_of_grid

_MAX_UNPACKED = 300 * 1024 * 1024
_MAX_GRID = 10_000_000  # cells between A1 and the last one, written or not: they are all held in memory
_LONGEST_CELL = 32_767  # Excel's own limit
_FILLED = re.compile(rb'<(?:\w+:)?c [^>]*?r="([A-Z]{1,3})(\d{1,7})"[^>]*[^/>]>')
_CALCULATED = re.compile(rb'<(?:\w+:)?f[ >/]|<(?:\w+:)?c [^>]*t="e"')
_ESCAPED = re.compile("_x(?=[0-9A-Fa-f]{4}_)")
_DAMAGED = "Excel 文件不完整或已损坏，请用 Excel 打开原文件重新另存为 .xlsx"

Grid = list[tuple[int, list[Cell]]]


def read_workbook(path: Path, columns: Columns) -> Table:
    """Read the first visible sheet that has a recognised header.

    Merged cells have their value in every row. Raises UnreadableFile when the file is damaged, or no
    visible sheet has the columns.
    """
    calculated = _inspect(path)
    try:
        with python_calamine.load_workbook(str(path)) as workbook:
            sheet, grid = _choose_sheet(workbook, columns, path.name)
    except python_calamine.PasswordError as error:
        raise UnreadableFile("工作簿加了密码，请去掉密码后再导入", value=path.name) from error
    except python_calamine.CalamineError as error:
        raise UnreadableFile(_DAMAGED, value=path.name) from error
    table = table_of_grid(path.name, grid, columns)
    table.warnings += _merged_warnings(sheet, table)
    if calculated:
        report_calculated(path, sheet.name, table)
    return table


def write_workbook(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write one sheet of text cells: nothing in them is ever a formula, a number or a date.

    Raises InvalidValue for a text that no cell can hold.
    """
    # All rows first: a sheet that is given up half-way would stay open.
    texts = [[_fitting(as_text(cell)) for cell in row] for row in rows]
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Sheet1")
    sheet.freeze_panes = "A2"
    for place, header in enumerate(headers, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = 60 if header in ("答案", "正文") else 20
    sheet.append(_TextCells(sheet, bold=True).row(headers))
    cells = _TextCells(sheet)
    for row in texts:
        sheet.append(cells.row(row))
    workbook.save(path)


def _inspect(path: Path) -> bool:
    """Whether the file has formulas or errors in it. Raises UnreadableFile when it would not fit in memory."""
    calculated = False
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > _MAX_UNPACKED:
                raise UnreadableFile("内容解压后过大，请拆成几个文件分别导入", value=path.name)
            for name in archive.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    xml = archive.read(name)
                    _require_small_grid(xml, path.name)
                    calculated = calculated or _CALCULATED.search(xml) is not None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise UnreadableFile(_DAMAGED, value=path.name) from error
    return calculated


def _require_small_grid(xml: bytes, file: str) -> None:
    """A single stray cell in the far corner of a sheet would claim hundreds of gigabytes."""
    last_row, last_column = 0, 0
    for cell in _FILLED.finditer(xml):
        last_row = max(last_row, int(cell[2]))
        last_column = max(last_column, _column_number(cell[1]))
    if last_row * last_column > _MAX_GRID:
        corner = f"{get_column_letter(min(last_column, 16384))}{last_row}"
        message = "有内容离表格很远的格子，请删除表格以外的行和列后重新保存"
        raise UnreadableFile(message, value=f"{file} 的范围一直到 {corner}")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _choose_sheet(
    workbook: python_calamine.CalamineWorkbook, columns: Columns, file: str
) -> tuple[python_calamine.CalamineSheet, Grid]:
    """The first visible sheet with all required columns; else the one that comes nearest, for its message."""
    best: tuple[int, python_calamine.CalamineSheet, Grid] | None = None
    for metadata in workbook.sheets_metadata:
        worksheet = metadata.typ is python_calamine.SheetTypeEnum.WorkSheet
        if not worksheet or metadata.visible is not python_calamine.SheetVisibleEnum.Visible:
            continue
        sheet = workbook.get_sheet_by_name(metadata.name)
        grid = _grid(sheet)
        header = find_header(grid, columns)
        if header is not None and not header.missing(columns):
            return sheet, grid
        nearness = _nearness(header)
        if best is None or nearness > best[0]:
            best = (nearness, sheet, grid)
    if best is None:
        raise UnreadableFile("没有可见的工作表，请取消隐藏要导入的工作表", value=file)
    return best[1], best[2]


def _nearness(header: Header | None) -> int:
    return -1 if header is None else header.recognised()


def _grid(sheet: python_calamine.CalamineSheet) -> Grid:
    """Every row with its number in the sheet; a merged cell's value stands in each of its rows."""
    values = [[_text(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        if top < len(values) and left < len(values[top]):
            for row in values[top + 1 : bottom + 1]:
                row[left] = values[top][left]
    return [(number, list(row)) for number, row in enumerate(values, start=1)]


def _text(value: Any) -> str:
    """What a cell's value looks like to people: whole numbers without a point, dates as 2024-01-05."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def _merged_warnings(sheet: python_calamine.CalamineSheet, table: Table) -> list[Problem]:
    first = table.rows[0].number
    tall = [r for r in sheet.merged_cell_ranges or () if r[1][0] > r[0][0] and r[1][0] + 1 > first]
    if not tall:
        return []
    return [
        Problem(tall[0][0][0] + 1, "", "", f"有{len(tall)}处合并单元格，其中各行都按同一内容读取，请核对")
    ]


class _TextCells:
    """Makes cells that hold text and nothing else; a style is made once, as making one takes its time."""

    def __init__(self, sheet: Any, bold: bool = False) -> None:
        self._sheet = sheet
        self._model: Any = WriteOnlyCell(sheet)
        self._model.alignment = Alignment(wrap_text=True, vertical="top")
        self._model.font = Font(bold=bold)
        self._model.quotePrefix = True  # else Excel takes "=…" for a formula when somebody edits the cell

    def row(self, texts: Sequence[str]) -> list[Any]:
        """A row of the sheet."""
        return [self._cell(text) for text in texts]

    def _cell(self, text: str) -> Any:
        # Excel reads _x0041_ as an escaped character; an escaped underscore keeps it as it is written.
        cell: Any = WriteOnlyCell(self._sheet, _ESCAPED.sub("_x005F_x", text))
        cell.data_type = "s"  # openpyxl takes text that starts with = for a formula
        cell._style = self._model._style
        return cell


def _fitting(text: str) -> str:
    if len(text) > _LONGEST_CELL:
        fits = f"最多{_LONGEST_CELL:,}个字，现有{len(text):,}个字，请改为导出 .jsonl"
        raise InvalidValue("Excel 单元格", text, fits)
    return text
