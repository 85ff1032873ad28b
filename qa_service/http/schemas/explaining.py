"""Why an outcome is what it is."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

_WORDS: list[JsonDict] = [
    {"said": "孩子", "matched": "孩子", "how": "verbatim", "weight": 1.0},
    {"said": "生孩子的钱", "matched": "生育津贴", "how": "synonym", "weight": 0.4},
]
EXPLANATION: JsonDict = {
    "words": [*_WORDS],
    "decision": {
        "reason": "sure",
        "text": "首条的把握93.0%，达到直接作答的标准71.4%，直接作答",
        "confidence": 0.93,
        "reach": 0.98,
        "answer_threshold": 0.7142,
        "choices_threshold": 0.1106,
        "by_meaning": True,
        "snapshot": "20261121-080000-1f2e+3",
        "read_as": "生孩子的钱怎么领",
        "removed": ["请问"],
    },
    "entries": [
        {
            "entry_id": 7,
            "external_id": "BENEFITS-000007",
            "revision": 2,
            "confidence": 0.93,
            "verbatim": False,
            "words": [*_WORDS],
            "nearest": {"text": "生孩子的钱找谁领", "similarity": 0.9412},
            "parts": [
                {"name": "meaning", "label": "语义相近", "contribution": 1.2},
                {"name": "words", "label": "词语相同", "contribution": 0.3},
                {"name": "coverage", "label": "问题用词的覆盖", "contribution": 0.5},
                {"name": "lead", "label": "领先程度", "contribution": 1.5},
                {"name": "region", "label": "地区远近", "contribution": 0.0},
                {"name": "group", "label": "险种冲突", "contribution": 0.0},
                {"name": "numbers", "label": "数字不符", "contribution": 0.0},
                {"name": "matter", "label": "事项不符", "contribution": 0.0},
                {"name": "alone", "label": "没有相似问", "contribution": 0.0},
            ],
            "lead": 3.5,
            "rival": {"entry_id": 12, "question": "产前检查费用怎么报销？"},
        }
    ],
}


class MatchedWordOut(BaseModel):
    """一个相同的词语。"""

    said: str = Field(description="提问中的说法。")
    matched: str = Field(description="条目中的词语。")
    how: Literal["verbatim", "synonym", "slip", "pinyin"] = Field(
        description="verbatim 原词；synonym 同义词；slip 更正错字；pinyin 拼音或首字母。"
    )
    weight: float = Field(description="检索时按多少计：原词为1，同义词和存疑的更正较少。")


class NearestOut(BaseModel):
    """语义上最接近的问法。"""

    text: str = Field(description="标准问或相似问，原文。")
    similarity: float = Field(description="与提问的余弦相似度。")


class PartOfScoreOut(BaseModel):
    """得分的一部分。"""

    name: Literal[
        "meaning",
        "words",
        "coverage",
        "lead",
        "reading",
        "region",
        "group",
        "numbers",
        "matter",
        "alone",
        "none",
    ] = Field(description="哪一部分；none 只在没有其他候选时有，是“无一能答”的得分。")
    label: str = Field(description="它的中文名称。")
    contribution: float = Field(description="与 rival 相比多出的部分，可能性之比的自然对数；负数为少。")


class RivalOut(BaseModel):
    """用来比较的条目：其余候选中得分最高的。"""

    entry_id: int = Field(description="条目编号。")
    question: str = Field(description="标准问。")


class EntryExplanationOut(BaseModel):
    """一条答案或选项是怎么来的。"""

    entry_id: int = Field(description="条目编号。")
    external_id: str = Field(description="条目的业务编号。")
    revision: int = Field(description="第几版。")
    confidence: float = Field(description="能回答这个问题的概率。", ge=0, le=1)
    verbatim: bool = Field(description="所问就是它的标准问或相似问；此时概率不低于0.99，不只看得分。")
    words: list[MatchedWordOut] = Field(description="相同的词语。")
    nearest: NearestOut | None = Field(description="最接近的问法；仅按词语找到时没有。")
    parts: list[PartOfScoreOut] = Field(description="得分构成；名次太后、未计算得分的为空。")
    lead: float | None = Field(description="各部分之和：得分比 rival 高多少；它的指数是可能性之比。")
    rival: RivalOut | None = Field(description="与哪一条比较；没有其他候选时没有，与“无一能答”比较。")


class DecisionOut(BaseModel):
    """依据哪些阈值、为什么是这个结果。"""

    reason: Literal[
        "sure",
        "verbatim",
        "told",
        "unsure",
        "doubted",
        "depends",
        "says_nothing",
        "out_of_reach",
        "nothing_found",
    ] = Field(
        description="sure 把握够；verbatim 与条目的问法相同；told 提问人说明后只剩一条；unsure 把握不够，给出选项；"
        "doubted 首条有反映答错；depends 要看提问人的情况；says_nothing 只有符号和数字；out_of_reach 都没有把握；nothing_found 没有可用的条目。"
    )
    text: str = Field(description="一句话说明。")
    confidence: float = Field(description="首条能回答的概率。", ge=0, le=1)
    reach: float = Field(description="候选中有一条能回答的概率。", ge=0, le=1)
    answer_threshold: float = Field(description="直接作答的阈值，与 confidence 比较。")
    choices_threshold: float = Field(description="给出选项的阈值，与 reach 比较。")
    by_meaning: bool = Field(description="是否用了语义检索；false 为仅按词语，阈值也是按词语的。")
    snapshot: str = Field(description="所用的索引快照。")
    read_as: str = Field(description="检索词语所用的问题：更正错字、略去寒暄之后。")
    removed: list[str] = Field(description="略去的寒暄。")


class ExplanationOut(BaseModel):
    """为什么是这个结果。网页公钥只有 words：凭得分和阈值，外人可以逐条试出怎样提问能引出某条答案。"""

    model_config = ConfigDict(json_schema_extra={"examples": [EXPLANATION]})

    words: list[MatchedWordOut] = Field(description="与首条相同的词语。")
    decision: DecisionOut | None = Field(description="判定；网页公钥没有。")
    entries: list[EntryExplanationOut] = Field(
        description="答案或各选项，未能回答时是最接近的一条；网页公钥没有。"
    )
