"""What operators pick and report, and what departments decide on it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from knowledge.entry import Channel, FaqEntry
from knowledge.learning import Proposal, ProposalState, Standing
from qa_service.http.schemas.bounded import (
    Boolean,
    Id,
    Listing,
    Note,
    QuestionText,
    Reason,
    Request,
    RevisionNumber,
    Version,
)

_PROPOSAL: JsonDict = {
    "id": 31,
    "entry_id": 7,
    "external_id": "BENEFITS-000007",
    "question": "职工生育津贴怎么领取？",
    "department": "benefits",
    "wording": "生娃的补贴去哪领",
    "count": 4,
    "picks": 2,
    "confirmations": 1,
    "tickets": 1,
    "state": "OPEN",
    "state_label": "待确认",
    "first_at": "2026-11-16T02:00:00Z",
    "last_at": "2026-11-20T03:12:00Z",
    "decided_by": "",
    "decided_at": None,
}
_STANDING: JsonDict = {
    "entry_id": 7,
    "external_id": "BENEFITS-000007",
    "question": "职工生育津贴怎么领取？",
    "department": "benefits",
    "staff": 1,
    "citizens": 2,
    "since": "2026-11-20T03:12:00Z",
    "doubted": True,
}
Chosen = Annotated[list[Id], Field(min_length=1, max_length=200, description="待确认问法的编号。")]


class PickRequest(Request):
    """坐席为来电人选用的条目。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"question": "生娃的补贴去哪领", "entry_id": 7, "revision": 2, "channel": "hotline"}]
        }
    )

    question: QuestionText = Field(description="来电人的问题；写入前遮盖其中的个人信息。")
    entry_id: Id = Field(description="所选用的条目。")
    revision: RevisionNumber | None = Field(None, description="所见的版本；已有新版本时返回 409。")
    channel: Channel | None = Field(None, description="渠道，含义同提问。")


class PickResponse(BaseModel):
    """已记下。"""

    proposal_id: int | None = Field(
        description="由此提出或并入的待确认问法；条目已有这一问法、或不适合作为问法时为 null。", examples=[31]
    )


class ReportRequest(Request):
    """工作人员反映一条答案答错了。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "question": "生娃的补贴去哪领",
                    "entry_id": 7,
                    "revision": 2,
                    "comment": "文件今年改了，现在由单位申领",
                }
            ]
        }
    )

    question: QuestionText = Field(description="当时的问题；写入前遮盖其中的个人信息。")
    entry_id: Id = Field(description="答错的条目。")
    revision: RevisionNumber | None = Field(None, description="所见的版本；已有新版本时返回 409。")
    comment: Note = Field("", description="错在哪里。")
    channel: Channel | None = Field(None, description="渠道，含义同提问。")


class StandingOut(BaseModel):
    """一个条目上尚未核实的反映。"""

    model_config = ConfigDict(json_schema_extra={"examples": [_STANDING]})

    entry_id: int = Field(description="条目编号。")
    external_id: str = Field(description="条目的业务编号。")
    question: str = Field(description="标准问。")
    department: str = Field(description="归属处室的代码。")
    staff: int = Field(description="工作人员反映几次。")
    citizens: int = Field(description="群众反映几次。")
    since: datetime = Field(description="最早一次。")
    doubted: bool = Field(description="核实之前是否只作为选项、不直接作答。")

    @classmethod
    def of(cls, standing: Standing, entry: FaqEntry, doubted: bool) -> "StandingOut":
        """As the API gives it."""
        return cls(
            entry_id=entry.id,
            external_id=entry.external_id,
            question=entry.text.question,
            department=entry.text.department,
            staff=standing.staff,
            citizens=standing.citizens,
            since=standing.since,
            doubted=doubted,
        )


class StandingList(BaseModel):
    """有反映答错的条目，工作人员反映多的在前。"""

    items: list[StandingOut] = Field(description="条目。")


class CloseReportsRequest(Request):
    """处室核实的结果。条目要改的，直接修改、发布新版，反映自动办结。"""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"entry_id": 7, "reason": "与国务院令第619号第八条一致"}]}
    )

    entry_id: Id = Field(description="条目。")
    reason: Reason = Field(description="核实说明。")
    resolution: Literal["correct", "mismatch"] = Field(
        "correct", description="correct 答案无误；mismatch 条目无误，但答的不是所问。"
    )


class ClosedReports(BaseModel):
    """办结了几条反映。"""

    closed: int = Field(description="办结的反映数。", ge=1, examples=[3])


class ProposalOut(BaseModel):
    """一条待确认的群众问法。"""

    model_config = ConfigDict(json_schema_extra={"examples": [_PROPOSAL]})

    id: int = Field(description="编号。")
    entry_id: int = Field(description="所属条目。")
    external_id: str = Field(description="条目的业务编号。")
    question: str = Field(description="条目的标准问。")
    department: str = Field(description="归属处室的代码。")
    wording: str = Field(description="群众的问法，已遮盖个人信息。")
    count: int = Field(description="共几次。")
    picks: int = Field(description="坐席选用几次。")
    confirmations: int = Field(description="群众认可几次。")
    tickets: int = Field(description="待答问题办结几次。")
    state: ProposalState = Field(description="状态。")
    state_label: str = Field(description="状态，供人阅读。")
    first_at: datetime = Field(description="最早一次。")
    last_at: datetime = Field(description="最近一次。")
    decided_by: str = Field(description="经办人账号。")
    decided_at: datetime | None = Field(description="办理时间。")

    @classmethod
    def of(cls, proposal: Proposal, entry: FaqEntry) -> "ProposalOut":
        """As the API gives it."""
        same = (
            "id",
            "entry_id",
            "wording",
            "count",
            "picks",
            "confirmations",
            "tickets",
            "state",
            "first_at",
            "last_at",
            "decided_by",
            "decided_at",
        )
        return cls(
            external_id=entry.external_id,
            question=entry.text.question,
            department=entry.text.department,
            state_label=proposal.state.label,
            **{name: getattr(proposal, name) for name in same},
        )


class ProposalPage(Listing):
    """群众问法列表。"""

    items: list[ProposalOut] = Field(description="按条目排列，同一条目次数多的在前。")


class AcceptRequest(Request):
    """把问法加入条目的新版本。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"entry_id": 7, "version": 5, "proposals": [31, 32], "submit": False}]
        }
    )

    entry_id: Id = Field(description="条目。")
    version: Version
    proposals: Chosen
    submit: Boolean = Field(False, description="true：同时提交审核；条目原有未送审的修改时返回 409。")


class DecideRequest(Request):
    """所办理的问法。"""

    model_config = ConfigDict(json_schema_extra={"examples": [{"proposals": [33]}]})

    proposals: Chosen


class Decided(BaseModel):
    """办理后的问法。"""

    items: list[ProposalOut] = Field(description="办理后的问法。")
