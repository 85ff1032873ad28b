"""The SQLite files that `zhengda export` writes, read back."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlite_utils import Database

from knowledge.people import Department
from qa_service.tables.columns import Columns
from qa_service.tables.table import Row, Table, UnreadableFile, require_few

_NOT_OURS = "不是本系统导出的 SQLite 文件（没有“{}”表），请用 zhengda export 导出的文件"


def read_sqlite(path: Path, columns: Columns) -> Table:
    """The rows of an exported table; columns that are not for importing are passed over."""
    with _opened(path) as database:
        names = set(database.table_names())
        if columns.table not in names:
            raise UnreadableFile(_NOT_OURS.format(columns.table), value=path.name)
        table = database.table(columns.table)
        keys = [column.key for column in columns if column.key in table.columns_dict]
        if missing := [column.key for column in columns.required() if column.key not in keys]:
            raise UnreadableFile(f"“{columns.table}”表缺少必需的列：{'、'.join(missing)}", value=path.name)
        require_few(table.count)
        rows: list[Row] = []
        for number, values in enumerate(table.rows, start=1):
            cells = {key: "" if values[key] is None else str(values[key]) for key in keys}
            rows.append(Row(number, cells, cells))
    if not rows:
        raise UnreadableFile(f"“{columns.table}”表是空的，没有数据", value=path.name)
    return Table(path.name, {key: key for key in keys}, rows)


def read_departments(path: Path) -> tuple[Department, ...]:
    """The departments that the file describes, none when it does not."""
    with _opened(path) as database:
        if "departments" not in database.table_names():
            return ()
        return tuple(
            Department(str(row["code"]), str(row["name"]), bool(row["is_office"]), str(row["duties"]))
            for row in database.table("departments").rows
        )


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Database]:
    """The file, opened so that nothing can be written to it, not even by SQLite itself."""
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
        try:
            yield Database(connection)
        except (sqlite3.Error, KeyError) as error:
            raise UnreadableFile("SQLite 文件已损坏，或不是本系统导出的文件", value=path.name) from error
