"""知识条目: one question the bureau answers, and the revisions its answer went through."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from knowledge.errors import InvalidValue
from knowledge.policy import Citation, Disclosure


class EntryStatus(StrEnum):
    """Where the newest revision stands; an older one may be on the air meanwhile."""

    DRAFT = "DRAFT"
    IN_REVIEW = "IN_REVIEW"
    RETURNED = "RETURNED"
    PUBLISHED = "PUBLISHED"
    WITHDRAWN = "WITHDRAWN"

    @property
    def label(self) -> str:
        return {
            "DRAFT": "草稿",
            "IN_REVIEW": "审核中",
            "RETURNED": "已退回",
            "PUBLISHED": "已发布",
            "WITHDRAWN": "已下架",
        }[self.value]


class InsuredGroup(StrEnum):
    """险种."""

    BOTH = ""
    EMPLOYEE = "employee"
    RESIDENT = "resident"

    @property
    def label(self) -> str:
        return {"": "职工和居民", "employee": "职工", "resident": "居民"}[self.value]


class Channel(StrEnum):
    """Where a question comes from, and where an entry may be shown."""

    HOTLINE = "hotline"
    WEBSITE = "website"
    API = "api"

    @property
    def label(self) -> str:
        return {"hotline": "12393 热线", "website": "网站", "api": "接口"}[self.value]


MAX_QUESTION = 200
MAX_ANSWER = 5000
MAX_VARIANTS = 200


@dataclass(frozen=True)
class EntryText:
    """What one revision of an entry says. `department` is the owner's code, `region` a GB/T 2260 code.

    Empty `region`, `insured_group`, `audience` and `channels` mean no restriction.
    `effective_from` and `effective_until` are the first and the last day on which it is answered.
    """

    question: str
    answer: str
    department: str
    variants: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    category: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    region: str = ""
    insured_group: InsuredGroup = InsuredGroup.BOTH
    audience: str = ""
    channels: tuple[Channel, ...] = ()
    effective_from: date | None = None
    effective_until: date | None = None
    disclosure: Disclosure = Disclosure.ON_INITIATIVE

    def __post_init__(self) -> None:
        """Raise InvalidValue, naming the field, for what no revision may say."""
        _require_length("标准问", self.question, MAX_QUESTION)
        _require_length("答案", self.answer, MAX_ANSWER)
        if not self.department:
            raise InvalidValue("部门", "", "不能为空，请填写归属处室")
        if len(self.variants) > MAX_VARIANTS:
            raise InvalidValue("相似问", f"{len(self.variants)}条", f"最多{MAX_VARIANTS}条")
        for variant in self.variants:
            _require_length("相似问", variant, MAX_QUESTION)
        if self.effective_from and self.effective_until and self.effective_until < self.effective_from:
            raise InvalidValue("失效日期", self.effective_until, f"不能早于生效日期{self.effective_from}")

    def effective(self, on: date) -> bool:
        """Whether `on` lies within the effective dates."""
        return (self.effective_from is None or self.effective_from <= on) and (
            self.effective_until is None or on <= self.effective_until
        )

    def phrasings(self) -> tuple[str, ...]:
        """The question followed by its variants."""
        return (self.question, *self.variants)


@dataclass(frozen=True)
class SignOff:
    """One stage of review of one revision, signed."""

    stage: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Revision:
    """One wording of an entry, kept for ever."""

    number: int
    text: EntryText
    author: str
    at: datetime
    note: str = ""


@dataclass(frozen=True)
class FaqEntry:
    """An entry: its newest revision, how far that has come, and which revision is on the air.

    `published_revision` is the revision that answers questions now, or None. `version` counts every
    change and guards against two people changing the entry at once. `id` is 0 until stored.
    """

    external_id: str
    status: EntryStatus
    revision: int
    text: EntryText
    author: str
    sign_offs: tuple[SignOff, ...] = ()
    return_reason: str = ""
    published_revision: int | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    id: int = 0
    version: int = field(default=0, compare=False)


@dataclass(frozen=True)
class PublishedEntry:
    """What answers questions: the published revision of one entry."""

    id: int
    external_id: str
    revision: int
    text: EntryText
    published_at: datetime | None = None


def merge_variants(text: EntryText, more: Iterable[str]) -> tuple[str, ...]:
    """The variants of `text` followed by those of `more` that it does not have yet, in order."""
    known = {text.question, *text.variants}
    added: list[str] = []
    for variant in (line.strip() for line in more):
        if variant and variant not in known and len(variant) <= MAX_QUESTION:
            known.add(variant)
            added.append(variant)
    return (*text.variants, *added)[:MAX_VARIANTS]


def _require_length(label: str, value: str, most: int) -> None:
    if not value.strip():
        raise InvalidValue(label, value, "不能为空")
    if len(value) > most:
        raise InvalidValue(label, value, f"最多{most}个字，现有{len(value)}个字")
