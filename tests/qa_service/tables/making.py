"""Makes files to import; a test names only what matters to it."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

HEADERS = ("编号", "部门", "标准问", "答案")
GOOD = ("A-1", "待遇保障处", "生育津贴怎么领？", "由用人单位申请。")


def a_row(**changes: str) -> dict[str, str]:
    """A good row by Chinese header, changed and widened as the test wants."""
    return {**dict(zip(HEADERS, GOOD, strict=True)), **changes}


FULL = a_row(
    类目="待遇保障/生育保险",
    相似问="津贴怎么申请|生孩子的钱怎么领\n生育钱",
    文号="国办发[2019]10号｜主席令第35号",
    文件名="《合并实施意见》| 社会保险法",
    条款="二 | 第五十六条",
    险种="职工",
    地区="杭州",
    人群="女职工",
    关键字="津贴、产假",
    渠道="热线|网站",
    生效日期="2024/1/5",
    失效日期="2026年12月31日",
    公开属性="依申请公开",
)
"""A row with every column."""


def csv_file(path: Path, rows: Iterable[Mapping[str, str]], encoding: str = "utf-8") -> Path:
    """A CSV file whose headers are the keys of the rows."""
    rows = list(rows)
    headers = list(dict.fromkeys(header for row in rows for header in row))
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, headers, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def text_file(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def json_file(path: Path, value: Any) -> Path:
    return text_file(path, json.dumps(value, ensure_ascii=False))


def json_lines_file(path: Path, values: Iterable[Any]) -> Path:
    return text_file(path, "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values))


def xlsx_file(path: Path, *sheets: Sequence[Sequence[Any]]) -> Path:
    """A workbook with a sheet of these rows each."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for number, rows in enumerate(sheets, start=1):
        sheet = workbook.create_sheet(f"表{number}")
        for row in rows:
            sheet.append(list(row))
    workbook.save(path)
    return path
