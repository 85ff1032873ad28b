"""Cells of a workbook that hold a formula or an error, which read as blank when there is no result."""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from openpyxl import load_workbook

from qa_service.tables.cells import is_blank
from qa_service.tables.table import Problem, Table

_ERROR = "单元格是公式错误，请在 Excel 中改正，或改为文字"
_NO_RESULT = "公式没有结果，按空白读取；如不应空白，请在 Excel 中重新计算并保存"

_UNCHECKED = "工作表中有公式，但无法核对它们的结果，请检查读到的内容，或用 Excel 打开后重新保存"


def report_calculated(path: Path, sheet: str, table: Table) -> None:
    """Make errors a problem of their rows, and formulas without a result a warning."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validation rules, which nobody here asks for
            _report(path, sheet, table)
    except Exception:  # noqa: BLE001 - what openpyxl raises depends on which part of a file it dislikes
        table.warnings.append(Problem(0, "", "", _UNCHECKED))


def _report(path: Path, sheet: str, table: Table) -> None:
    errors: dict[int, list[Problem]] = {}
    for (number, header), value in _errors(path, sheet, table):
        errors.setdefault(number, []).append(Problem(number, header, value, _ERROR))
    for index, row in enumerate(table.rows):
        if found := errors.get(row.number):
            table.rows[index] = replace(row, problems=(*row.problems, *found))
    blank = {
        (row.number, table.headers[key])
        for row in table.rows
        for key, cell in row.cells.items()
        if is_blank(cell)
    }
    for place, formula in _formulas(path, sheet, table):
        if place in blank and place[0] not in errors:
            table.warnings.append(Problem(*place, formula, _NO_RESULT))


Place = tuple[int, str]
"""A row number and a header."""


def _errors(path: Path, sheet: str, table: Table) -> Iterator[tuple[Place, str]]:
    return _cells_of_type("e", path, sheet, table, results=True)


def _formulas(path: Path, sheet: str, table: Table) -> Iterator[tuple[Place, str]]:
    return _cells_of_type("f", path, sheet, table, results=False)


def _cells_of_type(
    data_type: str, path: Path, sheet: str, table: Table, results: bool
) -> Iterator[tuple[Place, str]]:
    """Cells in recognised columns that openpyxl gives this type, with the results of formulas or without."""
    workbook = load_workbook(path, read_only=True, data_only=results)
    try:
        for row in workbook[sheet].iter_rows(min_row=table.rows[0].number):
            for cell in row:
                key = table.places.get(cell.column or 0)
                if key and cell.row and cell.data_type == data_type:
                    header = table.headers[key]
                    yield (cell.row, header), str(cell.value)
    finally:
        workbook.close()
