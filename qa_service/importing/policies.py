"""Importing the register of policy documents, in the same way as entries."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from knowledge.policy import PolicyDocument
from knowledge.store import Records, Store
from qa_service.importing.applying import Progress, apply_import, batches
from qa_service.importing.entry_plan import MARK
from qa_service.importing.policy_rows import PolicyRow, check_policies
from qa_service.importing.report import ImportReport
from qa_service.tables.columns import POLICY_COLUMNS
from qa_service.tables.reading import read_table
from qa_service.tables.table import UnreadableFile


def import_policies(
    store: Store,
    path: Path,
    *,
    by: str,
    dry_run: bool = False,
    skip_bad_rows: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Bring the documents of a file into the register.

    Documents are told apart by their 文号, those without one by their title; columns that the file does
    not have leave what is registered. All else is as in `import_entries`.
    """
    report = ImportReport(path.name, dry_run=dry_run)
    try:
        table = read_table(path, POLICY_COLUMNS)
    except UnreadableFile as error:
        report.add_problems([error.problem])
        return report
    at = datetime.now(UTC)
    steps = Progress(progress, len(table.rows))
    checked = check_policies(table)
    report.warnings += table.warnings + checked.warnings
    report.add_problems(checked.problems)
    plan = _Plan(f"{MARK}来自文件 {path.name}")
    with store.reading() as records:
        for row in checked.rows:
            plan.take(row, records)
            steps.step()
    report.created, report.changed, report.unchanged = len(plan.added), len(plan.changed), plan.unchanged
    report.new_policies = [f"《{document.title}》{document.number}" for document in plan.added]
    apply_import(store, table, report, by, at, skip_bad_rows, lambda records: plan.write(records, steps))
    steps.finish()
    return report


@dataclass
class _Plan:
    """New documents, and changed ones with the action that the audit is to name."""

    note: str
    added: list[PolicyDocument] = field(default_factory=list)
    changed: list[tuple[PolicyDocument, str]] = field(default_factory=list)
    unchanged: int = 0

    def take(self, row: PolicyRow, records: Records) -> None:
        """Find out what a row changes."""
        existing = registered(row, records)
        if existing is None:
            self.added.append(row.document())
            return
        said = {**row.fields, "number": row.fields["number"] or existing.number}
        document = replace(existing, **said)
        if document == existing:
            self.unchanged += 1
            return
        lapse = (existing.validity, existing.valid_until) != (document.validity, document.valid_until)
        self.changed.append((document, "policy.validity" if lapse else "policy.edited"))

    def write(self, records: Records, steps: Progress) -> None:
        """Store what was planned."""
        for added in batches(self.added):
            records.policies.add_many(added, self.note)
            steps.step(len(added))
        for document, action in self.changed:
            detail = f"《{document.title}》{document.number} {document.validity.label}，{self.note}"
            records.policies.save(document, action, detail)
            steps.step()


def registered(row: PolicyRow, records: Records) -> PolicyDocument | None:
    """The document in the register that a row speaks of, or None."""
    number = row.fields["number"]
    if number and (found := records.policies.by_number(number)):
        return found
    titled = records.policies.by_title(row.fields["title"])
    # A title is enough where one of the two has no number: registered by its title first, or typed without.
    return titled if titled and not (number and titled.number) else None
