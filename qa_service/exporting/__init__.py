"""Taking knowledge out: as a table that can be imported again, or as a database that stands by itself.

selecting.py    which entries
entry_cells.py  an entry as the cells of a row
target.py       where an export may be written
database.py     the SQLite file;  bigrams.py  how its full-text search finds Chinese
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from knowledge.entry import PublishedEntry
from knowledge.errors import InvalidValue
from knowledge.store import Store
from qa_service.exporting.database import write_database
from qa_service.exporting.entry_cells import coded_cells, spoken_cells
from qa_service.exporting.selecting import Selection
from qa_service.tables.atomic_file import whole_file
from qa_service.tables.cells import Cell
from qa_service.tables.columns import ENTRY_COLUMNS
from qa_service.tables.reading import SQLITE_SUFFIXES
from qa_service.tables.writing import WRITABLE, write_table

__all__ = ["EXPORTABLE", "Selection", "export_entries"]

EXPORTABLE = (*WRITABLE, *SQLITE_SUFFIXES)
_FOR_PEOPLE = (".csv", ".xlsx")


def export_entries(
    store: Store, path: Path, selection: Selection = Selection(), on: date | None = None
) -> int:
    """Write the selected entries into a file of the format that its suffix names; gives their number.

    `on` is the day on which documents count as lapsed or not, today unless given. The file appears as a
    whole, replacing one of that name, or not at all. Raises InvalidValue for a suffix that names no format,
    and for drafts in a SQLite file, which holds published knowledge only.
    """
    now = datetime.now(UTC)
    on = on or now.astimezone().date()
    suffix = path.suffix.lower()
    if suffix not in EXPORTABLE:
        raise InvalidValue("文件名", path.name, f"扩展名应为 {'、'.join(EXPORTABLE)} 之一")
    if selection.newest and suffix in SQLITE_SUFFIXES:
        raise InvalidValue(
            "文件名", path.name, "SQLite 文件只收已发布的内容；要导出草稿请用 .xlsx、.csv 或 .jsonl"
        )
    with store.reading() as records:
        departments = records.people.departments()
        entries = selection.entries(records, on)
        if suffix not in SQLITE_SUFFIXES:
            names = {department.code: department.name for department in departments}
            return _write_rows(path, entries, names)
        with whole_file(path) as temporary:
            policies, statistics = selection.policies(records), records.questions.statistics()
            return write_database(temporary, entries, policies, departments, statistics, now)


def _write_rows(path: Path, entries: Iterable[PublishedEntry], names: dict[str, str]) -> int:
    for_people = path.suffix.lower() in _FOR_PEOPLE
    cells = spoken_cells if for_people else coded_cells
    count = 0

    def rows() -> Iterator[list[Cell]]:
        nonlocal count
        for entry in entries:
            department = names.get(entry.text.department, entry.text.department)
            row = cells(entry.external_id, entry.text, department)
            yield [row[column.key] for column in ENTRY_COLUMNS]
            count += 1

    write_table(path, [column.label if for_people else column.key for column in ENTRY_COLUMNS], rows())
    return count
