"""What use teaches: confirmed answers, proposed wordings, reports of wrong answers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, select

from knowledge.entry import Channel
from knowledge.errors import Conflict, NotFound
from knowledge.learning import (
    COUNTED_AS,
    Confirmed,
    Proposal,
    ProposalState,
    Resolution,
    Source,
    Standing,
    WrongReport,
)
from knowledge.store.audit import Audit
from knowledge.store.learning_tables import confirmed_answers, proposals, wrong_reports
from knowledge.store.schema import entries, questions
from knowledge.store.transaction import STALE, AnyRow, Collection, Page, Transaction, chunks, writes

ONCE_IN = timedelta(days=1)
"""The same person, the same question and the same entry count once in this time."""


@dataclass(frozen=True)
class ProposalFilter:
    """Which proposals to list; `department` is that of the entry's newest revision."""

    department: str = ""
    entry_ids: tuple[int, ...] = ()
    states: tuple[ProposalState, ...] = ()


class Learning(Collection):
    """Proposals by id and by entry, standings by entry and by department, and the log that both come from."""

    def __init__(self, transaction: Transaction, audit: Audit) -> None:
        super().__init__(transaction)
        self._audit = audit

    @writes
    def confirm(self, confirmed: Confirmed) -> bool:
        """Log that somebody saw an entry answer; False when the same person said so within the day.

        No audit line: nobody decided anything, and the row itself tells who and when.
        """
        self._take_turns()
        table = confirmed_answers
        if confirmed.by or confirmed.reporter:
            same = select(table.c.id).where(
                table.c.entry_id == confirmed.entry_id,
                table.c.question == confirmed.question,
                table.c.by == confirmed.by,
                table.c.reporter == confirmed.reporter,
                table.c.at > confirmed.at - ONCE_IN,
            )
            if self._tx.first(same) is not None:
                return False
        self._tx.insert(table, _values(confirmed))
        return True

    def confirmed(self, limit: int = 1000, after: int = 0) -> tuple[tuple[int, Confirmed], ...]:
        """(number, confirmed answer) with numbers above `after`, in the order in which they came."""
        logged = select(confirmed_answers).where(confirmed_answers.c.id > after)
        rows = self._tx.rows(logged.order_by(confirmed_answers.c.id).limit(limit))
        return tuple((row.id, _confirmed(row)) for row in rows)

    def proposal(self, proposal_id: int) -> Proposal:
        """The proposal; NotFound when there is none."""
        row = self._tx.first(select(proposals).where(proposals.c.id == proposal_id))
        if row is None:
            raise NotFound(f"没有编号为 {proposal_id} 的待确认问法")
        return _proposal(row)

    def proposals(
        self, matching: ProposalFilter = ProposalFilter(), limit: int = 50, offset: int = 0
    ) -> Page[Proposal]:
        """Proposals entry by entry, within one the most frequent first."""
        wanted = select(proposals).join(entries, entries.c.id == proposals.c.entry_id)
        wanted = wanted.where(*_conditions(matching))
        ordered = wanted.order_by(proposals.c.entry_id, _COUNT.desc(), proposals.c.id)
        return self._tx.page(ordered, _proposal, limit, offset)

    def proposed_to(self, department: str = "", limit: int = 20, offset: int = 0) -> Page[int]:
        """Ids of the entries with open proposals, the most often meant first."""
        waiting = (
            select(proposals.c.entry_id)
            .join(entries, entries.c.id == proposals.c.entry_id)
            .where(*_conditions(ProposalFilter(department, states=(ProposalState.OPEN,))))
        )
        ordered = waiting.group_by(proposals.c.entry_id).order_by(
            func.sum(_COUNT).desc(), proposals.c.entry_id
        )
        total = select(func.count()).select_from(waiting.distinct().subquery())
        found = tuple(int(row[0]) for row in self._tx.rows(ordered.limit(limit).offset(offset)))
        return Page(found, int(self._tx.scalar(total)))

    @writes
    def propose(self, proposal: Proposal) -> Proposal:
        """Keep a new proposal. Conflict when the entry has one of the same key."""
        first = replace(proposal, version=1)
        values = {**_values(first), "version": 1}
        added = replace(first, id=self._tx.insert_unique(proposals, values, "这一问法已经登记"))
        self._audit.add("proposal.opened", "proposal", added.id, _line(added))
        return added

    @writes
    def join(self, proposal_id: int, source: Source, at: datetime) -> Proposal:
        """Count a proposal once more; one that was accepted and is asked again is open again.

        The version stays, so that nobody who decides on it loses the decision because somebody asked.
        """
        self.proposal(proposal_id)
        count, state = proposals.c[COUNTED_AS[source]], ProposalState
        again = case((proposals.c.state == state.ACCEPTED.value, state.OPEN.value), else_=proposals.c.state)
        counted = {count.name: count + 1, "last_at": at, "state": again}
        self._tx.run(proposals.update().where(proposals.c.id == proposal_id).values(**counted))
        found = self.proposal(proposal_id)
        self._audit.add("proposal.joined", "proposal", proposal_id, _line(found))
        return found

    @writes
    def save_proposal(self, proposal: Proposal, action: str, detail: str = "") -> Proposal:
        """Store what was decided on a proposal. Conflict when somebody changed it since it was read."""
        self.proposal(proposal.id)
        changed = {
            "state": proposal.state.value,
            "decided_by": proposal.decided_by,
            "decided_at": proposal.decided_at,
            "version": proposal.version + 1,
        }
        unchanged = {"old_id": proposal.id, "old_version": proposal.version}
        if self._tx.run(_UPDATE, {**unchanged, **changed}) == 0:
            raise Conflict(f"问法“{proposal.wording}”{STALE}")
        self._audit.add(action, "proposal", proposal.id, detail or _line(proposal))
        return self.proposal(proposal.id)

    def answered(self, question: str, entry_id: int) -> bool:
        """Whether the entry was served as the answer to this very question."""
        asked = select(questions.c.id).where(
            questions.c.entry_id == entry_id,
            questions.c.outcome == "answered",
            questions.c.question == question,
        )
        return self._tx.first(asked.limit(1)) is not None

    @writes
    def report(self, report: WrongReport) -> WrongReport:
        """Keep a report; the same person's open report on the same revision is kept instead of a second one."""
        self._take_turns()
        table = wrong_reports
        if report.by or report.reporter:
            same = select(table).where(
                table.c.entry_id == report.entry_id,
                table.c.revision == report.revision,
                table.c.resolution == Resolution.OPEN.value,
                table.c.staff == report.staff,
                table.c.by == report.by,
                table.c.reporter == report.reporter,
            )
            if (row := self._tx.first(same)) is not None:
                return _report(row)
        added = replace(report, id=self._tx.insert(table, _values(report)))
        who = "工作人员" if report.staff else "群众"
        self._audit.add(
            "entry.reported", "entry", report.entry_id, f"{who}：{report.question} {report.comment}"
        )
        return added

    def reports(self, entry_id: int, limit: int = 200) -> tuple[WrongReport, ...]:
        """Reports on an entry, the newest first."""
        wanted = select(wrong_reports).where(wrong_reports.c.entry_id == entry_id)
        rows = self._tx.rows(wanted.order_by(wrong_reports.c.id.desc()).limit(limit))
        return tuple(_report(row) for row in rows)

    def all_reports(self, limit: int = 1000, after: int = 0) -> tuple[WrongReport, ...]:
        """Reports with numbers above `after`, in the order in which they came."""
        wanted = select(wrong_reports).where(wrong_reports.c.id > after)
        return tuple(_report(row) for row in self._tx.rows(wanted.order_by(wrong_reports.c.id).limit(limit)))

    @writes
    def close_reports(self, entry_id: int, resolution: Resolution, reason: str = "") -> int:
        """Close the open reports on an entry; gives how many there were."""
        table = wrong_reports
        waiting = table.update().where(
            table.c.entry_id == entry_id, table.c.resolution == Resolution.OPEN.value
        )
        closed = self._tx.run(
            waiting.values(
                resolution=resolution.value, reason=reason, closed_by=self._tx.by, closed_at=self._tx.at
            )
        )
        if closed:
            said = f"{resolution.label} {reason}（{closed}条反映）"
            self._audit.add("entry.reports_closed", "entry", entry_id, said)
        return closed

    def standings(self, ids: Iterable[int] | None = None) -> dict[int, Standing]:
        """The standing of those entries on whose published revision there are open reports; of all without `ids`."""
        if ids is None:
            return {row[0]: _standing(row) for row in self._tx.rows(_STANDING)}
        found: dict[int, Standing] = {}
        for chunk in chunks(ids):
            rows = self._tx.rows(_STANDING_OF, {"ids": chunk})
            found |= {row[0]: _standing(row) for row in rows}
        return found

    def reported(self, department: str = "", limit: int = 100) -> tuple[Standing, ...]:
        """Standings of a department's entries, those with most reports of members first."""
        statement = _STANDING.where(entries.c.department == department) if department else _STANDING
        worst_first = (_STAFF.desc(), _CITIZENS.desc(), wrong_reports.c.entry_id)
        return tuple(_standing(row) for row in self._tx.rows(statement.order_by(*worst_first).limit(limit)))

    def counts(self, department: str = "") -> dict[str, int]:
        """How many "proposals" wait, and how many entries are "reported"."""
        waiting = select(func.count()).select_from(proposals)
        waiting = waiting.join(entries, entries.c.id == proposals.c.entry_id)
        conditions = _conditions(ProposalFilter(department, states=(ProposalState.OPEN,)))
        return {
            "proposals": int(self._tx.scalar(waiting.where(*conditions))),
            "reported": len(self.reported(department, limit=1000)),
        }

    def _take_turns(self) -> None:
        """Let others who add wait for this transaction, so that two find what the first one added."""
        self._tx.count_up("learning")


_COUNT = proposals.c.picks + proposals.c.confirmations + proposals.c.tickets
_UPDATE = proposals.update().where(
    proposals.c.id == bindparam("old_id"), proposals.c.version == bindparam("old_version")
)
_STAFF = func.sum(case((wrong_reports.c.staff, 1), else_=0))
_CITIZENS = func.sum(case((wrong_reports.c.staff, 0), else_=1))
# Only what was said of the revision on the air counts: however a new one was published, it starts afresh.
_STANDING = (
    select(wrong_reports.c.entry_id, _STAFF, _CITIZENS, func.min(wrong_reports.c.at))
    .join(
        entries,
        and_(
            entries.c.id == wrong_reports.c.entry_id,
            entries.c.published_revision == wrong_reports.c.revision,
        ),
    )
    .where(wrong_reports.c.resolution == Resolution.OPEN.value)
    .group_by(wrong_reports.c.entry_id)
)

_STANDING_OF = _STANDING.where(wrong_reports.c.entry_id.in_(bindparam("ids", expanding=True)))


def _conditions(matching: ProposalFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if matching.department:
        found.append(entries.c.department == matching.department)
    if matching.entry_ids:
        found.append(proposals.c.entry_id.in_(matching.entry_ids))
    if matching.states:
        found.append(proposals.c.state.in_([state.value for state in matching.states]))
    return found


def _line(proposal: Proposal) -> str:
    return f"条目 {proposal.entry_id}：{proposal.wording}"


def _values(kept: Confirmed | Proposal | WrongReport) -> dict[str, Any]:
    values = {field.name: getattr(kept, field.name) for field in fields(kept)}
    values.pop("id", None)
    return values


def _confirmed(row: AnyRow) -> Confirmed:
    values = {field.name: getattr(row, field.name) for field in fields(Confirmed)}
    return Confirmed(**values | {"source": Source(row.source), "channel": Channel(row.channel)})


def _proposal(row: AnyRow) -> Proposal:
    return Proposal(**{**row._mapping, "state": ProposalState(row.state)})


def _report(row: AnyRow) -> WrongReport:
    resolved = {"channel": Channel(row.channel), "resolution": Resolution(row.resolution)}
    return WrongReport(**{**row._mapping, **resolved})


def _standing(row: Sequence[Any]) -> Standing:
    since: datetime = row[3]
    return Standing(int(row[0]), int(row[1]), int(row[2]), since)
