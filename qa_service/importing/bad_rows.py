"""Rows that could not be imported, in a file that can be corrected and imported again."""

from pathlib import Path

from knowledge.errors import ZhengdaError
from qa_service.importing.report import ImportReport
from qa_service.tables.cells import Cell
from qa_service.tables.columns import REASON
from qa_service.tables.table import Table
from qa_service.tables.writing import WRITABLE, require_writable_suffix, write_table

_ENDING = "-问题行"


def default_bad_rows_file(source: Path) -> Path:
    """A name beside the imported file that nothing has yet."""
    suffix = source.suffix if source.suffix.lower() in WRITABLE else ".xlsx"
    stem = source.stem.removesuffix(_ENDING)
    number, file = 1, source.with_name(f"{stem}{_ENDING}{suffix}")
    while file.exists():
        number += 1
        file = source.with_name(f"{stem}{_ENDING}{number}{suffix}")
    return file


def require_fresh(file: Path) -> None:
    """Raise ZhengdaError when the file cannot be written, or would replace one that somebody may be correcting."""
    require_writable_suffix(file)
    if file.exists():
        raise ZhengdaError(f"文件 {file} 已经存在，为免覆盖没有导入；请换一个文件名，或先移走它")


def write_bad_rows(file: Path, table: Table, report: ImportReport) -> None:
    """Write the rows with problems as they were in the file, each with its reasons in one more column."""
    reasons: dict[int, list[str]] = {}
    for problem in report.problems:
        reasons.setdefault(problem.row, []).append(str(problem))
    bad = [row for row in table.rows if row.number in reasons]
    headers = list(dict.fromkeys(h for row in bad for h in row.written if h != REASON))
    rows = [[row.written.get(header, "") for header in headers] for row in bad]
    reasoned: list[list[Cell]] = [
        [*cells, "；".join(reasons[row.number])] for row, cells in zip(bad, rows, strict=True)
    ]
    write_table(file, [*headers, REASON], reasoned)
