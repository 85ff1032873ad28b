"""Words."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from knowledge.wording import MAX_LENGTH, MIN_LENGTH, Word, WordKind, WordRevision
from qa_service.http.schemas.bounded import Boolean, Line, Listing, Request, Storable, Version
from qa_service.wording import ListedWord

_KINDS = "种类：term 业务词（不拆开）、synonym 同义说法、stop_phrase 套话（检索时略去）、name 地名和机构名。"
_WORD: JsonDict = {"kind": "synonym", "text": "门槛费", "formal": "起付标准", "active": True}
_CHANGED: JsonDict = {"changed_by": "office.admin", "changed_at": "2026-09-28T02:00:00Z"}

WordText = Annotated[str, Field(min_length=MIN_LENGTH, max_length=MAX_LENGTH, pattern=r"\S"), Storable]


class WordIn(Request):
    """一个词语。"""

    model_config = ConfigDict(json_schema_extra={"examples": [_WORD]})

    kind: WordKind = Field(description=_KINDS)
    text: WordText = Field(description="词语本身；同义说法是群众怎么说。")
    formal: Line = Field("", description="规范用语：只有同义说法才填，方向是从群众的说法到规范用语。")
    active: Boolean = Field(True, description="填 false 表示停用系统自带的同一个词语。")


class WordEdit(Request):
    """修改词语；不写的项不变。"""

    model_config = ConfigDict(json_schema_extra={"examples": [{"active": False, "version": 1}]})

    text: WordText | None = Field(None, description="词语本身。")
    formal: WordText | None = Field(None, description="规范用语。")
    active: Boolean | None = Field(None, description="是否使用。")
    version: Version


class WordOut(BaseModel):
    """词语。"""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_WORD, "id": 3, "version": 1, "bundled": False, **_CHANGED}]}
    )

    id: int | None = Field(description="编号；系统自带、从未改动的词语没有编号。")
    version: int = Field(description="每次变更加一；修改时带上它。")
    kind: WordKind = Field(description=_KINDS)
    text: str = Field(description="词语本身。")
    formal: str = Field(description="规范用语，同义说法才有。")
    active: bool = Field(description="是否使用。")
    bundled: bool = Field(description="是否系统自带。")
    changed_by: str = Field(description="最后由谁修改（账号）。")
    changed_at: datetime | None = Field(description="最后修改的时间。")


class WordPage(Listing):
    """词语列表。"""

    items: list[WordOut] = Field(description="本单位的在前，最近修改的在前；其后是系统自带的。")


class WordRevisionOut(BaseModel):
    """词语的一次变更。"""

    version: int = Field(description="第几版。")
    text: str = Field(description="词语本身。")
    formal: str = Field(description="规范用语。")
    active: bool = Field(description="是否使用。")
    changed_by: str = Field(description="谁改的（账号）。")
    changed_at: datetime = Field(description="什么时候改的。")


class WordHistory(BaseModel):
    """词语和它的沿革。"""

    word: WordOut = Field(description="现在的样子。")
    revisions: list[WordRevisionOut] = Field(description="最早的在前。")


def listed_out(listed: ListedWord) -> WordOut:
    """A word of a listing."""
    own = listed.word
    return WordOut(
        id=own.id if own else None,
        version=own.version if own else 0,
        kind=listed.kind,
        text=listed.text,
        formal=listed.formal,
        active=listed.active,
        bundled=listed.bundled,
        changed_by=own.changed_by if own else "",
        changed_at=own.changed_at if own else None,
    )


def word_out(word: Word, bundled: bool) -> WordOut:
    """A word of the bureau's."""
    return listed_out(ListedWord(word.kind, word.text, word.formal, word.active, bundled, word))


def history_out(word: Word, bundled: bool, revisions: tuple[WordRevision, ...]) -> WordHistory:
    """A word with its history."""
    told = [WordRevisionOut.model_validate(vars(revision)) for revision in revisions]
    return WordHistory(word=word_out(word, bundled), revisions=told)
