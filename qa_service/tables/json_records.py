"""JSON (a list of objects) and JSON Lines (an object a line)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from qa_service.tables.cells import Cell
from qa_service.tables.columns import ORIGINAL, Columns, is_remark
from qa_service.tables.table import (
    Problem,
    Row,
    Table,
    UnreadableFile,
    require_few,
    unknown_columns,
)
from qa_service.tables.text_files import read_text

Pairs = list[tuple[str, Any]]
"""An object as it stands in the file: keys may occur twice."""

_NOT_AN_OBJECT = '应为对象，形如 {"标准问": "…", "答案": "…"}'


def read_json(path: Path, columns: Columns) -> Table:
    """Read a list of objects; an object's row number is its place in the list."""
    text = read_text(path)
    if not text.strip():
        raise UnreadableFile("文件是空的", value=path.name)
    try:
        items = json.loads(text, object_pairs_hook=_Object)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(_why_not_json(text, error), getattr(error, "lineno", 0)) from error
    if isinstance(items, _Object) or not isinstance(items, list):
        raise UnreadableFile(f"最外层应为列表 […]，列表的每一项{_NOT_AN_OBJECT}", value=path.name)
    return _table(path.name, ((place, "", item) for place, item in enumerate(items, start=1)), columns)


def read_json_lines(path: Path, columns: Columns) -> Table:
    """Read an object a line; a line that is not one is a problem of that row alone."""
    text = read_text(path)
    if not text.strip():
        raise UnreadableFile("文件是空的", value=path.name)
    if text.lstrip().startswith("["):
        raise UnreadableFile("内容是一个列表，不是每行一个对象，请把扩展名改为 .json", value=path.name)
    if not text.lstrip().startswith("{"):
        raise UnreadableFile(f"内容不是每行一个 JSON 对象，每一行{_NOT_AN_OBJECT}", value=path.name)
    lines = ((number, line.strip()) for number, line in enumerate(text.split("\n"), start=1))
    return _table(path.name, ((number, line, _parsed(line)) for number, line in lines if line), columns)


def write_json(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a list of objects."""
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for count, row in enumerate(rows):
            file.write(",\n" if count else "\n")
            file.write(_object(headers, row))
        file.write("\n]\n")


def write_json_lines(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write an object a line."""
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(_object(headers, row) + "\n")


class _Object(Pairs):
    """Tells an object from a list after parsing."""


def _parsed(line: str) -> Any:
    try:
        return json.loads(line, object_pairs_hook=_Object)
    except (ValueError, RecursionError):
        return None


def _why_not_json(text: str, error: Exception) -> str:
    if not text.lstrip().startswith(("[", "{")):
        return "内容不是 JSON；如果是表格，请把扩展名改为 .csv 或另存为 .xlsx"
    if "Extra data" in str(error):
        return "内容像是每行一个对象，请把扩展名改为 .jsonl"
    return "不是完整的 JSON，请检查这一行附近的引号、逗号和括号"


def _table(file: str, items: Iterable[tuple[int, str, Any]], columns: Columns) -> Table:
    headers: dict[str, str] = {}
    unknown: dict[str, None] = {}
    rows: list[Row] = []
    for number, original, item in items:
        require_few(len(rows) + 1)
        rows.append(_row(number, original, item, columns, headers, unknown))
    if not rows:
        raise UnreadableFile("列表是空的，没有数据", value=file)
    if missing := [column for column in columns.required() if column.key not in headers]:
        names = "、".join(f"“{column.label}”（{column.key}）" for column in missing)
        found = "、".join([*headers.values(), *unknown])[:200]
        raise UnreadableFile(
            f"所有对象都缺少必需的字段{names}；认到的字段是：{found or '无'}。请补上这些字段"
        )
    return Table(file, headers, rows, warnings=unknown_columns(list(unknown), 0))


def _row(
    number: int, original: str, item: Any, columns: Columns, headers: dict[str, str], unknown: dict[str, None]
) -> Row:
    """One object; the headers met for the first time are added to `headers` or `unknown`."""
    if not isinstance(item, _Object):
        shown = original or json.dumps(item, ensure_ascii=False)
        message = f"不是完整的 JSON 对象；{_NOT_AN_OBJECT}"
        return Row(number, {}, {ORIGINAL: shown}, (Problem(number, "", shown, message),))
    cells: dict[str, Cell] = {}
    written: dict[str, Cell] = {}
    problems: list[Problem] = []
    for header, value in item:
        column = columns.recognise(header)
        try:
            written[header] = cell = _cell(value)
        except ValueError as error:
            written[header] = cell = json.dumps(_plain(value), ensure_ascii=False)
            if column:
                problems.append(Problem(number, header, cell, str(error)))
        if column is None:
            if not is_remark(header):
                unknown[header] = None
        elif column.key in cells:
            problems.append(Problem(number, header, "", f"“{column.label}”出现了不止一次，请只保留一个"))
        else:
            headers.setdefault(column.key, header)
            cells[column.key] = cell
    return Row(number, cells, written, tuple(problems))


def _cell(value: Any) -> Cell:
    if isinstance(value, _Object):
        raise ValueError("应为文字，不能是对象")
    if isinstance(value, list):
        if any(isinstance(item, list) for item in value):
            raise ValueError("列表的每一项应为文字")
        return tuple(_scalar(item) for item in value)
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _plain(value: Any) -> Any:
    """A parsed value with its objects as dicts again."""
    if isinstance(value, _Object):
        return {key: _plain(item) for key, item in value}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _object(headers: Sequence[str], row: Sequence[Cell]) -> str:
    values: Mapping[str, Any] = {
        header: list(cell) if isinstance(cell, tuple) else cell
        for header, cell in zip(headers, row, strict=True)
    }
    return json.dumps(values, ensure_ascii=False)
