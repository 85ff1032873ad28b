"""What importing a row would do to the store: add an entry, change one, or leave it; or why it may not."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from knowledge.entry import EntryStatus, EntryText, FaqEntry
from knowledge.errors import ZhengdaError
from knowledge.store import Records
from qa_service.importing.entry_rows import EntryRow

MARK = "批量导入："
"""How the note of every imported revision begins; a revision without it was written here."""


class NotImportable(ZhengdaError):
    """The store's entry may not be overwritten by a file."""

    code = "not-importable"


@dataclass(frozen=True)
class Importing:
    """Who imports what file: `published` brings in text that was approved elsewhere."""

    file: str
    by: str
    at: datetime
    published: bool

    @property
    def note(self) -> str:
        """The note of the revisions, which says where they come from."""
        origin = f"{MARK}来自文件 {self.file}"
        return f"{origin}，已在别处审定，由 {self.by} 直接发布" if self.published else origin


@dataclass
class EntryPlan:
    """New entries and changed ones, in the order of the file. `remarks` go with a row that is imported anyway."""

    added: list[FaqEntry] = field(default_factory=list)
    changed: list[FaqEntry] = field(default_factory=list)
    unchanged: int = 0

    def departments(self) -> list[str]:
        """Codes of the departments that own what is written."""
        return list(dict.fromkeys(entry.text.department for entry in (*self.added, *self.changed)))


def plan_row(plan: EntryPlan, row: EntryRow, department: str, records: Records, importing: Importing) -> str:
    """Add what a row does to the plan; gives a warning for its author, or "".

    Raises NotImportable when an entry of that id is being worked on here, InvalidValue when the row and
    what the entry keeps do not go together.
    """
    existing = records.entries.by_external_id(row.external_id)
    if existing is None:
        plan.added.append(_new(row.external_id, row.text(department), importing))
        return ""
    text = row.text(department, existing.text)
    if text == existing.text and _stands(existing, importing.published):
        plan.unchanged += 1
        withdrawn = importing.published and existing.status is EntryStatus.WITHDRAWN
        return "此条目已在本系统下架，没有重新发布；如需恢复，请在本系统内修改后送审" if withdrawn else ""
    warning = _require_overwritable(existing, text, records, importing.published)
    plan.changed.append(_changed(existing, text, importing))
    return warning


def _stands(existing: FaqEntry, published: bool) -> bool:
    """Whether an entry that says the same is already where the import would bring it."""
    if not published or existing.status is EntryStatus.WITHDRAWN:
        return True
    return existing.status is EntryStatus.PUBLISHED and existing.published_revision == existing.revision


def _require_overwritable(existing: FaqEntry, text: EntryText, records: Records, published: bool) -> str:
    """Gives a warning where local work is replaced that anybody can restore."""
    if existing.status is EntryStatus.IN_REVIEW:
        raise NotImportable("此条目正在审核，不能用文件覆盖；请等审核结束，或撤回后再导入")
    if existing.status is EntryStatus.WITHDRAWN and published:
        raise NotImportable("此条目已在本系统下架，不能直接发布；请去掉 --published 导入为草稿后送审")
    if text == existing.text:
        return ""
    newest = records.entries.revision(existing.id, existing.revision)
    if newest.note.startswith(MARK):
        return ""
    if existing.status in (EntryStatus.DRAFT, EntryStatus.RETURNED):
        raise NotImportable(
            f"本系统内有未发布的修改（第{newest.number}版，{newest.author}），不会被文件覆盖；请先处理该草稿，或删去这一行"
        )
    if published:
        return f"第{newest.number}版是在本系统内修改的（{newest.author}），已由文件内容替代；旧版本保留，可以恢复"
    return ""


def _new(external_id: str, text: EntryText, importing: Importing) -> FaqEntry:
    draft = FaqEntry(
        external_id=external_id,
        status=EntryStatus.DRAFT,
        revision=1,
        text=text,
        author=importing.by,
        updated_at=importing.at,
    )
    return _published(draft, importing) if importing.published else draft


def _changed(existing: FaqEntry, text: EntryText, importing: Importing) -> FaqEntry:
    draft = replace(
        existing,
        status=EntryStatus.DRAFT,
        revision=existing.revision + 1,
        text=text,
        author=importing.by,
        sign_offs=(),
        return_reason="",
        updated_at=importing.at,
    )
    return _published(draft, importing) if importing.published else draft


def _published(entry: FaqEntry, importing: Importing) -> FaqEntry:
    return replace(
        entry,
        status=EntryStatus.PUBLISHED,
        published_revision=entry.revision,
        published_at=importing.at,
    )
