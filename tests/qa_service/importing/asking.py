"""What tests ask of a store and of a report."""

from knowledge.entry import FaqEntry
from knowledge.store import Store
from qa_service.importing import ImportReport


def the_entry(store: Store, external_id: str = "A-1") -> FaqEntry:
    with store.reading() as records:
        entry = records.entries.by_external_id(external_id)
    assert entry is not None
    return entry


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.changed, report.unchanged, report.skipped


def told(report: ImportReport) -> list[str]:
    return [str(each) for each in (*report.problems, *report.warnings)]
