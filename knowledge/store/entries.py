"""知识条目 and their revisions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select

from knowledge.document_number import canonical
from knowledge.entry import EntryStatus, FaqEntry, Revision
from knowledge.errors import Conflict, NotFound
from knowledge.review import DEFAULT_STAGES, ReviewStage
from knowledge.store.audit import Audit
from knowledge.store.citing import citing
from knowledge.store.publications import Publications
from knowledge.store.schema import citations, entries, revisions, storable
from knowledge.store.texts import (
    TEXT_COLUMNS,
    citation_rows,
    dump_sign_offs,
    load_sign_offs,
    read_text,
    text_row,
)
from knowledge.store.titles import title_key
from knowledge.store.transaction import (
    STALE,
    AnyRow,
    AnySelect,
    Collection,
    Page,
    Transaction,
    chunks,
    writes,
)


@dataclass(frozen=True)
class EntryFilter:
    """Which entries to list, judged by their newest revision; what is left empty does not restrict.

    `text` is looked for in the question, its variants, the answer and the external id; `category` is a
    path joined by “/” and includes what lies below it; `region` "" means the nation's own entries;
    `cites` is a 文号 or a title that the newest or the published revision cites; `published` tells
    whether a revision is on the air; `author` is the login of who wrote the newest revision.
    """

    department: str = ""
    statuses: tuple[EntryStatus, ...] = ()
    text: str = ""
    category: str = ""
    region: str | None = None
    cites: str = ""
    published: bool | None = None
    author: str = ""


FaqEntries = list[FaqEntry]  # Entries.list hides the builtin within the class


class Entries(Collection):
    """Entries by id, by external id, and by what people filter for."""

    def __init__(self, transaction: Transaction, audit: Audit, publications: Publications) -> None:
        super().__init__(transaction)
        self._audit = audit
        self._publications = publications

    def get(self, entry_id: int) -> FaqEntry:
        """The entry; NotFound when there is none."""
        row = self._tx.first(_NEWEST.where(entries.c.id == entry_id))
        if row is None:
            raise _unknown(entry_id)
        return _entry(row)

    def by_external_id(self, external_id: str) -> FaqEntry | None:
        """The entry that carries this external id, or None."""
        row = self._tx.first(_NEWEST.where(entries.c.external_id == external_id))
        return _entry(row) if row else None

    def get_many(self, ids: Iterable[int]) -> dict[int, FaqEntry]:
        """The entries that exist among the ids."""
        found: dict[int, FaqEntry] = {}
        for chunk in chunks(ids):
            for row in self._tx.rows(_NEWEST.where(entries.c.id.in_(chunk))):
                found[row[0]] = _entry(row)
        return found

    def list(self, matching: EntryFilter = EntryFilter(), limit: int = 50, offset: int = 0) -> Page[FaqEntry]:
        """Entries, the most recently changed first."""
        return self._page(_conditions(matching), limit, offset)

    def awaiting_stage(
        self,
        stage_key: str,
        department: str = "",
        stages: Sequence[ReviewStage] = DEFAULT_STAGES,
        limit: int = 50,
        offset: int = 0,
    ) -> Page[FaqEntry]:
        """Entries in review whose next unsigned stage, in the order of `stages`, is `stage_key`."""
        keys = [stage.key for stage in stages]
        if stage_key not in keys:
            raise NotFound(f"没有“{stage_key}”这一审核环节")
        conditions = [
            entries.c.status == EntryStatus.IN_REVIEW.value,
            ~_has_signed(stage_key),
            *(_has_signed(key) for key in keys[: keys.index(stage_key)]),
        ]
        if department:
            conditions.append(entries.c.department == department)
        return self._page(conditions, limit, offset)

    def revisions(self, entry_id: int) -> tuple[Revision, ...]:
        """Every wording of the entry, the oldest first."""
        wanted = _REVISION.where(revisions.c.entry_id == entry_id).order_by(revisions.c.number)
        found = self._tx.rows(wanted)
        if not found:
            raise _unknown(entry_id)
        return tuple(_revision(row) for row in found)

    def revision(self, entry_id: int, number: int) -> Revision:
        """One wording of the entry."""
        wanted = _REVISION.where(revisions.c.entry_id == entry_id, revisions.c.number == number)
        row = self._tx.first(wanted) if number < 2**31 else None
        if row is None:
            raise NotFound(f"没有编号为 {entry_id} 的条目的第 {number} 版")
        return _revision(row)

    @writes
    def new_external_id(self, department: str) -> str:
        """An unused external id such as “BENEFITS-000123”. No audit line: the entry that takes it has one."""
        prefix = department.upper()
        while True:
            external_id = f"{prefix}-{self._tx.count_up(f'external_id:{prefix}'):06d}"
            if not self._tx.scalar(select(exists().where(entries.c.external_id == external_id))):
                return external_id

    @writes
    def add(self, entry: FaqEntry, note: str = "", action: str = "entry.drafted") -> FaqEntry:
        """Store a new entry with its first revision. Conflict when its external id is taken."""
        return self.add_many([entry], note, action)[0]

    @writes
    def add_many(self, new: Iterable[FaqEntry], note: str = "", action: str = "entry.imported") -> FaqEntries:
        """Store new entries in bulk, all or none; Conflict names the first external id that is taken."""
        added = [_first(entry, self._tx.at) for entry in new]
        for entry in added:
            if entry.published_revision not in (None, entry.revision):
                raise ValueError(f"{entry.external_id}: only revision {entry.revision} can be published")
        self._require_unused([entry.external_id for entry in added])
        rows = [{"external_id": entry.external_id, **_entry_row(entry)} for entry in added]
        stored = self._tx.insert_many(entries, rows, ("external_id", "id"), f"外部编号{_TAKEN}")
        ids = {row.external_id: row.id for row in stored}
        added = [replace(entry, id=ids[entry.external_id]) for entry in added]
        self._add_revisions(added, note)
        for entry in added:
            if entry.published_revision is not None:
                self._publications.note_entry(entry.id)
        self._audit.add_many(action, [("entry", entry.id, _line(entry, note)) for entry in added])
        return added

    @writes
    def save(self, entry: FaqEntry, action: str, detail: str = "", note: str = "") -> FaqEntry:
        """Store a changed entry. Conflict when somebody changed it since it was read."""
        return self.save_many([(entry, detail)], action, note)[0]

    @writes
    def save_many(self, changes: Iterable[tuple[FaqEntry, str]], action: str, note: str = "") -> FaqEntries:
        """Store changed entries, each with its line for the audit trail, all or none.

        A higher revision number adds a revision with `note`; a changed published revision is a publication.
        """
        changes = list(changes)
        stored = self._stored([entry.id for entry, _ in changes])
        saved: list[FaqEntry] = []
        for entry, _ in changes:
            self._require_fresh(entry, stored.get(entry.id))
            at = entry.updated_at or self._tx.at
            saved.append(replace(entry, updated_at=at, version=entry.version + 1))
        self._update(saved)
        self._add_revisions([entry for entry in saved if entry.revision > stored[entry.id].revision], note)
        for entry in saved:
            if entry.published_revision != stored[entry.id].published_revision:
                self._publications.note_entry(entry.id)
        lines = [("entry", entry.id, detail or _line(entry, note)) for entry, detail in changes]
        self._audit.add_many(action, lines)
        return saved

    def _page(self, conditions: Sequence[ColumnElement[bool]], limit: int, offset: int) -> Page[FaqEntry]:
        newest_first = (entries.c.updated_at.desc(), entries.c.id.desc())
        statement = _NEWEST.where(*conditions).order_by(*newest_first)
        return self._tx.page(statement, _entry, limit, offset)

    def _stored(self, ids: Sequence[int]) -> dict[int, AnyRow]:
        """What the store holds of these entries, locked against other writers until the end."""
        found: dict[int, AnyRow] = {}
        for chunk in chunks(sorted(set(ids))):
            # Locked first and read after: a joined row read while waiting for the lock could be an old one.
            self._tx.rows(
                select(entries.c.id).where(entries.c.id.in_(chunk)).order_by(entries.c.id).with_for_update()
            )
            for row in self._tx.rows(_NEWEST.where(entries.c.id.in_(chunk))):
                found[row.id] = row
        return found

    def _require_fresh(self, entry: FaqEntry, stored: AnyRow | None) -> None:
        if stored is None:
            raise _unknown(entry.id)
        if stored.version != entry.version:
            raise Conflict(f"条目 {stored.external_id} {STALE}")
        if entry.revision < stored.revision:
            raise ValueError(f"{entry.external_id}: revision {entry.revision} is older than the stored one")
        if entry.published_revision not in (None, entry.revision, stored.published_revision):
            raise ValueError(f"{entry.external_id}: revision {entry.published_revision} cannot be published")
        same = text_row(entry.text).items() <= stored._mapping.items()
        if entry.revision == stored.revision and not same:
            raise ValueError(
                f"{entry.external_id}: a changed text needs a new revision, or its sign-offs lie"
            )

    def _update(self, changed: Sequence[FaqEntry]) -> None:
        rows = [
            {"old_id": entry.id, "old_version": entry.version - 1, **_entry_row(entry)} for entry in changed
        ]
        if self._tx.run(_UPDATE, rows) != len(rows):
            raise Conflict(f"条目{STALE}")

    def _add_revisions(self, added: Sequence[FaqEntry], note: str) -> None:
        texts = [
            {
                "entry_id": entry.id,
                "number": entry.revision,
                "author": entry.author,
                "at": entry.updated_at,
                "note": note,
                **text_row(entry.text),
            }
            for entry in added
        ]
        self._tx.run(revisions.insert(), texts)
        cited = [row for entry in added for row in citation_rows(entry.id, entry.revision, entry.text)]
        self._tx.run(citations.insert(), cited)

    def _require_unused(self, external_ids: Sequence[str]) -> None:
        seen: set[str] = set()
        for external_id in external_ids:
            if external_id in seen:
                raise Conflict(f"外部编号“{external_id}”重复出现，每个条目的编号须不同")
            seen.add(external_id)
        for chunk in chunks(external_ids):
            taken = select(entries.c.external_id).where(entries.c.external_id.in_(chunk))
            if row := self._tx.first(taken):
                raise Conflict(f"外部编号“{row[0]}”{_TAKEN}")


_TAKEN = "已被其他条目使用，请换一个编号"
_ENTRY_COLUMNS = (
    entries.c.id,
    entries.c.external_id,
    entries.c.status,
    entries.c.revision,
    entries.c.sign_offs,
    entries.c.return_reason,
    entries.c.published_revision,
    entries.c.published_at,
    entries.c.updated_at,
    entries.c.version,
)
_TEXT_AT = len(_ENTRY_COLUMNS) + 1
_NEWEST: AnySelect = select(*_ENTRY_COLUMNS, revisions.c.author, *TEXT_COLUMNS).join(
    revisions, and_(revisions.c.entry_id == entries.c.id, revisions.c.number == entries.c.revision)
)
_REVISION: AnySelect = select(
    revisions.c.number, revisions.c.author, revisions.c.at, revisions.c.note, *TEXT_COLUMNS
)
_UPDATE = entries.update().where(
    entries.c.id == bindparam("old_id"), entries.c.version == bindparam("old_version")
)


def _unknown(entry_id: int) -> NotFound:
    return NotFound(f"没有编号为 {entry_id} 的条目")


def _has_signed(stage: str) -> ColumnElement[bool]:
    return entries.c.signed_stages.contains(f" {stage} ", autoescape=True)


def _entry_row(entry: FaqEntry) -> dict[str, Any]:
    return {
        "status": entry.status.value,
        "revision": entry.revision,
        "department": entry.text.department,
        "sign_offs": dump_sign_offs(entry.sign_offs),
        "signed_stages": "".join(f" {each.stage} " for each in entry.sign_offs),
        "return_reason": entry.return_reason,
        "published_revision": entry.published_revision,
        "published_at": entry.published_at,
        "updated_at": entry.updated_at,
        "version": entry.version,
    }


def _entry(row: AnyRow) -> FaqEntry:
    return FaqEntry(
        id=row[0],
        external_id=row[1],
        status=EntryStatus(row[2]),
        revision=row[3],
        sign_offs=load_sign_offs(row[4]),
        return_reason=row[5],
        published_revision=row[6],
        published_at=row[7],
        updated_at=row[8],
        version=row[9],
        author=row[10],
        text=read_text(row[_TEXT_AT:]),
    )


def _revision(row: AnyRow) -> Revision:
    return Revision(number=row[0], author=row[1], at=row[2], note=row[3], text=read_text(row[4:]))


def _first(entry: FaqEntry, at: datetime) -> FaqEntry:
    """The entry as it is when it has just been stored."""
    updated_at = entry.updated_at or at
    return replace(entry, external_id=storable(entry.external_id), updated_at=updated_at, version=1)


def _line(entry: FaqEntry, note: str) -> str:
    return f"{entry.external_id} {entry.text.question} {note}"


def _conditions(matching: EntryFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if matching.department:
        found.append(entries.c.department == matching.department)
    if matching.statuses:
        found.append(entries.c.status.in_([status.value for status in matching.statuses]))
    if matching.text:
        places = (revisions.c.question, revisions.c.variants, revisions.c.answer, entries.c.external_id)
        found.append(or_(*(place.icontains(matching.text, autoescape=True) for place in places)))
    if matching.category:
        below = revisions.c.category.startswith(f"{matching.category}/", autoescape=True)
        found.append(or_(revisions.c.category == matching.category, below))
    if matching.region is not None:
        found.append(revisions.c.region == matching.region)
    if matching.cites:
        found.append(entries.c.id.in_(citing(canonical(matching.cites), title_key(matching.cites))))
    if matching.author:
        found.append(revisions.c.author == matching.author)
    if matching.published is not None:
        on_the_air = entries.c.published_revision.is_not(None)
        found.append(on_the_air if matching.published else ~on_the_air)
    return found
