"""Rows into a file, in the format that its suffix names."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from knowledge.errors import InvalidValue
from qa_service.tables.atomic_file import whole_file
from qa_service.tables.cells import Cell
from qa_service.tables.delimited import write_delimited
from qa_service.tables.json_records import write_json, write_json_lines
from qa_service.tables.workbook import write_workbook

_FORMATS: dict[str, Callable[[Path, Sequence[str], Iterable[Sequence[Cell]]], None]] = {
    ".csv": write_delimited,
    ".xlsx": write_workbook,
    ".json": write_json,
    ".jsonl": write_json_lines,
}
WRITABLE = tuple(_FORMATS)


def require_writable_suffix(path: Path) -> None:
    """Raise InvalidValue when the suffix names no format that can be written."""
    if path.suffix.lower() not in _FORMATS:
        raise InvalidValue("文件名", path.name, f"扩展名应为 {'、'.join(WRITABLE)} 之一")


def write_table(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a table, replacing the file as a whole. Raises InvalidValue for a suffix that names no format."""
    require_writable_suffix(path)
    with whole_file(path) as temporary:
        _FORMATS[path.suffix.lower()](temporary, headers, rows)
