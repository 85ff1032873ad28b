"""What is on the air, and the stream of changes to it that search indexes follow."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, func, literal, select

from knowledge.entry import PublishedEntry
from knowledge.policy import PolicyDocument
from knowledge.store.policy_lapse import policy_lapsed
from knowledge.store.schema import citations, counters, entries, policies, publications, revisions
from knowledge.store.texts import TEXT_COLUMNS, read_text
from knowledge.store.titles import title_key
from knowledge.store.transaction import AnyRow, AnySelect, Collection, Transaction, chunks

COUNTER = "publications"
SEQ = select(counters.c.value).where(counters.c.name == COUNTER)


class Publications(Collection):
    """Sequence numbers are gap-free and in commit order, because the counter row is locked until commit.

    Changes are gathered and numbered only at the end of the transaction: the lock is short, is always
    the last one taken, and whoever gets it sees everything that was published under smaller numbers.
    """

    def __init__(self, transaction: Transaction) -> None:
        super().__init__(transaction)
        self._changed: set[int] = set()
        self._numbers: set[str] = set()
        self._titles: set[str] = set()

    def seq(self) -> int:
        """The number of the newest change, 0 when nothing was ever published."""
        self.flush()
        return int(self._tx.scalar(SEQ) or 0)

    def changed_since(self, seq: int) -> dict[int, int]:
        """Entries whose being served may have changed after `seq`, each with its latest number.

        An entry is named when it was published or withdrawn, and when the validity of a document
        that it cites changed.
        """
        self.flush()
        latest = func.max(publications.c.seq)
        statement = select(publications.c.entry_id, latest).where(publications.c.seq > seq)
        grouped = statement.group_by(publications.c.entry_id)
        return {row[0]: row[1] for row in self._tx.rows(grouped)}

    def current(self, ids: Iterable[int], on: date) -> dict[int, PublishedEntry]:
        """Of these entries, those that are published and rest on no document that has lapsed on that day.

        Effective dates of the entries are not looked at.
        """
        found: dict[int, PublishedEntry] = {}
        for chunk in chunks(ids):
            for row in self._tx.rows(CURRENT_OF, {"ids": chunk, "on": on}):
                found[row[0]] = _published(row)
        return found

    def all_current(self, on: date, batch: int = 1000) -> Iterator[PublishedEntry]:
        """What `current` would give for every entry, by id, read in batches."""
        after = 0
        while rows := self._tx.rows(_CURRENT_AFTER, {"after": after, "on": on, "batch": batch}):
            yield from map(_published, rows)
            after = rows[-1][0]

    def count(self) -> int:
        """How many entries are published, whether or not their documents lapsed."""
        published = select(func.count()).where(entries.c.published_revision.is_not(None))
        return int(self._tx.scalar(published))

    def note_entry(self, entry_id: int) -> None:
        """Number a change of what this entry serves, at the end of the transaction."""
        self._changed.add(entry_id)

    def note_document(self, document: PolicyDocument) -> None:
        """Number a change for every published entry that cites the document, at the end of the transaction."""
        if document.number:
            self._numbers.add(document.number)
        self._titles.add(title_key(document.title))

    def flush(self) -> None:
        """Give numbers to what was noted. The store calls it right before it commits."""
        if not (self._changed or self._numbers or self._titles):
            return
        last = int(self._tx.scalar(SEQ.with_for_update()))
        changed = sorted(self._changed | self._published_citing())
        rows = [
            {"seq": seq, "entry_id": entry_id, "at": self._tx.at}
            for seq, entry_id in enumerate(changed, start=last + 1)
        ]
        self._tx.run(publications.insert(), rows)
        moved = counters.update().where(counters.c.name == COUNTER).values(value=last + len(rows))
        self._tx.run(moved)
        for noted in (self._changed, self._numbers, self._titles):
            noted.clear()

    def _published_citing(self) -> set[int]:
        on_the_air = and_(
            citations.c.entry_id == entries.c.id, citations.c.revision == entries.c.published_revision
        )
        base = select(entries.c.id).join(citations, on_the_air)
        by_number = (citations.c.document_number.in_(chunk) for chunk in chunks(sorted(self._numbers)))
        by_title = (
            and_(citations.c.document_number == "", citations.c.document_title.in_(chunk))
            for chunk in chunks(sorted(self._titles))
        )
        return {row[0] for matches in (*by_number, *by_title) for row in self._tx.rows(base.where(matches))}


def _current() -> AnySelect:
    """Published revisions none of whose documents has lapsed on :on."""
    on: Any = bindparam("on")
    cited = select(literal(1)).where(
        citations.c.entry_id == entries.c.id, citations.c.revision == entries.c.published_revision
    )
    by_number = cited.join(policies, policies.c.number == citations.c.document_number)
    by_title = cited.join(policies, policies.c.title_key == citations.c.document_title).where(
        citations.c.document_number == "", citations.c.document_title != ""
    )
    # Not EXISTS: PostgreSQL might turn that into a list of every entry that ever cited a lapsed document.
    lapsed = (each.where(policy_lapsed(on)).limit(1).scalar_subquery() for each in (by_number, by_title))
    return (
        select(
            entries.c.id,
            entries.c.external_id,
            entries.c.published_revision,
            entries.c.published_at,
            *TEXT_COLUMNS,
        )
        .join(
            revisions,
            and_(revisions.c.entry_id == entries.c.id, revisions.c.number == entries.c.published_revision),
        )
        .where(*(each.is_(None) for each in lapsed))
    )


CURRENT_OF = _current().where(entries.c.id.in_(bindparam("ids", expanding=True)))
_CURRENT_AFTER = (
    _current().where(entries.c.id > bindparam("after")).order_by(entries.c.id).limit(bindparam("batch"))
)


def _published(row: AnyRow) -> PublishedEntry:
    return PublishedEntry(
        id=row[0], external_id=row[1], revision=row[2], text=read_text(row[4:]), published_at=row[3]
    )
