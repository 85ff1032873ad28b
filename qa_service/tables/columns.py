"""The columns of the files that people import and export, by English name and by Chinese header."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache


@dataclass(frozen=True)
class Column:
    """`label` is the header that exports write; `synonyms` are other headers that people use for it."""

    key: str
    label: str
    synonyms: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Columns:
    """The columns of one kind of table; `table` is its name in a SQLite file."""

    table: str
    columns: tuple[Column, ...]

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def recognise(self, header: str) -> Column | None:
        """The column that a header means, or None."""
        return self._by_header.get(_plain(header))

    def label(self, key: str) -> str:
        """The Chinese header of a column."""
        return next(column.label for column in self.columns if column.key == key)

    def required(self) -> tuple[Column, ...]:
        """Columns without which a file cannot be imported."""
        return tuple(column for column in self.columns if column.required)

    @cached_property
    def _by_header(self) -> dict[str, Column]:
        return {
            _plain(header): column
            for column in self.columns
            for header in (column.key, column.label, *column.synonyms)
        }


REASON = "原因"
ORIGINAL = "原文"


def is_remark(header: str) -> bool:
    """Whether the column is one that an earlier import wrote beside bad rows, to be passed over."""
    return _plain(header) in (REASON, ORIGINAL)


@lru_cache(1024)
def _plain(header: str) -> str:
    """A header without what people decorate it with: “ *标准问（必填） ” is 标准问."""
    text = unicodedata.normalize("NFKC", header).replace("\ufeff", "").casefold()
    text = re.sub(r"\((必填|选填|可选|必填项|选填项)\)", "", text)
    return re.sub(r"[\s*_\-:]+", "", text)


ENTRY_COLUMNS = Columns(
    "entries",
    (
        Column("external_id", "编号", ("条目编号", "外部编号")),
        Column("department", "部门", ("处室", "归属部门", "归属处室", "责任处室", "责任部门"), required=True),
        Column("category", "类目", ("分类", "类别", "主题分类")),
        Column("question", "标准问", ("标准问题", "问题"), required=True),
        Column("similar_questions", "相似问", ("相似问题", "相似问法", "扩展问")),
        Column("answer", "答案", ("标准答案", "回答", "答复"), required=True),
        Column("policy_number", "文号", ("依据文号", "政策文号")),
        Column("policy_title", "文件名", ("文件名称", "政策文件", "依据文件")),
        Column("clause", "条款", ("依据条款", "条款依据")),
        Column("insured_group", "险种", ("参保类型", "险种类型")),
        Column("region", "地区", ("统筹区", "适用地区")),
        Column("audience", "人群", ("适用人群",)),
        Column("keywords", "关键字", ("关键词",)),
        Column("channels", "渠道", ("适用渠道",)),
        Column("effective_from", "生效日期", ("生效时间", "起始日期")),
        Column("effective_until", "失效日期", ("失效时间", "截止日期")),
        Column("disclosure", "公开属性", ("公开方式",)),
    ),
)

WORD_COLUMNS = Columns(
    "words",
    (
        Column("kind", "种类", ("类型", "类别")),
        Column("text", "词语", ("词", "群众说法", "群众的说法", "口语", "说法"), required=True),
        Column("formal", "规范用语", ("规范词", "政策用语", "标准词", "对应规范用语")),
        Column("active", "状态", ("是否使用", "启用")),
    ),
)

POLICY_COLUMNS = Columns(
    "policies",
    (
        Column("number", "文号", ("policy_number", "发文字号")),
        Column("title", "文件名", ("policy_title", "文件名称", "标题", "政策文件"), required=True),
        Column("issuer", "发文机关", ("发布机构", "发文单位", "制定机关")),
        Column("co_issuers", "联合发文机关", ("联合发文单位",)),
        Column("index_number", "索引号"),
        Column("topic", "主题", ("主题词", "分类")),
        Column("signed_on", "成文日期", ("签发日期",)),
        Column("published_on", "发布日期", ("公布日期",)),
        Column("effective_from", "施行日期", ("生效日期", "实施日期")),
        Column("valid_until", "有效期至", ("失效日期", "有效期")),
        Column("validity", "效力", ("效力状态", "有效性")),
        Column("amends", "修改的文件", ("修改",)),
        Column("repeals", "废止的文件", ("废止",)),
        Column("disclosure", "公开属性", ("公开方式",)),
        Column("text", "正文", ("全文", "摘要", "内容")),
        Column("source", "来源", ("网址", "链接")),
    ),
)
