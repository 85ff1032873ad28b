"""Any file that people import, into a table."""

from collections.abc import Callable
from pathlib import Path

from qa_service.tables.atomic_file import why
from qa_service.tables.columns import Columns
from qa_service.tables.delimited import read_delimited
from qa_service.tables.json_records import read_json, read_json_lines
from qa_service.tables.sqlite_file import read_sqlite
from qa_service.tables.table import Table, UnreadableFile
from qa_service.tables.workbook import read_workbook

MAX_BYTES = 50 * 1024 * 1024
"""What is read as a whole must fit in memory many times over; SQLite files are read row by row."""

_TEXT, _WORKBOOK, _SQLITE = "文本", "Excel 工作簿（.xlsx）", "SQLite 文件（.sqlite）"
_OLD_EXCEL = "旧版 Excel 文件（.xls），或加了密码的工作簿"
_SIGNATURES = {
    b"PK\x03\x04": _WORKBOOK,
    b"\xd0\xcf\x11\xe0": _OLD_EXCEL,
    b"SQLite format 3\x00": _SQLITE,
    b"%PDF": "PDF 文件",
}
_FORMATS: dict[str, tuple[str, Callable[[Path, Columns], Table]]] = {
    ".csv": (_TEXT, read_delimited),
    ".xlsx": (_WORKBOOK, read_workbook),
    ".json": (_TEXT, read_json),
    ".jsonl": (_TEXT, read_json_lines),
    ".sqlite": (_SQLITE, read_sqlite),
    ".db": (_SQLITE, read_sqlite),
}
SUFFIXES = tuple(_FORMATS)
SQLITE_SUFFIXES = (".sqlite", ".db")


def read_table(path: Path, columns: Columns) -> Table:
    """Read a file by its suffix, after seeing that its content agrees.

    Raises UnreadableFile, telling where and what to do, when no table can be had from it.
    """
    suffix = path.suffix.lower()
    if suffix not in _FORMATS:
        hint = (
            "请用 Excel 打开后另存为 .xlsx"
            if suffix in (".xls", ".et", ".ods", ".xlsm")
            else "请改用其中一种"
        )
        raise UnreadableFile(f"不支持这种文件，可以导入 {'、'.join(SUFFIXES)}；{hint}", value=path.name)
    expected, read = _FORMATS[suffix]
    try:
        _require_size(path)
        _require_kind(path, expected)
        return read(path, columns)
    except OSError as error:
        raise UnreadableFile(f"无法打开文件：{why(error)}", value=str(path)) from error
    except MemoryError as error:
        raise UnreadableFile("文件太大，内存不足，请拆成几个文件分别导入", value=path.name) from error


def _require_size(path: Path) -> None:
    size = path.stat().st_size
    if size == 0:
        raise UnreadableFile("文件是空的（0 字节）", value=path.name)
    if size > MAX_BYTES and path.suffix.lower() not in SQLITE_SUFFIXES:
        limit = MAX_BYTES // 1024 // 1024
        shown = f"{size / 1024 / 1024:.1f} MB"
        raise UnreadableFile(f"超过{limit} MB，请拆成几个文件分别导入", value=f"{path.name}（{shown}）")


def _require_kind(path: Path, expected: str) -> None:
    with path.open("rb") as file:
        start = file.read(4096)
    found = next((kind for mark, kind in _SIGNATURES.items() if start.startswith(mark)), _TEXT)
    if found == expected == _TEXT and _is_binary(start):
        raise UnreadableFile("不是文本文件，扩展名可能写错了，请核对文件", value=path.name)
    if found == expected:
        return
    suffix = path.suffix.lower()
    if found == _TEXT:
        what = "不是 " + expected
        again = (
            "请用 zhengda export 重新导出"
            if expected == _SQLITE
            else "请用 Excel 打开原文件，另存为 .xlsx 或 .csv 再导入"
        )
        advice = f"文件可能已损坏，或者改过扩展名；{again}"
    else:
        what = "却是 " + found
        advice = "请用 Excel 打开后另存为 .xlsx" if found == _OLD_EXCEL else "请把扩展名改回来"
    raise UnreadableFile(f"扩展名是 {suffix}，内容{what}，{advice}", value=path.name)


def _is_binary(start: bytes) -> bool:
    """Whether bytes are too full of control codes to be text; a stray one is left to be told by row and column."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False  # UTF-16, which has its own message
    control = sum(byte < 32 and byte not in b"\t\n\v\f\r\x1a\x1b" for byte in start)
    return control > max(4, len(start) // 50)
