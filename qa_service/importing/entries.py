"""Importing entries: a file is read, checked, compared with the store, and written in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from knowledge.errors import InvalidValue
from knowledge.people import Department
from knowledge.policy import PolicyDocument
from knowledge.store import Records, Store
from qa_service.importing.applying import Progress, apply_import, batches
from qa_service.importing.cited_documents import CitedDocuments
from qa_service.importing.departments import DepartmentNames
from qa_service.importing.entry_plan import EntryPlan, Importing, NotImportable, plan_row
from qa_service.importing.entry_rows import KEY_OF_LABEL, EntryRow, check_entries
from qa_service.importing.policy_rows import check_policies
from qa_service.importing.report import ImportReport
from qa_service.tables.columns import ENTRY_COLUMNS, POLICY_COLUMNS
from qa_service.tables.reading import SQLITE_SUFFIXES, read_table
from qa_service.tables.sqlite_file import read_departments
from qa_service.tables.table import Problem, Table, UnreadableFile

Described = tuple[Sequence[Department], Sequence[PolicyDocument]]


def import_entries(
    store: Store,
    path: Path,
    *,
    by: str,
    published: bool = False,
    dry_run: bool = False,
    skip_bad_rows: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Bring the entries of a file into the store, as drafts or, with `published`, on the air.

    A file with a problem changes nothing, unless `skip_bad_rows` names a file for the bad rows; then the
    good ones are imported. Entries are told apart by their external id: those that say the same are left
    alone, the others get a new revision. Departments and documents that are not known are set up.
    `by` is a login. Raises ZhengdaError when the file for bad rows cannot be written; all else is told in
    the report.
    """
    importing = Importing(path.name, by, datetime.now(UTC), published)
    report = ImportReport(path.name, dry_run=dry_run, published=published)
    try:
        table = read_table(path, ENTRY_COLUMNS)
        described = described_in(path)
    except UnreadableFile as error:
        report.add_problems([error.problem])
        return report
    steps = Progress(progress, len(table.rows))
    with store.reading() as records:
        batch = _Batch(records, described, importing, report, table.headers)
        batch.plan(table, steps)
    apply_import(
        store, table, report, by, importing.at, skip_bad_rows, lambda records: batch.write(records, steps)
    )
    steps.finish()
    return report


class _Batch:
    """Everything that one file brings: entries, and the departments and documents that they need."""

    def __init__(
        self,
        records: Records,
        described: Described,
        importing: Importing,
        report: ImportReport,
        headers: Mapping[str, str],
    ) -> None:
        departments, documents = described
        self._records = records
        self._importing = importing
        self._report = report
        self._headers = headers
        self._departments = DepartmentNames(records.people.departments(), departments)
        self._documents = CitedDocuments(records, documents, importing.at.astimezone().date())
        self._plan = EntryPlan()

    def plan(self, table: Table, steps: Progress) -> None:
        """Check the file and find out what it changes; the report tells."""
        checked = check_entries(table)
        report, plan = self._report, self._plan
        report.warnings += table.warnings + checked.warnings
        problems = list(checked.problems)
        for row in checked.rows:
            try:
                self._plan_row(row)
            except NotImportable as error:
                problems.append(self._problem(row, "external_id", row.external_id, error.message))
            except InvalidValue as error:
                problems.append(
                    self._problem(row, KEY_OF_LABEL[error.field], str(error.value), error.expected)
                )
            steps.step()
        report.add_problems(problems)
        report.created, report.changed, report.unchanged = len(plan.added), len(plan.changed), plan.unchanged
        report.new_departments = [department.name for department in self._new_departments()]
        report.new_policies = [_shown(document) for document in self._documents.new()]

    def write(self, records: Records, steps: Progress) -> None:
        """Store what was planned."""
        note = self._importing.note
        for department in self._new_departments():
            records.people.add_department(department)
        records.policies.add_many(self._documents.new(), f"导入条目时登记，{note}")
        for added in batches(self._plan.added):
            records.entries.add_many(added, note, "entry.imported")
            steps.step(len(added))
        for changed in batches(self._plan.changed):
            details = [(entry, f"{entry.external_id} 第{entry.revision}版，{note}") for entry in changed]
            records.entries.save_many(details, "entry.imported", note)
            steps.step(len(changed))

    def _plan_row(self, row: EntryRow) -> None:
        plan = self._plan
        before = len(plan.added) + len(plan.changed)
        code = self._departments.code(row.fields["department"])
        warning = plan_row(plan, row, code, self._records, self._importing)
        if warning:
            self._warn(row, "external_id", row.external_id, warning)
        if len(plan.added) + len(plan.changed) == before:
            return
        for cited in row.fields.get("citations", ()):
            self._documents.take(cited)
            if remark := self._documents.remarks(cited):
                self._warn(row, "policy_number", cited.document_number or cited.document_title, remark)

    def _new_departments(self) -> list[Department]:
        return self._departments.new(self._plan.departments())

    def _warn(self, row: EntryRow, key: str, value: str, message: str) -> None:
        self._report.warnings.append(self._problem(row, key, value, message))

    def _problem(self, row: EntryRow, key: str, value: str, message: str) -> Problem:
        return Problem(row.number, self._headers.get(key, ""), value, message)


def described_in(path: Path) -> Described:
    """The departments and documents that an exported SQLite file describes in full; none in other files."""
    if path.suffix.lower() not in SQLITE_SUFFIXES:
        return (), []
    documents: list[PolicyDocument] = []
    with suppress(UnreadableFile):  # a file of entries alone will do
        checked = check_policies(read_table(path, POLICY_COLUMNS))
        documents = [row.document() for row in checked.rows]
    return read_departments(path), documents


def _shown(document: PolicyDocument) -> str:
    return f"《{document.title}》{document.number}" if document.title != document.number else document.number
