"""The last step of an import: everything in one transaction, or nothing."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from knowledge.errors import Conflict
from knowledge.store import Records, Store
from qa_service.importing.bad_rows import require_fresh, write_bad_rows
from qa_service.importing.report import ImportReport
from qa_service.tables.table import Problem, Table

T = TypeVar("T")

_BATCH = 500


class Progress:
    """Counts steps and tells whoever is watching; two steps a row, one to compare and one to write."""

    def __init__(self, watch: Callable[[int, int], None] | None, rows: int) -> None:
        self._watch = watch
        self._total = 2 * rows
        self._done = 0

    def step(self, count: int = 1) -> None:
        """So many steps more are done."""
        self._tell(min(self._total, self._done + count))

    def finish(self) -> None:
        """There is nothing more to do."""
        self._tell(self._total)

    def _tell(self, done: int) -> None:
        if self._watch and (done == self._total or done // 100 > self._done // 100):
            self._watch(done, self._total)
        self._done = done


def apply_import(
    store: Store,
    table: Table,
    report: ImportReport,
    by: str,
    at: datetime,
    skip_bad_rows: Path | None,
    write: Callable[[Records], None],
) -> None:
    """Run `write` in a transaction, unless the report says that it is only a trial or has problems.

    With `skip_bad_rows`, rows with problems are left out and go to that file. When somebody else changed
    the same things since they were compared, nothing is stored and the report says so.
    """
    if report.dry_run or report.concerns_whole_file():
        return
    if report.problems:
        if skip_bad_rows is None:
            return
        require_fresh(skip_bad_rows)
        write_bad_rows(skip_bad_rows, table, report)
        report.bad_rows_file = skip_bad_rows
    try:
        with store.writing(by, at) as records:
            write(records)
        report.applied = True
    except Conflict as error:
        message = f"导入期间有人修改了相同的内容，没有写入任何数据，请重新导入（{error.message}）"
        report.add_problems([Problem(0, "", "", message)])
    finally:
        if report.bad_rows_file and not report.applied:
            report.bad_rows_file.unlink(missing_ok=True)
            report.bad_rows_file = None


def batches(items: Iterable[T]) -> Iterator[list[T]]:
    """The items in lists of a few hundred, so that progress shows and statements stay small."""
    rest = iter(items)
    while batch := list(itertools.islice(rest, _BATCH)):
        yield batch
