"""审计: who did what, when. Lines are added and read, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from knowledge.store.schema import audit
from knowledge.store.transaction import AnyRow, Collection, Page, writes

Subject = tuple[str, int | str, str]
"""What a line is about: the kind, the id, the detail."""


@dataclass(frozen=True)
class AuditLine:
    """One thing done: the login that did it, an action such as `entry.signed`, and what it was done to."""

    id: int
    at: datetime
    by: str
    action: str
    subject: str
    subject_id: str
    detail: str


@dataclass(frozen=True)
class AuditFilter:
    """Which lines to list; `since` is the first moment included, `until` the first one not."""

    subject: str = ""
    subject_id: int | str | None = None
    by: str = ""
    since: datetime | None = None
    until: datetime | None = None


class Audit(Collection):
    """The audit trail of the installation."""

    @writes
    def add(self, action: str, subject: str, subject_id: int | str, detail: str = "") -> None:
        """Write a line into this transaction; `detail` is put on one line."""
        self._tx.run(audit.insert(), self._row(action, (subject, subject_id, detail)))

    @writes
    def add_many(self, action: str, subjects: Sequence[Subject]) -> None:
        """One line for each subject of a bulk action."""
        self._tx.run(audit.insert(), [self._row(action, subject) for subject in subjects])

    def list(
        self, matching: AuditFilter = AuditFilter(), limit: int = 50, offset: int = 0
    ) -> Page[AuditLine]:
        """Lines, the newest first."""
        statement = select(audit).where(*_conditions(matching)).order_by(audit.c.id.desc())
        return self._tx.page(statement, _line, limit, offset)

    def _row(self, action: str, subject: Subject) -> dict[str, Any]:
        kind, subject_id, detail = subject
        return {
            "at": self._tx.at,
            "by": self._tx.by,
            "action": action,
            "subject": kind,
            "subject_id": str(subject_id),
            "detail": " ".join(detail.split())[:500],
        }


def _conditions(matching: AuditFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if matching.subject:
        found.append(audit.c.subject == matching.subject)
    if matching.subject_id is not None:
        found.append(audit.c.subject_id == str(matching.subject_id))
    if matching.by:
        found.append(audit.c.by == matching.by)
    if matching.since:
        found.append(audit.c.at >= matching.since)
    if matching.until:
        found.append(audit.c.at < matching.until)
    return found


def _line(row: AnyRow) -> AuditLine:
    return AuditLine(**row._mapping)
