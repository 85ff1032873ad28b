"""What is asked, searched and said of answers."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from knowledge.entry import Channel
from qa_service.http.schemas.bounded import (
    Boolean,
    Id,
    Line,
    Note,
    QuestionText,
    Request,
    RevisionNumber,
    Storable,
    texts,
)
from qa_service.http.schemas.explaining import EXPLANATION, ExplanationOut

Group = Literal["", "employee", "resident"]
Session = Annotated[str, texts(64), Storable]
Audience = Annotated[str, texts(50), Storable]
_ANSWER: JsonDict = {
    "entry_id": 7,
    "external_id": "BENEFITS-000007",
    "question": "职工生育津贴怎么领取？",
    "answer": "参加生育保险并按规定缴费的职工，生育后由用人单位或本人向参保地医保经办机构申领。",
    "citations": [
        {"document_number": "国务院令第619号", "document_title": "女职工劳动保护特别规定", "clause": "第八条"}
    ],
    "department": "待遇保障处",
    "revision": 2,
    "effective_from": None,
    "effective_until": None,
}
_TICKET: JsonDict = {
    "receipt": "7KQ2M9XWPA",
    "department": "待遇保障处",
    "due_on": "2026-11-27",
    "joined": False,
}


_CLARIFICATION: JsonDict = {
    "about": "insured_group",
    "question": "您参加的是职工医保还是居民医保？",
    "options": [{"label": "职工医保", "value": "employee"}, {"label": "居民医保", "value": "resident"}],
}


class AskRequest(Request):
    """一个问题和提问人的情况。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "question": "生孩子的钱怎么领",
                    "channel": "website",
                    "region": "杭州市",
                    "insured_group": "employee",
                },
                {"question": "异地就医怎么备案", "channel": "hotline", "record": False},
                {"question": "那居民的呢", "session": "5c1f0a6e2b7d"},
                {"question": "生孩子的钱怎么领", "explain": True, "record": False},
            ]
        }
    )

    question: QuestionText = Field(description="问题，最长见设置 max_question。")
    channel: Channel | None = Field(
        None, description="渠道；不填为密钥的渠道，工作人员为 hotline。公钥只能是 website。"
    )
    region: Line | None = Field(None, description="提问人的统筹区：六位代码或名称；不填按本单位。")
    insured_group: Group | None = Field(None, description="险种：employee 职工、resident 居民，不填为不限。")
    audience: Audience | None = Field(None, description="人群，如“学生”；不填为不限。")
    session: Session | None = Field(
        None, description="同一次会话的标识，由调用方给出，应不可猜测；带上它才会结合上文理解，30分钟内有效。"
    )
    record: Boolean = Field(True, description="false：什么都不写入，也不转待答问题。")
    explain: Boolean = Field(
        False, description="true：附上 explanation，说明为什么是这个结果；网页公钥只得到其中相同的词语。"
    )


class CitationOut(BaseModel):
    """条款依据。"""

    document_number: str = Field(description="文号；没有文号的文件为空。")
    document_title: str = Field(description="文件名。")
    clause: str = Field(description="条款。")


class AnswerOut(BaseModel):
    """经审核发布的答案，原文。"""

    model_config = ConfigDict(json_schema_extra={"examples": [_ANSWER]})

    entry_id: int = Field(description="条目编号。")
    external_id: str = Field(description="条目的业务编号。")
    question: str = Field(description="标准问。")
    answer: str = Field(description="答案，简单的 Markdown（段落、列表、粗体）。")
    citations: list[CitationOut] = Field(description="条款依据。")
    department: str = Field(description="归属处室。")
    revision: int = Field(description="第几版。")
    effective_from: date | None = Field(description="自哪天起适用。")
    effective_until: date | None = Field(description="到哪天为止适用。")


class ChoiceOut(BaseModel):
    """一个选项。"""

    entry_id: int = Field(description="条目编号。")
    external_id: str = Field(description="条目的业务编号。")
    question: str = Field(description="标准问。")
    confidence: float = Field(description="能回答这个问题的概率。", ge=0, le=1)
    doubted: bool = Field(False, description="有反映答错、处室尚未核实：只作为选项，不直接作答。")


class FiledOut(BaseModel):
    """转到了哪里。"""

    model_config = ConfigDict(json_schema_extra={"examples": [_TICKET]})

    receipt: str = Field(description="查询码，凭它查询进展和答案。")
    department: str = Field(description="办理处室。")
    due_on: date = Field(description="办理期限。")
    joined: bool = Field(description="此前已有人问过同样的问题。")


class OptionOut(BaseModel):
    """反问的一个选项。"""

    label: str = Field(description="给人看的文字。")
    value: str = Field(description="选择后作为下一个问题发来的值。")


class ClarificationOut(BaseModel):
    """要反问的一句话。"""

    model_config = ConfigDict(json_schema_extra={"examples": [_CLARIFICATION]})

    about: Literal["insured_group", "audience", "region", "wording"] = Field(
        description="问的是什么：insured_group 险种、audience 人群、region 地区、wording 哪一种情形。"
    )
    question: str = Field(description="反问的话。")
    options: list[OptionOut] = Field(description="选项，两个以上。")


class OutcomeOut(BaseModel):
    """一个问题的结果。"""

    outcome: Literal["answered", "choices", "unanswered"] = Field(
        description="answered 已回答；choices 请选择；unanswered 未能回答。"
    )
    confidence: float = Field(description="最可能的条目能回答这个问题的概率。", ge=0, le=1)
    answer: AnswerOut | None = Field(description="答案；仅 answered 时有。")
    choices: list[ChoiceOut] = Field(description="选项；仅 choices 时有。")
    matched_terms: list[str] = Field(description="与最可能的条目相同的词语。")
    ticket: FiledOut | None = Field(description="转办情况；仅 unanswered 且记录时有。")
    snapshot: str = Field(description="所用的索引快照。")
    warning: str = Field(description="降级提示，正常为空。")
    note: str = Field("", description="对结果的说明，如首条有反映答错、正在核实；通常为空。")
    took_ms: float = Field(description="用时，毫秒。", ge=0)
    understood_as: str = Field("", description="结合上文理解成的问题；与所问相同时为空。")
    clarification: ClarificationOut | None = Field(None, description="要反问的话；不需要时没有。")
    explanation: ExplanationOut | None = Field(
        None, description="为什么是这个结果；仅提问时 explain 为 true 才有。"
    )


class PartOut(OutcomeOut):
    """一句话里的一件事和它的结果。"""

    question: str = Field(description="这件事，从所问中分出。")


class AskResponse(OutcomeOut):
    """答案、选项，或转办情况；一句话问了几件事时是第一件的，各件见 parts。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "outcome": "answered",
                    "confidence": 0.93,
                    "answer": _ANSWER,
                    "choices": [],
                    "matched_terms": ["生育", "津贴"],
                    "ticket": None,
                    "snapshot": "20261121-080000-1f2e+3",
                    "warning": "",
                    "took_ms": 14.2,
                    "explanation": EXPLANATION,
                },
                {
                    "outcome": "unanswered",
                    "confidence": 0.04,
                    "answer": None,
                    "choices": [],
                    "matched_terms": [],
                    "ticket": _TICKET,
                    "snapshot": "20261121-080000-1f2e+3",
                    "warning": "",
                    "took_ms": 21.7,
                },
                {
                    "outcome": "choices",
                    "confidence": 0.48,
                    "answer": None,
                    "choices": [
                        {
                            "entry_id": 31,
                            "external_id": "BENEFITS-000031",
                            "question": "职工医保参保人员住院费用的报销比例是多少？",
                            "confidence": 0.48,
                        },
                        {
                            "entry_id": 32,
                            "external_id": "BENEFITS-000032",
                            "question": "城乡居民医保参保人员住院费用的报销比例是多少？",
                            "confidence": 0.41,
                        },
                    ],
                    "matched_terms": ["住院", "报销"],
                    "ticket": None,
                    "snapshot": "20261121-080000-1f2e+3",
                    "warning": "",
                    "took_ms": 15.1,
                    "understood_as": "",
                    "clarification": _CLARIFICATION,
                    "parts": [],
                },
            ]
        }
    )

    parts: list[PartOut] = Field(
        default_factory=list, description="一句话里问了几件事时，各件事的结果，按所问的次序；否则为空。"
    )


class LexicalOut(BaseModel):
    """按词语检索的情况。"""

    score: float = Field(description="BM25 得分占可能的最高分的比例。")
    rank: int = Field(description="名次，0 为未命中。")


class DenseOut(BaseModel):
    """按语义检索的情况。"""

    similarity: float = Field(description="与最接近的问法的余弦相似度。")
    rank: int = Field(description="名次，0 为未命中。")


class HitOut(BaseModel):
    """一条命中。"""

    entry: AnswerOut = Field(description="条目。")
    confidence: float = Field(description="能回答这个问题的概率。", ge=0, le=1)
    doubted: bool = Field(False, description="有反映答错、处室尚未核实：只作为选项，不直接作答。")
    score: float = Field(description="融合得分，只在同一次检索内可比。")
    matched_terms: list[str] = Field(description="相同的词语。")
    nearest_phrasing: str | None = Field(description="语义上最接近的问法。")
    lexical: LexicalOut
    dense: DenseOut


class SearchResponse(BaseModel):
    """命中的条目，最可能的在前。"""

    hits: list[HitOut] = Field(description="命中。")
    snapshot: str = Field(description="所用的索引快照。")
    warning: str = Field(description="降级提示，正常为空。")
    took_ms: float = Field(description="用时，毫秒。", ge=0)


class SuggestionOut(BaseModel):
    """一个已发布的问题。"""

    entry_id: int = Field(description="条目编号。")
    external_id: str = Field(description="条目的业务编号。")
    question: str = Field(description="标准问。")
    phrasing: str = Field(description="与输入相符的问法。")


class SuggestResponse(BaseModel):
    """联想到的问题。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "suggestions": [
                        {
                            "entry_id": 7,
                            "external_id": "BENEFITS-000007",
                            "question": "职工生育津贴怎么领取？",
                            "phrasing": "生育津贴怎么领",
                        }
                    ]
                }
            ]
        }
    )

    suggestions: list[SuggestionOut] = Field(
        description="以输入开头的在前，其后是包含输入的；同类中常问的在前。"
    )


class FeedbackRequest(Request):
    """对一个答案（或一次没有答案）的评价。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "question": "生孩子的钱怎么领",
                    "entry_id": None,
                    "helpful": False,
                    "comment": "没有说去哪里办",
                }
            ]
        }
    )

    question: QuestionText = Field(description="当时的问题。")
    entry_id: Id | None = Field(None, description="所评价的条目；评价“没有答案”时不填。")
    revision: RevisionNumber | None = Field(None, description="所评价的版本。")
    helpful: Boolean = Field(description="是否有帮助。")
    comment: Note = Field("", description="意见。")
    channel: Channel | None = Field(None, description="渠道，含义同提问。")


class FeedbackResponse(BaseModel):
    """已收到。"""

    received: Literal[True] = Field(description="总是 true。", examples=[True])
