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
