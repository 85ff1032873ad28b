"""What an import did, or would do."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from qa_service.tables.table import Problem


@dataclass
class ImportReport:
    """`created`, `changed` and `unchanged` count good rows, `skipped` rows with problems.

    Nothing was stored unless `applied` is true. `bad_rows_file` holds the skipped rows when there are any.
    """

    file: str
    dry_run: bool = False
    published: bool = False
    applied: bool = False
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    new_departments: list[str] = field(default_factory=list)
    new_policies: list[str] = field(default_factory=list)
    bad_rows_file: Path | None = None

    def bad_rows(self) -> set[int]:
        """Numbers of the rows that have a problem."""
        return {problem.row for problem in self.problems if problem.row}

    def concerns_whole_file(self) -> bool:
        """Whether something is wrong that leaving rows out does not help."""
        return any(not problem.row for problem in self.problems)

    def add_problems(self, problems: Iterable[Problem]) -> None:
        """Take note of problems, in the order of the rows."""
        self.problems = sorted([*self.problems, *problems], key=lambda problem: problem.row)
        self.skipped = len(self.bad_rows())
