"""Entries as they are written, reviewed and looked back at."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from knowledge import region
from knowledge.document_number import canonical
from knowledge.entry import (
    MAX_ANSWER,
    MAX_QUESTION,
    MAX_VARIANTS,
    Channel,
    EntryStatus,
    EntryText,
    FaqEntry,
    InsuredGroup,
    Revision,
)
from knowledge.policy import Citation, Disclosure
from knowledge.store import AuditLine
from qa_service.comparing import FieldChange
from qa_service.http.schemas.asking import CitationOut, Group
from qa_service.http.schemas.bounded import (
    Day,
    Line,
    Listing,
    Reason,
    Request,
    RequiredLine,
    RevisionNumber,
    Storable,
    Version,
    texts,
)

EntryQuestion = Annotated[str, texts(MAX_QUESTION, required=True), Storable]
_TEXT: JsonDict = {
    "question": "职工生育津贴怎么领取？",
    "answer": "参加生育保险并按规定缴费的职工，生育后由用人单位或本人向参保地医保经办机构申领。",
    "department": "benefits",
    "similar_questions": ["生孩子的钱怎么领", "生育津贴去哪里办"],
    "citations": [
        {"document_number": "国务院令第619号", "document_title": "女职工劳动保护特别规定", "clause": "第八条"}
    ],
    "category": "生育保险/生育津贴",
    "keywords": ["生育津贴"],
    "region": "",
    "insured_group": "employee",
    "audience": "",
    "channels": [],
    "effective_from": None,
    "effective_until": None,
    "disclosure": "ON_INITIATIVE",
}


class CitationIn(Request):
    """条款依据：文号和文件名至少填一项。"""

    document_number: Line = Field("", description="文号，各种括号和数字写法均可。")
    document_title: Line = Field("", description="文件名。")
    clause: Line = Field("", description="条款，如“第八条第一款”。")


class EntryIn(Request):
    """条目的内容。"""

    model_config = ConfigDict(json_schema_extra={"examples": [_TEXT]})

    question: EntryQuestion = Field(description="标准问。")
    answer: Annotated[str, texts(MAX_ANSWER, required=True), Storable] = Field(
        description="答案，简单的 Markdown（段落、列表、粗体）。"
    )
    department: RequiredLine = Field(description="归属处室的代码。")
    similar_questions: list[EntryQuestion] = Field([], max_length=MAX_VARIANTS, description="相似问。")
    citations: list[CitationIn] = Field([], max_length=50, description="条款依据。")
    category: Line = Field("", description="类目，各级以 / 分隔。")
    keywords: list[RequiredLine] = Field([], max_length=100, description="关键字。")
    region: Line = Field("", description="适用地区：六位代码或名称；空为全国。")
    insured_group: Group = Field("", description="险种：employee 职工、resident 居民、空为两者。")
    audience: Line = Field("", description="人群；空为不限。")
    channels: list[Channel] = Field([], max_length=10, description="可用渠道；空为不限。")
    effective_from: Day | None = Field(None, description="自哪天起适用。")
    effective_until: Day | None = Field(None, description="到哪天为止适用。")
    disclosure: Disclosure = Field(
        Disclosure.ON_INITIATIVE,
        description="公开属性：ON_INITIATIVE 主动公开、ON_REQUEST 依申请公开、NOT_DISCLOSED 不予公开。",
    )

    def text(self) -> EntryText:
        """As the domain has it. Raises InvalidValue."""
        return EntryText(
            question=self.question.strip(),
            answer=self.answer.strip(),
            department=self.department,
            variants=tuple(dict.fromkeys(variant.strip() for variant in self.similar_questions)),
            citations=tuple(
                Citation(canonical(each.document_number), each.document_title.strip(), each.clause.strip())
                for each in self.citations
                if each.document_number.strip() or each.document_title.strip()
            ),
            category=tuple(part.strip() for part in self.category.split("/") if part.strip()),
            keywords=tuple(dict.fromkeys(self.keywords)),
            region=region.parse(self.region),
            insured_group=InsuredGroup(self.insured_group),
            audience=self.audience.strip(),
            channels=tuple(dict.fromkeys(self.channels)),
            effective_from=self.effective_from,
            effective_until=self.effective_until,
            disclosure=self.disclosure,
        )


class EntryDraft(EntryIn):
    """新条目。"""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_TEXT, "note": "按新规起草"}]})

    external_id: Annotated[str, texts(64), Storable] = Field("", description="业务编号；不填则自动编号。")
    note: Line = Field("", description="版本说明。")


class EntryEdit(EntryIn):
    """修改后的内容，成为新的一版。"""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_TEXT, "version": 1, "note": "补充办理地点"}]}
    )

    version: Version
    note: Line = Field("", description="版本说明。")


class Move(Request):
    """对所见版本的一次操作。"""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 1}]})

    version: Version


class MoveWithReason(Request):
    """须写明原因的操作。"""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 2, "reason": "请补充依据的条款"}]})

    version: Version
    reason: Reason = Field(description="原因。")


class RestoreRequest(Request):
    """恢复到哪一版。"""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 4, "revision": 1}]})

    version: Version
    revision: RevisionNumber = Field(description="要恢复的版次，其内容成为新的一版草稿。")


class TextOut(BaseModel):
    """一版的内容。"""

    question: str = Field(description="标准问。")
    answer: str = Field(description="答案。")
    department: str = Field(description="归属处室的代码。")
    similar_questions: list[str] = Field(description="相似问。")
    citations: list[CitationOut] = Field(description="条款依据。")
    category: str = Field(description="类目。")
    keywords: list[str] = Field(description="关键字。")
    region: str = Field(description="适用地区代码；空为全国。")
    insured_group: str = Field(description="险种；空为两者。")
    audience: str = Field(description="人群；空为不限。")
    channels: list[Channel] = Field(description="可用渠道；空为不限。")
    effective_from: date | None = Field(description="自哪天起适用。")
    effective_until: date | None = Field(description="到哪天为止适用。")
    disclosure: Disclosure = Field(description="公开属性。")


class SignOffOut(BaseModel):
    """一次审签。"""

    stage: str = Field(description="环节。")
    by: str = Field(description="审签人账号。")
    at: datetime = Field(description="时间。")


class StageOut(BaseModel):
    """一个审核环节。"""

    key: str = Field(description="环节代码。")
    name: str = Field(description="环节名称。")


class EntryOut(TextOut):
    """条目：最新一版的内容，走到了哪一步，哪一版已发布。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_TEXT,
                    "id": 7,
                    "external_id": "BENEFITS-000007",
                    "status": "IN_REVIEW",
                    "status_label": "审核中",
                    "revision": 2,
                    "version": 5,
                    "author": "benefits.editor",
                    "sign_offs": [
                        {"stage": "department_head", "by": "benefits.head", "at": "2026-11-21T02:10:00Z"}
                    ],
                    "waiting_for": {"key": "bureau_leader", "name": "局领导审签"},
                    "return_reason": "",
                    "published_revision": 1,
                    "published_at": "2026-11-02T01:00:00Z",
                    "updated_at": "2026-11-21T02:10:00Z",
                }
            ]
        }
    )

    id: int = Field(description="条目编号。")
    external_id: str = Field(description="业务编号。")
    status: EntryStatus = Field(description="最新一版的状态。")
    status_label: str = Field(description="状态，供人阅读。")
    revision: int = Field(description="第几版。")
    version: int = Field(description="每次变更加一；修改时带上它。")
    author: str = Field(description="这一版的起草人账号。")
    sign_offs: list[SignOffOut] = Field(description="这一版已有的审签。")
    waiting_for: StageOut | None = Field(description="等待哪个环节；不在审核中为 null。")
    return_reason: str = Field(description="退回原因。")
    published_revision: int | None = Field(description="正在对外答复的版次。")
    published_at: datetime | None = Field(description="发布时间。")
    updated_at: datetime | None = Field(description="最近变更时间。")


class EntryPage(Listing):
    """条目列表。"""

    items: list[EntryOut] = Field(description="条目，最近变更的在前。")


class RevisionOut(TextOut):
    """一版。"""

    number: int = Field(description="版次。")
    author: str = Field(description="起草人账号。")
    at: datetime = Field(description="时间。")
    note: str = Field(description="版本说明。")


class RevisionList(BaseModel):
    """全部版本。"""

    items: list[RevisionOut] = Field(description="版本，最早的在前。")


class ChangeOut(BaseModel):
    """一处不同。"""

    field: str = Field(description="字段。")
    label: str = Field(description="字段名称。")
    before: list[str] = Field(description="前一版的内容，逐项。")
    after: list[str] = Field(description="后一版的内容，逐项。")


class Comparison(BaseModel):
    """两版的不同之处。"""

    from_revision: int = Field(description="前一版。")
    to_revision: int = Field(description="后一版。")
    changes: list[ChangeOut] = Field(description="不同之处；相同则为空。")


class AuditLineOut(BaseModel):
    """一条审计记录。"""

    id: int
    at: datetime = Field(description="时间。")
    by: str = Field(description="经办人账号。")
    action: str = Field(description="动作。", examples=["entry.signed"])
    subject: str = Field(description="对象的种类。", examples=["entry"])
    subject_id: str = Field(description="对象的编号。", examples=["7"])
    detail: str = Field(description="说明。")


class AuditPage(Listing):
    """审计记录。"""

    items: list[AuditLineOut] = Field(description="最近的在前。")


def text_fields(text: EntryText) -> dict[str, object]:
    """The fields of TextOut."""
    return {
        "question": text.question,
        "answer": text.answer,
        "department": text.department,
        "similar_questions": list(text.variants),
        "citations": [vars(citation) for citation in text.citations],
        "category": "/".join(text.category),
        "keywords": list(text.keywords),
        "region": text.region,
        "insured_group": text.insured_group.value,
        "audience": text.audience,
        "channels": list(text.channels),
        "effective_from": text.effective_from,
        "effective_until": text.effective_until,
        "disclosure": text.disclosure,
    }


def entry_out(entry: FaqEntry, waiting_for: StageOut | None) -> EntryOut:
    """An entry; `waiting_for` is the stage that waits for a signature."""
    return EntryOut.model_validate(
        {
            **text_fields(entry.text),
            "id": entry.id,
            "external_id": entry.external_id,
            "status": entry.status,
            "status_label": entry.status.label,
            "revision": entry.revision,
            "version": entry.version,
            "author": entry.author,
            "sign_offs": [vars(sign_off) for sign_off in entry.sign_offs],
            "waiting_for": waiting_for,
            "return_reason": entry.return_reason,
            "published_revision": entry.published_revision,
            "published_at": entry.published_at,
            "updated_at": entry.updated_at,
        }
    )


def revision_out(revision: Revision) -> RevisionOut:
    """A revision."""
    own = {"number": revision.number, "author": revision.author, "at": revision.at, "note": revision.note}
    return RevisionOut.model_validate({**text_fields(revision.text), **own})


def change_out(change: FieldChange) -> ChangeOut:
    """A difference."""
    field = "similar_questions" if change.field == "variants" else change.field
    return ChangeOut(field=field, label=change.label, before=list(change.before), after=list(change.after))


def audit_page(lines: tuple[AuditLine, ...], total: int, limit: int, offset: int) -> AuditPage:
    """A page of the audit trail."""
    items = [AuditLineOut.model_validate(vars(line)) for line in lines]
    return AuditPage(items=items, total=total, limit=limit, offset=offset)
