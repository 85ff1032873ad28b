"""Which entries and documents are exported."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from knowledge.entry import PublishedEntry
from knowledge.errors import NotFound
from knowledge.policy import Disclosure, PolicyDocument
from knowledge.store import EntryFilter, PolicyFilter, Records

_PAGE = 500


@dataclass(frozen=True)
class Selection:
    """What is answered today, or with `newest` the newest revision of every entry, drafts too.

    `department` is a code or a name, "" for all; `public_only` leaves out what is not disclosed on
    initiative.
    """

    newest: bool = False
    department: str = ""
    public_only: bool = False

    def entries(self, records: Records, on: date) -> Iterator[PublishedEntry]:
        """The entries, in the order in which they were made. Raises NotFound for an unknown department."""
        code = _code(records, self.department)
        for entry in _newest(records, code) if self.newest else records.publications.all_current(on):
            if code in ("", entry.text.department) and self._discloses(entry.text.disclosure):
                yield entry

    def policies(self, records: Records) -> Iterator[PolicyDocument]:
        """Registered documents, whatever their validity."""
        offset = 0
        while documents := records.policies.list(PolicyFilter(), limit=_PAGE, offset=offset).items:
            yield from (document for document in documents if self._discloses(document.disclosure))
            offset += _PAGE

    def _discloses(self, disclosure: Disclosure) -> bool:
        return not self.public_only or disclosure is Disclosure.ON_INITIATIVE


def _newest(records: Records, department: str) -> list[PublishedEntry]:
    """Newest revisions in the shape of published ones, which is all that an export needs of them."""
    found: list[PublishedEntry] = []
    while page := records.entries.list(EntryFilter(department=department), _PAGE, len(found)).items:
        found += [PublishedEntry(entry.id, entry.external_id, entry.revision, entry.text) for entry in page]
    return sorted(found, key=lambda entry: entry.id)


def _code(records: Records, written: str) -> str:
    for department in records.people.departments():
        if written in (department.code, department.name):
            return department.code
    if written:
        raise NotFound(f"没有名称或代码为“{written}”的处室")
    return ""
