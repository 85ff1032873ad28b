"""Questions that wait: as they are filed, as their asker sees them, as the department handles them."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from knowledge.entry import Channel
from knowledge.ticket import Occurrence, Ticket, TicketStatus
from qa_service.handed_on import HandedOn
from qa_service.http.schemas.asking import AnswerOut, Audience, FiledOut, Group, Session
from qa_service.http.schemas.bounded import (
    Id,
    Line,
    Listing,
    QuestionText,
    Reason,
    Request,
    RequiredLine,
    Storable,
    Version,
    texts,
)
from qa_service.http.schemas.entries import EntryIn, EntryOut


class EscalationRequest(Request):
    """登记一个没有答案的问题。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"question": "外地生孩子的费用能不能直接结算", "channel": "website"},
                {
                    "question": "双通道药店买药怎么报",
                    "department": "settlement",
                    "callback": "王女士，下午三点后回电",
                },
            ]
        }
    )

    question: QuestionText = Field(description="问题；登记前遮盖其中的个人信息。")
    channel: Channel | None = Field(None, description="渠道，含义同提问。")
    department: Annotated[str, texts(64), Storable] | None = Field(
        None, description="已知的归属处室的代码；不填则自动判断。公钥不能填。"
    )
    callback: Annotated[str, texts(500), Storable] | None = Field(
        None, description="回电备注，只有坐席和办理处室看得到。公钥不能填。"
    )
    region: Line | None = Field(None, description="提问人的统筹区：六位代码或名称。")
    insured_group: Group | None = Field(None, description="险种：employee 职工、resident 居民。")
    audience: Audience | None = Field(None, description="人群。")
    session: Session | None = Field(None, description="同一次会话的标识。")


class EscalationResponse(FiledOut):
    """登记结果。"""

    ticket_id: int | None = Field(description="待答问题的编号；公钥登记时为 null。")


class ReceiptOut(BaseModel):
    """凭查询码看到的进展。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "receipt": "7KQ2M9XWPA",
                    "question": "外地生孩子的费用能不能直接结算",
                    "status": "ASSIGNED",
                    "status_label": "办理中",
                    "department": "待遇结算处",
                    "asked_at": "2026-11-20T03:12:00Z",
                    "due_on": "2026-11-27",
                    "overdue": False,
                    "answer": None,
                    "reason": "",
                }
            ]
        }
    )

    receipt: str = Field(description="查询码。")
    question: str = Field(description="问题，已遮盖个人信息。")
    status: TicketStatus = Field(description="状态。")
    status_label: str = Field(description="状态，供人阅读。")
    department: str = Field(description="办理处室。")
    asked_at: datetime = Field(description="提问时间。")
    due_on: date = Field(description="办理期限。")
    overdue: bool = Field(description="是否已超期。")
    answer: AnswerOut | None = Field(description="已发布的答案；办结后才有。")
    reason: str = Field(description="不予答复的原因。")


class TicketOut(BaseModel):
    """一个待答问题。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 12,
                    "question": "外地生孩子的费用能不能直接结算",
                    "department": "settlement",
                    "status": "OPEN",
                    "status_label": "待分派",
                    "opened_at": "2026-11-20T03:12:00Z",
                    "due_on": "2026-11-27",
                    "overdue": False,
                    "assignee": "",
                    "entry_id": None,
                    "reason": "",
                    "closed_at": None,
                    "occurrences": 3,
                    "version": 1,
                }
            ]
        }
    )

    id: int = Field(description="编号。")
    question: str = Field(description="问题，已遮盖个人信息。")
    department: str = Field(description="办理处室的代码。")
    status: TicketStatus = Field(description="状态。")
    status_label: str = Field(description="状态，供人阅读。")
    opened_at: datetime = Field(description="登记时间。")
    due_on: date = Field(description="办理期限。")
    overdue: bool = Field(description="是否已超期。")
    assignee: str = Field(description="经办人账号。")
    entry_id: int | None = Field(description="作为答复的条目。")
    reason: str = Field(description="转办或不予答复的原因。")
    closed_at: datetime | None = Field(description="办结时间。")
    occurrences: int = Field(description="被问了几次。")
    version: int = Field(description="每次变更加一；办理时带上它。")


class TicketPage(Listing):
    """待答问题列表。"""

    items: list[TicketOut] = Field(description="期限近的在前。")


class OwnAsking(BaseModel):
    """本人转办的一次提问。"""

    receipt: str = Field(description="告知来电人的查询码。")
    question: str = Field(description="来电人的原话，已遮盖个人信息。")
    asked_at: datetime = Field(description="转办时间。")
    callback: str = Field(description="回电备注；已回电的为空。")


class HandedOnTicket(TicketOut):
    """本人转办的一个待答问题。"""

    asked: list[OwnAsking] = Field(description="本人转办的各次提问，最早的在前；他人的不列出。")


class HandedOnPage(Listing):
    """本人转办的问题。"""

    items: list[HandedOnTicket] = Field(description="新登记的在前。")


class OccurrenceOut(BaseModel):
    """一次提问。"""

    id: int = Field(description="编号。")
    question: str = Field(description="原话，已遮盖个人信息。")
    channel: Channel = Field(description="渠道。")
    asked_at: datetime = Field(description="提问时间。")
    region: str = Field(description="统筹区代码。")
    insured_group: str = Field(description="险种。")
    audience: str = Field(description="人群。")
    asked_by: str = Field(description="登记的工作人员账号；群众提问为空。")
    callback: str | None = Field(description="回电备注；无权查看为 null。")


class TicketDetail(TicketOut):
    """一个待答问题和它的每次提问。"""

    asked: list[OccurrenceOut] = Field(description="每次提问，最早的在前。")


class AssignRequest(Request):
    """分派给谁。"""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 1, "assignee": "benefits.editor"}]})

    version: Version
    assignee: RequiredLine = Field(description="经办人账号。")


class AnswerRequest(Request):
    """以新条目答复（entry），或以已有条目答复（entry_id）；两者填一项。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 2,
                    "entry": {
                        "question": "异地生育医疗费用能否直接结算？",
                        "answer": "能否直接结算以参保地规定为准；不能直接结算的，可回参保地手工报销。",
                        "department": "settlement",
                    },
                },
                {"version": 2, "entry_id": 7},
            ],
            "oneOf": [
                {
                    "required": ["entry"],
                    "properties": {"entry": {"type": "object"}, "entry_id": {"type": "null"}},
                },
                {
                    "required": ["entry_id"],
                    "properties": {"entry_id": {"type": "integer"}, "entry": {"type": "null"}},
                },
            ],
        }
    )

    version: Version
    entry: EntryIn | None = Field(None, description="新条目的内容；提问人的原话自动成为相似问。")
    entry_id: Id | None = Field(None, description="已有条目；提问人的原话并入它的相似问。")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.entry is None) == (self.entry_id is None):
            raise ValueError("entry 与 entry_id 须填且只填一项")
        return self


class AnsweredTicket(BaseModel):
    """答复后的待答问题，和作为答复的条目；条目发布后问题自动办结。"""

    ticket: TicketOut
    entry: EntryOut


class PassOnRequest(Request):
    """转给哪个处室，为什么。"""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"version": 1, "department": "settlement", "reason": "属于异地结算"}]}
    )

    version: Version
    department: RequiredLine = Field(description="处室的代码。")
    reason: Reason = Field(description="原因。")


class CallbackDone(Request):
    """已回电的是哪一次提问。"""

    model_config = ConfigDict(json_schema_extra={"examples": [{"occurrence_id": 31}]})

    occurrence_id: Id = Field(description="提问的编号；其回电备注随即删除。")


def ticket_fields(ticket: Ticket, today: date) -> dict[str, object]:
    """The fields of TicketOut."""
    own = {**vars(ticket), "status_label": ticket.status.label, "overdue": ticket.overdue(today)}
    return {name: own[name] for name in TicketOut.model_fields}


def occurrence_out(occurrence: Occurrence, callback: bool) -> OccurrenceOut:
    """One time of asking; `callback` tells whether its note for calling back may be shown."""
    shown = {name: getattr(occurrence, name) for name in OccurrenceOut.model_fields}
    return OccurrenceOut.model_validate({**shown, "callback": occurrence.callback if callback else None})


def handed_on_out(handed: HandedOn, today: date) -> HandedOnTicket:
    """A ticket for the member who handed it on."""
    asked = [{name: getattr(each, name) for name in OwnAsking.model_fields} for each in handed.asked]
    return HandedOnTicket.model_validate({**ticket_fields(handed.ticket, today), "asked": asked})
